//! Jobs (一括処理): one deed for many offices, worked off in the background, and for what is
//! dangerous only after a second person's yes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::deeds::{Identification, ReissueCause};
use super::standing::EnrolmentState;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{Cursor, EnrolmentId, JobId, Page, Version};
use crate::offices::{Office, OfficeCode, OfficeKind};
use crate::text::{Refused, Remark};

/// The most offices that one request may name; a state may select any number.
pub const MOST_NAMED: usize = 5_000;

/// How many offices one person may reissue or revoke within [`ALONE_SECONDS`] without a second one,
/// by whatever deeds and jobs.
pub const ALONE: u32 = 10;

/// The window over which [`ALONE`] holds; it slides. A day is as long as a second person has to
/// decide, and as any log is left unread: whoever spreads a mischief thinner is seen between.
pub const ALONE_SECONDS: i64 = 24 * 60 * 60;

/// How long a second person has to decide.
pub const DECIDE_SECONDS: i64 = 24 * 60 * 60;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $value:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            schemars::JsonSchema,
        )]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $value),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// The word used on the wire and in the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }

            /// Reads the word back.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

pub(super) use words;

words! {
    /// What is done to each office.
    JobKind {
        /// Each that has none in force gets a link.
        Issue = "issue",
        /// Each that is enrolled gets a link for another terminal.
        Reissue = "reissue",
        /// The certificates of each are revoked.
        Revoke = "revoke",
    }
}

impl JobKind {
    /// Whether it lets terminals in no longer, so that one person may do it to few alone.
    #[must_use]
    pub fn is_dangerous(self) -> bool {
        match self {
            Self::Issue => false,
            Self::Reissue | Self::Revoke => true,
        }
    }

    /// Whether a second person must say yes before it is done, when it would bring those that one
    /// person did alone within [`ALONE_SECONDS`] to so many offices.
    #[must_use]
    pub fn needs_second_person(self, offices: u32) -> bool {
        self.is_dangerous() && offices > ALONE
    }
}

words! {
    /// How it stands with a job.
    JobState {
        /// It waits for a second person's yes.
        Waiting = "waiting",
        /// It is being worked off.
        Running = "running",
        /// Somebody halted it; it can go on.
        Paused = "paused",
        /// Every office had its turn.
        Done = "done",
        /// Somebody ended it; what was done remains.
        Cancelled = "cancelled",
        /// The second person said no.
        Refused = "refused",
        /// Who had asked for it took it back.
        Withdrawn = "withdrawn",
        /// Nobody decided in time.
        Lapsed = "lapsed",
    }
}

words! {
    /// What came of the job for one office.
    JobOutcome {
        /// It has not had its turn.
        Pending = "pending",
        /// It got a link.
        Issued = "issued",
        /// Its certificates were revoked.
        Revoked = "revoked",
        /// Left out: it has an open link.
        LinkOpen = "link-open",
        /// Left out: its terminal is let in already.
        AlreadyEnrolled = "already-enrolled",
        /// Left out: it has no certificate that is in force.
        NoCertificate = "no-certificate",
        /// Left out: no address is registered to which its link could be mailed.
        NoContact = "no-contact",
        /// Left out: it was closed.
        Closed = "closed",
        /// Left out: its terminal's wish, in answer to which it was asked for, was answered, taken
        /// from it, or is too old.
        NotAsked = "not-asked",
    }
}

words! {
    /// What can be done with a job.
    JobStep {
        /// Halt it.
        Pause = "pause",
        /// Let it go on.
        Resume = "resume",
        /// End it; what was done remains.
        Cancel = "cancel",
        /// Say yes to what another person asked for.
        Approve = "approve",
        /// Say no to it.
        Refuse = "refuse",
        /// Take back what one asked for oneself.
        Withdraw = "withdraw",
    }
}

impl JobStep {
    /// The state to which this step leads from `from`; `None` where it cannot be taken.
    #[must_use]
    pub fn leads_to(self, from: JobState) -> Option<JobState> {
        match (self, from) {
            (Self::Pause, JobState::Running) => Some(JobState::Paused),
            (Self::Resume, JobState::Paused) | (Self::Approve, JobState::Waiting) => {
                Some(JobState::Running)
            }
            (Self::Cancel, JobState::Running | JobState::Paused) => Some(JobState::Cancelled),
            (Self::Refuse, JobState::Waiting) => Some(JobState::Refused),
            (Self::Withdraw, JobState::Waiting) => Some(JobState::Withdrawn),
            _ => None,
        }
    }
}

/// Which offices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Selection {
    /// These.
    Offices {
        /// Their codes, 1 to [`MOST_NAMED`].
        offices: Vec<OfficeCode>,
    },
    /// Every open office, or every one in a state.
    State {
        /// Which state; any if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<EnrolmentState>,
        /// Only this office and those under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<OfficeCode>,
        /// Only offices of this kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<OfficeKind>,
    },
}

/// A job to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewJob {
    /// Made by the client.
    pub id: JobId,
    /// What is done.
    pub kind: JobKind,
    /// To which offices.
    pub selection: Selection,
    /// What became of the terminals; with a reissue, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ReissueCause>,
    /// How those who asked were identified.
    pub identified: Identification,
    /// Why.
    pub reason: Remark,
}

impl NewJob {
    /// Whether it says what belongs to its kind, and names neither no office nor too many.
    ///
    /// # Errors
    /// The field that is wrong, and why.
    pub fn check(&self) -> Result<(), (&'static str, Refused)> {
        if (self.kind == JobKind::Reissue) != self.cause.is_some() {
            return Err(("cause", Refused::new("job_cause")));
        }
        match &self.selection {
            Selection::Offices { offices } if offices.is_empty() || offices.len() > MOST_NAMED => {
                Err(("selection.offices", Refused::new("job_offices")))
            }
            _ => Ok(()),
        }
    }
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// How often its state was changed by people.
    pub version: Version,
    /// What is done.
    pub kind: JobKind,
    /// What became of the terminals that are replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ReissueCause>,
    /// How those who asked were identified.
    pub identified: Identification,
    /// Why.
    pub reason: Remark,
    /// How it stands.
    pub state: JobState,
    /// How many offices it is for.
    pub offices: u32,
    /// How many had their turn.
    pub done: u32,
    /// Who asked for it; absent for the operator's command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Person>,
    /// When (UTC).
    #[schemars(with = "String")]
    pub asked_at: Timestamp,
    /// Until when a second person must decide (UTC); absent if nobody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub decide_by: Option<Timestamp>,
    /// Who approved or refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Person>,
    /// Why, if they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<Remark>,
    /// When it ended, one way or another (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Timestamp>,
}

/// How many offices of a selection would be left out, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// Why.
    pub outcome: JobOutcome,
    /// How many.
    pub offices: u32,
}

/// What a job would come to if it were begun now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobOutlook {
    /// How many offices are selected.
    pub offices: u32,
    /// To how many of them it would be done.
    pub fitting: u32,
    /// How many would be left out, by reason.
    pub left_out: Vec<LeftOut>,
    /// How many offices the caller reissued or revoked alone within [`ALONE_SECONDS`] already.
    pub alone: u32,
    /// Whether it would wait for a second person.
    pub waits: bool,
}

/// Asks for jobs, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobsQuery {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<JobState>,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to 200; 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// Names a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobQuery {
    /// Which.
    pub id: JobId,
}

/// Asks what came of a job, office by office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobResultsQuery {
    /// Of which.
    pub id: JobId,
    /// Only offices with this outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<JobOutcome>,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to 500; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// What came of a job for one office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobResult {
    /// Which office.
    pub office: Office,
    /// What came of it.
    pub outcome: JobOutcome,
    /// The link it got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<EnrolmentId>,
    /// When (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
}

/// A step to take with a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobToStep {
    /// Which.
    pub id: JobId,
    /// The version that was seen.
    pub version: Version,
    /// What to do.
    pub step: JobStep,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Remark>,
}

endpoints! {
    /// Begins a job; a dangerous one waits for a second person.
    BeginJob = Post "/v1/enrolment-jobs" NewJob => Job,
        session [Helpdesk, Officer], Personal::None;

    /// Says what a job would come to, and begins nothing.
    CheckJob = Post "/v1/enrolment-jobs/check" NewJob => JobOutlook,
        session [Helpdesk, Officer], Personal::None;

    /// Jobs, the latest first.
    ListJobs = Get "/v1/enrolment-jobs" JobsQuery => Page<Job>,
        session [Helpdesk, Officer], Personal::None;

    /// How far a job is.
    ShowJob = Get "/v1/enrolment-jobs/{id}" JobQuery => Job,
        session [Helpdesk, Officer], Personal::None;

    /// What came of a job, office by office.
    ListJobResults = Get "/v1/enrolment-jobs/{id}/results" JobResultsQuery => Page<JobResult>,
        session [Helpdesk, Officer], Personal::None;

    /// Pauses, resumes, cancels, approves, refuses or withdraws a job.
    StepJob = Post "/v1/enrolment-jobs/{id}/step" JobToStep => Job,
        session [Helpdesk, Officer], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dangerous_needs_a_second_person_above_ten_offices() {
        for kind in [JobKind::Reissue, JobKind::Revoke] {
            assert!(!kind.needs_second_person(10) && kind.needs_second_person(11));
        }
        assert!(!JobKind::Issue.needs_second_person(50_000));
    }

    #[test]
    fn a_job_that_ended_takes_no_step_more() {
        let ended = JobState::ALL.iter().filter(|state| {
            !matches!(
                state,
                JobState::Waiting | JobState::Running | JobState::Paused
            )
        });
        for state in ended {
            for step in JobStep::ALL {
                assert_eq!(step.leads_to(*state), None, "{step:?} {state:?}");
            }
        }
    }

    #[test]
    fn what_waits_cannot_be_run_but_by_approval() {
        let ways: Vec<_> = JobStep::ALL
            .iter()
            .filter(|step| step.leads_to(JobState::Waiting) == Some(JobState::Running))
            .collect();
        assert_eq!(ways, [&JobStep::Approve]);
    }

    #[test]
    fn every_word_is_read_back() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_word(state.as_str()), Some(*state));
        }
        for outcome in JobOutcome::ALL {
            assert_eq!(JobOutcome::from_word(outcome.as_str()), Some(*outcome));
        }
    }
}
