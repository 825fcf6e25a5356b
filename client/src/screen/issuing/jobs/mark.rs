//! The rows of the list, and which of them is marked, wherever it moves to.

use shared::enrolment::approval::Approval;
use shared::enrolment::job::Job;
use shared::id::{ApprovalId, JobId};

use super::Jobs;

/// One row: what the operator asked for, or a job.
pub(super) enum Entry<'a> {
    Approval(&'a Approval),
    Job(&'a Job),
}

impl Entry<'_> {
    pub(super) fn mark(&self) -> Mark {
        match self {
            Self::Approval(known) => Mark::Approval(known.id),
            Self::Job(job) => Mark::Job(job.id),
        }
    }
}

/// A row of the list, by what it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Approval(ApprovalId),
    Job(JobId),
}

impl Jobs {
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let approvals = self.approvals.iter().map(Entry::Approval);
        approvals.chain(self.jobs.iter().map(Entry::Job))
    }

    /// Where the mark is; what was marked and is gone leaves it on the first row.
    pub(super) fn cursor(&self) -> Option<usize> {
        let at = self
            .mark
            .and_then(|mark| self.entries().position(|entry| entry.mark() == mark));
        at.or_else(|| self.entries().next().map(|_| 0))
    }

    /// Holds the mark on what is marked now; until both came, it is on whatever is first.
    pub(super) fn hold_mark(&mut self) {
        if !self.loaded || !self.waited {
            return;
        }
        let marked = self.cursor().and_then(|at| self.entries().nth(at));
        self.mark = marked.map(|entry| entry.mark());
    }
}
