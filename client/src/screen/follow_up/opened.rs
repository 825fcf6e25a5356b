//! A returnee opened from the list: who they are, what was seen day by day, and what can be done
//! about it: close a sign, end or extend the follow-up, hand it to a colleague or to another health
//! centre.

use iced::Task;
use iced::widget::operation;
use shared::Day;
use shared::accounts::{Colleagues, ColleaguesQuery, ListColleagues, Person};
use shared::follow_up::hand_over::{HandedOver, ListReceivingCentres, ReceivingQuery};
use shared::follow_up::observation::Sign;
use shared::follow_up::returnee::{HealthCentres, Returnee, ReturneeQuery, ShowReturnee};
use shared::id::{IdempotencyKey, ReturneeId};
use shared::problem::ProblemCode;
use shared::text::Phone;

use super::form::Centres;
use super::words;
use crate::api::Failure;
use crate::say;
use crate::screen::Context;
use crate::ui::area::{Edit, Lines};

mod asked;
mod sending;
mod view;

use asked::{InView, Write, Wrong};

pub(super) use asked::Asked;
pub(super) use view::{bindings, view};

/// The name of the first field of whatever is asked, for the focus.
const FIRST: &str = "returnee-asked";
/// The name of the reason, for the focus.
const REASON: &str = "returnee-reason";

/// A returnee on the desk.
#[derive(Debug)]
pub(super) struct Opened {
    id: ReturneeId,
    /// Their name until they are read.
    called: String,
    returnee: Option<Box<Returnee>>,
    failure: Option<Failure>,
    asked: Option<Asked>,
    /// The free text of what is asked.
    lines: Lines,
    /// It was to be saved as it stands; what is wrong with it is said.
    pressed: bool,
    colleagues: Vec<Person>,
    /// The health centres whose names are known.
    centres: Centres,
    /// The health centres to which they can be handed over; none while they are not known.
    receiving: Centres,
    tried: Option<(Write, IdempotencyKey)>,
    saving: bool,
    /// What was sent last came back and was neither sent again nor given up.
    failed: bool,
    /// What was typed for questions that were left, for when they are asked again.
    left: Vec<Asked>,
    /// The number that was copied.
    copied: Option<Phone>,
    /// The day of which another had withdrawn the record that was to be withdrawn.
    gone: Option<Day>,
}

/// What happened on the returnee.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Shown(ReturneeId, Result<Box<Returnee>, Failure>),
    Listed(Result<Colleagues, Failure>),
    ReloadPressed,
    CopyPressed,
    RecordPressed,
    EditPressed,
    SignPressed,
    PeriodPressed,
    AssignPressed,
    HandOverPressed,
    WithdrawPressed,
    ReceivingListed(Result<HealthCentres, Failure>),
    CentreTyped(String),
    /// Enter in the field of the receiving health centre.
    CentreEntered,
    TextEdited(Edit),
    DayTyped(String),
    Assigned(usize),
    MinePressed,
    NobodyPressed,
    /// Assign once more whom it failed for.
    AgainPressed,
    /// Enter in a field of one line.
    NextPressed,
    SavePressed,
    Saved(ReturneeId, IdempotencyKey, Result<Box<Returnee>, Failure>),
    HandedOver(ReturneeId, IdempotencyKey, Result<HandedOver, Failure>),
    QuestionLeft,
    ClosePressed,
}

/// What the parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// They were changed; show that in the list too.
    Changed(Box<Returnee>),
    /// They are another health centre's now; the name, and whose.
    Gone(String, HandedOver),
    Record(Box<Returnee>),
    Edit(Box<Returnee>),
    Close,
}

impl Opened {
    /// Opens someone.
    pub(super) fn open(id: ReturneeId, context: &Context) -> (Self, Task<Message>) {
        let opened = Self::closed(id);
        let nobody = operation::focus("follow-up-nothing");
        (opened, Task::batch([show(id, context), nobody]))
    }

    fn closed(id: ReturneeId) -> Self {
        Self {
            id,
            called: String::new(),
            returnee: None,
            failure: None,
            asked: None,
            lines: Lines::default(),
            pressed: false,
            colleagues: Vec::new(),
            centres: Centres::default(),
            receiving: Centres::default(),
            tried: None,
            saving: false,
            failed: false,
            left: Vec::new(),
            copied: None,
            gone: None,
        }
    }

    /// Opens someone whose record is at hand.
    pub(super) fn of(returnee: Box<Returnee>, context: &Context) -> (Self, Task<Message>) {
        let (mut opened, _) = Self::open(returnee.id, context);
        opened.returnee = Some(returnee);
        (opened, operation::focus("follow-up-nothing"))
    }

    /// Calls these health centres by their names.
    pub(super) fn know(&mut self, centres: Centres) {
        self.centres = centres;
    }

    /// Someone about whom this was asked before the window was closed.
    pub(super) fn restored(id: ReturneeId, name: String, asked: Vec<Asked>) -> Self {
        Self {
            called: name,
            left: asked,
            ..Self::closed(id)
        }
    }

    /// Takes up what was typed for a question earlier; hands it back where something else is
    /// typed or on its way for the same.
    pub(super) fn take_up(&mut self, earlier: Asked) -> Option<Asked> {
        let open = self.asked.iter().filter(|asked| asked.is_typed());
        if open.chain(&self.left).any(|there| *there == earlier) {
            return None;
        }
        let sent = self.tried.as_ref().filter(|_| self.saving || self.failed);
        let sent = sent.is_some_and(|(write, _)| Asked::of(write).is_same(&earlier));
        let there = self.asked.iter().chain(&self.left);
        if sent || there.into_iter().any(|there| there.is_same(&earlier)) {
            return Some(earlier);
        }
        self.left.push(earlier);
        None
    }

    /// Their name, as far as it is known.
    pub(super) fn name(&self) -> String {
        let returnee = self.returnee.as_ref();
        returnee.map_or_else(|| self.called.clone(), |it| it.details.name.to_string())
    }

    /// What was typed for questions and not saved.
    pub(super) fn questions(&self) -> Vec<Asked> {
        let typed = self.asked.iter().filter(|asked| asked.is_typed());
        typed.chain(&self.left).cloned().collect()
    }

    pub(super) fn id(&self) -> ReturneeId {
        self.id
    }

    /// Shows them again as they were left, and asks for them anew.
    pub(super) fn again(&self, context: &Context) -> Task<Message> {
        Task::batch([show(self.id, context), operation::focus(self.first())])
    }

    /// The name of what takes the keys first: a question's first field, or its reason where one was
    /// begun. Where nothing is asked, no field does, so that the keys of the page are free.
    pub(super) fn first(&self) -> &'static str {
        match &self.asked {
            Some(
                Asked::Period { reason, .. }
                | Asked::HandOver { reason, .. }
                | Asked::Withdrawal { reason, .. },
            ) if !reason.is_empty() => REASON,
            Some(_) => FIRST,
            None => "follow-up-nothing",
        }
    }

    /// Asks again for what could not be shown while the line was cut.
    pub(super) fn line_is_back(&mut self, context: &Context) -> Task<Message> {
        match self.failure.is_some() && !self.failed {
            true => show(self.id, context),
            false => Task::none(),
        }
    }

    /// How much was typed or sent that the server does not have.
    pub(super) fn unsaved_count(&self) -> usize {
        let typed = self.asked.as_ref().filter(|asked| asked.is_typed());
        let kept = || typed.into_iter().chain(&self.left);
        let sent = self.tried.as_ref().filter(|_| self.saving || self.failed);
        let sent = sent.map(|(write, _)| Asked::of(write));
        let apart = sent.is_some_and(|sent| !kept().any(|kept| kept.is_same(&sent)));
        kept().count() + usize::from(apart)
    }

    /// What could not be saved, in words; `None` while nothing came back.
    pub(super) fn unsaved(&self) -> Option<String> {
        let (write, _) = self.tried.as_ref().filter(|_| self.failed)?;
        let name = &self.returnee.as_ref()?.details.name;
        Some(match write {
            Write::Sign(_) => say!("follow_up.unsaved.sign", name = name),
            Write::Period(_) => say!("follow_up.unsaved.period", name = name),
            Write::Assignee(_) => say!("follow_up.unsaved.assignee", name = name),
            Write::HandOver(_) => say!("follow_up.unsaved.hand_over", name = name),
            Write::Withdrawal(_) => say!("follow_up.unsaved.withdrawal", name = name),
        })
    }

    /// Who changed them first, when what was sent clashed with that.
    pub(super) fn clashed_with(&self) -> Option<&str> {
        let failure = self.failure.as_ref().filter(|_| self.failed)?;
        let clash = failure.problem() == Some(ProblemCode::VersionClash);
        let returnee = self.returnee.as_ref().filter(|_| clash)?;
        let wrote = match &self.tried.as_ref()?.0 {
            Write::Withdrawal(withdrawn) => who_wrote(returnee, withdrawn.day)?,
            _ => &returnee.changed_by,
        };
        Some(wrote.name.as_str())
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        let action = self.take_message(message, context);
        let text = match &self.asked {
            Some(Asked::Sign { action, .. }) => action.as_str(),
            Some(
                Asked::Period { reason, .. }
                | Asked::HandOver { reason, .. }
                | Asked::Withdrawal { reason, .. },
            ) => reason.as_str(),
            Some(Asked::Assignee) | None => "",
        };
        self.lines.show(text);
        action
    }

    fn take_message(&mut self, message: Message, context: &Context) -> Action {
        match message {
            // What was asked about someone else concerns nobody in front.
            Message::Shown(id, _) if id != self.id => {}
            Message::Shown(_, Ok(returnee)) => {
                // What could not be saved is said until it was dealt with.
                if !self.failed {
                    self.failure = None;
                }
                self.take_in(returnee);
            }
            Message::Shown(_, Err(failure)) => self.failure = Some(failure),
            Message::Listed(Ok(colleagues)) => self.colleagues = colleagues.people,
            Message::Listed(Err(failure)) => self.failure = Some(failure),
            Message::ReloadPressed => return Action::Run(show(self.id, context)),
            Message::CopyPressed => {
                self.copied = self.phone().cloned();
                if let Some(phone) = &self.copied {
                    return Action::Run(iced::clipboard::write(words::phone(phone.as_str())));
                }
            }
            Message::RecordPressed => {
                return self.returnee.clone().map_or(Action::None, Action::Record);
            }
            Message::EditPressed => {
                return self.returnee.clone().map_or(Action::None, Action::Edit);
            }
            Message::SignPressed => {
                if let Some(sign) = self.open_sign().map(|sign| sign.id) {
                    return self.ask(Asked::Sign {
                        sign,
                        action: String::new(),
                    });
                }
            }
            Message::PeriodPressed => {
                if self.returnee.is_some() {
                    let blank = String::new();
                    return self.ask(Asked::Period {
                        last_day: blank.clone(),
                        reason: blank,
                    });
                }
            }
            Message::AssignPressed => {
                let list = context.api.call::<ListColleagues>(ColleaguesQuery {});
                self.ask(Asked::Assignee);
                return Action::Run(Task::perform(list, Message::Listed));
            }
            Message::HandOverPressed => {
                if self.returnee.is_some() {
                    let list = context.api.call::<ListReceivingCentres>(ReceivingQuery {});
                    let blank = String::new();
                    let asked = Asked::HandOver {
                        centre: blank.clone(),
                        reason: blank,
                    };
                    return match self.ask(asked) {
                        Action::Run(focus) => Action::Run(Task::batch([
                            focus,
                            Task::perform(list, Message::ReceivingListed),
                        ])),
                        other => other,
                    };
                }
            }
            Message::WithdrawPressed => {
                let left = self.left.iter();
                let mut left = left.filter(|left| matches!(left, Asked::Withdrawal { .. }));
                let proposed = self.written_last().map(|last| Asked::Withdrawal {
                    day: words::short_day(last.day),
                    seen: Some(InView::of(last)),
                    reason: String::new(),
                });
                if let Some(asked) = left.next_back().cloned().or(proposed) {
                    return match self.ask(asked) {
                        // The day is there already; mostly only the reason is missing.
                        Action::Run(_) => Action::Run(operation::focus(REASON)),
                        other => other,
                    };
                }
            }
            Message::ReceivingListed(Ok(listed)) => self.receiving = listed.offices.into(),
            Message::ReceivingListed(Err(failure)) => self.failure = Some(failure),
            Message::CentreTyped(text) => {
                self.pressed = false;
                if let Some(Asked::HandOver { centre, .. }) = &mut self.asked {
                    *centre = text;
                }
            }
            Message::CentreEntered => return Action::Run(operation::focus(REASON)),
            Message::TextEdited(edit) => {
                let text = self.lines.edit(edit);
                let kept = match &mut self.asked {
                    Some(Asked::Sign { action, .. }) => action,
                    Some(
                        Asked::Period { reason, .. }
                        | Asked::HandOver { reason, .. }
                        | Asked::Withdrawal { reason, .. },
                    ) => reason,
                    _ => return Action::None,
                };
                if *kept != text {
                    *kept = text;
                    self.pressed = false;
                }
            }
            Message::DayTyped(text) => {
                self.pressed = false;
                let in_view = self.in_view(&text, context);
                match &mut self.asked {
                    Some(Asked::Period { last_day, .. }) => *last_day = text,
                    Some(Asked::Withdrawal { day, seen, .. }) => {
                        (*day, *seen) = (text, in_view);
                    }
                    _ => {}
                }
            }
            Message::Assigned(nth) => {
                let colleague = self.colleagues.get(nth).map(|person| person.id);
                return colleague.map_or(Action::None, |id| self.assign(Some(id), context));
            }
            Message::MinePressed => return self.assign(Some(context.person.id), context),
            Message::NobodyPressed => return self.assign(None, context),
            Message::AgainPressed => return self.assign_again(context),
            Message::NextPressed => return Action::Run(operation::focus(REASON)),
            Message::SavePressed => {
                self.pressed = true;
                return self.save(context);
            }
            Message::Saved(id, key, result) => return self.saved(id, key, result),
            Message::HandedOver(id, key, result) => return self.handed_over(id, key, result),
            Message::QuestionLeft => {
                self.left.extend(self.asked.take().filter(Asked::is_typed));
                self.drop_answered();
                self.failure = None;
                self.failed = false;
            }
            Message::ClosePressed => return Action::Close,
        }
        Action::None
    }

    fn ask(&mut self, asked: Asked) -> Action {
        self.failure = None;
        self.gone = None;
        self.pressed = false;
        // Asked again, it goes on where it was left.
        let at = self.left.iter().position(|left| left.is_same(&asked));
        self.asked = Some(at.map_or(asked, |at| self.left.remove(at)));
        Action::Run(operation::focus(FIRST))
    }

    /// The number at which they are called.
    fn phone(&self) -> Option<&Phone> {
        self.returnee.as_ref()?.details.phone.as_ref()
    }

    fn open_sign(&self) -> Option<&Sign> {
        let signs = &self.returnee.as_ref()?.signs;
        signs.iter().find(|sign| sign.closed.is_none())
    }

    /// Shows them as they are now, unless a later state is shown already.
    pub(super) fn take_in(&mut self, returnee: Box<Returnee>) {
        let shown = self.returnee.as_ref();
        let older = shown.is_some_and(|shown| shown.version > returnee.version);
        if !older {
            self.returnee = Some(returnee);
            self.drop_answered();
        }
    }

    /// Drops what was typed for what can be asked for nowhere any more: a sign that is closed by
    /// now, a record that is withdrawn.
    fn drop_answered(&mut self) {
        let Some(returnee) = &self.returnee else {
            return;
        };
        let is_open = |id| {
            let mut signs = returnee.signs.iter();
            signs.any(|it| it.id == id && it.closed.is_none())
        };
        let is_recorded = |day| returnee.observations.iter().any(|seen| seen.day == day);
        self.left.retain(|left| match left {
            Asked::Sign { sign, .. } => is_open(*sign),
            Asked::Withdrawal { seen, .. } => {
                let anything = !returnee.observations.is_empty();
                seen.map_or(anything, |seen| is_recorded(seen.day))
            }
            Asked::Period { .. } | Asked::Assignee | Asked::HandOver { .. } => true,
        });
    }
}

/// Who recorded this day last, or withdrew its record.
fn who_wrote(returnee: &Returnee, day: Day) -> Option<&Person> {
    let mut seen = returnee.observations.iter();
    let seen = seen.find(|seen| seen.day == day).map(|it| &it.recorded_by);
    let mut withdrawn = returnee.withdrawn.iter();
    seen.or_else(|| withdrawn.find(|it| it.day == day).map(|it| &it.by))
}

fn show(id: ReturneeId, context: &Context) -> Task<Message> {
    let call = context.api.call::<ShowReturnee>(ReturneeQuery { id });
    Task::perform(call, move |result| Message::Shown(id, result.map(Box::new)))
}
