//! The contacts as a CSV file for a spreadsheet.

use iced::Task;
use shared::offices::contacts::Contact;
use zeroize::Zeroizing;

use crate::language::moment;
use crate::say;
use crate::screen::Context;
use crate::screen::saving::{Message, Saving};

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
    let bytes = Zeroizing::new(csv(rows).into_bytes());
    Saving::new(say!("contacts.export.title"), name, bytes, context)
}

fn csv<'a>(contacts: impl Iterator<Item = &'a Contact>) -> String {
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
    // With a byte order mark, without which spreadsheets take it for CP932.
    let mut text = String::from("\u{feff}");
    line(&mut text, &headings);
    for contact in contacts {
        let mail = |mail: &Option<_>| mail.as_ref().map_or(String::new(), ToString::to_string);
        let by = contact.changed_by.as_ref();
        line(
            &mut text,
            &[
                contact.office.code.to_string(),
                contact.office.name.to_string(),
                mail(&contact.mail),
                mail(&contact.password_mail),
                contact.changed_at.map_or(String::new(), moment),
                by.map_or(String::new(), |person| person.name.to_string()),
            ],
        );
    }
    text
}

fn line(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        // A cell that begins like a formula must not become one.
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        text.push('"');
        if formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}
