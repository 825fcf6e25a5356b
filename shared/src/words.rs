//! The sentences that both sides show, in Japanese and English (M-42).
//!
//! Texts stand in `locales/`; a key that lacks one of the languages fails a test.

use serde::{Deserialize, Serialize};

/// A language in which Mimamori speaks. Japanese comes first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The tag used in `Accept-Language`, `Content-Language` and the translation files.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The first language of an `Accept-Language` header that Mimamori speaks; Japanese if none.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        header
            .split(',')
            .find_map(|part| match part.trim().get(..2)? {
                "ja" | "JA" => Some(Self::Ja),
                "en" | "EN" => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }
}

/// Every reason for which a type refuses a value; each has a sentence under `refused.`.
pub const REASONS: &[&str] = &[
    "remark",
    "line",
    "id",
    "number",
    "day",
    "day_of_era",
    "office_code",
    "office_name",
    "office_kind",
    "local_government_code",
    "login",
    "login_taken",
    "user_name",
    "role",
    "fingerprint",
    "serial",
    "terminal_identity",
    "enrolment_link",
    "person_name",
    "reading",
    "romaji",
    "passport_number",
    "flight",
    "phone",
    "mail_address",
    "mail_kind",
    "mail_state",
    "password_way",
    "sex",
    "temperature",
    "entry_in_future",
    "entry_long_ago",
    "birth_after_entry",
    "period_end",
    "recorded_day",
    "entry_against_end",
    "page_size",
    "cursor",
    "import_rows",
    "health_centre",
    "receiving_health_centre",
    "assignee",
    "consent",
    "not_reached_and_seen",
    "contact_office",
    "contact_doubled",
    "contact_same_mailbox",
    "contact_count",
    "enrolment_state",
    "job_offices",
    "job_cause",
    "own_key",
    "no_number",
    "time_of_day",
    "password_wrong",
    "password_short",
    "password_long",
    "password_common",
    "password_login",
    "password_same",
    "audit_kind",
    "audit_who",
];

/// The sentence that stands under `key`, or the key itself where there is none.
#[must_use]
pub fn sentence(key: &str, language: Language) -> String {
    rust_i18n::t!(key, locale = language.tag()).into_owned()
}

/// The sentence under `key` with each `%{name}` replaced by its fact.
#[must_use]
pub fn sentence_with<'a>(
    key: &str,
    language: Language,
    facts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    facts
        .into_iter()
        .fold(sentence(key, language), |text, (name, value)| {
            text.replace(&format!("%{{{name}}}"), value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_sentence_in_both_languages() {
        for reason in REASONS {
            let key = format!("refused.{reason}");
            let both = [Language::Ja, Language::En].map(|language| sentence(&key, language));
            assert!(
                !both.contains(&key) && both[0] != both[1],
                "{key}: {both:?}"
            );
        }
    }

    #[test]
    fn takes_the_first_language_it_speaks() {
        assert_eq!(Language::accepted("fr, en-GB;q=0.8, ja"), Language::En);
        assert_eq!(Language::accepted("ja-JP,en"), Language::Ja);
        assert_eq!(Language::accepted("日本語"), Language::Ja);
    }
}
