//! Who this terminal is, before anybody can do anything: the keystore is asked, and the
//! certificate renewed if it is time.

use iced::Task;
use iced::task::Handle;
use shared::enrolment::{ShowTerminal, Terminal, TerminalQuery};

use super::entrance::Entrance;
use super::{App, Message, Stage};
use crate::api::Api;
use crate::enrolment::{facts, is_due, learn, renew};
use crate::keystore::{Fault, Identity, Slot};
use crate::language;
use crate::screen::{enrolment, session};

/// What is waited for.
pub(super) enum Wait {
    /// The keystore's answer.
    Keystore,
    /// A new certificate. The identity serves without it; dropping the handle stops it.
    Renewal {
        identity: Box<Identity>,
        _handle: Handle,
    },
}

/// What the two slots of the keystore hold.
#[derive(Clone)]
pub struct Identities {
    pub(super) active: Option<Identity>,
    pub(super) pending: Option<Identity>,
}

impl App {
    pub(super) fn ask_the_keystore(&self) -> Task<Message> {
        let vault = self.world.vault.clone();
        Task::perform(
            async move {
                Ok(Identities {
                    active: vault.identity(Slot::Active).await?,
                    // As when enrolling: an unreadable pending entry is of no use to
                    // anybody, and keeps nobody out.
                    pending: match vault.identity(Slot::Pending).await {
                        Err(Fault::Unreadable) => None,
                        other => other?,
                    },
                })
            },
            Message::IdentityRead,
        )
    }

    pub(super) fn identity_read(&mut self, result: Result<Identities, Fault>) -> Task<Message> {
        match result {
            Ok(Identities {
                active: Some(active),
                pending,
            }) if !self.anew && self.leads_here(&active) => {
                self.link = None;
                self.renews = false;
                let begun = pending.is_some_and(|pending| pending.link == active.link);
                if begun || is_due(&active, self.world.now()) {
                    self.enter_renewed(active)
                } else {
                    self.enter(&active)
                }
            }
            Ok(Identities { active, pending }) => {
                let anew = std::mem::take(&mut self.anew);
                // A renewal of what is refused does not lead in either.
                let pending = pending.filter(|pending| {
                    let renews = |active: &Identity| active.link == pending.link;
                    !(anew && active.as_ref().is_some_and(renews))
                });
                let task = self.let_in(pending, None);
                if let Stage::Enrolment(screen) = &mut self.stage {
                    screen.offer(active, anew);
                }
                task
            }
            Err(fault) => self.let_in(None, Some(fault)),
        }
    }

    /// Whether nothing but this identity was asked for.
    fn leads_here(&self, active: &Identity) -> bool {
        let link = self.link.as_deref();
        link.is_none_or(|link| enrolment::is_same(link, &active.link))
    }

    /// Renews the certificate first, if it is time; nobody is logged in yet who could
    /// be interrupted. What stands in the way now is tried again the next time.
    fn enter_renewed(&mut self, identity: Identity) -> Task<Message> {
        let world = self.world.clone();
        let kept = Box::new(identity.clone());
        let spoken = language::spoken();
        let (task, handle) = Task::perform(
            async move {
                language::speak(spoken);
                match renew(&world, &identity).await {
                    Ok(Some(enrolled)) => enrolled.identity,
                    Ok(None) | Err(_) => identity,
                }
            },
            |identity| Message::Renewed(Box::new(identity)),
        )
        .abortable();
        self.stage = Stage::Opening(Wait::Renewal {
            identity: kept,
            _handle: handle.abort_on_drop(),
        });
        task
    }

    fn let_in(&mut self, pending: Option<Identity>, fault: Option<Fault>) -> Task<Message> {
        let (screen, task) = enrolment::Enrolment::new(self.link.take(), pending, fault);
        self.stage = Stage::Enrolment(Box::new(screen));
        task.map(Message::Enrolment)
    }

    pub(super) fn enrolment(&mut self, message: enrolment::Message) -> Task<Message> {
        let Stage::Enrolment(screen) = &mut self.stage else {
            return Task::none();
        };
        match screen.update(message, &self.world) {
            enrolment::Action::None => Task::none(),
            enrolment::Action::Run(task) => task.map(Message::Enrolment),
            enrolment::Action::AskAgain(link) => {
                self.link = link;
                self.stage = Stage::Opening(Wait::Keystore);
                self.ask_the_keystore()
            }
            enrolment::Action::Enrolled(identity) => self.enter(&identity),
        }
    }

    /// With an identity: the line is made, and somebody may log in over it.
    pub(super) fn enter(&mut self, identity: &Identity) -> Task<Message> {
        let line = self.world.gate.line(identity).ok();
        let (Some(line), Some(terminal)) = (line, facts(&identity.certificate)) else {
            return self.let_in(None, Some(Fault::Unreadable));
        };
        let world = self.world.clone();
        let api = Api::new(line, move || world.key());
        let show = api.call::<ShowTerminal>(TerminalQuery {});
        let world = self.world.clone();
        let identity = identity.clone();
        // Behind the first call, over whose outcome it has nothing to say.
        let learn = async move {
            let learned = learn(&world, &identity).await;
            matches!(learned, Ok(true))
        };
        self.log_in_as(api, terminal, String::new())
            .chain(Task::perform(show, Message::TerminalShown))
            .chain(Task::perform(learn, Message::RootLearned))
    }

    /// Another root issues by now, and the keystore knows it: the certificate is renewed under it,
    /// at once if nobody has begun to log in, otherwise before the next login.
    pub(super) fn root_learned(&mut self) -> Task<Message> {
        self.renews = true;
        match &self.stage {
            Stage::LogIn(entrance) if entrance.screen.is_untouched() => {
                self.stage = Stage::Opening(Wait::Keystore);
                self.ask_the_keystore()
            }
            _ => Task::none(),
        }
    }

    pub(super) fn log_in_as(
        &mut self,
        api: Api,
        terminal: Terminal,
        login: String,
    ) -> Task<Message> {
        let (mut screen, mut task) = session::LogInScreen::new(login);
        if let Some(failure) = api.refusal() {
            task = task.chain(screen.refused(failure));
        }
        self.stage = Stage::LogIn(Box::new(Entrance {
            api,
            terminal,
            screen,
        }));
        task.map(Message::LogIn)
    }
}
