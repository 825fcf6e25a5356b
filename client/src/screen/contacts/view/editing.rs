//! How the form of one office's contact looks, and its keys.

use iced::Center;
use iced::keyboard::key::Named;
use iced::widget::{Column, Row};
use shared::offices::contacts::Contact;
use shared::text::MailAddress;

use super::super::editing::{Asking, Editing, MAIL, Message, PASSWORD_MAIL, STAY};
use super::{by, question};
use crate::language::{moment, spoken};
use crate::say;
use crate::screen::failed;
use crate::ui::dialog::{Behind, over};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, field, page, text};

pub(super) fn view(form: &Editing) -> Element<'_, Message> {
    let office = &form.seen.office;
    let sentence = |at: usize| form.wrong[at].map(|wrong| wrong.sentence(spoken()));
    let mail = field::field(say!("contacts.column.mail"), &form.mail)
        .example("hokenjo@example.lg.jp")
        .hint(say!("contacts.edit.mail_hint"))
        .error(sentence(0))
        .on_input(Message::MailTyped)
        .on_submit(Message::NextPressed)
        .on_leave(Message::Left(0))
        .id(MAIL);
    let password = field::field(say!("contacts.column.password_mail"), &form.password_mail)
        .example("tantou@example.lg.jp")
        .hint(say!("contacts.edit.password_hint"))
        .error(sentence(1))
        .on_input(Message::PasswordMailTyped)
        .on_submit(Message::SavePressed)
        .on_leave(Message::Left(1))
        .id(PASSWORD_MAIL);
    let words = match form.sending {
        true => say!("contacts.edit.sending"),
        false => say!("contacts.edit.save"),
    };
    let save = button::primary_keyed(words, "Ctrl+S")
        .on_press_maybe((!form.sending).then_some(Message::SavePressed));
    let end = Row::new()
        .push(save)
        .push(button::keyed(say!("contacts.back"), "Esc").on_press(Message::BackPressed))
        .spacing(space::M)
        .align_y(Center);
    let failure = form.failure.as_ref().map(|failure| {
        let again = button::secondary(say!("contacts.again")).on_press(Message::SavePressed);
        Element::from(failed(failure).action(again))
    });
    let page = page::form([
        text::title(office.name.to_string()).into(),
        text::hint(office.code.to_string()).into(),
        page::slot(failure),
        mail.into(),
        password.into(),
        end.into(),
        page::line(),
        history(form),
    ]);
    over(
        page,
        form.asking.as_ref().map(|asking| ask(form, asking)),
        Behind::Dimmed,
    )
    .into()
}

fn words(mail: Option<&MailAddress>) -> String {
    mail.map_or_else(|| say!("contacts.none"), ToString::to_string)
}

fn history(form: &Editing) -> Element<'_, Message> {
    let title = text::section(say!("contacts.history.title"));
    let body: Element<'_, Message> = match &form.history {
        None => text::body(say!("contacts.history.loading")).into(),
        Some(Err(failure)) => {
            let again = button::secondary(say!("contacts.again")).on_press(Message::HistoryPressed);
            failed(failure).action(again).into()
        }
        Some(Ok(history)) if history.versions.iter().all(|it| it.mail.is_none()) => {
            text::body(say!("contacts.history.none")).into()
        }
        Some(Ok(history)) => {
            let versions = history.versions.iter().filter(|it| it.mail.is_some());
            Column::with_children(versions.map(version))
                .spacing(space::M)
                .into()
        }
    };
    Column::new()
        .push(title)
        .push(body)
        .spacing(space::M)
        .into()
}

/// When and by whom, and the two addresses.
fn version(contact: &Contact) -> Element<'_, Message> {
    let when = contact.changed_at.map_or(String::new(), moment);
    let password = match &contact.password_mail {
        Some(mail) => mail.to_string(),
        None => "–".to_owned(),
    };
    page::card(
        Column::new()
            .push(text::hint(format!("{when}  {}", by(contact))))
            .push(text::body(words(contact.mail.as_ref())))
            .push(text::body(say!(
                "contacts.history.password",
                mail = password
            )))
            .spacing(space::XS),
    )
}

fn ask<'a>(form: &'a Editing, asking: &'a Asking) -> Element<'a, Message> {
    let stay = |words: String| {
        button::keyed(words, "Esc")
            .id(STAY)
            .on_press(Message::StayPressed)
            .into()
    };
    match asking {
        Asking::Leave => question(
            say!("contacts.leave.title"),
            vec![say!("contacts.leave.what")],
            [
                stay(say!("contacts.leave.stay")),
                button::danger(say!("contacts.leave.throw_away"))
                    .on_press(Message::ThrowAwayPressed)
                    .into(),
            ],
        ),
        Asking::Replace(contact) => {
            let seen = form.seen.password_mail.as_ref();
            let password = contact.password_mail_after(seen);
            let from_to =
                |name: String, before: Option<&MailAddress>, after: Option<&MailAddress>| {
                    (before != after).then(|| {
                        say!(
                            "contacts.replace.from_to",
                            name = name,
                            before = words(before),
                            after = words(after)
                        )
                    })
                };
            let changes = [
                from_to(
                    say!("contacts.column.mail"),
                    form.seen.mail.as_ref(),
                    Some(&contact.mail),
                ),
                from_to(say!("contacts.column.password_mail"), seen, password),
            ];
            let mut lines: Vec<String> = changes.into_iter().flatten().collect();
            lines.push(say!("contacts.replace.what"));
            question(
                say!(
                    "contacts.replace.title",
                    office = form.seen.office.name.to_string()
                ),
                lines,
                [
                    stay(say!("contacts.replace.stay")),
                    button::primary_keyed(say!("contacts.replace.yes"), "F10")
                        .on_press(Message::ReplacePressed)
                        .into(),
                ],
            )
        }
        Asking::Clash(present) => clash(form, present),
    }
}

/// Both versions, one beside the other.
fn clash<'a>(form: &'a Editing, present: &'a Contact) -> Element<'a, Message> {
    let typed = |text: &str| match text.trim() {
        "" => say!("contacts.none"),
        text => text.to_owned(),
    };
    let side = |title: String, mail: String, password: String, deed: Element<'a, Message>| {
        page::card(
            Column::new()
                .push(text::strong(title))
                .push(text::hint(say!("contacts.column.mail")))
                .push(text::body(mail))
                .push(text::hint(say!("contacts.column.password_mail")))
                .push(text::body(password))
                .push(deed)
                .spacing(space::S),
        )
    };
    let mine = side(
        say!("contacts.clash.mine"),
        typed(&form.mail),
        typed(&form.password_mail),
        button::keyed(say!("contacts.clash.take_mine"), "F9")
            .on_press(Message::MinePressed)
            .into(),
    );
    let when = present.changed_at.map_or(String::new(), moment);
    let theirs = side(
        say!("contacts.clash.theirs", name = by(present), when = when),
        words(present.mail.as_ref()),
        words(present.password_mail.as_ref()),
        button::keyed(say!("contacts.clash.take_theirs"), "F10")
            .on_press(Message::TheirsPressed)
            .into(),
    );
    let content = Column::new()
        .push(text::section(say!(
            "contacts.clash.title",
            office = form.seen.office.name.to_string()
        )))
        .push(text::body(say!("contacts.clash.what")))
        .push(Row::new().push(mine).push(theirs).spacing(space::M))
        .push(
            button::keyed(say!("contacts.clash.edit"), "Esc")
                .id(STAY)
                .on_press(Message::StayPressed),
        )
        .spacing(space::L);
    crate::ui::dialog::scrolling_card(content)
}

pub(super) fn bindings(form: &Editing) -> Vec<Binding<Message>> {
    let named = |key, words: String, message| binding(Shortcut::named(key), words, message);
    match &form.asking {
        None => vec![
            binding(
                Shortcut::command("s"),
                say!("contacts.edit.save"),
                Message::SavePressed,
            ),
            named(Named::Escape, say!("contacts.back"), Message::BackPressed),
        ],
        Some(Asking::Leave) => vec![named(
            Named::Escape,
            say!("contacts.leave.stay"),
            Message::StayPressed,
        )],
        Some(Asking::Replace(_)) => vec![
            named(
                Named::F10,
                say!("contacts.replace.yes"),
                Message::ReplacePressed,
            ),
            named(
                Named::Escape,
                say!("contacts.replace.stay"),
                Message::StayPressed,
            ),
        ],
        Some(Asking::Clash(_)) => vec![
            named(
                Named::F9,
                say!("contacts.clash.take_mine"),
                Message::MinePressed,
            ),
            named(
                Named::F10,
                say!("contacts.clash.take_theirs"),
                Message::TheirsPressed,
            ),
            named(
                Named::Escape,
                say!("contacts.clash.edit"),
                Message::StayPressed,
            ),
        ],
    }
}
