//! How the question before a deed looks, and its keys.

use iced::Center;
use iced::keyboard::key::Named;
use iced::widget::{Column, Row, scrollable};
use shared::ProblemCode;
use shared::enrolment::deeds::{Identification, ReissueCause};
use shared::enrolment::desk::Enrolment;
use shared::enrolment::standing::CertificateState;

use super::super::page::facts;
use super::super::words::{self, said};
use super::{Deed, Kind, Message, OWN, Reason, Step};
use crate::api::Failure;
use crate::say;
use crate::screen::failed;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::field::field;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::table::BAR;
use crate::ui::token::space;
use crate::ui::{Element, button, check, dialog, page, text};

impl Deed {
    pub(in super::super) fn view<'a>(
        &'a self,
        seen: Option<&'a Enrolment>,
        may: bool,
    ) -> Element<'a, Message> {
        let name = seen.map_or_else(String::new, |seen| {
            format!("{} ({})", seen.office.name, seen.office.code)
        });
        let mut column = Column::new()
            .push(text::section(self.kind.name()))
            .push(text::strong(name))
            .push(text::hint(said(&format!(
                "desk.deed.{}.what",
                self.kind.word()
            ))))
            .spacing(space::S);
        if let Some(seen) = seen {
            column = column.push(number(seen));
        }
        column = column.push(page::slot(self.trouble(may)));
        if self.confirming {
            return dialog::scrolling_card(column.push(self.sure(seen)).push(self.buttons(may)));
        }
        if self.kind == Kind::Answer {
            return dialog::scrolling_card(column.push(self.buttons(may)));
        }
        if self.kind == Kind::Reissue {
            let causes = ReissueCause::ALL.into_iter();
            let options = causes.map(|cause| {
                (
                    words::cause(cause),
                    Message::CauseChosen(cause),
                    self.cause == Some(cause),
                )
            });
            column = column.push(self.question(Step::Cause, say!("desk.ask.cause"), options));
        }
        let ways = Identification::ANSWERS.into_iter();
        let options = ways.map(|way| {
            let on = self.identified == Some(way);
            (
                words::identification(way),
                Message::IdentifiedChosen(way),
                on,
            )
        });
        column = column.push(self.question(Step::Identified, say!("desk.ask.identified"), options));
        let options = self.reasons().into_iter().map(|(reason, words)| {
            let on = self.reason == Some(reason);
            (words, Message::ReasonChosen(reason), on)
        });
        column = column.push(self.question(Step::Reason, say!("desk.ask.reason"), options));
        if self.reason == Some(Reason::Own) {
            let own = field("", &self.own)
                .id(OWN)
                .example(say!("desk.ask.own_example"))
                .on_input(Message::OwnTyped)
                .on_submit(Message::DonePressed);
            column = column.push(own);
        }
        let wrong = match (self.is_uncalled, self.is_lacking) {
            (true, _) => Some(say!("desk.ask.uncalled")),
            (false, true) => Some(self.lacking()),
            (false, false) => None,
        };
        if let Some(wrong) = wrong {
            column = column.push(text::error(format!("▲ {wrong}")));
        }
        let column = column.push(self.buttons(may));
        dialog::card(scrollable(
            iced::widget::container(column).padding(iced::Padding::ZERO.right(BAR)),
        ))
    }

    pub(super) fn reasons(&self) -> Vec<(Reason, String)> {
        let offered = self.kind.reasons().into_iter().enumerate();
        let own = (Reason::Own, say!("desk.ask.own"));
        let offered = offered.map(|(nth, words)| (Reason::Offered(nth), words));
        offered.chain([own]).collect()
    }

    /// A question: the one that comes next with its answers and their digits, one that was
    /// answered with its answer alone, which can be taken back.
    fn question<'a>(
        &self,
        step: Step,
        words: String,
        options: impl Iterator<Item = (String, Message, bool)>,
    ) -> Element<'a, Message> {
        let next = self.step() == step;
        let mut row = Row::new().spacing(space::S);
        for (nth, (words, message, on)) in options.enumerate() {
            if next {
                row = row.push(check::toggle(format!("{} {words}", nth + 1), on, message));
            } else if on {
                row = row.push(check::toggle(words, on, Message::TakenBack(step)));
            }
        }
        let title = match next {
            true => Row::new().push(text::strong("▶")).push(text::strong(words)),
            false => Row::new().push(text::body(words)),
        };
        let title = title.spacing(space::XS);
        if next {
            let answers = row.wrap().vertical_spacing(space::XS);
            return Column::new()
                .push(title)
                .push(answers)
                .spacing(space::XS)
                .into();
        }
        Row::new()
            .push(title)
            .push(row)
            .spacing(space::M)
            .align_y(Center)
            .wrap()
            .into()
    }

    fn lacking(&self) -> String {
        match self.step() {
            Step::Cause => say!("desk.ask.lacks_cause"),
            Step::Identified => say!("desk.ask.lacks_identified"),
            Step::Reason | Step::Ready => say!("desk.ask.lacks_reason"),
        }
    }

    fn trouble<'a>(&self, may: bool) -> Option<Element<'a, Message>> {
        let late = (!may).then(|| say!("desk.ask.not_possible"));
        match (&self.failure, late) {
            (Some(failure), late) => {
                let kept = match failure.problem() {
                    Some(_) => say!("desk.ask.refused"),
                    None => say!("desk.ask.unsure"),
                };
                let mut banner = failed(failure).line(kept);
                if self.stops_nothing_yet(failure) {
                    banner = banner.line(say!("desk.ask.still_works"));
                }
                if let Some(late) = late {
                    banner = banner.line(late);
                }
                Some(banner.into())
            }
            (None, Some(late)) => Some(banner(Tone::Warning, late).into()),
            (None, None) => None,
        }
    }

    /// A terminal that was lost or stolen works on, because no link could be sent.
    fn stops_nothing_yet(&self, failure: &Failure) -> bool {
        let no_link = matches!(
            failure.problem(),
            Some(ProblemCode::MailNotSetUp | ProblemCode::NoContact | ProblemCode::SameMailbox)
        );
        no_link && self.cause.is_some_and(ReissueCause::kills_at_once)
    }

    /// What cannot be undone, in its own words; which terminal it strikes, and where what takes its
    /// place goes.
    fn sure<'a>(&self, seen: Option<&Enrolment>) -> Element<'a, Message> {
        let key = match (self.kind, self.cause) {
            (Kind::Reissue, Some(ReissueCause::Stolen)) => "stolen",
            (Kind::Reissue, _) => "lost",
            (kind, _) => kind.word(),
        };
        let strikes = matches!(self.kind, Kind::Reissue | Kind::Revoke);
        let certificate = seen.and_then(|seen| seen.certificate.as_ref());
        let struck = certificate.filter(|certificate| {
            let lets_in = matches!(
                certificate.state,
                CertificateState::Issued | CertificateState::Live
            );
            strikes && lets_in
        });
        let terminal = struck.map(|certificate| {
            let seen = facts::last_contact(certificate);
            [
                say!(
                    "desk.sure.terminal",
                    terminal = certificate.terminal.short(),
                    seen = seen
                ),
                say!("desk.sure.serial", serial = certificate.serial),
            ]
        });
        let address = seen
            .and_then(|seen| seen.contact.mail.as_ref())
            .filter(|_| self.kind == Kind::Reissue)
            .map(|mail| say!("desk.sure.address", mail = mail));
        let sure = banner(Tone::Error, said(&format!("desk.sure.{key}.title")))
            .line(said(&format!("desk.sure.{key}.what")));
        let facts = terminal.into_iter().flatten().chain(address);
        facts.fold(sure, |sure, fact| sure.line(fact)).into()
    }

    fn buttons<'a>(&self, may: bool) -> Element<'a, Message> {
        let name = said(&format!("desk.deed.{}.press", self.kind.word()));
        let back = button::keyed(say!("desk.ask.back"), "Esc").on_press(Message::EscapePressed);
        let row = if self.sending.is_some() {
            Row::new().push(button::primary(say!("desk.ask.sending")))
        } else if self.confirming {
            let sure = format!("{name}  Ctrl+Enter");
            Row::new()
                .push(back)
                .push(button::danger(sure).on_press_maybe(may.then_some(Message::ConfirmPressed)))
        } else {
            let press = may.then_some(Message::DonePressed);
            Row::new()
                .push(button::primary_keyed(name, "Enter").on_press_maybe(press))
                .push(back)
                .push((self.kind != Kind::Answer).then(|| text::hint(say!("desk.ask.undo"))))
        };
        row.spacing(space::M).align_y(Center).wrap().into()
    }

    /// The keys of the question: the digits answer what comes next.
    pub(in super::super) fn bindings(&self) -> Vec<Binding<Message>> {
        let back = binding(
            Shortcut::named(Named::Escape),
            say!("desk.ask.back"),
            Message::EscapePressed,
        );
        if self.sending.is_some() {
            return Vec::new();
        }
        let sure = binding(
            Shortcut::command_named(Named::Enter),
            say!("desk.key.sure"),
            Message::ConfirmPressed,
        );
        if self.confirming {
            return vec![sure, back];
        }
        let options: Vec<String> = match self.step() {
            Step::Cause => ReissueCause::ALL.map(words::cause).into(),
            Step::Identified => Identification::ANSWERS.map(words::identification).into(),
            Step::Reason => self.reasons().into_iter().map(|(_, words)| words).collect(),
            Step::Ready => Vec::new(),
        };
        let mut keys: Vec<_> = (1..)
            .zip(options)
            .map(|(nth, words)| {
                let key = Shortcut::character(&format!("{nth}"));
                binding(key, words, Message::DigitPressed(nth))
            })
            .collect();
        keys.push(binding(
            Shortcut::named(Named::Enter),
            say!("desk.key.done"),
            Message::DonePressed,
        ));
        keys.push(binding(
            Shortcut::named(Named::Backspace),
            say!("desk.key.undo"),
            Message::UndoPressed,
        ));
        keys.extend([sure, back]);
        keys
    }
}

/// The number under which the office is called back, where it is known.
fn number<'a>(seen: &Enrolment) -> Element<'a, Message> {
    let words = match &seen.particulars.phone {
        Some(phone) => say!("desk.ask.phone", phone = phone),
        None => say!("desk.ask.no_phone"),
    };
    text::hint(words).into()
}
