//! The page of one office: how it stands, what to tell its caller, what can be done for it.

use std::sync::Arc;

use iced::Task;
use iced::keyboard::key::Named;
use iced::widget::operation;
use jiff::{SignedDuration, Timestamp};
use shared::ProblemCode;
use shared::enrolment::desk::{CertificateSeen, DeskHit, Enrolment, EnrolmentQuery, ShowEnrolment};
use shared::enrolment::timeline::{ShowTimeline, TimelineEntry, TimelineQuery};
use shared::id::{Cursor, JobId, Page as Rows};
use shared::mail::SpokenPassword;
use shared::offices::OfficeCode;

use super::super::Context;
use super::super::read_out::ReadOut;
use super::NOBODY;
use super::deed::{self, Deed, Kind};
use crate::api::Failure;
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

pub(super) mod facts;
mod history;
mod view;

pub(super) use view::view;

/// How long a password that is read out is shown.
const SHOWN: SignedDuration = SignedDuration::from_secs(120);

/// How many entries of the timeline a page asks for.
const ENTRIES: u16 = 20;

/// An office's page.
pub(super) struct Page {
    office: OfficeCode,
    /// The certificate by whose serial number it was found.
    found: Option<Box<CertificateSeen>>,
    /// Which question was asked last; an answer to an older one is dropped.
    turn: u64,
    /// The moment that what is possible is judged by.
    now: Timestamp,
    enrolment: Option<Box<Enrolment>>,
    failure: Option<Failure>,
    loading: bool,
    history: Vec<TimelineEntry>,
    older: Option<Cursor>,
    history_failure: Option<Failure>,
    history_loading: bool,
    /// What is being done, in front of the page.
    deed: Option<Deed>,
    /// What was begun and left, with all that was typed.
    drafts: Vec<Deed>,
    /// What was done last.
    done: Option<Kind>,
    /// What was taken as a request: a second person's yes is waited for.
    requested: Option<Failure>,
    read_out: Option<ReadOut>,
    copied: bool,
}

/// What happened on the page.
#[derive(Clone)]
pub enum Message {
    /// How the office stands.
    Shown(u64, Result<Box<Enrolment>, Failure>),
    /// What happened to it; `true` for a further page.
    Listed(u64, bool, Result<Rows<TimelineEntry>, Failure>),
    /// Ask again.
    ReloadPressed,
    /// Show what was before.
    OlderPressed,
    /// Copy the link.
    CopyPressed,
    /// Something is to be done.
    DeedPressed(Kind),
    /// In what is being done.
    Deed(deed::Message),
    /// It was done.
    Done(u64, Result<Box<Enrolment>, Failure>),
    /// The password to read out.
    Spoken(u64, Result<Arc<SpokenPassword>, Failure>),
    /// Away with it.
    HidePressed,
}

impl Page {
    /// The page as it opens; `after` is the last turn of the one before.
    pub(super) fn open(hit: DeskHit, after: u64, context: &Context) -> (Self, Task<Message>) {
        let mut page = Self {
            office: hit.row.office.code,
            found: hit.certificate.map(Box::new),
            turn: after,
            now: context.world.now(),
            enrolment: None,
            failure: None,
            loading: false,
            history: Vec::new(),
            older: None,
            history_failure: None,
            history_loading: false,
            deed: None,
            drafts: Vec::new(),
            done: None,
            requested: None,
            read_out: None,
            copied: false,
        };
        let task = page.reload(context);
        (page, task)
    }

    pub(super) fn turn(&self) -> u64 {
        self.turn
    }

    /// What is asked for this office and waits for a second person: the latest.
    pub(super) fn waits(&self) -> Option<JobId> {
        let waiting = self.enrolment.iter().flat_map(|seen| &seen.waiting);
        waiting.map(|job| job.id).next()
    }

    /// Whether something is in front of the page.
    pub(super) fn is_asking(&self) -> bool {
        self.deed.is_some() || self.read_out.is_some()
    }

    /// Whether a reason was typed that did not arrive.
    pub(super) fn is_unsaved(&self) -> bool {
        self.deed.iter().chain(&self.drafts).any(Deed::is_typed)
    }

    /// Whether a password is in view that is read out.
    pub(super) fn is_reading(&self) -> bool {
        self.read_out.is_some()
    }

    /// Hides a password.
    pub(super) fn hide(&mut self) {
        self.read_out = None;
    }

    /// Hides a password whose time is over.
    pub(super) fn ticked(&mut self, now: Timestamp) {
        self.now = now;
        self.read_out.take_if(|shown| shown.is_over(now));
    }

    /// Asks for everything anew; what is shown stays until the answer.
    pub(super) fn reload(&mut self, context: &Context) -> Task<Message> {
        self.turn += 1;
        self.loading = true;
        self.failure = None;
        let turn = self.turn;
        let query = EnrolmentQuery {
            office: self.office.clone(),
        };
        let show = Task::perform(context.api.call::<ShowEnrolment>(query), move |result| {
            Message::Shown(turn, result.map(Box::new))
        });
        Task::batch([show, self.list(None, context)])
    }

    fn list(&mut self, after: Option<Cursor>, context: &Context) -> Task<Message> {
        self.history_loading = true;
        self.history_failure = None;
        let (turn, more) = (self.turn, after.is_some());
        let query = TimelineQuery {
            office: self.office.clone(),
            after,
            limit: Some(ENTRIES),
        };
        Task::perform(context.api.call::<ShowTimeline>(query), move |result| {
            Message::Listed(turn, more, result)
        })
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Task<Message> {
        self.now = context.world.now();
        match message {
            Message::Shown(turn, result) if turn == self.turn => {
                self.loading = false;
                match result {
                    Ok(enrolment) => self.enrolment = Some(enrolment),
                    Err(failure) => self.failure = Some(failure),
                }
            }
            Message::Listed(turn, more, result) if turn == self.turn => self.listed(more, result),
            Message::Shown(..) | Message::Listed(..) => {}
            Message::ReloadPressed => return self.reload(context),
            Message::OlderPressed => {
                let after = self.older.clone().filter(|_| !self.history_loading);
                if after.is_some() || self.history_failure.is_some() {
                    return self.list(after, context);
                }
            }
            Message::CopyPressed => {
                let link = self.enrolment.as_ref().and_then(|seen| seen.link.as_ref());
                if let Some(url) = link.and_then(|link| link.url.as_ref()) {
                    self.copied = true;
                    return iced::clipboard::write(url.to_string());
                }
            }
            Message::DeedPressed(kind) => return self.begin(kind, context),
            Message::Deed(message) => return self.go_on(message, context),
            Message::Done(turn, result) => return self.done(turn, result, context),
            Message::Spoken(turn, result) => {
                if let Some(kind) = self.answered(turn, result.as_ref().err()) {
                    match result {
                        Ok(spoken) => {
                            self.deed = None;
                            self.done = Some(kind);
                            self.read_out = Some(ReadOut::new(spoken, context.world.now(), SHOWN));
                        }
                        Err(_) => return self.reload(context),
                    }
                }
            }
            Message::HidePressed => {
                self.hide();
                return operation::focus(NOBODY);
            }
        }
        Task::none()
    }

    fn listed(&mut self, more: bool, result: Result<Rows<TimelineEntry>, Failure>) {
        self.history_loading = false;
        match result {
            Err(failure) => self.history_failure = Some(failure),
            Ok(page) => {
                if !more {
                    self.history.clear();
                }
                self.history.extend(page.rows);
                self.older = page.next;
            }
        }
    }

    /// Which deeds are possible as the office stands.
    fn possible(&self) -> Vec<Kind> {
        let Some(enrolment) = &self.enrolment else {
            return Vec::new();
        };
        let all = Kind::ALL.into_iter();
        all.filter(|kind| kind.is_possible(enrolment, self.now))
            .collect()
    }

    fn begin(&mut self, kind: Kind, context: &Context) -> Task<Message> {
        let Some(enrolment) = &self.enrolment else {
            return Task::none();
        };
        if !self.possible().contains(&kind) {
            return Task::none();
        }
        self.done = None;
        self.requested = None;
        self.copied = false;
        let link = enrolment.link.as_ref().map(|link| link.id);
        let kept = self.drafts.iter().position(|draft| draft.is_of(kind, link));
        let deed = match kept {
            Some(at) => self.drafts.swap_remove(at),
            None => Deed::new(kind, self.office.clone(), link),
        };
        let deed = self.deed.insert(deed);
        // One key answers a terminal that proved itself; the question is there for what may fail.
        let sent = match kind {
            Kind::Answer => deed.send(self.turn, context),
            _ => Task::none(),
        };
        Task::batch([operation::focus(NOBODY), sent])
    }

    fn go_on(&mut self, message: deed::Message, context: &Context) -> Task<Message> {
        let Some(deed) = &mut self.deed else {
            return Task::none();
        };
        let seen = self.enrolment.as_ref();
        let may = seen.is_some_and(|seen| deed.kind().is_possible(seen, self.now));
        let has_number = seen.is_some_and(|seen| seen.particulars.phone.is_some());
        match deed.update(message, may, has_number) {
            deed::Action::None => Task::none(),
            deed::Action::Focus(id) => operation::focus(id),
            deed::Action::Send => deed.send(self.turn, context),
            deed::Action::Close => {
                let unsure = deed.may_have_arrived();
                let left = self.deed.take().filter(Deed::is_typed);
                self.drafts.extend(left);
                // Whether it arrived is not known: what the server says now is shown.
                let look = if unsure {
                    self.reload(context)
                } else {
                    Task::none()
                };
                Task::batch([look, operation::focus(NOBODY)])
            }
        }
    }

    /// Whether this answers what is being done, and if so what that is.
    fn answered(&mut self, turn: u64, failure: Option<&Failure>) -> Option<Kind> {
        let deed = self.deed.as_mut().filter(|deed| deed.waits_for(turn))?;
        deed.answered(failure);
        Some(deed.kind())
    }

    fn done(
        &mut self,
        turn: u64,
        result: Result<Box<Enrolment>, Failure>,
        context: &Context,
    ) -> Task<Message> {
        let Some(kind) = self.answered(turn, result.as_ref().err()) else {
            return Task::none();
        };
        match result {
            Ok(enrolment) => {
                self.deed = None;
                self.done = Some(kind);
                // What was asked before is older than this answer.
                self.turn += 1;
                self.loading = false;
                self.enrolment = Some(enrolment);
                self.list(None, context)
            }
            // It was taken all the same: asking again would ask twice.
            Err(failure) if failure.problem() == Some(ProblemCode::SecondPersonNeeded) => {
                self.deed = None;
                self.requested = Some(failure);
                self.reload(context)
            }
            // Somebody else may have been quicker: behind the question stands what is so now.
            Err(failure) if failure.problem().is_some() => self.reload(context),
            Err(_) => Task::none(),
        }
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        if self.read_out.is_some() {
            let hide = say!("read_out.hide");
            let escape = Shortcut::named(Named::Escape);
            return vec![binding(escape, hide, Message::HidePressed)];
        }
        if let Some(deed) = &self.deed {
            let own = deed.bindings().into_iter();
            return own.map(|it| it.map(Message::Deed)).collect();
        }
        let mut keys = vec![binding(
            Shortcut::named(Named::F5),
            say!("desk.key.reload"),
            Message::ReloadPressed,
        )];
        for kind in self.possible() {
            let key = Shortcut::named(kind.key());
            keys.push(binding(key, kind.name(), Message::DeedPressed(kind)));
        }
        let link = self.enrolment.as_ref().and_then(|seen| seen.link.as_ref());
        if link.is_some_and(|link| link.url.is_some()) {
            let copy = Shortcut::character("c");
            keys.push(binding(copy, say!("desk.key.copy"), Message::CopyPressed));
        }
        if self.older.is_some() || self.history_failure.is_some() {
            let older = Shortcut::character("m");
            keys.push(binding(
                older,
                say!("desk.key.older"),
                Message::OlderPressed,
            ));
        }
        keys
    }
}
