//! The end of this terminal: what would be lost is said, and the office's code typed before it is.

use iced::Task;
use iced::task::Handle;
use iced::widget::{Column, Id, Row};
use shared::offices::OfficeCode;

use crate::api::Failure;
use crate::enrolment::{AtStake, NotLeft, at_stake, leave};
use crate::language;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, field, text};

/// The name of the field that takes the office's code.
pub(super) const CODE: &str = "office.leave.code";

/// The question's state.
pub(super) struct Leaving {
    at_stake: Option<Result<AtStake, NotLeft>>,
    code: String,
    wrong: bool,
    working: Option<Handle>,
    failure: Option<NotLeft>,
}

/// What happened about it.
#[derive(Clone)]
pub enum Message {
    /// It is known what would be lost.
    Looked(Result<AtStake, NotLeft>),
    /// The office's code was changed.
    CodeTyped(String),
    /// End this terminal.
    LeavePressed,
    /// End it although the server was not told.
    LeaveUntoldPressed,
    /// It ended, or not.
    Left(Result<(), NotLeft>),
    /// Stay.
    StayPressed,
}

/// What the screen must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    Stay,
    Left,
}

impl Leaving {
    pub(super) fn new(context: &Context) -> (Self, Task<Message>) {
        let leaving = Self {
            at_stake: None,
            code: String::new(),
            wrong: false,
            working: None,
            failure: None,
        };
        let world = context.world.clone();
        let look = Task::perform(async move { at_stake(&world).await }, Message::Looked);
        let focus = iced::widget::operation::focus(Id::new(CODE));
        (leaving, Task::batch([look, focus]))
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::Looked(result) => {
                self.at_stake = Some(result);
                Action::None
            }
            Message::CodeTyped(code) => {
                self.code = code;
                self.wrong = false;
                Action::None
            }
            Message::LeavePressed => self.leave(context, false),
            Message::LeaveUntoldPressed => self.leave(context, true),
            Message::Left(Ok(())) => Action::Left,
            // Somebody did it elsewhere at the same moment.
            Message::Left(Err(NotLeft::NotEnrolled)) => Action::Left,
            Message::Left(Err(failure)) => {
                self.working = None;
                self.failure = Some(failure);
                Action::None
            }
            Message::StayPressed => Action::Stay,
        }
    }

    fn leave(&mut self, context: &Context, untold: bool) -> Action {
        if self.working.is_some() {
            return Action::None;
        }
        let typed = OfficeCode::parse(&self.code);
        if typed.as_ref() != Ok(&context.terminal.office) {
            self.wrong = true;
            return Action::Run(iced::widget::operation::focus(Id::new(CODE)));
        }
        self.failure = None;
        let world = context.world.clone();
        let spoken = language::spoken();
        let leave = async move {
            language::speak(spoken);
            leave(&world, untold).await
        };
        // Not stopped when the question is left: half of it may be done by then.
        let (task, handle) = Task::perform(leave, Message::Left).abortable();
        self.working = Some(handle);
        Action::Run(task)
    }

    pub(super) fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        let mut column = Column::new()
            .push(text::title(say!("office.leave.ask")))
            .push(text::body(say!("office.leave.certificate")))
            .push(self.drafts())
            .spacing(space::M);
        if let Some(failure) = &self.failure {
            column = column.push(why(failure));
        }
        let wrong = self
            .wrong
            .then(|| say!("office.leave.wrong_code", code = context.terminal.office));
        column = column.push(
            field::field(say!("office.leave.code"), &self.code)
                .id(CODE)
                .example(context.terminal.office.to_string())
                .on_input(Message::CodeTyped)
                .on_submit(Message::LeavePressed)
                .hint(say!(
                    "office.leave.code_hint",
                    code = context.terminal.office
                ))
                .error(wrong),
        );
        if self.working.is_some() {
            return dialog::scrolling_card(column.push(text::body(say!("office.leave.working"))));
        }
        let untold = matches!(self.failure, Some(NotLeft::Server(_))).then(|| {
            button::danger(say!("office.leave.untold")).on_press(Message::LeaveUntoldPressed)
        });
        dialog::scrolling_card(
            column.push(
                Row::new()
                    .push(
                        button::danger(say!("office.leave.button")).on_press(Message::LeavePressed),
                    )
                    .push(untold)
                    .push(
                        button::secondary(say!("office.leave.stay")).on_press(Message::StayPressed),
                    )
                    .spacing(space::M)
                    .wrap(),
            ),
        )
    }

    /// What would be lost of what is typed and not sent.
    fn drafts<'a>(&self) -> Element<'a, Message> {
        match &self.at_stake {
            None => text::hint(say!("office.leave.looking")).into(),
            Some(Ok(AtStake { drafts: 0, .. })) => {
                text::body(say!("office.leave.no_drafts")).into()
            }
            Some(Ok(AtStake { drafts, .. })) => {
                banner(Tone::Urgent, say!("office.leave.drafts", count = drafts)).into()
            }
            Some(Err(failure)) => why(failure),
        }
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        if self.working.is_some() {
            return Vec::new();
        }
        let key = Shortcut::named(iced::keyboard::key::Named::Escape);
        vec![binding(
            key,
            say!("office.leave.stay"),
            Message::StayPressed,
        )]
    }
}

/// Why leaving did not work.
fn why<'a>(failure: &NotLeft) -> Element<'a, Message> {
    let said = |title: String, advice: String, code: &str| {
        banner(Tone::Error, title)
            .line(advice)
            .line(say!("failure.code", code = code))
            .into()
    };
    match failure {
        NotLeft::Server(Failure::Unreachable(why)) => {
            let failure = Failure::Unreachable(*why);
            said(
                failure.title(),
                say!("office.leave.not_told"),
                failure.code(),
            )
        }
        NotLeft::Server(failure) => failed(failure).into(),
        NotLeft::Keystore(obstacle) => said(obstacle.title(), obstacle.advice(), obstacle.code()),
        NotLeft::Drafts(unkept) => said(
            say!("office.leave.drafts_stay"),
            say!("office.leave.again"),
            unkept.code(),
        ),
        NotLeft::NotEnrolled => text::body(say!("office.leave.nothing")).into(),
    }
}
