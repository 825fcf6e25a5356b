//! The check of the log's chain, piece by piece, and its signed end to be kept elsewhere.

use iced::Task;
use iced::task::Handle;
use iced::widget::{Column, Id, Row};
use shared::audit::{
    AuditCheck, AuditCheckQuery, AuditHead, AuditHeadQuery, CheckAudit, ShowAuditHead, Verdict,
};

use crate::api::Failure;
use crate::language::grouped;
use crate::language::moment;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, page, text};

/// The name of the button that closes it.
const CLOSE: &str = "audit.check.close";

/// The check's state.
pub(super) struct Check {
    last: Option<AuditCheck>,
    asking: Option<Handle>,
    failure: Option<Failure>,
    head: Option<AuditHead>,
    told: Option<Told>,
}

/// What became of the signed end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Copied,
    Saved(String),
    NotSaved(String),
}

/// What happened about it.
#[derive(Clone)]
pub enum Message {
    /// A piece was checked, or not.
    Checked(Result<AuditCheck, Failure>),
    /// Go on from where it stands.
    AgainPressed,
    /// The signed end arrived, or not.
    HeadShown(Result<AuditHead, Failure>),
    /// Copy the signed end.
    CopyPressed,
    /// Save it in a file.
    SavePressed,
    /// It was saved under this name, or not for this reason; nothing if nobody chose a name.
    Saved(Option<Result<String, String>>),
    /// Stop, or close.
    ClosePressed,
}

impl Check {
    pub(super) fn new(context: &Context) -> (Self, Task<Message>) {
        let mut check = Self {
            last: None,
            asking: None,
            failure: None,
            head: None,
            told: None,
        };
        let task = check.ask(context);
        let focus = iced::widget::operation::focus(Id::new(CLOSE));
        (check, Task::batch([task, focus]))
    }

    fn ask(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        let query = match &self.last {
            Some(last) => AuditCheckQuery {
                number: Some(last.number),
                hash: Some(last.hash.clone()),
            },
            None => AuditCheckQuery::default(),
        };
        let call = context.api.call::<CheckAudit>(query);
        let (task, handle) = Task::perform(call, Message::Checked).abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    /// Takes in what happened; `None` to close it.
    pub(super) fn update(&mut self, message: Message, context: &Context) -> Option<Task<Message>> {
        Some(match message {
            Message::Checked(Ok(check)) => {
                self.asking = None;
                let verdict = check.verdict;
                self.last = Some(check);
                match verdict {
                    Verdict::SoFarWhole => self.ask(context),
                    Verdict::Whole => {
                        let call = context.api.call::<ShowAuditHead>(AuditHeadQuery {});
                        Task::perform(call, Message::HeadShown)
                    }
                    Verdict::Changed { .. } | Verdict::Missing { .. } | Verdict::CutOff { .. } => {
                        Task::none()
                    }
                }
            }
            Message::Checked(Err(failure)) | Message::HeadShown(Err(failure)) => {
                self.asking = None;
                self.failure = Some(failure);
                Task::none()
            }
            Message::AgainPressed => self.ask(context),
            Message::HeadShown(Ok(head)) => {
                self.head = Some(head);
                Task::none()
            }
            Message::CopyPressed => {
                self.told = Some(Told::Copied);
                let line = self.head.as_ref().map(|head| format!("{}\n", head.line));
                iced::clipboard::write(line?)
            }
            Message::SavePressed => {
                let line = format!("{}\n", self.head.as_ref()?.line);
                let name = format!("mimamori-audit-head-{}.jsonl", context.world.today());
                let chosen = context.world.files.save(say!("audit.check.save"), name);
                let save = async move {
                    let path = chosen.await?;
                    let name = path.display().to_string();
                    let saved = tokio::fs::write(path, line).await;
                    Some(saved.map(|()| name).map_err(|error| error.to_string()))
                };
                Task::perform(save, Message::Saved)
            }
            Message::Saved(None) => Task::none(),
            Message::Saved(Some(Ok(name))) => {
                self.told = Some(Told::Saved(name));
                Task::none()
            }
            Message::Saved(Some(Err(why))) => {
                self.told = Some(Told::NotSaved(why));
                Task::none()
            }
            Message::ClosePressed => return None,
        })
    }

    pub(super) fn view<'a>(&'a self) -> Element<'a, Message> {
        let mut column = Column::new()
            .push(text::title(say!("audit.check.title")))
            .push(text::body(say!("audit.check.what")))
            .spacing(space::M);
        if let Some(failure) = &self.failure {
            let again =
                button::secondary(say!("audit.check.again")).on_press(Message::AgainPressed);
            column = column.push(failed(failure).action(again));
        }
        column = column.push(self.verdict());
        if let Some(head) = &self.head {
            column = column.push(self.signed(head));
        }
        let words = match self.asking {
            Some(_) => say!("audit.check.stop"),
            None => say!("audit.check.close"),
        };
        let close = button::primary_keyed(words, "Esc")
            .id(CLOSE)
            .on_press(Message::ClosePressed);
        dialog::scrolling_card(column.push(Row::new().push(close)))
    }

    fn verdict<'a>(&self) -> Element<'a, Message> {
        let Some(last) = &self.last else {
            return text::body(say!("audit.check.begun")).into();
        };
        let place = |words: String| {
            banner(Tone::Error, words)
                .line(say!("audit.check.broken_what"))
                .into()
        };
        match last.verdict {
            Verdict::SoFarWhole => text::body(say!(
                "audit.check.so_far",
                number = grouped(last.number),
                of = grouped(last.of)
            ))
            .into(),
            Verdict::Whole => banner(
                Tone::Success,
                say!("audit.check.whole", count = grouped(last.number)),
            )
            .line(say!("audit.check.whole_what"))
            .into(),
            Verdict::Changed { at } => place(say!("audit.check.changed", at = at)),
            Verdict::Missing { at } => place(say!("audit.check.missing", at = at)),
            Verdict::CutOff { at } => place(say!("audit.check.cut_off", at = at)),
        }
    }

    fn signed<'a>(&self, head: &'a AuditHead) -> Element<'a, Message> {
        let told = self.told.as_ref().map(|told| match told {
            Told::Copied => text::hint(say!("helpdesk.copied")),
            Told::Saved(name) => text::breaking(text::hint(say!("audit.saved", name = name))),
            Told::NotSaved(why) => text::error(say!("audit.not_saved", why = why)),
        });
        page::card(
            Column::new()
                .push(text::strong(say!("audit.check.head")))
                .push(text::hint(say!("audit.check.head_what")))
                .push(text::body(say!(
                    "audit.check.head_of",
                    number = grouped(head.number),
                    when = moment(head.signed_at)
                )))
                .push(text::breaking(text::hint(head.hash.as_str())))
                .push(
                    Row::new()
                        .push(
                            button::secondary(say!("audit.check.copy"))
                                .on_press(Message::CopyPressed),
                        )
                        .push(
                            button::secondary(say!("audit.check.save"))
                                .on_press(Message::SavePressed),
                        )
                        .spacing(space::M)
                        .wrap(),
                )
                .push(told)
                .spacing(space::S),
        )
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let key = Shortcut::named(iced::keyboard::key::Named::Escape);
        let words = match self.asking {
            Some(_) => say!("audit.check.stop"),
            None => say!("audit.check.close"),
        };
        vec![binding(key, words, Message::ClosePressed)]
    }
}
