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
    trouble: Option<Trouble>,
}

/// What was left behind the last time.
#[derive(Clone)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// This.
    Typed(Zeroizing<Vec<u8>>),
    /// Something that cannot be read; it was put aside.
    PutAside,
}

/// Why what was left behind is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It could not be read yet, for this reason; it is tried again.
    Unread(&'static str),
    /// It cannot be read and was put aside.
    PutAside,
}

impl Keeping {
    /// Looks what this person left behind.
    pub(super) fn new(
        outbox: Option<Outbox>,
        person: UserId,
        now: Timestamp,
    ) -> (Self, Task<Message>) {
        let mut keeping = Self {
            outbox,
            person,
            kept: None,
            under_way: false,
            not_before: None,
            trouble: None,
        };
        let task = keeping.look(now);
        (keeping, task)
    }

    /// Looks what was left behind. Until that is known nothing is written over it.
    fn look(&mut self, now: Timestamp) -> Task<Message> {
        let Some(outbox) = self.outbox.clone() else {
            return Task::none();
        };
        self.under_way = true;
        Task::perform(left(outbox, self.person, now), Message::DraftsFound)
    }

    /// Looks again at once, because somebody asks for it.
    pub(super) fn look_again(&mut self, now: Timestamp) -> Task<Message> {
        match self.kept.is_none() && !self.under_way {
            true => self.look(now),
            false => Task::none(),
        }
    }

    /// What was left behind, to be taken up again.
    pub(super) fn found(&mut self, result: Result<Left, Unkept>, now: Timestamp) -> Option<Kept> {
        self.under_way = false;
        let left = match result {
            Ok(left) => left,
            Err(unkept) => {
                self.trouble = Some(Trouble::Unread(unkept.code()));
                self.not_before = Some(now + PAUSE);
                return None;
            }
        };
        self.not_before = None;
        self.trouble = matches!(left, Left::PutAside).then_some(Trouble::PutAside);
        let typed = match left {
            Left::Typed(typed) => Some(typed),
            Left::Nothing | Left::PutAside => None,
        };
        let kept = typed.as_ref().and_then(|typed| read(typed));
        self.kept = Some(typed.unwrap_or_else(|| written(&Kept::default())));
        kept
    }

    /// Why what was left behind is not there, until somebody has taken note of it.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Somebody has taken note of it.
    pub(super) fn was_noted(&mut self) {
        self.trouble = None;
    }

    /// Keeps what is typed now, unless it is kept already.
    pub(super) fn keep(&mut self, work: &FollowUp, now: Timestamp) -> Task<Message> {
        if self.under_way || self.not_before.is_some_and(|then| now < then) {
            return Task::none();
        }
        let (Some(outbox), Some(kept)) = (&self.outbox, &self.kept) else {
            return self.look(now);
        };
        let typed = written(&work.kept());
        if typed == *kept {
            return Task::none();
        }
        self.under_way = true;
        let (outbox, person) = (outbox.clone(), self.person);
        if typed == written(&Kept::default()) {
            let wipe = outbox.wipe(person);
            return Task::perform(async { wipe.await.map(|()| typed) }, Message::DraftsKept);
        }
        let keep = outbox.keep(person, typed.clone());
        Task::perform(async { keep.await.map(|()| typed) }, Message::DraftsKept)
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
    pub(super) fn wipe(&mut self) -> Option<Task<Message>> {
        let outbox = self.outbox.clone()?;
        // What nobody has looked at yet is not thrown away.
        let nothing = *self.kept.as_ref()? == written(&Kept::default());
        if nothing && !self.under_way {
            return None;
        }
        // Nothing is kept after it.
        self.under_way = true;
        Some(Task::perform(outbox.wipe(self.person), |_| {
            Message::DraftsWiped
        }))
    }
}

/// What this person left behind; what cannot be read is put aside.
async fn left(outbox: Outbox, person: UserId, now: Timestamp) -> Result<Left, Unkept> {
    // What cannot be forgotten today is at the next login.
    let _ = outbox.forget_old(person, now).await;
    let own = match outbox.kept(person).await {
        Ok(None) => Ok(None),
        Ok(Some(typed)) => read(&typed).map(Some).ok_or(Unkept::Unreadable),
        Err(unkept) => Err(unkept),
    };
    let own = match own {
        // Of a later version of this program, perhaps, or of another key.
        Err(Unkept::Unreadable) => {
            outbox.put_aside(person).await?;
            return Ok(Left::PutAside);
        }
        own => own?,
    };
    let others = outbox.taken_up(person).await?;
    let others = others.iter().filter_map(|typed| read(typed));
    let all: Vec<Kept> = own.into_iter().chain(others).collect();
    Ok(match all.into_iter().reduce(Kept::beside) {
        None => Left::Nothing,
        Some(kept) => Left::Typed(written(&kept)),
    })
}

fn read(typed: &[u8]) -> Option<Kept> {
    serde_json::from_slice(typed).ok()
}

fn written(kept: &Kept) -> Typed {
    Zeroizing::new(serde_json::to_vec(kept).expect("what was typed is writable as JSON"))
}
