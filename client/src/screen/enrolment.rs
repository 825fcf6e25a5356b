//! Letting this terminal in: the pasted link, the password, the terms of use; each
//! step as it goes; and at the end who this terminal is (M-03 to M-07).

mod view;

use futures_util::SinkExt as _;
use iced::Task;
use iced::futures::channel::mpsc::Sender;
use iced::task::Handle;
use iced::widget::Id;
use shared::accounts::Password;
use shared::enrolment::{EnrolmentLink, link_password};

use super::helpdesk;
use super::why::Why;
use crate::enrolment::{Cause, Enrolled, Obstacle, Step, enrol, resume};
use crate::keystore::{Fault, Identity};
use crate::language;
use crate::say;
use crate::secret::Secret;
use crate::ui::Element;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::world::World;

/// The name of the field that takes the link.
pub const LINK: &str = "enrolment.link";
/// The name of the field that takes the password.
pub const PASSWORD: &str = "enrolment.password";
/// The name of the check box of consent.
pub const CONSENT: &str = "enrolment.consent";

/// The name of the button that goes on from where things stand.
pub const NEXT: &str = "enrolment.next";

/// The screen's state.
pub struct Enrolment {
    link: String,
    link_error: Option<Why>,
    password: Secret,
    password_error: Option<Why>,
    consent: bool,
    consent_error: bool,
    /// The certificate arrived earlier but was not used yet; no password is needed.
    pending: Option<Identity>,
    /// Who this terminal is already, for whoever opened a link by mistake.
    current: Option<Identity>,
    /// The server lets that one in no longer.
    refused: bool,
    phase: Phase,
    copied: bool,
}

enum Phase {
    /// The form is being filled in.
    Form,
    /// The keystore did not say who this terminal is.
    NoKeystore(Fault),
    /// The steps are under way; dropping the handle stops them.
    Working { at: Step, _handle: Handle },
    /// A step did not work.
    Failed(Obstacle),
    /// The terminal is in.
    Done(Box<Enrolled>),
}

/// What happened on it.
#[derive(Clone)]
pub enum Message {
    /// The link was changed.
    LinkTyped(String),
    /// The keys left the field of the link.
    LinkLeft,
    /// Enter in the field of the link.
    LinkDone,
    /// The password was changed.
    PasswordTyped(Secret),
    /// Consent was given or taken back.
    ConsentTurned(bool),
    /// Enrol.
    SubmitPressed,
    /// A step began.
    Begun(Step),
    /// The last step worked, or one did not.
    Ended(Box<Result<Enrolled, Obstacle>>),
    /// Stop.
    CancelPressed,
    /// Try the same again.
    RetryPressed,
    /// Back to the form.
    BackPressed,
    /// Copy the facts for the helpdesk.
    CopyPressed,
    /// On to the login.
    ProceedPressed,
    /// Stay the terminal that this one is already.
    KeepPressed,
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// The keystore may answer by now: ask it again, and come back with this link.
    AskAgain(Option<String>),
    /// The terminal is in: go on to the login.
    Enrolled(Box<Identity>),
}

impl Enrolment {
    /// The screen as it opens: with a link given from outside, with what an earlier
    /// try left in the keystore, or with the keystore's fault.
    pub fn new(
        link: Option<String>,
        pending: Option<Identity>,
        fault: Option<Fault>,
    ) -> (Self, Task<Message>) {
        let left = pending.as_ref().map(|pending| pending.link.clone());
        let first = match (&fault, link.is_some() || left.is_some()) {
            (Some(_), _) => NEXT,
            (None, true) => PASSWORD,
            (None, false) => LINK,
        };
        // Another link than the pending one starts afresh.
        let pending = pending.filter(|pending| {
            pending.is_issued()
                && link
                    .as_ref()
                    .is_none_or(|link| is_same(link, &pending.link))
        });
        let screen = Self {
            link: link.or(left).unwrap_or_default(),
            link_error: None,
            password: Secret::default(),
            password_error: None,
            consent: false,
            consent_error: false,
            pending,
            current: None,
            refused: false,
            phase: fault.map_or(Phase::Form, Phase::NoKeystore),
            copied: false,
        };
        (screen, focus(first))
    }

    /// Offers to go on as the terminal that this one is already, or to go back to the login where
    /// the server `refused` that one.
    pub fn offer(&mut self, current: Option<Identity>, refused: bool) {
        self.current = current;
        self.refused = refused;
    }

    /// The words for going on, or back, as the terminal that this one is.
    fn keep(&self) -> String {
        match self.refused {
            true => say!("enrolment.to_login"),
            false => say!("enrolment.keep"),
        }
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, world: &World) -> Action {
        match message {
            Message::LinkTyped(link) => {
                self.link = link;
                self.link_error = None;
                Action::None
            }
            Message::LinkLeft => {
                if !self.link.trim().is_empty() {
                    let _ = self.parsed_link();
                }
                Action::None
            }
            Message::LinkDone => Action::Run(focus(PASSWORD)),
            Message::PasswordTyped(password) => {
                self.password = password;
                self.password_error = None;
                Action::None
            }
            Message::ConsentTurned(consent) => {
                self.consent = consent;
                self.consent_error = false;
                Action::None
            }
            Message::SubmitPressed => self.submit(world),
            Message::Begun(step) => {
                if let Phase::Working { at, .. } = &mut self.phase {
                    *at = step;
                }
                Action::None
            }
            Message::Ended(result) => self.ended(*result),
            Message::CancelPressed => {
                let Phase::Working { at, .. } = self.phase else {
                    return Action::None;
                };
                self.phase = Phase::Failed(Obstacle::new(at, Cause::Cancelled));
                Action::Run(focus(NEXT))
            }
            Message::RetryPressed => match self.phase {
                Phase::NoKeystore(_) => {
                    let link = std::mem::take(&mut self.link);
                    Action::AskAgain(Some(link).filter(|link| !link.is_empty()))
                }
                _ => self.start(world),
            },
            Message::BackPressed => {
                self.phase = Phase::Form;
                Action::Run(focus(LINK))
            }
            Message::CopyPressed => {
                self.copied = true;
                let text = helpdesk::as_text(&self.facts(world));
                Action::Run(iced::clipboard::write(text))
            }
            Message::ProceedPressed => match &self.phase {
                Phase::Done(enrolled) => Action::Enrolled(Box::new(enrolled.identity.clone())),
                _ => Action::None,
            },
            Message::KeepPressed => match self.current.take() {
                Some(current) => Action::Enrolled(Box::new(current)),
                None => Action::None,
            },
        }
    }

    fn submit(&mut self, world: &World) -> Action {
        let Some(link) = self.parsed_link() else {
            return Action::Run(focus(LINK));
        };
        if self.lacks_the_password(&link) {
            return Action::Run(focus(PASSWORD));
        }
        if !self.consent {
            self.consent_error = true;
            return Action::Run(focus(CONSENT));
        }
        self.start(world)
    }

    fn parsed_link(&mut self) -> Option<EnrolmentLink> {
        match EnrolmentLink::parse(&self.link) {
            Ok(link) => Some(link),
            Err(refused) => {
                self.link_error = Some(Why::Refused(refused));
                None
            }
        }
    }

    /// What is no whole password is never sent: the server would count it among the wrong ones.
    fn lacks_the_password(&mut self, link: &EnrolmentLink) -> bool {
        // What arrived for another link does not help with this one.
        self.pending = self
            .pending
            .take()
            .filter(|pending| pending.link == link.to_string());
        if self.pending.is_some() || link_password::is_whole(self.password.reveal()) {
            return false;
        }
        self.password_error = Some(Why::Said(match self.password.is_empty() {
            true => "enrolment.password_missing",
            false => "enrolment.password_shape",
        }));
        true
    }

    fn start(&mut self, world: &World) -> Action {
        let Some(link) = self.parsed_link() else {
            self.phase = Phase::Form;
            return Action::Run(focus(LINK));
        };
        if self.lacks_the_password(&link) {
            return Action::Run(focus(PASSWORD));
        }
        let world = world.clone();
        let password = Password::new(self.password.reveal().to_owned());
        let pending = self.pending.clone();
        let spoken = language::spoken();
        let steps = iced::stream::channel(8, async move |mut out: Sender<Message>| {
            language::speak(spoken);
            let report = out.clone();
            let begun = move |step| {
                // A step missed by a full queue is only not shown.
                let _ = report.clone().try_send(Message::Begun(step));
            };
            let result = match pending {
                Some(identity) => resume(&world, identity, begun).await,
                None => enrol(&world, &link, password, begun).await,
            };
            let _ = out.send(Message::Ended(Box::new(result))).await;
        });
        let (task, handle) = Task::stream(steps).abortable();
        self.copied = false;
        self.phase = Phase::Working {
            at: Step::ALL[0],
            _handle: handle.abort_on_drop(),
        };
        Action::Run(task)
    }

    fn ended(&mut self, result: Result<Enrolled, Obstacle>) -> Action {
        match result {
            Ok(enrolled) => {
                self.password = Secret::default();
                self.phase = Phase::Done(Box::new(enrolled));
                Action::Run(focus(NEXT))
            }
            Err(obstacle) if obstacle.wants_the_password() => {
                self.password = Secret::default();
                self.password_error = Some(Why::Said("enrolment.password_wrong"));
                self.phase = Phase::Failed(obstacle);
                Action::Run(focus(PASSWORD))
            }
            Err(obstacle) => {
                self.phase = Phase::Failed(obstacle);
                Action::Run(focus(NEXT))
            }
        }
    }

    /// What the helpdesk will ask for.
    fn facts(&self, world: &World) -> Vec<(String, String)> {
        let code = match &self.phase {
            Phase::Failed(obstacle) => Some(obstacle.code()),
            Phase::NoKeystore(fault) => Some(fault.code()),
            _ => None,
        };
        let mut facts = helpdesk::facts(None, code, world.now());
        if let Ok(link) = EnrolmentLink::parse(&self.link) {
            facts.insert(0, (say!("enrolment.link_id"), link.id.to_string()));
            facts.insert(1, (say!("enrolment.server"), link.authority));
        }
        facts
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, world: &World) -> Element<'a, Message> {
        view::screen(self, world)
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named::{Enter, Escape, F5};
        match &self.phase {
            Phase::Form => {
                let key = Shortcut::command_named(Enter);
                let submit = binding(key, say!("enrolment.submit"), Message::SubmitPressed);
                let keep = self
                    .current
                    .as_ref()
                    .map(|_| binding(Shortcut::named(Escape), self.keep(), Message::KeepPressed));
                keep.into_iter().chain([submit]).collect()
            }
            Phase::Working { .. } => {
                let key = Shortcut::named(Escape);
                vec![binding(
                    key,
                    say!("enrolment.cancel"),
                    Message::CancelPressed,
                )]
            }
            Phase::NoKeystore(_) => {
                let key = Shortcut::named(F5);
                vec![binding(key, say!("enrolment.retry"), Message::RetryPressed)]
            }
            Phase::Failed(obstacle) => {
                let back = binding(
                    Shortcut::named(Escape),
                    say!("enrolment.back"),
                    Message::BackPressed,
                );
                let retry = (!obstacle.is_the_end_of_the_link()).then(|| {
                    binding(
                        Shortcut::named(F5),
                        say!("enrolment.retry"),
                        Message::RetryPressed,
                    )
                });
                retry.into_iter().chain([back]).collect()
            }
            Phase::Done(_) => {
                let key = Shortcut::command_named(Enter);
                vec![binding(
                    key,
                    say!("enrolment.proceed"),
                    Message::ProceedPressed,
                )]
            }
        }
    }
}

/// Whether what was typed or opened is the link that was kept.
pub fn is_same(typed: &str, kept: &str) -> bool {
    EnrolmentLink::parse(typed).is_ok_and(|link| link.to_string() == kept)
}

fn focus(name: &'static str) -> Task<Message> {
    iced::widget::operation::focus(Id::new(name))
}
