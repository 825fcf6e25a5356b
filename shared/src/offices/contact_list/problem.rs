//! Why a line of a contact list cannot be used.

use super::super::OfficeCode;
use crate::Language;
use crate::words::sentence_with;

/// Why a line cannot be used; the sentence says what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineProblem {
    /// No office that the caller may register has this name or code.
    UnknownOffice {
        /// What stands there.
        name: String,
        /// The one office whose full name ends or begins with that, if there is exactly one.
        perhaps: Option<OfficeCode>,
    },
    /// Several offices have this name: the code must say which.
    Ambiguous(Vec<OfficeCode>),
    /// The line names two offices.
    TwoOffices(Vec<OfficeCode>),
    /// An address without an office.
    NoOffice,
    /// An office without an address.
    NoAddress(OfficeCode),
    /// The only address is the one for the password; the link needs one, too.
    OnlyPasswordAddress,
    /// This is no mail address.
    MalformedAddress(String),
    /// A character could not be read.
    LostCharacter,
    /// The line is longer than [`super::LONGEST_LINE`].
    TooLong,
}

impl LineProblem {
    /// The last part of the sentence's key.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownOffice { perhaps: None, .. } => "unknown_office",
            Self::UnknownOffice { .. } => "unknown_office_perhaps",
            Self::Ambiguous(_) => "ambiguous",
            Self::TwoOffices(_) => "two_offices",
            Self::NoOffice => "no_office",
            Self::NoAddress(_) => "no_address",
            Self::OnlyPasswordAddress => "only_password_address",
            Self::MalformedAddress(_) => "malformed_address",
            Self::LostCharacter => "lost_character",
            Self::TooLong => "too_long",
        }
    }

    /// What is wrong and what is expected.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let codes = |codes: &[OfficeCode]| {
            let codes: Vec<&str> = codes.iter().map(OfficeCode::as_str).collect();
            codes.join(", ")
        };
        let (text, offices) = match self {
            Self::UnknownOffice { name, perhaps } => {
                (name.as_str(), perhaps.as_ref().map(ToString::to_string))
            }
            Self::Ambiguous(several) | Self::TwoOffices(several) => ("", Some(codes(several))),
            Self::NoAddress(office) => ("", Some(office.to_string())),
            Self::MalformedAddress(text) => (text.as_str(), None),
            Self::NoOffice | Self::OnlyPasswordAddress | Self::LostCharacter | Self::TooLong => {
                ("", None)
            }
        };
        let offices = offices.unwrap_or_default();
        let key = format!("contact_list.{}", self.code());
        // The office's own text comes last, so that nothing in it is filled in.
        sentence_with(
            &key,
            language,
            [("offices", offices.as_str()), ("text", text)],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_sentence_in_both_languages() {
        let office = || OfficeCode::parse("131016").unwrap();
        for problem in [
            LineProblem::UnknownOffice {
                name: "架空".into(),
                perhaps: None,
            },
            LineProblem::UnknownOffice {
                name: "架空".into(),
                perhaps: Some(office()),
            },
            LineProblem::Ambiguous(vec![office()]),
            LineProblem::TwoOffices(vec![office()]),
            LineProblem::NoOffice,
            LineProblem::NoAddress(office()),
            LineProblem::OnlyPasswordAddress,
            LineProblem::MalformedAddress("a@b".into()),
            LineProblem::LostCharacter,
            LineProblem::TooLong,
        ] {
            let both = [Language::Ja, Language::En].map(|language| problem.sentence(language));
            let told = |text: &String| !text.contains("contact_list.") && !text.contains("%{");
            assert!(both.iter().all(told) && both[0] != both[1], "{both:?}");
        }
    }
}
