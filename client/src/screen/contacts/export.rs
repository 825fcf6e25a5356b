//! The contacts as a CSV file for a spreadsheet.

use iced::Task;
use shared::offices::contacts::Contact;
use zeroize::Zeroizing;

use crate::language::moment;
use crate::say;
use crate::screen::saving::{Message, Saving};
use crate::screen::{Context, csv};

/// A file of these contacts, or of those without an address alone, ready to be saved.
pub(super) fn file(
    contacts: &[Contact],
    missing: bool,
    context: &Context,
) -> (Saving, Task<Message>) {
    let rows = contacts.iter().filter(|it| !missing || it.mail.is_none());
    let name = format!(
        "{}_{}.csv",
        say!("contacts.export.name"),
        context.world.today()
    );
    let bytes = Zeroizing::new(list(rows).into_bytes());
    Saving::new(say!("contacts.export.title"), name, bytes, context)
}

fn list<'a>(contacts: impl Iterator<Item = &'a Contact>) -> String {
    let headings = [
        "code",
        "name",
        "mail",
        "password_mail",
        "changed_at",
        "changed_by",
    ]
    .map(|column| {
        let key = format!("contacts.column.{column}");
        say!(key.as_str())
    });
    let mut text = format!("{}{}", csv::MARK, csv::line(&headings));
    for contact in contacts {
        let mail = |mail: &Option<_>| mail.as_ref().map_or(String::new(), ToString::to_string);
        let by = contact.changed_by.as_ref();
        text.push_str(&csv::line(&[
            contact.office.code.to_string(),
            contact.office.name.to_string(),
            mail(&contact.mail),
            mail(&contact.password_mail),
            contact.changed_at.map_or(String::new(), moment),
            by.map_or(String::new(), |person| person.name.to_string()),
        ]));
    }
    text
}
