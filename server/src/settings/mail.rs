//! The settings of outgoing mail.

use std::{fs, path::PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;
use shared::helpdesk::{Helpdesk, Hours, TimeOfDay};
use shared::mail::PasswordWay;
use shared::text::{Line, MailAddress};
use shared::{Day, Language};
use zeroize::Zeroizing;

use super::SettingsError;

/// How mail goes out, and how passwords reach their offices.
pub struct MailSettings {
    /// The server that passes mail on; without it none goes out.
    pub smtp: Option<Smtp>,
    /// In which language offices are written to.
    pub language: Language,
    /// How the password of a link reaches its office.
    pub password_by: PasswordWay,
    /// How long after the link the password goes, by mail.
    pub password_delay: SignedDuration,
    /// The helpdesk's address: where answers go, and word of locked links.
    pub helpdesk: Option<MailAddress>,
    /// The helpdesk's telephone, as it shall be read.
    pub helpdesk_phone: Option<String>,
    /// When it is answered, as it shall be read.
    pub helpdesk_hours: Option<String>,
    /// The helpdesk as terminals show it.
    pub answering: Helpdesk,
}

impl Default for MailSettings {
    /// No mail goes out.
    fn default() -> Self {
        Self {
            smtp: None,
            language: Language::default(),
            password_by: PasswordWay::Mail,
            password_delay: SignedDuration::from_mins(60),
            helpdesk: None,
            helpdesk_phone: None,
            helpdesk_hours: None,
            answering: Helpdesk::default(),
        }
    }
}

/// The mail server.
pub struct Smtp {
    /// Its host name, which its certificate must bear.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the line is encrypted.
    pub tls: SmtpTls,
    /// PEM of the only authority that its certificate may come from; else any of the system's.
    pub authority: Option<Vec<u8>>,
    /// How one logs in there.
    pub login: Option<SmtpLogin>,
    /// Who writes.
    pub sender: MailAddress,
    /// The name beside the sender's address.
    pub sender_name: String,
}

/// User and password at the mail server.
pub struct SmtpLogin {
    /// User.
    pub user: String,
    /// Password.
    pub password: Zeroizing<String>,
}

/// How the line to the mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// From the first byte (usually port 465).
    Implicit,
    /// After STARTTLS, and not otherwise (usually port 587).
    #[default]
    StartTls,
    /// Not at all: for a mail server on the same host.
    None,
}

/// `[mail]` as the file has it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    server: Option<String>,
    port: Option<u16>,
    #[serde(default)]
    tls: SmtpTls,
    authority: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    sender: Option<String>,
    sender_name: Option<String>,
    #[serde(default)]
    language: Language,
    link_password: Option<String>,
    link_password_delay_minutes: Option<i64>,
    helpdesk: Option<String>,
    helpdesk_phone: Option<String>,
    helpdesk_hours: Option<String>,
    helpdesk_opens: Option<TimeOfDay>,
    helpdesk_closes: Option<TimeOfDay>,
    #[serde(default)]
    helpdesk_closed_days: Vec<Day>,
}

/// Ten days: longer, and the link is nearly dead.
const LONGEST_DELAY: i64 = 10 * 24 * 60;

impl Table {
    pub(super) fn check(self) -> Result<MailSettings, SettingsError> {
        let delay = self.link_password_delay_minutes.unwrap_or(60);
        if !(0..=LONGEST_DELAY).contains(&delay) {
            return Err(wrong(
                "link_password_delay_minutes",
                format!("is {delay}, but must lie between 0 and {LONGEST_DELAY}"),
            ));
        }
        let helpdesk = self
            .helpdesk
            .as_deref()
            .map(|text| address("helpdesk", text))
            .transpose()?;
        let password_by = match self.link_password.as_deref() {
            None => PasswordWay::Mail,
            Some(way) => way.parse().map_err(|_| {
                let words = PasswordWay::ALL.iter().map(ToString::to_string);
                let words = words.collect::<Vec<_>>().join(", ");
                wrong(
                    "link_password",
                    format!("is {way:?}, but must be one of {words}"),
                )
            })?,
        };
        for (name, text) in [
            ("sender_name", &self.sender_name),
            ("helpdesk_phone", &self.helpdesk_phone),
            ("helpdesk_hours", &self.helpdesk_hours),
        ] {
            let printable = |text: &String| !text.chars().any(char::is_control);
            if !text.as_ref().is_none_or(printable) {
                return Err(wrong(name, "must be one line".to_owned()));
            }
        }
        Ok(MailSettings {
            answering: self.answering(helpdesk.clone())?,
            language: self.language,
            password_by,
            password_delay: SignedDuration::from_mins(delay),
            helpdesk,
            helpdesk_phone: self.helpdesk_phone.clone(),
            helpdesk_hours: self.helpdesk_hours.clone(),
            smtp: self.smtp()?,
        })
    }

    /// The helpdesk as terminals show it.
    fn answering(&self, mail: Option<MailAddress>) -> Result<Helpdesk, SettingsError> {
        let hours = match (self.helpdesk_opens, self.helpdesk_closes) {
            (Some(opens), Some(closes)) if opens < closes => Some(Hours { opens, closes }),
            (None, None) => None,
            (Some(opens), Some(closes)) => {
                let reason = format!("is {closes}, but must be later than helpdesk_opens, {opens}");
                return Err(wrong("helpdesk_closes", reason));
            }
            _ => {
                let reason = "and helpdesk_closes belong together: name both or neither";
                return Err(wrong("helpdesk_opens", reason.to_owned()));
            }
        };
        let phone = self.helpdesk_phone.as_deref().map(Line::parse).transpose();
        let phone = phone.map_err(|_| {
            wrong(
                "helpdesk_phone",
                "must be one line of 1 to 200 characters".to_owned(),
            )
        })?;
        let mut closed_days = self.helpdesk_closed_days.clone();
        closed_days.sort_unstable();
        Ok(Helpdesk {
            phone,
            mail,
            hours,
            closed_days,
        })
    }

    fn smtp(self) -> Result<Option<Smtp>, SettingsError> {
        let Some(server) = self.server else {
            if self.user.is_some() || self.sender.is_some() {
                return Err(wrong("server", "is missing".to_owned()));
            }
            return Ok(None);
        };
        let sender = self.sender.as_deref().ok_or_else(|| {
            wrong(
                "sender",
                "is missing: name the address that writes".to_owned(),
            )
        })?;
        let login = match (self.user, self.password_file) {
            (None, None) => None,
            (Some(_), Some(_)) if self.tls == SmtpTls::None => {
                let reason = "must not be sent without encryption: set mail.tls";
                return Err(wrong("user", reason.to_owned()));
            }
            (Some(user), Some(path)) => {
                let text =
                    Zeroizing::new(String::from_utf8(read("password_file", &path)?).map_err(
                        |_| wrong("password_file", format!("{} is not text", path.display())),
                    )?);
                let password = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
                if password.is_empty() {
                    return Err(wrong(
                        "password_file",
                        format!("{} is empty", path.display()),
                    ));
                }
                Some(SmtpLogin { user, password })
            }
            _ => {
                let reason = "and password_file belong together: name both or neither";
                return Err(wrong("user", reason.to_owned()));
            }
        };
        let authority = self
            .authority
            .map(|path| read("authority", &path))
            .transpose()?;
        Ok(Some(Smtp {
            server,
            port: self.port.unwrap_or(match self.tls {
                SmtpTls::StartTls => 587,
                SmtpTls::Implicit => 465,
                SmtpTls::None => 25,
            }),
            tls: self.tls,
            authority,
            login,
            sender: address("sender", sender)?,
            sender_name: self
                .sender_name
                .unwrap_or_else(|| "見守り Mimamori".to_owned()),
        }))
    }
}

fn address(name: &'static str, text: &str) -> Result<MailAddress, SettingsError> {
    MailAddress::parse(text).map_err(|refused| {
        wrong(
            name,
            format!("is {text:?}: {}", refused.sentence(Language::En)),
        )
    })
}

fn read(name: &'static str, path: &std::path::Path) -> Result<Vec<u8>, SettingsError> {
    fs::read(path)
        .map_err(|error| wrong(name, format!("{} cannot be read: {error}", path.display())))
}

fn wrong(name: &'static str, reason: String) -> SettingsError {
    SettingsError::Mail { name, reason }
}
