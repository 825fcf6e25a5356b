//! 今日の仕事: what is due, late or wrong, each one keystroke away.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Task};
use shared::follow_up::work_list::{CountReturnees, Counts, CountsQuery};

use super::{Context, Lead, Part, Screen, Step, failed};
use crate::api::Failure;
use crate::language::{self, grouped};
use crate::say;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::press::{Face, Status, press};
use crate::ui::token::{radius, size, space};
use crate::ui::{Element, button, page, text};

impl Part {
    /// Every part, in the order of the digits that open it.
    pub(super) const ALL: [Self; 5] = [
        Self::NotReachedToday,
        Self::WithSigns,
        Self::EndingToday,
        Self::Mine,
        Self::Open,
    ];

    fn count(self, counts: &Counts) -> u64 {
        match self {
            Self::NotReachedToday => counts.not_reached_today,
            Self::WithSigns => counts.with_signs,
            Self::EndingToday => counts.ending_today,
            Self::Mine => counts.mine,
            Self::Open => counts.open,
        }
    }

    fn name(self) -> String {
        match self {
            Self::NotReachedToday => say!("today.not_reached"),
            Self::WithSigns => say!("today.with_signs"),
            Self::EndingToday => say!("today.ending"),
            Self::Mine => say!("today.mine"),
            Self::Open => say!("today.open"),
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::WithSigns => Tone::Urgent,
            Self::NotReachedToday => Tone::Warning,
            _ => Tone::Info,
        }
    }
}

/// The screen's state.
pub struct Today {
    counts: Option<Counts>,
    failure: Option<Failure>,
    loading: bool,
}

/// What happened on it.
#[derive(Debug, Clone)]
pub enum Message {
    /// The sums arrived, or not.
    Counted(Result<Counts, Failure>),
    /// Count again.
    ReloadPressed,
    /// A line was opened.
    Opened(Part),
    /// Load a quarantine station's list.
    ImportPressed,
}

impl Today {
    /// How many are due, for the navigation; `None` while nothing was counted.
    pub fn due(&self) -> Option<u64> {
        self.counts.map(|counts| counts.not_reached_today)
    }
}

impl Screen for Today {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let today = Self {
            counts: None,
            failure: None,
            loading: true,
        };
        (today, count(context))
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        self.loading = true;
        count(context)
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        match message {
            Message::Counted(result) => {
                self.loading = false;
                match result {
                    Ok(counts) => {
                        self.counts = Some(counts);
                        self.failure = None;
                    }
                    Err(failure) => self.failure = Some(failure),
                }
                Step::None
            }
            Message::ReloadPressed => Step::Run(self.reload(context)),
            Message::Opened(part) => Step::Lead(Lead::Part(part)),
            Message::ImportPressed => Step::Lead(Lead::Import),
        }
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        let title = Row::new()
            .push(text::title(say!("today.title")))
            .push(text::body(language::long_day(context.world.today())))
            .spacing(space::L)
            .align_y(Center);
        let head = Row::new()
            .push(container(title.wrap()).width(Fill))
            .push(
                button::keyed(say!("today.reload"), "F5")
                    .on_press_maybe((!self.loading).then_some(Message::ReloadPressed)),
            )
            .spacing(space::L)
            .align_y(Center);
        let mut content: Vec<Element<'a, Message>> = vec![head.into()];
        if let Some(failure) = &self.failure {
            content.push(failed(failure).into());
        }
        match &self.counts {
            Some(counts) if counts.open == 0 => {
                content.push(page::card(
                    Column::new()
                        .push(text::section(say!("today.empty")))
                        .push(text::body(say!("today.empty_why")))
                        .push(
                            button::keyed(say!("today.import"), "F6")
                                .on_press(Message::ImportPressed),
                        )
                        .spacing(space::S),
                ));
            }
            Some(counts) => {
                let lines = Part::ALL.into_iter().enumerate();
                let lines = lines.map(|(nth, part)| line(nth + 1, part, part.count(counts)));
                content.push(Column::with_children(lines).spacing(space::M).into());
            }
            None if self.failure.is_none() => {
                content.push(text::body(say!("today.loading")).into())
            }
            None => {}
        }
        page::form(content)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        let reload = binding(
            Shortcut::named(iced::keyboard::key::Named::F5),
            say!("today.reload"),
            Message::ReloadPressed,
        );
        // Where nobody is followed up, there are no lines to open.
        let nobody = self.counts.is_some_and(|counts| counts.open == 0);
        let parts = Part::ALL.into_iter().filter(|_| !nobody);
        let parts = parts.enumerate().map(|(nth, part)| {
            let key = (nth + 1).to_string();
            binding(
                Shortcut::character(&key),
                part.name(),
                Message::Opened(part),
            )
        });
        let import = binding(
            Shortcut::named(iced::keyboard::key::Named::F6),
            say!("today.import"),
            Message::ImportPressed,
        );
        parts.chain([reload, import]).collect()
    }
}

fn count(context: &Context) -> Task<Message> {
    Task::perform(
        context.api.call::<CountReturnees>(CountsQuery {}),
        Message::Counted,
    )
}

/// One line: its key, how many, and what; an empty one stays but recedes.
fn line<'a>(key: usize, part: Part, count: u64) -> Element<'a, Message> {
    let tone = if count == 0 { Tone::Plain } else { part.tone() };
    let number = text::digits(grouped(count)).font(crate::ui::font::BOLD);
    press(
        Row::new()
            .push(text::hint(key.to_string()).width(space::L))
            .push(
                text::strong(tone.sign()).style(move |theme: &crate::ui::theme::Theme| {
                    iced::widget::text::Style {
                        color: Some(tone.edge(&theme.roles)),
                    }
                }),
            )
            .push(text::body(part.name()).width(Fill))
            .push(container(number).align_right(iced::Shrink))
            .push(text::body(say!("today.people")))
            .spacing(space::M)
            .align_y(Center),
    )
    .width(Fill)
    .height(size::DIGITS * 2.0 + space::S)
    .padding([0.0, space::L])
    .on_press(Message::Opened(part))
    .look(|theme, status| Face {
        surface: Some(match status {
            Status::Hovered | Status::Held => theme.roles.primary_surface,
            Status::Idle | Status::Disabled => theme.roles.page,
        }),
        text: theme.roles.text,
        border: iced::Border {
            color: theme.roles.line,
            width: 1.0,
            radius: radius::CONTROL.into(),
        },
    })
    .into()
}
