//! Reading a delivery status notification: what a mail server writes when a message that it took
//! was not delivered after all (RFC 6522 around, RFC 3464 within).
//!
//! Whoever knows the sender's address can write one. What is read here is a claim, short and in
//! printable characters; what it may do is decided in [`super`].

use std::panic::{UnwindSafe, catch_unwind};

use mail_parser::HeaderName;
use shared::text::MailAddress;

use super::part::Part;

/// The largest message that is read.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Each of our messages has one recipient; a notification may name what a list made of it.
const MOST_RECIPIENTS: usize = 50;

/// Message-IDs that are looked at.
const MOST_IDS: usize = 8;

/// The longest Message-ID: a line of a header (RFC 5322 §2.1.1).
const LONGEST_ID: usize = 998;

/// Characters of the server's words that are kept.
const MOST_WORDS: usize = 300;

/// What a notification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The messages that it may be about, the likeliest first, without angle brackets.
    pub(super) message_ids: Vec<String>,
    /// What became of it, recipient by recipient.
    pub(super) recipients: Vec<Delivery>,
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The recipient, as the server that reports knew it and as the sender wrote it.
    pub(super) addresses: Vec<MailAddress>,
    /// What the server did with it.
    pub(super) action: Action,
    /// The status code (RFC 3463), such as `5.1.1`.
    pub(super) status: Option<String>,
    /// Why, in the words of the server that did not take it; one line, perhaps empty.
    pub(super) words: String,
}

/// What a server did with a message (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// It was delivered, or passed on to where no notifications are made.
    Delivered,
    /// It is still being tried.
    Delayed,
    /// It will not be delivered.
    Failed,
}

impl Report {
    /// Reads a message; nothing if it is no delivery status notification, or one that no server
    /// would write. Anybody may send one, so that none may bring down whoever reads it.
    #[must_use]
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        calmly(|| Self::of(message))
    }

    /// The same, not promising to stay calm.
    fn of(message: &[u8]) -> Option<Self> {
        if message.len() > MOST_BYTES {
            return None;
        }
        let message = Part::of(message)?;
        if !message.is("multipart", "report") {
            return None;
        }
        let parts = message.parts();
        let status = parts.iter().find(|part| {
            part.is("message", "delivery-status") || part.is("message", "global-delivery-status")
        })?;
        let status = status.body();
        let recipients: Vec<_> = groups(&String::from_utf8_lossy(&status))
            .iter()
            .filter_map(|fields| Delivery::of(fields))
            .take(MOST_RECIPIENTS)
            .collect();
        (!recipients.is_empty()).then(|| Self {
            message_ids: message_ids(&message, &parts),
            recipients,
        })
    }
}

/// What is read, or nothing where that panics: heads are taken to pieces by a library that is not ours,
/// with assertions of its own.
fn calmly<T>(read: impl FnOnce() -> Option<T> + UnwindSafe) -> Option<T> {
    catch_unwind(read).unwrap_or_else(|_| {
        tracing::warn!("a message could not be read, and is taken for no notification");
        None
    })
}

/// What may hold the head of the message that comes back: it whole, or its headers alone.
const RETURNED: [(&str, &str); 4] = [
    ("message", "rfc822"),
    ("message", "global"),
    ("text", "rfc822-headers"),
    ("message", "global-headers"),
];

/// The ids of the messages that this may be about: of the one that it returns; else of those that
/// it answers.
fn message_ids(message: &Part<'_>, parts: &[Part<'_>]) -> Vec<String> {
    let mut ids = Vec::new();
    for part in parts {
        if RETURNED
            .iter()
            .any(|(kind, subtype)| part.is(kind, subtype))
        {
            let body = part.body();
            if let Some(returned) = Part::of(&body) {
                take(&mut ids, &returned, HeaderName::MessageId);
            }
        }
    }
    if ids.is_empty() {
        take(&mut ids, message, HeaderName::InReplyTo);
        take(&mut ids, message, HeaderName::References);
    }
    ids
}

fn take(ids: &mut Vec<String>, message: &Part<'_>, name: HeaderName<'static>) {
    for id in message.listed(name) {
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        if ids.len() < MOST_IDS
            && (1..=LONGEST_ID).contains(&id.len())
            && !id.contains(char::is_control)
            && !ids.iter().any(|known| known == id)
        {
            ids.push(id.to_owned());
        }
    }
}

/// A field of a notification.
type Field = (String, String);

/// The groups of fields of a notification: one about the message, one for each recipient.
fn groups(text: &str) -> Vec<Vec<Field>> {
    let mut groups: Vec<Vec<Field>> = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            groups.push(Vec::new());
            continue;
        }
        let Some(fields) = groups.last_mut() else {
            continue;
        };
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            // The field goes on.
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (true, None) => {}
            (false, _) => {
                if let Some((name, value)) = line.split_once(':') {
                    fields.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
    }
    groups
}

impl Delivery {
    /// What this group says, if it is about a recipient.
    fn of(fields: &[Field]) -> Option<Self> {
        let value = |name: &str| {
            let found = fields
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let addresses: Vec<_> = ["Original-Recipient", "Final-Recipient"]
            .into_iter()
            .filter_map(|name| address(value(name)?))
            .collect();
        if addresses.is_empty() {
            return None;
        }
        let status = value("Status").and_then(status);
        Some(Self {
            addresses,
            action: action(value("Action"), status.as_deref())?,
            words: words(value("Diagnostic-Code").unwrap_or_default()),
            status,
        })
    }

    /// Status and words as they are kept: the status first, unless the words hold it.
    #[must_use]
    pub(super) fn answer(&self) -> String {
        match &self.status {
            Some(status) if self.words.is_empty() => status.clone(),
            Some(status) if !self.words.contains(status.as_str()) => {
                format!("{status} {}", self.words)
            }
            _ => self.words.clone(),
        }
    }
}

/// The address behind its kind (`rfc822; taro@example.jp`).
fn address(value: &str) -> Option<MailAddress> {
    let text = value.split_once(';').map_or(value, |(_, text)| text).trim();
    let text = text.trim_start_matches('<').trim_end_matches('>');
    MailAddress::parse(text).ok()
}

/// The word counts; where it is missing, the class of the status.
fn action(word: Option<&str>, status: Option<&str>) -> Option<Action> {
    let word = word.map(|word| word.split([' ', '\t', '(']).next().unwrap_or_default());
    match (word, status.and_then(|status| status.chars().next())) {
        (Some(word), _) if word.eq_ignore_ascii_case("failed") => Some(Action::Failed),
        (Some(word), _) if word.eq_ignore_ascii_case("delayed") => Some(Action::Delayed),
        (Some(word), _)
            if ["delivered", "relayed", "expanded"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(word)) =>
        {
            Some(Action::Delivered)
        }
        (None, Some('5')) => Some(Action::Failed),
        (None, Some('4')) => Some(Action::Delayed),
        (None, Some('2')) => Some(Action::Delivered),
        _ => None,
    }
}

/// A status code, without the remark that may follow it.
fn status(value: &str) -> Option<String> {
    let code = value.split([' ', '\t', '(', ';']).next()?;
    let numbers: Vec<&str> = code.split('.').collect();
    let right = |number: &&str| {
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let three = numbers.len() == 3 && numbers.iter().all(right);
    (three && matches!(numbers[0], "2" | "4" | "5")).then(|| code.to_owned())
}

/// A server's words without their kind (`smtp; 550 …`), on one line, with nothing that could move
/// a reader's cursor or turn the line around.
fn words(value: &str) -> String {
    let value = match value.split_once(';') {
        Some((kind, rest))
            if kind
                .trim()
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-') =>
        {
            rest
        }
        _ => value,
    };
    let seen: String = value
        .chars()
        .map(|c| if is_unseen(c) { ' ' } else { c })
        .collect();
    let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Control characters, and those that only steer how others are shown.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
pub(super) mod tests;
