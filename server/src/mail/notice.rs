//! What is written to offices and the helpdesk: plain text in Japanese or English, no pictures,
//! nothing that tells the sender whether it was read.
//!
//! No notice holds both a link and a password, and none can: each names all that its text may say
//! (M-02).

use jiff::{Timestamp, tz};
use rust_i18n::t;
use shared::Language;
use shared::enrolment::{EnrolmentLink, Serial};
use shared::id::EnrolmentId;
use shared::mail::{MailKind, PasswordWay};
use zeroize::Zeroizing;

/// A message and all the facts in it.
pub enum Notice<'a> {
    /// A link for an office that has no terminal yet, or (`again`) for one whose terminal is
    /// replaced.
    Link {
        /// The link.
        link: &'a EnrolmentLink,
        /// From when on it is dead.
        expires_at: Timestamp,
        /// How its password will come.
        password_by: PasswordWay,
        /// Whether the office has had a terminal before.
        again: bool,
    },
    /// The password of a link.
    Password {
        /// Which link, by its id alone.
        id: EnrolmentId,
        /// The password.
        password: &'a Zeroizing<String>,
        /// From when on it is of no use.
        expires_at: Timestamp,
    },
    /// The link is still unused.
    Reminder {
        /// The link.
        link: &'a EnrolmentLink,
        /// From when on it is dead.
        expires_at: Timestamp,
        /// Days left, the last one begun counted whole.
        days: u32,
    },
    /// The link was not used in time.
    Expired {
        /// Which.
        id: EnrolmentId,
    },
    /// The link was taken back.
    Cancelled {
        /// Which.
        id: EnrolmentId,
    },
    /// A certificate ends soon and was not renewed.
    CertificateEnding {
        /// Its serial number.
        serial: &'a Serial,
        /// Its last second.
        expires_at: Timestamp,
        /// Days left, the last one begun counted whole.
        days: u32,
    },
    /// For the helpdesk: wrong passwords locked a link.
    LinkLocked {
        /// Which.
        id: EnrolmentId,
        /// When.
        locked_at: Timestamp,
    },
    /// For the operator: shows that mail goes out.
    Test,
}

/// Where offices find help, as it stands under every message.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// Mail address.
    pub mail: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// When the telephone is answered, in the words of the settings.
    pub hours: Option<String>,
}

/// A message as it is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Text {
    /// One line.
    pub subject: String,
    /// Lines ended by `\n`.
    pub body: Zeroizing<String>,
}

impl Notice<'_> {
    /// What kind of message this is.
    #[must_use]
    pub fn kind(&self) -> MailKind {
        match self {
            Self::Link { again: false, .. } => MailKind::Invitation,
            Self::Link { again: true, .. } => MailKind::Reissue,
            Self::Password { .. } => MailKind::Password,
            Self::Reminder { .. } => MailKind::Reminder,
            Self::Expired { .. } => MailKind::Expired,
            Self::Cancelled { .. } => MailKind::Cancelled,
            Self::CertificateEnding { .. } => MailKind::CertificateEnding,
            Self::LinkLocked { .. } => MailKind::LinkLocked,
            Self::Test => MailKind::Test,
        }
    }

    /// The message to, or about, the office with this name.
    #[must_use]
    pub fn text(&self, office: &str, help: &Help, language: Language) -> Text {
        let kind = self.kind().as_str();
        let facts = self.facts(language);
        let facts: Vec<(&str, &str)> = facts
            .iter()
            .map(|(name, fact)| (*name, fact.as_str()))
            .chain([("office", office)])
            .collect();
        let subject = fill(&word(&format!("mail.{kind}.subject"), language), &facts);
        let body = fill(&word(&format!("mail.{kind}.body"), language), &facts);
        let help = help.text(language, true);
        Text {
            subject: subject.as_str().to_owned(),
            body: Zeroizing::new(format!("{}\n\n{help}", body.trim_end())),
        }
    }

    fn facts(&self, language: Language) -> Vec<(&'static str, Zeroizing<String>)> {
        let id = |id: &EnrolmentId| ("id", plain(id.short()));
        let until = |at: &Timestamp| ("until", plain(in_words(*at, language)));
        let browser = || ("browser", plain(word("mail.browser", language)));
        match self {
            Self::Link {
                link,
                expires_at,
                password_by,
                ..
            } => vec![
                ("link", plain(link.to_string())),
                browser(),
                id(&link.id),
                until(expires_at),
                (
                    "password_by",
                    plain(word(&format!("mail.password_by.{password_by}"), language)),
                ),
            ],
            Self::Password {
                id: link,
                password,
                expires_at,
            } => vec![
                id(link),
                ("password", (*password).clone()),
                until(expires_at),
            ],
            Self::Reminder {
                link,
                expires_at,
                days,
            } => vec![
                ("link", plain(link.to_string())),
                browser(),
                id(&link.id),
                until(expires_at),
                ("days", plain(days.to_string())),
            ],
            Self::Expired { id: link } | Self::Cancelled { id: link } => vec![id(link)],
            Self::CertificateEnding {
                serial,
                expires_at,
                days,
            } => vec![
                ("serial", plain(serial.to_string())),
                until(expires_at),
                ("days", plain(days.to_string())),
            ],
            Self::LinkLocked {
                id: link,
                locked_at,
            } => vec![id(link), ("at", plain(in_words(*locked_at, language)))],
            Self::Test => Vec::new(),
        }
    }
}

impl Help {
    /// The lines under a message, or (not `automatic`) at the foot of a letter.
    pub(super) fn text(&self, language: Language, automatic: bool) -> String {
        let ways = [
            ("mail", &self.mail),
            ("phone", &self.phone),
            ("hours", &self.hours),
        ];
        let mut lines = vec![word("mail.help.title", language)];
        for (name, way) in ways {
            if let Some(way) = way {
                let line = word(&format!("mail.help.{name}"), language);
                lines.push(fill(&line, &[(name, way)]).as_str().to_owned());
            }
        }
        if lines.len() == 1 {
            lines.push(word("mail.help.none", language));
        }
        if automatic {
            lines.push(String::new());
            lines.push(word("mail.help.automatic", language));
        }
        lines.join("\n") + "\n"
    }
}

/// Day and time in Japan, to the minute that has begun.
#[must_use]
pub fn in_words(at: Timestamp, language: Language) -> String {
    let japan = at.to_zoned(tz::TimeZone::fixed(tz::offset(9)));
    match language {
        Language::Ja => {
            let weekday = ["月", "火", "水", "木", "金", "土", "日"]
                [usize::from(japan.weekday().to_monday_zero_offset().unsigned_abs())];
            japan
                .strftime(&format!("%Y年%-m月%-d日({weekday}) %-H時%M分"))
                .to_string()
        }
        Language::En => japan
            .strftime("%A, %-d %B %Y, %H:%M (Japan time)")
            .to_string(),
    }
}

fn plain(text: String) -> Zeroizing<String> {
    Zeroizing::new(text)
}

pub(super) fn word(key: &str, language: Language) -> String {
    t!(key, locale = language.tag()).into_owned()
}

/// Replaces every `%{name}` by its fact, in one pass: what a fact holds is never looked into.
pub(super) fn fill(template: &str, facts: &[(&str, &str)]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(template.len() + 512));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("%{") {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let fact = facts.iter().find(|(known, _)| *known == name);
        text.push_str(fact.map_or("", |(_, fact)| fact));
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests;
