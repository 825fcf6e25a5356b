//! 機関・端末: this terminal's certificate, how the office's enrolment stands and came about, what
//! the helpdesk will ask for, and the end of this terminal (M-12).

mod leaving;
mod view;
mod words;

use iced::Task;
use iced::task::Handle;
use iced::widget::Id;
use shared::day::days_left;
use shared::enrolment::desk::{CertificateSeen, Enrolment, EnrolmentQuery, ShowEnrolment};
use shared::enrolment::timeline::{ShowTimeline, TimelineEntry, TimelineQuery};
use shared::id::{Cursor, Page};

use super::{Context, Lead, Screen, Step, helpdesk};
use crate::api::Failure;
use crate::enrolment::{Cause, Obstacle, Step as EnrolmentStep, renew};
use crate::keystore::{Fault, Slot};
use crate::language;
use crate::say;
use crate::ui::Element;
use crate::ui::keys::{Binding, Shortcut, binding};
use leaving::Leaving;

/// How many entries of the timeline are fetched at once.
const PAGE: u16 = 50;

/// The name of the button that a question is answered with.
const ANSWER: &str = "office.answer";

/// The screen's state.
pub struct OfficeScreen {
    enrolment: Option<Enrolment>,
    timeline: Vec<TimelineEntry>,
    /// Where the timeline goes on.
    next: Option<Cursor>,
    failure: Option<Failure>,
    /// Answers that are waited for.
    waiting: u8,
    renewal: Renewal,
    leaving: Option<Leaving>,
    copied: bool,
}

/// How the renewal by hand stands.
enum Renewal {
    /// Nobody asked for it.
    Idle,
    /// It was asked whether it shall be.
    Asked,
    /// Under way; dropping the handle stops it.
    Working { _handle: Handle },
    /// It did not work.
    Failed(Obstacle),
    /// There was nothing to renew.
    NotDue,
}

/// What happened on it.
#[derive(Clone)]
pub enum Message {
    /// The office's enrolment arrived, or not.
    Shown(Box<Result<Enrolment, Failure>>),
    /// A page of the timeline arrived, or not; the first where nothing was asked before it.
    Listed {
        /// Whether it begins anew.
        first: bool,
        /// What arrived.
        page: Result<Page<TimelineEntry>, Failure>,
    },
    /// Load again.
    ReloadPressed,
    /// Further back in the timeline.
    MorePressed,
    /// Renew the certificate; it is asked first.
    RenewPressed,
    /// Yes, renew it.
    RenewConfirmed,
    /// Do not, or do not wait any longer.
    RenewLeft,
    /// The renewal ended: done, nothing to do, or an obstacle.
    Renewed(Result<bool, Obstacle>),
    /// Copy the facts for the helpdesk.
    CopyPressed,
    /// End this terminal; it is asked first.
    LeavePressed,
    /// About the end of this terminal.
    Leaving(leaving::Message),
}

impl OfficeScreen {
    fn load(&mut self, context: &Context) -> Task<Message> {
        self.waiting = 2;
        let office = context.office.code.clone();
        let show = context.api.call::<ShowEnrolment>(EnrolmentQuery { office });
        let show = Task::perform(show, |result| Message::Shown(Box::new(result)));
        Task::batch([show, list(context, None)])
    }

    /// The certificate that this terminal uses, as the server knows it.
    fn own(&self, context: &Context) -> Option<&CertificateSeen> {
        let known = self.enrolment.as_ref()?.certificate.as_ref();
        known.filter(|known| known.serial == context.terminal.serial)
    }

    /// Whether two thirds of its life are over.
    fn is_due(&self, context: &Context) -> bool {
        let now = context.world.now();
        match self.own(context) {
            Some(own) => {
                let life = own.expires_at.as_second() - own.issued_at.as_second();
                now.as_second() >= own.issued_at.as_second() + life / 3 * 2
            }
            None => days_left(now, context.terminal.expires_at) < 365 / 3,
        }
    }

    /// How its certificate came to be: of the timeline.
    fn origin(&self, context: &Context) -> Option<words::Origin<'_>> {
        words::Origin::of(&self.timeline, &context.terminal.serial)
    }

    fn facts(&self, context: &Context) -> Vec<(String, String)> {
        let code = match &self.renewal {
            Renewal::Failed(obstacle) => Some(obstacle.code()),
            _ => self.failure.as_ref().map(Failure::code),
        };
        helpdesk::facts(Some(&context.terminal), code, context.world.now())
    }
}

impl Screen for OfficeScreen {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let mut screen = Self {
            enrolment: None,
            timeline: Vec::new(),
            next: None,
            failure: None,
            waiting: 0,
            renewal: Renewal::Idle,
            leaving: None,
            copied: false,
        };
        let task = screen.load(context);
        (screen, task)
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        self.copied = false;
        self.reload(context)
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        self.load(context)
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        match message {
            Message::Shown(result) => {
                self.waiting = self.waiting.saturating_sub(1);
                match *result {
                    Ok(enrolment) => {
                        self.enrolment = Some(enrolment);
                        self.failure = None;
                    }
                    Err(failure) => self.failure = Some(failure),
                }
                Step::None
            }
            Message::Listed { first, page } => {
                self.waiting = self.waiting.saturating_sub(1);
                match page {
                    Ok(page) => {
                        if first {
                            self.timeline.clear();
                        }
                        self.timeline.extend(page.rows);
                        self.next = page.next;
                    }
                    Err(failure) => self.failure = Some(failure),
                }
                Step::None
            }
            Message::ReloadPressed => Step::Run(self.load(context)),
            Message::MorePressed => {
                let Some(next) = self.next.take() else {
                    return Step::None;
                };
                self.waiting += 1;
                Step::Run(list(context, Some(next)))
            }
            Message::RenewPressed => {
                self.renewal = Renewal::Asked;
                Step::Run(iced::widget::operation::focus(Id::new(ANSWER)))
            }
            Message::RenewConfirmed => {
                let (task, handle) = renewed(context).abortable();
                self.copied = false;
                self.renewal = Renewal::Working {
                    _handle: handle.abort_on_drop(),
                };
                Step::Run(task)
            }
            Message::RenewLeft => {
                self.renewal = Renewal::Idle;
                Step::None
            }
            Message::Renewed(result) => match result {
                // The session belongs to the certificate that was replaced.
                Ok(true) => Step::Lead(Lead::IdentityChanged),
                Ok(false) => {
                    self.renewal = Renewal::NotDue;
                    Step::None
                }
                Err(obstacle) => {
                    self.renewal = Renewal::Failed(obstacle);
                    Step::None
                }
            },
            Message::CopyPressed => {
                self.copied = true;
                let text = helpdesk::as_text(&self.facts(context));
                Step::Run(iced::clipboard::write(text))
            }
            Message::LeavePressed => {
                let (leaving, task) = Leaving::new(context);
                self.leaving = Some(leaving);
                Step::Run(task.map(Message::Leaving))
            }
            Message::Leaving(message) => {
                let Some(leaving) = &mut self.leaving else {
                    return Step::None;
                };
                match leaving.update(message, context) {
                    leaving::Action::None => Step::None,
                    leaving::Action::Run(task) => Step::Run(task.map(Message::Leaving)),
                    leaving::Action::Stay => {
                        self.leaving = None;
                        Step::None
                    }
                    leaving::Action::Left => Step::Lead(Lead::IdentityChanged),
                }
            }
        }
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::screen(self, context)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named::{Escape, F5, F8};
        if let Some(leaving) = &self.leaving {
            let own = leaving.bindings().into_iter();
            return own.map(|it| it.map(Message::Leaving)).collect();
        }
        if matches!(self.renewal, Renewal::Asked | Renewal::Working { .. }) {
            let key = Shortcut::named(Escape);
            return vec![binding(key, say!("office.renew.leave"), Message::RenewLeft)];
        }
        vec![
            binding(
                Shortcut::named(F5),
                say!("office.reload"),
                Message::ReloadPressed,
            ),
            binding(
                Shortcut::named(F8),
                say!("helpdesk.copy"),
                Message::CopyPressed,
            ),
        ]
    }
}

fn list(context: &Context, after: Option<Cursor>) -> Task<Message> {
    let first = after.is_none();
    let query = TimelineQuery {
        office: context.office.code.clone(),
        after,
        limit: Some(PAGE),
    };
    let list = context.api.call::<ShowTimeline>(query);
    Task::perform(list, move |page| Message::Listed { first, page })
}

/// Renews the certificate in the keystore; whether there was anything to renew.
fn renewed(context: &Context) -> Task<Message> {
    let world = context.world.clone();
    let spoken = language::spoken();
    let renewal = async move {
        language::speak(spoken);
        let at_the_keystore = |fault: Fault| Obstacle::new(EnrolmentStep::Key, fault);
        let identity = world.vault.identity(Slot::Active).await;
        let identity = identity.map_err(at_the_keystore)?;
        let identity = identity.ok_or(Obstacle {
            step: EnrolmentStep::Key,
            cause: Cause::Keystore(Fault::Unreadable),
        })?;
        renew(&world, &identity).await.map(|done| done.is_some())
    };
    Task::perform(renewal, Message::Renewed)
}

#[cfg(test)]
mod tests;
