//! How the login looks, and its keys.

use iced::Center;
use iced::widget::{Column, Row};
use jiff::Timestamp;
use shared::enrolment::Terminal;
use shared::{Day, ProblemCode};

use super::{ANEW, LOGIN, LogInScreen, Message, PASSWORD};
use crate::api::Failure;
use crate::language;
use crate::say;
use crate::screen::why::Why;
use crate::screen::{failed, helpdesk};
use crate::secret::Secret;
use crate::ui::banner::{Banner, banner};
use crate::ui::check::check;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, field, page, text};
use crate::world::World;

impl LogInScreen {
    /// The screen as it looks.
    pub fn view<'a>(&'a self, terminal: &'a Terminal, world: &World) -> Element<'a, Message> {
        let mut head = Column::new().spacing(space::L);
        head = head.push(text::title(if self.locked {
            say!("session.locked")
        } else {
            say!("session.title")
        }));
        head = head.push(text::body(if self.locked {
            say!("session.locked_why", login = self.login)
        } else {
            say!("session.intro", office = terminal.office_name)
        }));
        let ended = self.locked && self.ended;
        head = head.push(ended.then(|| text::body(say!("session.ended"))));
        if let Some(failure) = &self.failure {
            head = head.push(self.trouble(failure, terminal, world));
        }
        if self.may_wish() {
            head = head.push(self.wish.view());
        }
        // All of it is one part of the form: the fields keep the keys when it changes.
        let mut form = Column::new().push(head).spacing(space::L);
        if !self.locked {
            form = form.push(
                field::field(say!("session.login"), &self.login)
                    .id(LOGIN)
                    .keeps_keys()
                    .example(say!("session.login_example"))
                    .on_input(Message::LoginTyped)
                    .on_submit(Message::LoginDone)
                    .error(self.login_error.as_ref().map(Why::words)),
            );
        }
        form = form.push(
            field::field(say!("session.password"), self.password.reveal())
                .id(PASSWORD)
                .keeps_keys()
                .secret(self.shown.is_none())
                .on_input(|text| Message::PasswordTyped(Secret::new(text)))
                .on_submit(Message::SubmitPressed)
                .error(self.password_error.as_ref().map(Why::words)),
        );
        let show = check(
            say!("session.show"),
            self.shown.is_some(),
            Message::ShownTurned,
        );
        form = form.push(Row::new().push(show));
        form = form.push(self.buttons(world.now()));
        let needed = self.failure.as_ref().filter(|it| needs_the_helpdesk(it));
        let facts = needed.map(|failure| {
            let facts = helpdesk::facts(Some(terminal), Some(failure.code()), world.now());
            helpdesk::card(world, facts, self.copied, Message::CopyPressed)
        });
        if self.locked {
            dialog::card_beside(form, facts)
        } else {
            page::beside([form.into()], facts, [])
        }
    }

    fn trouble<'a>(
        &self,
        failure: &Failure,
        terminal: &Terminal,
        world: &World,
    ) -> Element<'a, Message> {
        if self.may_wish() && terminal.expires_at <= world.now() {
            let day = language::day(Day::in_japan(terminal.expires_at));
            return banner(Tone::Error, say!("session.expired", day = day))
                .line(say!("session.expired_why"))
                .into();
        }
        let left = self.seconds_left(world.now());
        match failure.problem() {
            // Whoever was wrong so often may not know it any more: how to reach who can help.
            Some(ProblemCode::SlowedDown) if left > 0 => helpdesk::ways(world)
                .into_iter()
                .fold(
                    banner(Tone::Warning, failure.title())
                        .line(say!("session.wait", seconds = left))
                        .line(say!("session.forgotten")),
                    Banner::line,
                )
                .into(),
            // At the lock no id was typed, and nothing is logged in to.
            Some(ProblemCode::WrongLogin) if self.locked => {
                banner(Tone::Error, say!("session.wrong_password"))
                    .line(say!("session.wrong_password_why"))
                    .line(say!("session.reset_meanwhile"))
                    .into()
            }
            // What to do stands in it already, and nobody has to call anyone.
            Some(ProblemCode::WrongLogin) => banner(Tone::Error, failure.title())
                .line(failure.advice())
                .into(),
            Some(ProblemCode::OfficeClosed) => {
                failed(failure).line(say!("failure.opens_again")).into()
            }
            _ => failed(failure).into(),
        }
    }

    fn buttons<'a>(&self, now: Timestamp) -> Element<'a, Message> {
        let label = if self.locked {
            say!("session.unlock")
        } else {
            say!("session.submit")
        };
        if self.asking.is_some() {
            return Row::new()
                .push(button::primary(say!("session.asking")))
                .push(button::secondary(say!("session.cancel")).on_press(Message::CancelPressed))
                .spacing(space::M)
                .align_y(Center)
                .into();
        }
        let may = self.seconds_left(now) == 0;
        let submit = button::primary(label).on_press_maybe(may.then_some(Message::SubmitPressed));
        let leave = self.locked.then(|| {
            button::quiet_keyed(say!("session.leave"), "F12").on_press(Message::LeavePressed)
        });
        let anew = self.offers_another_link().then(|| {
            button::keyed(say!("session.enrol_anew"), "F2")
                .id(ANEW)
                .on_press(Message::EnrolAnewPressed)
        });
        let wish = (self.may_wish() && self.wish.can_be_asked())
            .then(|| button::keyed(say!("session.wish"), "F3").on_press(Message::WishPressed));
        Row::new()
            .push(submit)
            .push(wish)
            .push(anew)
            .push(leave)
            .spacing(space::M)
            .wrap()
            .into()
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named;
        if self.asking.is_some() {
            let key = Shortcut::named(Named::Escape);
            return vec![binding(key, say!("session.cancel"), Message::CancelPressed)];
        }
        let key = Shortcut::command_named(Named::Enter);
        let submit = binding(key, say!("session.submit"), Message::SubmitPressed);
        let anew = self.offers_another_link().then(|| {
            let key = Shortcut::named(Named::F2);
            binding(key, say!("session.enrol_anew"), Message::EnrolAnewPressed)
        });
        let wish = (self.may_wish() && self.wish.can_be_asked()).then(|| {
            let key = Shortcut::named(Named::F3);
            binding(key, say!("session.wish"), Message::WishPressed)
        });
        // The key that logs out everywhere: whoever locked the window is.
        let leave = self.locked.then(|| {
            let key = Shortcut::named(Named::F12);
            binding(key, say!("session.leave"), Message::LeavePressed)
        });
        let more = wish.into_iter().chain(anew).chain(leave);
        [submit].into_iter().chain(more).collect()
    }
}

/// Whether the person cannot mend it alone.
fn needs_the_helpdesk(failure: &Failure) -> bool {
    !matches!(
        failure.problem(),
        Some(ProblemCode::WrongLogin | ProblemCode::SlowedDown)
    )
}
