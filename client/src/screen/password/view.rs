//! How the change of a password looks, and its keys.

use iced::widget::{Column, Row};
use shared::accounts::password::SHORTEST;

use super::{AGAIN, CLOSE, Message, NEW, PRESENT, PasswordDialog, Unchanged, Wrong};
use crate::api::Failure;
use crate::say;
use crate::screen::failed;
use crate::screen::why::Why;
use crate::secret::Secret;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, check as tick, dialog, field, page, text};

impl PasswordDialog {
    /// The dialog as it looks.
    pub fn view<'a>(&'a self) -> Element<'a, Message> {
        let mut column = Column::new()
            .push(text::title(match (self.done, self.is_first()) {
                (true, _) => say!("password.done"),
                (false, true) => say!("password.first.title"),
                (false, false) => say!("password.title"),
            }))
            .spacing(space::M);
        if self.done {
            let close = button::primary(say!("password.close"))
                .id(CLOSE)
                .on_press(Message::ClosePressed);
            return dialog::scrolling_card(
                column
                    .push(banner(
                        Tone::Success,
                        match self.is_first() {
                            true => say!("password.first.done_what"),
                            false => say!("password.done_what"),
                        },
                    ))
                    .push(Row::new().push(close)),
            );
        }
        let why = self
            .is_first()
            .then(|| text::body(say!("password.first.why")));
        column = column
            .push(why)
            .push(text::body(say!("password.what", count = SHORTEST)));
        // In a place of its own: the fields below it keep the keys.
        let failure = self.failure.as_ref().map(|failure| {
            let said = failed(failure);
            match failure {
                Failure::Unreachable(_) => said.line(say!("password.unsure")).into(),
                _ if failure.is_closing() => said.line(say!("failure.opens_again")).into(),
                _ => said.into(),
            }
        });
        column = column.push(page::slot(failure));
        let wrong = |pick: fn(&Wrong) -> Option<&Why>| {
            let why = self.wrong.as_ref().and_then(pick);
            why.map(Why::words)
        };
        let present = || {
            field::field(say!("password.present"), self.present.reveal())
                .id(PRESENT)
                .keeps_keys()
                .secret(true)
                .on_input(|typed| Message::PresentTyped(Secret::new(typed)))
                .on_submit(Message::Next(NEW))
                .error(wrong(|it| match it {
                    Wrong::Present(why) => Some(why),
                    _ => None,
                }))
        };
        column = column.push((!self.is_first()).then(present)).push(
            field::field(say!("password.new"), self.new.reveal())
                .id(NEW)
                .keeps_keys()
                .secret(!self.shown)
                .on_input(|typed| Message::NewTyped(Secret::new(typed)))
                .on_submit(match self.shown {
                    true => Message::SubmitPressed,
                    false => Message::Next(AGAIN),
                })
                .hint(self.length())
                .error(wrong(|it| match it {
                    Wrong::New(why) => Some(why),
                    _ => None,
                })),
        );
        if !self.shown {
            column = column.push(
                field::field(say!("password.again"), self.again.reveal())
                    .id(AGAIN)
                    .keeps_keys()
                    .secret(true)
                    .on_input(|typed| Message::AgainTyped(Secret::new(typed)))
                    .on_submit(Message::SubmitPressed)
                    .error(wrong(|it| match it {
                        Wrong::Again(why) => Some(why),
                        _ => None,
                    })),
            );
        }
        let made = self.shown.then(|| text::hint(say!("password.shown_what")));
        let help = Row::new()
            .push(tick::check(
                say!("password.show"),
                self.shown,
                Message::ShownTurned,
            ))
            .push(button::secondary(say!("password.make")).on_press(Message::MakePressed))
            .spacing(space::M)
            .wrap();
        let submit = match self.asking {
            Some(_) => button::primary(say!("password.asking")),
            None => button::primary(say!("password.submit")).on_press(Message::SubmitPressed),
        };
        let buttons = Row::new()
            .push(submit)
            .push(
                button::secondary(self.leave())
                    .on_press_maybe(self.asking.is_none().then_some(Message::ClosePressed)),
            )
            .spacing(space::M)
            .wrap();
        dialog::scrolling_card(column.push(help).push(made).push(buttons))
    }

    fn leave(&self) -> String {
        match self.first {
            Some(Unchanged::LoggedOut) => say!("password.first.log_out"),
            Some(Unchanged::Locked) => say!("password.first.lock"),
            None => say!("password.leave"),
        }
    }

    /// How many characters there are yet to go.
    fn length(&self) -> String {
        let length = self.new.reveal().chars().count();
        match SHORTEST.checked_sub(length).filter(|left| *left > 0) {
            Some(left) if length > 0 => say!("password.left", count = left),
            _ => say!("password.hint"),
        }
    }

    /// The dialog's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named::{Enter, Escape};
        let words = match self.done {
            true => say!("password.close"),
            false => self.leave(),
        };
        let close = binding(Shortcut::named(Escape), words, Message::ClosePressed);
        let submit = binding(
            Shortcut::command_named(Enter),
            say!("password.submit"),
            Message::SubmitPressed,
        );
        match self.done {
            true => vec![close],
            false => vec![submit, close],
        }
    }
}
