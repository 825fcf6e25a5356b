//! Keeping what is typed on this terminal while somebody works, and finding it again.

use iced::Task;
use jiff::{SignedDuration, Timestamp};
use shared::id::UserId;
use zeroize::Zeroizing;

use super::Message;
use crate::outbox::{Outbox, Unkept};
use crate::screen::follow_up::{FollowUp, Kept};

/// How long a keystore or a disk that failed is left alone.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// What was typed, as it is kept.
pub(super) type Typed = Zeroizing<Vec<u8>>;

/// What is kept of the work.
pub(super) struct Keeping {
    outbox: Option<Outbox>,
    person: UserId,
    /// What lies on this terminal; `None` before anybody has looked.
    kept: Option<Typed>,
    under_way: bool,
    not_before: Option<Timestamp>,
}

impl Keeping {
    /// Looks what this person left behind.
    pub(super) fn new(outbox: Option<Outbox>, person: UserId) -> (Self, Task<Message>) {
        let task = match outbox.clone() {
            Some(outbox) => Task::perform(
                async move { outbox.kept(person).await },
                Message::DraftsFound,
            ),
            None => Task::none(),
        };
        let keeping = Self {
            outbox,
            person,
            kept: None,
            under_way: false,
            not_before: None,
        };
        (keeping, task)
    }

    /// What was left behind, to be taken up again.
    pub(super) fn found(&mut self, result: Result<Option<Typed>, Unkept>) -> Option<Kept> {
        let typed = result.ok().flatten();
        let kept = typed
            .as_ref()
            .and_then(|typed| serde_json::from_slice(typed).ok());
        self.kept = Some(typed.unwrap_or_else(|| written(&Kept::default())));
        kept
    }

    /// Keeps what is typed now, unless it is kept already.
    pub(super) fn keep(&mut self, work: &FollowUp, now: Timestamp) -> Task<Message> {
        let rests = self.under_way || self.not_before.is_some_and(|then| now < then);
        let (Some(outbox), Some(kept), false) = (&self.outbox, &self.kept, rests) else {
            return Task::none();
        };
        let typed = written(&work.kept());
        if typed == *kept {
            return Task::none();
        }
        self.under_way = true;
        let (outbox, person) = (outbox.clone(), self.person);
        let nothing = typed == written(&Kept::default());
        Task::perform(
            async move {
                match nothing {
                    true => outbox.wipe(person).await?,
                    false => outbox.keep(person, typed.clone()).await?,
                }
                Ok(typed)
            },
            Message::DraftsKept,
        )
    }

    /// The outbox has answered.
    pub(super) fn was_kept(&mut self, result: Result<Typed, Unkept>, now: Timestamp) {
        self.under_way = false;
        match result {
            Ok(typed) => {
                self.kept = Some(typed);
                self.not_before = None;
            }
            Err(_) => self.not_before = Some(now + PAUSE),
        }
    }

    /// Whether all that is typed now will be there after the window was closed.
    pub(super) fn holds(&self, work: &FollowUp) -> bool {
        self.outbox.is_some() && self.kept.as_ref() == Some(&written(&work.kept()))
    }

    /// Wipes what lies on this terminal; `None` where nothing does.
    pub(super) fn wipe(&self) -> Option<Task<Message>> {
        let outbox = self.outbox.clone()?;
        // What nobody has looked at yet is not thrown away.
        let nothing = *self.kept.as_ref()? == written(&Kept::default());
        if nothing && !self.under_way {
            return None;
        }
        let person = self.person;
        let wipe = async move { outbox.wipe(person).await.is_ok() };
        Some(Task::perform(wipe, |_| Message::DraftsWiped))
    }
}

fn written(kept: &Kept) -> Typed {
    Zeroizing::new(serde_json::to_vec(kept).expect("what was typed is writable as JSON"))
}
