//! What waits for a second person's yes. Whoever asked for it has left its page by now, and whoever
//! could give it may never have been there: so it is told where both work, one key away.

use futures_util::future::join;
use iced::Task;
use iced::keyboard::key::Named;
use iced::task::Handle;
use shared::enrolment::approval::{Approval, ApprovalState, ApprovalsQuery, ListApprovals};
use shared::enrolment::job::{Job, JobState, JobsQuery, ListJobs};
use shared::id::{JobId, Page};

use super::super::Context;
use super::words;
use crate::api::Failure;
use crate::say;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::{Element, button};

/// How many requests for its office a page tells one by one.
const TOLD: usize = 3;

/// The key that leads to where it is decided.
pub(super) const KEY: Named = Named::F11;

/// All that waits, of whichever office.
#[derive(Default)]
pub(super) struct Waiting {
    jobs: Vec<Job>,
    /// What the operator asked for at the command line.
    approvals: Vec<Approval>,
    /// There are more jobs than these.
    more_jobs: bool,
    /// The operator asked for more than this.
    more_approvals: bool,
    /// Which question was asked last; an answer to an older one is dropped.
    turn: u64,
    /// The question that is under way.
    asking: Option<Handle>,
}

/// What came to be known of it.
#[derive(Clone)]
pub enum Message {
    /// The jobs came, or not, and what the operator asked for.
    Came {
        /// The question that it answers.
        turn: u64,
        /// The jobs.
        jobs: Result<Page<Job>, Failure>,
        /// What the operator asked for.
        approvals: Result<Page<Approval>, Failure>,
    },
}

impl Waiting {
    /// Whether a question is under way. It may take long: until somebody has logged in again.
    pub(super) fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Asks anew, in place of a question that is under way; what is shown stays until the answer.
    pub(super) fn ask(&mut self, context: &Context) -> Task<Message> {
        self.turn += 1;
        let turn = self.turn;
        let jobs = JobsQuery {
            state: Some(JobState::Waiting),
            ..JobsQuery::default()
        };
        let approvals = ApprovalsQuery {
            state: Some(ApprovalState::Waiting),
            ..ApprovalsQuery::default()
        };
        let both = join(
            context.api.call::<ListJobs>(jobs),
            context.api.call::<ListApprovals>(approvals),
        );
        let (task, handle) = Task::perform(both, move |(jobs, approvals)| Message::Came {
            turn,
            jobs,
            approvals,
        })
        .abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    /// Takes in what came. That something did not come is said by the search, which asks the same
    /// server at the same moment.
    pub(super) fn update(&mut self, message: Message) {
        let Message::Came {
            turn,
            jobs,
            approvals,
        } = message;
        if turn != self.turn {
            return;
        }
        self.asking = None;
        if let Ok(page) = jobs {
            self.more_jobs = page.next.is_some();
            self.jobs = page.rows;
        }
        if let Ok(page) = approvals {
            self.more_approvals = page.next.is_some();
            self.approvals = page.rows;
        }
    }

    fn count(&self) -> usize {
        self.jobs.len() + self.approvals.len()
    }

    pub(super) fn is_any(&self) -> bool {
        self.count() > 0
    }

    /// The one that waits; `None` where they are several, or not a job.
    pub(super) fn only(&self) -> Option<JobId> {
        match (&self.jobs[..], self.approvals.is_empty()) {
            ([job], true) if !self.more_jobs => Some(job.id),
            _ => None,
        }
    }

    /// What is said of it, if there is anything.
    pub(super) fn view<'a, M: Clone + 'a>(
        &self,
        context: &Context,
        pressed: M,
    ) -> Option<Banner<'a, M>> {
        if !self.is_any() {
            return None;
        }
        let count = match self.more_jobs || self.more_approvals {
            true => say!("desk.waiting.more", count = self.count()),
            false => self.count().to_string(),
        };
        let mut told = banner(Tone::Warning, say!("desk.waiting.title", count = count));
        let jobs = self.jobs.iter().map(|job| line(job, context));
        let approvals = self.approvals.iter().map(|known| {
            let until = words::moment(known.ends_at);
            say!("desk.waiting.operator", about = known.about, until = until)
        });
        // One of them: below stands who waits for the helpdesk itself.
        if let Some(words) = jobs.chain(approvals).next() {
            told = told.line(words);
        }
        Some(told.action(open(pressed)))
    }
}

/// What is said on an office's page of the requests for it.
pub(super) fn of_office<'a, M: Clone + 'a>(
    jobs: &[Job],
    context: &Context,
    pressed: M,
) -> Option<Banner<'a, M>> {
    let mut told = banner(Tone::Warning, say!("desk.waiting.of_office"));
    for job in jobs.iter().take(TOLD) {
        told = told.line(line(job, context));
    }
    (!jobs.is_empty()).then(|| told.action(open(pressed)))
}

/// A key that leads there.
pub(super) fn key<M>(pressed: M) -> Binding<M> {
    binding(Shortcut::named(KEY), say!("desk.waiting.open"), pressed)
}

fn open<'a, M: Clone + 'a>(pressed: M) -> Element<'a, M> {
    button::keyed(say!("desk.waiting.open"), "F11")
        .on_press(pressed)
        .into()
}

/// What is asked for, by whom, and until when it can be decided.
fn line(job: &Job, context: &Context) -> String {
    let deed = words::said(&format!("desk.waiting.deed.{}", job.kind.as_str()));
    let until = job.decide_by.map(words::moment).unwrap_or_default();
    let count = job.offices;
    match &job.asked_by {
        Some(who) if who.id == context.person.id => {
            say!(
                "desk.waiting.own",
                deed = deed,
                count = count,
                until = until
            )
        }
        Some(who) => say!(
            "desk.waiting.job",
            deed = deed,
            count = count,
            who = who.name,
            until = until
        ),
        None => say!(
            "desk.waiting.nobody",
            deed = deed,
            count = count,
            until = until
        ),
    }
}
