//! The work of a person who is logged in: the navigation, the present screen,
//! and the lock that hides it.

use std::path::PathBuf;

use iced::Task;
use jiff::{SignedDuration, Timestamp};
use shared::enrolment::Terminal;

use crate::api::Api;
use crate::outbox::Unkept;
use crate::screen::follow_up::{self, FollowUp};
use crate::screen::helpdesk;
use crate::screen::password::{self, PasswordDialog};
use crate::screen::quarantine_list::{self, QuarantineList};
use crate::screen::session::{self, LogInScreen};
use crate::screen::{Context, Lead, Room, Step};
use keeping::{Keeping, Left, Typed};
use leaving::Leaving;
use rooms::Rooms;

mod keeping;
mod leads;
mod leaving;
mod line;
pub(super) mod rooms;
mod view;

/// The state of the work.
pub(super) struct Work {
    context: Context,
    /// The login, to unlock with.
    login: String,
    idle_lock: SignedDuration,
    last_touch: Timestamp,
    room: Room,
    rooms: Rooms,
    follow_up: FollowUp,
    quarantine_list: Option<QuarantineList>,
    /// The import goes on behind the list.
    import_behind: bool,
    /// It was asked whether what would be lost by leaving like this may be.
    leaving: Option<Leaving>,
    /// What is kept is to be thrown away, if that is said once more.
    throwing_away: bool,
    /// In front of the screen while the password is changed.
    password: Option<PasswordDialog>,
    /// In front of everything while the window is locked.
    lock: Option<LogInScreen>,
    /// Why this terminal is let in no longer, as a code.
    refused: Option<&'static str>,
    /// What it shows is not for whoever sits at it by now.
    withdrawn: bool,
    /// When it was last asked whether this terminal is let in.
    last_look: Timestamp,
    copied: bool,
    /// The line was cut, or the office closed, when anybody looked last.
    was_out: bool,
    /// What is typed, kept on this terminal.
    keeping: Keeping,
}

/// What happened while working.
#[derive(Clone)]
pub enum Message {
    /// Somebody is there.
    Touched,
    /// A room of the navigation was chosen.
    Went(Room),
    /// In a room of the navigation.
    Room(rooms::Message),
    /// In the follow-up.
    FollowUp(follow_up::Message),
    /// On the import.
    QuarantineList(quarantine_list::Message),
    /// A file was dropped on the window.
    FileDropped(PathBuf),
    /// Change the password.
    PasswordPressed,
    /// On the change of the password.
    Password(password::Message),
    /// On the lock.
    Lock(session::Message),
    /// Lock now.
    LockPressed,
    /// Log out.
    LogOutPressed,
    /// Leave, and throw away what would be lost.
    LeavePressed,
    /// Throw away what is kept too; it is asked once more.
    ThrowAwayPressed,
    /// Go back to what would be lost.
    StayPressed,
    /// Copy the facts for the helpdesk.
    CopyPressed,
    /// The server was told; nothing depends on its answer.
    LoggedOut,
    /// The line was tried; how it stands now is known to whoever asks.
    Probed(bool),
    /// What was left behind the last time was looked for.
    DraftsFound(Result<Left, Unkept>),
    /// Look again for what was left behind.
    LookAgainPressed,
    /// What became of it was taken note of.
    NotedPressed,
    /// What was typed is kept on this terminal, or not.
    DraftsKept(Result<Typed, Unkept>),
    /// Nothing that was typed lies on this terminal any more; the window may close.
    DraftsWiped,
}

/// What the window must do.
pub(super) enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Go back to the login, running this besides.
    LoggedOut(Task<Message>),
    /// Ask the keystore again who this terminal is, running this besides.
    Reopened(Task<Message>),
    /// Close the window.
    Closed,
}

impl Work {
    pub(super) fn new(
        context: Context,
        login: String,
        idle_lock_seconds: u32,
    ) -> (Self, Task<Message>) {
        let (follow_up, listing) = FollowUp::new(&context);
        let (keeping, looking) = {
            let (outbox, now) = (context.world.outbox.clone(), context.world.now());
            Keeping::new(outbox, context.person.id, now)
        };
        // Whoever works here can log in again over what they work on.
        context.api.hold_refused();
        let may_enter = |room: &Room| context.may_enter(*room);
        let mut rooms = Rooms::default();
        let first = Room::ALL.into_iter().find(may_enter);
        let first = first.unwrap_or(Room::Today);
        // Whoever may not enter a room does not ask for what it shows.
        let entering = match may_enter(&first) {
            true => rooms.enter(first, &context).map(Message::Room),
            false => Task::none(),
        };
        let listing = match may_enter(&Room::FollowUp) {
            true => listing.map(Message::FollowUp),
            false => Task::none(),
        };
        let work = Self {
            last_touch: context.world.now(),
            last_look: context.world.now(),
            context,
            login,
            idle_lock: SignedDuration::from_secs(i64::from(idle_lock_seconds)),
            room: first,
            rooms,
            follow_up,
            quarantine_list: None,
            import_behind: false,
            leaving: None,
            throwing_away: false,
            password: None,
            lock: None,
            refused: None,
            withdrawn: false,
            copied: false,
            was_out: false,
            keeping,
        };
        (work, Task::batch([entering, listing, looking]))
    }

    pub(super) fn terminal(&self) -> &Terminal {
        &self.context.terminal
    }

    /// The line and the terminal, for whoever logs in next.
    pub(super) fn take_leave(&self) -> (Api, Terminal) {
        (self.context.api.clone(), self.context.terminal.clone())
    }

    /// A second passed: lock the window if nobody was there for long enough, or the session ended.
    pub(super) fn ticked(&mut self) -> Task<Message> {
        let idle = self.context.world.now().duration_since(self.last_touch);
        let ended = self.session_has_ended();
        if let Some(lock) = &mut self.lock {
            lock.ticked(self.context.world.now());
        }
        match &mut self.lock {
            Some(lock) if ended => lock.session_ended(),
            Some(_) => {}
            None if ended || idle >= self.idle_lock => return self.lock(),
            None => {}
        }
        let now = self.context.world.now();
        let keep = self.keeping.keep(&self.follow_up, now);
        let probe = match self.context.api.probe() {
            Some(probe) if super::again::is_time_to_probe(now, self.context.terminal.terminal) => {
                Task::perform(probe, |result| Message::Probed(result.is_ok()))
            }
            _ => Task::none(),
        };
        let look = self.look(now);
        self.rooms.passed(self.room, &self.context);
        let room = match self.may_ask() {
            true => self.rooms.ticked(self.room, &self.context),
            false => Task::none(),
        };
        self.ask_no_more_in_vain();
        Task::batch([keep, probe, look, room.map(Message::Room)])
    }

    /// Whether a room may ask the server by itself. Behind the lock it would keep the session of
    /// a window from ever being idle that nobody sits at; without a session its questions would be
    /// held one beside the other; and a terminal that was taken back has each refused and counted.
    fn may_ask(&self) -> bool {
        !self.withdrawn && !self.is_away()
    }

    /// Whether nothing can be asked for until the person is back.
    fn is_away(&self) -> bool {
        let first = self.password.as_ref().is_some_and(PasswordDialog::is_first);
        self.session_has_ended() || self.lock.is_some() || first
    }

    /// Whether the lock is in front.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether something may be held until the person is back.
    #[cfg(test)]
    pub(super) fn holds(&self) -> bool {
        self.is_away()
    }

    fn lock(&mut self) -> Task<Message> {
        self.leave_the_room();
        self.ask_no_more_in_vain();
        let (mut lock, task) = LogInScreen::lock(self.login.clone());
        if self.session_has_ended() {
            lock.session_ended();
        }
        self.lock = Some(lock);
        task.map(Message::Lock)
    }

    pub(super) fn update(&mut self, message: Message) -> Action {
        let action = self.take_in(message);
        self.ask_no_more_in_vain();
        self.heed_the_line(action)
    }

    /// Somebody comes to the room in front, which takes the keys.
    fn entered(&mut self) -> Task<Message> {
        if !self.context.may_enter(self.room) {
            return Task::none();
        }
        let entering = self.rooms.enter(self.room, &self.context);
        match (self.room, self.import()) {
            (Room::FollowUp, Some(import)) => import.entered().map(Message::QuarantineList),
            (Room::FollowUp, None) => self.follow_up.entered().map(Message::FollowUp),
            _ => entering.map(Message::Room),
        }
    }

    /// What is in front of the rooms has the keys again, after the list of keys.
    pub(super) fn keys_are_back(&self) -> Task<Message> {
        match (&self.lock, &self.password) {
            (Some(lock), _) => lock.entered().map(Message::Lock),
            (None, Some(dialog)) => dialog.entered().map(Message::Password),
            (None, None) => Task::none(),
        }
    }

    /// The person is back, with a session in which everything can be done again: what was refused
    /// meanwhile is asked for by itself.
    fn is_back(&mut self) -> Task<Message> {
        self.context.api.resume();
        match &self.password {
            Some(dialog) => dialog.entered().map(Message::Password),
            None => self.entered(),
        }
    }

    fn take_in(&mut self, message: Message) -> Action {
        match message {
            Message::Touched => {
                if self.lock.is_none() {
                    self.last_touch = self.context.world.now();
                }
                Action::None
            }
            Message::Went(room) => self.go(room),
            Message::Room(message) => match self.rooms.update(message, &self.context) {
                Step::None => Action::None,
                Step::Run(task) => Action::Run(task.map(Message::Room)),
                Step::Lead(Lead::IdentityChanged) => self.reopen(),
                Step::Lead(lead) => Action::Run(self.follow(lead)),
            },
            Message::FollowUp(message) => match self.follow_up.update(message, &self.context) {
                follow_up::Action::None => Action::None,
                follow_up::Action::Run(task) => Action::Run(task.map(Message::FollowUp)),
                follow_up::Action::ImportPressed => Action::Run(self.open_import()),
            },
            Message::FileDropped(path) => self.file_dropped(path),
            Message::QuarantineList(message) => {
                let Some(import) = &mut self.quarantine_list else {
                    return Action::None;
                };
                match import.update(message, &self.context) {
                    quarantine_list::Action::None => Action::None,
                    quarantine_list::Action::Run(task) => {
                        Action::Run(task.map(Message::QuarantineList))
                    }
                    quarantine_list::Action::Closed => {
                        self.quarantine_list = None;
                        let tasks = [
                            self.follow_up.refresh(&self.context),
                            self.follow_up.entered(),
                        ];
                        Action::Run(Task::batch(tasks).map(Message::FollowUp))
                    }
                }
            }
            Message::PasswordPressed => {
                let (dialog, task) = PasswordDialog::new(self.login.clone());
                self.password = Some(dialog);
                Action::Run(task.map(Message::Password))
            }
            Message::Password(message) => {
                let Some(dialog) = &mut self.password else {
                    return Action::None;
                };
                match dialog.update(message, &self.context) {
                    password::Action::None => Action::None,
                    password::Action::Run(task) => Action::Run(task.map(Message::Password)),
                    password::Action::Closed => {
                        let must_be_changed = dialog.is_first() && !dialog.is_done();
                        self.password = None;
                        Action::Run(match must_be_changed {
                            // Behind the lock everything that was typed stays.
                            true => self.lock(),
                            false => self.is_back(),
                        })
                    }
                }
            }
            Message::Lock(message) => self.unlock(message),
            Message::LockPressed => Action::Run(self.lock()),
            Message::LogOutPressed => self.log_out(),
            Message::LeavePressed => self.leave(),
            Message::ThrowAwayPressed => self.throw_away(),
            Message::StayPressed => self.stay(),
            Message::CopyPressed => {
                self.copied = true;
                Action::Run(iced::clipboard::write(helpdesk::as_text(&self.facts())))
            }
            Message::LoggedOut | Message::Probed(_) => Action::None,
            Message::DraftsFound(result) => {
                let now = self.context.world.now();
                if let Some(kept) = self.keeping.found(result, now) {
                    self.follow_up.restore(kept);
                }
                Action::None
            }
            Message::LookAgainPressed => {
                Action::Run(self.keeping.look_again(self.context.world.now()))
            }
            Message::NotedPressed => {
                self.keeping.was_noted();
                Action::None
            }
            Message::DraftsKept(result) => {
                self.keeping.was_kept(result, self.context.world.now());
                Action::None
            }
            Message::DraftsWiped => Action::Closed,
        }
    }

    /// The session ended with the certificate it was opened over. What is kept on this terminal
    /// stays for whoever logs in next.
    fn reopen(&mut self) -> Action {
        self.context.api.use_session(None);
        Action::Reopened(Task::none())
    }

    /// Which room is in front.
    #[cfg(test)]
    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// The import, if it is what is in front.
    fn import(&self) -> Option<&QuarantineList> {
        let import = self.quarantine_list.as_ref();
        import.filter(|_| self.room == Room::FollowUp && !self.import_behind)
    }

    /// How much was typed or decided that the server does not have yet.
    fn unsaved_count(&self) -> usize {
        let import = self.quarantine_list.as_ref();
        self.follow_up.unsaved_count()
            + import.map_or(0, QuarantineList::unsaved_count)
            + self.rooms.unsaved_count()
    }

    /// What the helpdesk will ask for when this terminal is let in no longer.
    fn facts(&self) -> Vec<(String, String)> {
        let Context {
            terminal, world, ..
        } = &self.context;
        helpdesk::facts(Some(terminal), self.refused, world.now())
    }

    fn unlock(&mut self, message: session::Message) -> Action {
        let Some(lock) = &mut self.lock else {
            return Action::None;
        };
        let Context {
            api,
            terminal,
            world,
            ..
        } = &self.context;
        match lock.update(message, api, terminal, world) {
            // Nobody leaves a locked window for the enrolment: what is typed comes first.
            session::Action::None | session::Action::EnrolAnew => Action::None,
            session::Action::Run(task) => Action::Run(task.map(Message::Lock)),
            session::Action::Leave => self.log_out(),
            session::Action::Opened(session, login, handed_over) => {
                self.context.api.renew_session(session.token.clone());
                self.last_touch = self.context.world.now();
                self.lock = None;
                if !session.must_change_password {
                    return Action::Run(self.is_back());
                }
                // The operator gave this person another one while the window was locked.
                let locked = password::Unchanged::Locked;
                let (dialog, task) = PasswordDialog::first(login, handed_over, locked);
                self.password = Some(dialog);
                Action::Run(task.map(Message::Password))
            }
        }
    }
}
