//! What goes wrong, as both sides say it (RFC 9457 problem details).
//!
//! Every problem has a stable code and a sentence on which a member of staff can act, in Japanese
//! and English. What is logged is another text ([`Problem::because`]) and never leaves the server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::Unreadable;
use crate::text::Refused;
use crate::words::{Language, REASONS, sentence_with};

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $code:ident = $status:literal $word:literal),+ $(,)?) => {
        /// The stable code of a problem; scripts may rely on it.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
        )]
        pub enum ProblemCode { $($(#[$doc])* #[serde(rename = $word)] $code),+ }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The code on the wire and in the translation files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word),+ }
            }

            /// The HTTP status it travels under.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$code => $status),+ }
            }
        }
    };
}

problem_codes! {
    /// The request cannot be read.
    InvalidRequest = 400 "invalid-request",
    /// A field holds a value that cannot be.
    InvalidField = 422 "invalid-field",
    /// A write came without an `Idempotency-Key`.
    KeyMissing = 400 "key-missing",
    /// The same `Idempotency-Key` came with another request.
    KeyReused = 422 "key-reused",
    /// Nobody is logged in, or the session has ended.
    NotLoggedIn = 401 "not-logged-in",
    /// Login id or password is wrong.
    WrongLogin = 401 "wrong-login",
    /// Too many wrong passwords; the fact `seconds` says how long to wait.
    SlowedDown = 429 "slowed-down",
    /// The role or the office does not allow it.
    NotPermitted = 403 "not-permitted",
    /// The certificate was revoked.
    TerminalRevoked = 403 "terminal-revoked",
    /// A newer certificate of this terminal is in use.
    TerminalSuperseded = 403 "terminal-superseded",
    /// The certificate names a terminal that is not known.
    TerminalUnknown = 403 "terminal-unknown",
    /// The certificate has expired since the connection was opened.
    TerminalExpired = 403 "terminal-expired",
    /// The terminal's office was closed.
    OfficeClosed = 403 "office-closed",
    /// There is no such record, or it is not the caller's to see.
    NotFound = 404 "not-found",
    /// There is no such address.
    NoSuchAddress = 404 "no-such-address",
    /// Someone else wrote in between; `current` holds the present record.
    VersionClash = 409 "version-clash",
    /// Someone very like this is there already; `current` holds whom.
    Alike = 409 "alike",
    /// The day lies before day 1 of the follow-up.
    BeforeStart = 422 "before-start",
    /// The day lies after the last day of the follow-up.
    AfterEnd = 422 "after-end",
    /// The day has not come yet.
    InFuture = 422 "in-future",
    /// The sign is closed already.
    SignClosed = 409 "sign-closed",
    /// An import is not in the state for this: rows are missing or it is done.
    ImportNotReady = 409 "import-not-ready",
    /// The request is larger than this address takes.
    TooLarge = 413 "too-large",
    /// The link's id or password is wrong; unknown links look the same.
    LinkRefused = 401 "link-refused",
    /// Five wrong passwords locked the link.
    LinkLocked = 403 "link-locked",
    /// The password was handed over, and must be changed before anything else.
    PasswordToChange = 403 "password-to-change",
    /// The password that was handed over was not used in time.
    InitialPasswordExpired = 403 "initial-password-expired",
    /// The link was used by another terminal.
    LinkUsed = 403 "link-used",
    /// The link was not used within 30 days.
    LinkExpired = 403 "link-expired",
    /// The link was cancelled.
    LinkCancelled = 403 "link-cancelled",
    /// The office has an open link already.
    LinkOpen = 409 "link-open",
    /// The office has no link that this could be done to.
    NoLink = 409 "no-link",
    /// The office's terminal is let in already; a new one takes its place by a reissue.
    AlreadyEnrolled = 409 "already-enrolled",
    /// The office's terminal did not ask for another certificate, or was answered already.
    NotAsked = 409 "not-asked",
    /// The office has no certificate that could be taken back.
    NoCertificate = 409 "no-certificate",
    /// There is no address to which the office's link could be mailed.
    NoContact = 409 "no-contact",
    /// The job is not in the state for this.
    JobNotReady = 409 "job-not-ready",
    /// No office is in the selection.
    NothingSelected = 422 "nothing-selected",
    /// Who asked for a job cannot also approve or refuse it.
    SamePerson = 403 "same-person",
    /// An approval was decided already, or its day is over.
    ApprovalNotOpen = 409 "approval-not-open",
    /// One person reissued or revoked ten offices within 24 hours; what was asked for now waits
    /// for a second person.
    SecondPersonNeeded = 409 "second-person-needed",
    /// The certificate request is malformed or does not prove possession of its key.
    RequestRefused = 400 "certificate-request-refused",
    /// The server sends no mail: its operator has not set it up.
    MailNotSetUp = 409 "mail-not-set-up",
    /// The message's text is gone, or it is on its way at this moment.
    MailNotResendable = 409 "mail-not-resendable",
    /// A link and its password would come to one mailbox.
    SameMailbox = 422 "same-mailbox",
    /// No password waits to be printed or read out.
    NothingToHandOver = 409 "nothing-to-hand-over",
    /// The server has no Japanese font to print letters with.
    LetterFontMissing = 409 "letter-font-missing",
    /// The server is busy or about to stop.
    Busy = 503 "busy",
    /// The token that holds the authority's key does not sign just now.
    AuthorityUnavailable = 503 "authority-unavailable",
    /// The store cannot be written or read just now.
    StoreUnavailable = 503 "store-unavailable",
    /// Something is wrong with the program.
    Internal = 500 "internal",
}

/// A problem on its way to whoever asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What kind it is.
    pub code: ProblemCode,
    /// Which field is wrong, as a path (`details.phone`).
    pub field: Option<String>,
    /// The reason of a refused value, e.g. `refused.phone`.
    pub refused: Option<Refused>,
    /// What the sentence fills in.
    pub facts: BTreeMap<&'static str, String>,
    /// The present record, where someone else's write stands in the way.
    pub current: Option<Value>,
    /// What is logged and never shown. No personal data and no secrets here either.
    pub logged: Option<String>,
}

impl Problem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            field: None,
            refused: None,
            facts: BTreeMap::new(),
            current: None,
            logged: None,
        }
    }

    /// A value that its type refuses.
    #[must_use]
    pub fn refused(field: impl Into<String>, refused: Refused) -> Self {
        Self {
            field: Some(field.into()),
            refused: Some(refused),
            ..Self::new(ProblemCode::InvalidField)
        }
    }

    /// A problem of the program, with what to log.
    #[must_use]
    pub fn internal(logged: impl std::fmt::Display) -> Self {
        Self::new(ProblemCode::Internal).because(logged)
    }

    /// Adds a fact for the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.facts.insert(name, value.to_string());
        self
    }

    /// Adds the present record.
    #[must_use]
    pub fn with_current(mut self, current: Value) -> Self {
        self.current = Some(current);
        self
    }

    /// Adds what is logged.
    #[must_use]
    pub fn because(mut self, logged: impl std::fmt::Display) -> Self {
        self.logged = Some(logged.to_string());
        self
    }

    /// What is said of a request that could not be read: a refused value becomes a problem of its
    /// field, anything else an unreadable request.
    #[must_use]
    pub fn unreadable(request: Unreadable) -> Self {
        let Unreadable { field, words } = request;
        let reason = words.split_once("refused.").map(|(_, reason)| {
            let end = reason.find(|c: char| !(c.is_ascii_lowercase() || c == '_'));
            &reason[..end.unwrap_or(reason.len())]
        });
        let known = reason.and_then(|reason| REASONS.iter().find(|known| **known == reason));
        match (known, field) {
            (Some(reason), Some(field)) => Self::refused(field, Refused::new(reason)),
            (_, field) => Self {
                field,
                ..Self::new(ProblemCode::InvalidRequest)
            },
        }
    }

    /// The document that travels, in this language.
    #[must_use]
    pub fn document(&self, language: Language) -> ProblemDocument {
        self.worded(language, false)
    }

    /// The same for a request that only reads: where nothing was typed, nothing is said of what
    /// became of it.
    #[must_use]
    pub fn document_of_a_read(&self, language: Language) -> ProblemDocument {
        let differs = matches!(
            self.code,
            ProblemCode::StoreUnavailable
                | ProblemCode::AuthorityUnavailable
                | ProblemCode::Internal
        );
        self.worded(language, differs)
    }

    fn worded(&self, language: Language, of_a_read: bool) -> ProblemDocument {
        let mut document = ProblemDocument {
            kind: format!("urn:mimamori:problem:{}", self.code.as_str()),
            title: String::new(),
            status: self.code.status(),
            detail: String::new(),
            code: self.code,
            field: self.field.clone(),
            reason: self.refused.map(|refused| refused.reason.to_owned()),
            seconds: self.facts.get("seconds").and_then(|text| text.parse().ok()),
            of_a_read,
            current: self.current.clone(),
        };
        document.title = document.title_in(language);
        document.detail = document.sentence("detail", language);
        document.detail = document.detail_in(language);
        document
    }
}

impl From<(&'static str, Refused)> for Problem {
    fn from((field, refused): (&'static str, Refused)) -> Self {
        Self::refused(field, refused)
    }
}

/// A problem as it travels (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProblemDocument {
    /// `urn:mimamori:problem:CODE`
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What it means and what to do.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The field that is wrong, as a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Why the field's value was refused: the last part of a key under `refused.`, e.g. `phone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many seconds to wait before the next try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// The request only read, and nothing is said of what was typed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_a_read: bool,
    /// The present record, where someone else's write stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
}

impl ProblemDocument {
    /// What happened, in this language.
    #[must_use]
    pub fn title_in(&self, language: Language) -> String {
        self.sentence("title", language)
    }

    /// What it means and what to do, in this language. Why a value was refused is said as it came
    /// where it is not known here, as of a server of another version.
    #[must_use]
    pub fn detail_in(&self, language: Language) -> String {
        let reason = self.reason.as_deref();
        match reason.map(|reason| REASONS.iter().find(|known| **known == reason)) {
            Some(Some(known)) => Refused::new(known).sentence(language),
            None if self.code != ProblemCode::InvalidField => self.sentence("detail", language),
            _ => self.detail.clone(),
        }
    }

    fn sentence(&self, part: &str, language: Language) -> String {
        let variant = if self.of_a_read { "_reading" } else { "" };
        let key = format!("problem.{}.{part}{variant}", self.code.as_str());
        let seconds = self.seconds.map(|seconds| seconds.to_string());
        let facts = seconds.iter().map(|it| ("seconds", it.as_str()));
        sentence_with(&key, language, facts)
    }
}

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

#[cfg(test)]
mod tests;
