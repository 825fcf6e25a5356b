//! The screens. Each is one room: its state, its messages, `update` and `view`.
//!
//! # Adding a screen
//!
//! 1. A module here with a state, a `Message` (what happened: `SavePressed`,
//!    `Loaded`) and an `Action` (what the parent must do: `None`, `Run(task)`, and
//!    whatever only the parent can, such as `ImportPressed`).
//! 2. `new(&Context) -> (State, Task<Message>)`, `update(&mut self, Message,
//!    &Context) -> Action`, `view(&self, &Context) -> Element<Message>`, and
//!    `bindings(&self) -> Vec<Binding<Message>>` for its keys; F1 lists them.
//! 3. A call is `Task::perform(context.api.call::<Endpoint>(request), Message::Loaded)`;
//!    show a [`crate::api::Failure`] with [`failed`].
//! 4. Words stand in `locales/SCREEN.yml` and are said with `say!("screen.key")`.
//! 5. `app/work.rs` holds the state, maps messages and carries out actions; if it
//!    is reached from the navigation, [`Room`] names it and says who may enter.
//!
//! A screen never names another screen, never asks for the time but through the
//! context, and writes no colour and no size.

pub mod enrolment;
pub mod follow_up;
pub mod helpdesk;
pub mod quarantine_list;
pub mod session;
#[cfg(test)]
pub(crate) mod stage;
pub mod today;

use shared::accounts::{Person, Role};
use shared::enrolment::Terminal;
use shared::offices::Office;
use shared::session::Session;

use crate::api::{Api, Failure};
use crate::say;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::Tone;
use crate::world::World;

/// What every screen after the login may use.
#[derive(Clone)]
pub struct Context {
    /// Time, chance, keystore.
    pub world: World,
    /// The server, in this person's session.
    pub api: Api,
    /// Who this terminal is.
    pub terminal: Terminal,
    /// Who is logged in.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// The office they belong to.
    pub office: Office,
}

impl Context {
    /// The context of a session just opened.
    pub fn new(world: World, api: Api, terminal: Terminal, session: &Session) -> Self {
        Self {
            world,
            api,
            terminal,
            person: session.user.clone(),
            role: session.role,
            office: session.office.clone(),
        }
    }
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Room {
    /// 今日の仕事
    Today,
    /// 帰国者フォローアップ
    FollowUp,
}

impl Room {
    /// Every room, in the order of the navigation.
    pub const ALL: [Self; 2] = [Self::Today, Self::FollowUp];

    /// Whether a role may enter; what it may not, it does not see.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Today | Self::FollowUp => matches!(role, Role::Staff | Role::Administrator),
        }
    }

    /// Its name in the navigation.
    pub fn name(self) -> String {
        match self {
            Self::Today => say!("frame.room.today"),
            Self::FollowUp => say!("frame.room.follow_up"),
        }
    }
}

/// Which part of the work list a line leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Due today and not reached yet.
    NotReachedToday,
    /// With an open sign.
    WithSigns,
    /// Whose last day is today.
    EndingToday,
    /// Assigned to the person logged in.
    Mine,
    /// All that are open.
    Open,
}

/// A failure as every screen shows it: what happened, what to do, and the code
/// the helpdesk asks for.
pub fn failed<'a, Message>(failure: &Failure) -> Banner<'a, Message> {
    let tone = if failure.may_pass() {
        Tone::Warning
    } else {
        Tone::Error
    };
    banner(tone, failure.title())
        .line(failure.advice())
        .line(say!("failure.code", code = failure.code()))
}
