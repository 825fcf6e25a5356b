//! What to tell an office that calls, or to do next for it.

use serde::{Deserialize, Serialize};

use super::standing::Standing;
use crate::Language;
use crate::words::sentence;

/// What to tell an office that calls, or to do next for it; the rule follows from how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// The office is closed: its prefecture must say whether that is right.
    Closed,
    /// There is no address to which a link could be mailed.
    RegisterContact,
    /// Issue the first link.
    Issue,
    /// A link is open: use it, or have it handed out anew.
    UseLink,
    /// A new link is open; the old terminal works until the new one does, unless it was lost.
    UseNewLink,
    /// The terminal is let in.
    Enrolled,
    /// The terminal is let in, but met an error of late.
    SeeRefusals,
    /// The certificate should have renewed itself by now.
    NotRenewed,
    /// Wrong passwords locked the link: identify the caller, then unlock it.
    Unlock,
    /// Nothing is in force: identify the caller, then issue anew.
    IssueAnew,
}

impl Advice {
    /// Every advice.
    pub const ALL: [Self; 10] = [
        Self::Closed,
        Self::RegisterContact,
        Self::Issue,
        Self::UseLink,
        Self::UseNewLink,
        Self::Enrolled,
        Self::SeeRefusals,
        Self::NotRenewed,
        Self::Unlock,
        Self::IssueAnew,
    ];

    /// The advice for an office: whether it is `open` and has an address for links, how it
    /// stands, whether its certificate is `late` to renew itself, and whether its terminal was
    /// `refused` of late.
    #[must_use]
    pub fn of(open: bool, has_mail: bool, standing: Standing, late: bool, refused: bool) -> Self {
        match standing {
            _ if !open => Self::Closed,
            Standing::Invited { .. } => Self::UseLink,
            Standing::Replaced { .. } => Self::UseNewLink,
            Standing::Enrolled if late => Self::NotRenewed,
            Standing::Enrolled if refused => Self::SeeRefusals,
            Standing::Enrolled => Self::Enrolled,
            Standing::Locked => Self::Unlock,
            _ if !has_mail => Self::RegisterContact,
            Standing::NotInvited => Self::Issue,
            Standing::Expired | Standing::Cancelled => Self::IssueAnew,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::RegisterContact => "register_contact",
            Self::Issue => "issue",
            Self::UseLink => "use_link",
            Self::UseNewLink => "use_new_link",
            Self::Enrolled => "enrolled",
            Self::SeeRefusals => "see_refusals",
            Self::NotRenewed => "not_renewed",
            Self::Unlock => "unlock",
            Self::IssueAnew => "issue_anew",
        }
    }

    /// The sentence.
    #[must_use]
    pub fn sentence(self, language: Language) -> String {
        sentence(&format!("enrolment.advice.{}", self.as_str()), language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_has_its_sentence_in_both_languages() {
        for advice in Advice::ALL {
            let both = [Language::Ja, Language::En].map(|language| advice.sentence(language));
            let told = |text: &String| !text.starts_with("enrolment.advice.");
            assert!(both.iter().all(told) && both[0] != both[1], "{both:?}");
        }
    }

    #[test]
    fn what_is_in_force_comes_before_what_is_missing() {
        let advice = |has_mail, standing| Advice::of(true, has_mail, standing, false, false);
        assert_eq!(advice(false, Standing::NotInvited), Advice::RegisterContact);
        assert_eq!(advice(true, Standing::NotInvited), Advice::Issue);
        assert_eq!(advice(true, Standing::Expired), Advice::IssueAnew);
        assert_eq!(advice(false, Standing::Locked), Advice::Unlock);
        let invited = Standing::Invited { days_left: 1 };
        assert_eq!(advice(false, invited), Advice::UseLink);
        assert_eq!(advice(false, Standing::Enrolled), Advice::Enrolled);
        let late = Advice::of(true, true, Standing::Enrolled, true, true);
        assert_eq!(late, Advice::NotRenewed);
        let closed = Advice::of(false, true, Standing::Enrolled, false, false);
        assert_eq!(closed, Advice::Closed);
    }
}
