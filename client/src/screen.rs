//! The screens. Each is one room: its state, its messages, `update` and `view`.
//!
//! # Adding a screen
//!
//! 1. A module here with a state and a `Message` (what happened: `SavePressed`,
//!    `Loaded`).
//! 2. A room of the navigation is a [`Screen`]: [`Room`] names it and says who may
//!    enter, and one line in `app/work/rooms.rs` opens it. Where it leads elsewhere,
//!    it returns a [`Lead`], which `app/work.rs` follows.
//! 3. Any other screen has an `Action` of its own (what the parent must do: `None`,
//!    `Run(task)`, and whatever only the parent can), with `new`, `update`, `view`
//!    and `bindings` alike; its parent holds it.
//! 4. A call is `Task::perform(context.api.call::<Endpoint>(request), Message::Loaded)`;
//!    show a [`crate::api::Failure`] with [`failed`].
//! 5. Words stand in `locales/SCREEN.yml` and are said with `say!("screen.key")`.
//!
//! A screen never names another screen, never asks for the time but through the
//! context, and writes no colour and no size.

pub mod accounts;
pub mod audit;
pub mod contacts;
mod csv;
mod deed_keys;
pub mod desk;
pub mod enrolment;
pub mod follow_up;
pub mod helpdesk;
pub mod issuing;
pub mod mail;
pub mod office;
pub mod paging;
pub mod password;
pub mod quarantine_list;
pub mod read_out;
pub mod saving;
pub mod session;
#[cfg(test)]
pub(crate) mod stage;
pub mod today;
pub mod why;

use std::path::PathBuf;

use iced::Task;
use shared::accounts::{Person, Role};
use shared::enrolment::Terminal;
use shared::id::JobId;
use shared::offices::Office;
use shared::session::Session;

use crate::api::{Api, Failure};
use crate::say;
use crate::ui::Element;
use crate::ui::banner::{Banner, banner};
use crate::ui::chip::Tone;
use crate::ui::keys::Binding;
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

impl Context {
    /// Whether this person may enter a room: by their role and, where only some offices have work
    /// in it, by their office.
    pub fn may_enter(&self, room: Room) -> bool {
        let has_work = match room {
            Room::Contacts => {
                matches!(self.role, Role::Helpdesk | Role::Officer)
                    || self.office.kind.keeps_contacts()
            }
            _ => true,
        };
        room.admits(self.role) && has_work
    }
}

/// A room of the navigation, as the window sees it.
pub trait Screen: Sized {
    /// What happens on it.
    type Message: Clone + Send + 'static;

    /// The screen as it opens, with what it asks for at first.
    fn new(context: &Context) -> (Self, Task<Self::Message>);

    /// Somebody comes back to it from another room.
    fn entered(&mut self, context: &Context) -> Task<Self::Message> {
        self.reload(context)
    }

    /// Asks again for what it shows. Whoever types goes on typing: the keys stay where they are.
    fn reload(&mut self, _context: &Context) -> Task<Self::Message> {
        Task::none()
    }

    /// Takes in what happened.
    fn update(&mut self, message: Self::Message, context: &Context) -> Step<Self::Message>;

    /// It is in front no longer: somebody went elsewhere, or the window was locked. What must
    /// not stay in view is put away.
    fn left(&mut self) {}

    /// A file was dropped on the window while it was in front; `None` where it takes none.
    fn dropped(&mut self, _path: PathBuf, _context: &Context) -> Option<Step<Self::Message>> {
        None
    }

    /// A second passed while it was in front, whoever sees it: behind the lock too. What was in
    /// view for long enough is hidden.
    fn passed(&mut self, _context: &Context) {}

    /// A second passed while somebody could see it: it may ask the server what is new. Behind the
    /// lock, and where the answer would be a refusal, it is not called.
    fn ticked(&mut self, _context: &Context) -> Task<Self::Message> {
        Task::none()
    }

    /// The screen as it looks.
    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Self::Message>;

    /// Its keys; F1 lists them.
    fn bindings(&self) -> Vec<Binding<Self::Message>>;

    /// How much was typed on it that the server does not have yet; it is asked before that
    /// is lost.
    fn unsaved_count(&self) -> usize {
        0
    }

    /// What is lost with a password that it shows, or will show to whoever comes back; it is asked
    /// before somebody leaves the window or goes to another room with it in view.
    fn in_view(&self) -> Option<InView> {
        None
    }
}

/// A password in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InView {
    /// It cannot be shown again.
    Once,
    /// Somebody on the telephone writes it down.
    ReadOut,
}

/// What comes of a message to a [`Screen`].
pub enum Step<Message> {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Go elsewhere.
    Lead(Lead),
}

impl<M: Send + 'static> Step<M> {
    /// The same for whoever speaks `Other`.
    pub fn map<Other: Send + 'static>(
        self,
        f: impl Fn(M) -> Other + Clone + Send + Sync + 'static,
    ) -> Step<Other> {
        match self {
            Self::None => Step::None,
            Self::Run(task) => Step::Run(task.map(f)),
            Self::Lead(lead) => Step::Lead(lead),
        }
    }
}

/// Where a screen leads, since none names another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// To this part of the work list.
    Part(Part),
    /// To the import of a quarantine list.
    Import,
    /// To where a second person decides: to this job, or else to all that waits.
    Waiting(Option<JobId>),
    /// To wherever this terminal's keystore leads by now: its certificate was renewed or wiped.
    IdentityChanged,
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Room {
    /// 今日の仕事
    Today,
    /// 帰国者フォローアップ
    FollowUp,
    /// ヘルプデスク
    Desk,
    /// 発行・一括処理
    Issuing,
    /// 機関・端末
    Office,
    /// 記録
    Audit,
    /// 連絡先
    Contacts,
    /// 送信状況
    Mail,
    /// 利用者の管理
    Accounts,
}

impl Room {
    /// Every room, in the order of the navigation.
    pub const ALL: [Self; 9] = [
        Self::Today,
        Self::FollowUp,
        Self::Desk,
        Self::Issuing,
        Self::Mail,
        Self::Contacts,
        Self::Accounts,
        Self::Office,
        Self::Audit,
    ];

    /// Whether a role may enter; what it may not, it does not see.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Today | Self::FollowUp => matches!(role, Role::Staff | Role::Administrator),
            Self::Desk | Self::Issuing | Self::Mail => {
                matches!(role, Role::Helpdesk | Role::Officer)
            }
            Self::Contacts | Self::Office => role != Role::Reader,
            Self::Accounts => role == Role::Administrator,
            Self::Audit => matches!(role, Role::Administrator | Role::Helpdesk | Role::Officer),
        }
    }

    /// Its name in the navigation.
    pub fn name(self) -> String {
        match self {
            Self::Today => say!("frame.room.today"),
            Self::FollowUp => say!("frame.room.follow_up"),
            Self::Desk => say!("frame.room.desk"),
            Self::Issuing => say!("frame.room.issuing"),
            Self::Office => say!("frame.room.office"),
            Self::Audit => say!("frame.room.audit"),
            Self::Contacts => say!("frame.room.contacts"),
            Self::Mail => say!("frame.room.mail"),
            Self::Accounts => say!("frame.room.accounts"),
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
