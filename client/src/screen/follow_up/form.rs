//! The form of a returnee: entered by hand or corrected; nothing typed is lost.

use std::collections::HashMap;

use iced::Task;
use iced::widget::operation;
use serde::{Deserialize, Serialize};
use shared::follow_up::import::AlikePerson;
use shared::follow_up::returnee::{ChangedReturnee, NewReturnee, Returnee};
use shared::id::{IdempotencyKey, ReturneeId};
use shared::offices::Office;
use shared::text::Refused;

use super::clash::{self, Clash};
use crate::api::Failure;
use crate::screen::Context;
use crate::ui::area::{Edit, Lines};
use centre::Choosing;

mod centre;
mod field;
mod saving;
mod view;

pub(super) use centre::{Centres, matching, meant};
pub(super) use field::Field;
pub(super) use view::{bindings, focus_name, view};

/// What the form says about a field after it was left.
#[derive(Clone, Debug, PartialEq)]
enum Verdict {
    Wrong(Refused),
    /// Width or form was put right; this is what had been typed.
    PutRight(String),
}

/// A returnee's details under the pen.
#[derive(Debug)]
pub(super) struct Form {
    /// Who is corrected, as they were seen; `None` for someone new.
    seen: Option<Box<Returnee>>,
    texts: HashMap<Field, String>,
    /// The remarks, which have several lines.
    remarks: Lines,
    /// The health centres that may be chosen; none while they are not known.
    centres: Centres,
    choosing: Choosing,
    verdicts: HashMap<Field, Verdict>,
    /// Something was typed since the form was opened.
    touched: bool,
    saving: bool,
    failure: Option<Failure>,
    alike: Option<Box<AlikePerson>>,
    clash: Option<Box<Comparison>>,
    /// The write that was sent last, until the server has said yes or no to it.
    tried: Option<(Write, IdempotencyKey)>,
    /// An older write is repeated first; this is whether the form goes after it although
    /// someone is alike.
    next: Option<bool>,
}

/// Both versions, and the present record, which counts as seen only once a choice was made.
#[derive(Debug)]
struct Comparison {
    clash: Clash<Field>,
    present: Box<Returnee>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Write {
    Enter(NewReturnee),
    Change(ChangedReturnee),
}

/// A form as it outlives the window.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    seen: Option<Box<Returnee>>,
    texts: Vec<(Field, String)>,
    tried: Option<(Write, IdempotencyKey)>,
}

impl Kept {
    /// Whom it corrects.
    pub(super) fn whom(&self) -> Option<uuid::Uuid> {
        self.seen.as_ref().map(|seen| seen.id.0)
    }
}

/// What happened on the form.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Typed(Field, String),
    RemarksEdited(Edit),
    /// The mark among the health centres offered goes down, or up.
    CentreStepped(bool),
    /// This one of those offered was chosen.
    CentreChosen(usize),
    /// Enter in the field of the health centre.
    CentreEntered,
    /// One of a few was chosen; once more takes it back.
    Chosen(Field, &'static str),
    Left(Field),
    NextPressed,
    JumpPressed(Field),
    SavePressed,
    AddPressed,
    OtherPressed,
    AlikeLeft,
    /// The answer to what the form of this person, or of someone new, has sent.
    Saved(Option<ReturneeId>, Result<Box<Returnee>, Failure>),
    Compared(clash::Message),
    CompareLeft,
    CancelPressed,
}

/// What the parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// It is saved; show them.
    Saved(Box<Returnee>),
    /// Show this other person instead.
    Open(ReturneeId),
    Close,
}

impl Form {
    /// A blank form.
    pub(super) fn blank() -> Self {
        Self {
            seen: None,
            texts: HashMap::new(),
            remarks: Lines::default(),
            centres: Centres::default(),
            choosing: Choosing::default(),
            verdicts: HashMap::new(),
            touched: false,
            saving: false,
            failure: None,
            alike: None,
            clash: None,
            tried: None,
            next: None,
        }
    }

    /// The form of someone who is there.
    pub(super) fn of(returnee: Box<Returnee>) -> Self {
        let texts = Field::ALL.map(|field| (field, field.write(&returnee.details)));
        let mut form = Self {
            texts: texts.into(),
            seen: Some(returnee),
            ..Self::blank()
        };
        form.show_remarks();
        form
    }

    /// The form as it is kept.
    pub(super) fn kept(&self) -> Kept {
        let texts = Field::ALL.map(|field| (field, self.text(field).to_owned()));
        Kept {
            seen: self.seen.clone(),
            texts: texts.into(),
            tried: self.tried.clone(),
        }
    }

    /// The form as it was kept.
    pub(super) fn restored(kept: Kept) -> Self {
        let mut form = Self {
            seen: kept.seen,
            texts: kept.texts.into_iter().collect(),
            tried: kept.tried,
            touched: true,
            ..Self::blank()
        };
        form.show_remarks();
        form
    }

    /// The name as it is typed.
    pub(super) fn name(&self) -> &str {
        self.text(Field::Name)
    }

    /// Whom it corrects; `None` for someone new.
    pub(super) fn whom(&self) -> Option<ReturneeId> {
        self.seen.as_ref().map(|seen| seen.id)
    }

    /// Whether anything on it is not saved, or still under way.
    pub(super) fn is_wanted(&self) -> bool {
        self.touched || self.saving
    }

    /// Whose form came back unsaved, if it did.
    pub(super) fn unsaved(&self) -> Option<&str> {
        let back = self.failure.is_some() || self.alike.is_some() || self.clash.is_some();
        (back && !self.saving).then(|| self.text(Field::Name))
    }

    /// Who saved first what is compared.
    pub(super) fn clashed_with(&self) -> Option<&str> {
        self.clash.as_ref().map(|both| both.clash.by())
    }

    fn text(&self, field: Field) -> &str {
        self.texts.get(&field).map_or("", String::as_str)
    }

    /// Lets these health centres be chosen.
    pub(super) fn offer(&mut self, centres: Centres) {
        self.centres = centres;
    }

    /// Those offered for what is typed, while it is typed.
    fn offered(&self) -> Vec<&Office> {
        if !self.choosing.open {
            return Vec::new();
        }
        centre::matching(&self.centres, self.text(Field::HealthCentre))
    }

    fn choose_centre(&mut self, at: usize) {
        if let Some(code) = self.offered().get(at).map(|office| office.code.to_string()) {
            self.texts.insert(Field::HealthCentre, code);
            self.verdicts.remove(&Field::HealthCentre);
            self.touched = true;
        }
        self.choosing.open = false;
    }

    /// Puts the code of the centre that was meant in place of what was typed for it.
    fn settle_centre(&mut self) {
        let typed = self.text(Field::HealthCentre);
        let meant = centre::meant(&self.centres, typed).filter(|_| !typed.trim().is_empty());
        if let Some(code) = meant.map(|office| office.code.to_string()) {
            self.texts.insert(Field::HealthCentre, code);
        }
    }

    fn show_remarks(&mut self) {
        let remarks = self.text(Field::Remarks).to_owned();
        self.remarks.show(&remarks);
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        let action = self.take_in(message, context);
        self.show_remarks();
        action
    }

    fn take_in(&mut self, message: Message, context: &Context) -> Action {
        match message {
            Message::RemarksEdited(edit) => {
                let text = self.remarks.edit(edit);
                if text != self.text(Field::Remarks) {
                    return self.take_in(Message::Typed(Field::Remarks, text), context);
                }
            }
            Message::Typed(field, text) => {
                self.texts.insert(field, text);
                self.verdicts.remove(&field);
                self.touched = true;
                self.alike = None;
                if field == Field::HealthCentre {
                    self.choosing.begin();
                    // What is offered stands below the field, at the end of the form.
                    return Action::Run(operation::snap_to_end(view::FORM));
                }
            }
            Message::CentreStepped(down) => {
                let offered = self.offered().len();
                self.choosing.step(down, offered);
            }
            Message::CentreChosen(at) => self.choose_centre(at),
            Message::CentreEntered => {
                self.choose_centre(self.choosing.marked);
                return Action::Run(operation::focus_next());
            }
            Message::Chosen(field, word) => {
                let again = self.text(field) == word;
                let text = if again {
                    String::new()
                } else {
                    word.to_owned()
                };
                return self.take_in(Message::Typed(field, text), context);
            }
            Message::Left(Field::HealthCentre) => {
                // A click on one that is offered takes the keys first and must still find it.
                self.settle_centre();
                self.judge(Field::HealthCentre, context);
            }
            Message::Left(field) => self.judge(field, context),
            Message::NextPressed => return Action::Run(operation::focus_next()),
            Message::JumpPressed(field) => return Action::Run(operation::focus(view::name(field))),
            Message::SavePressed if self.clash.is_some() => return self.settle(context),
            Message::SavePressed => return self.save(false, context),
            Message::AddPressed => return self.save(true, context),
            Message::OtherPressed => {
                if let Some(id) = self.alike.as_ref().and_then(|alike| alike.id) {
                    return Action::Open(id);
                }
            }
            Message::AlikeLeft => self.alike = None,
            Message::Saved(_, result) => return self.saved(result, context),
            Message::Compared(message) => {
                if let Some(both) = &mut self.clash {
                    both.clash.update(message);
                }
            }
            // What they saved stays unseen: the next save compares again.
            Message::CompareLeft => self.clash = None,
            Message::CancelPressed => return Action::Close,
        }
        Action::None
    }

    /// Whether what was typed for the health centre is none that may be chosen.
    fn is_unknown_centre(&self) -> bool {
        let typed = self.text(Field::HealthCentre);
        let known = |office: &Office| office.code.as_str() == typed;
        !self.centres.is_empty() && !typed.trim().is_empty() && !self.centres.iter().any(known)
    }

    /// Says what is wrong with a field as it is left, or puts its width right.
    fn judge(&mut self, field: Field, context: &Context) {
        let typed = self.text(field).to_owned();
        if typed.trim().is_empty() && !field.is_required() {
            self.verdicts.remove(&field);
            return;
        }
        let read = match field {
            Field::HealthCentre if self.is_unknown_centre() => Err(Refused::new("health_centre")),
            _ => field.read(&typed, context.world.today()),
        };
        match read {
            Err(refused) => {
                self.verdicts.insert(field, Verdict::Wrong(refused));
            }
            Ok(kept) if kept != typed => {
                self.texts.insert(field, kept);
                if !field.is_day() && field != Field::Name {
                    self.verdicts.insert(field, Verdict::PutRight(typed));
                }
            }
            Ok(_) => {
                // What was put right earlier stays said until it is typed anew.
                if matches!(self.verdicts.get(&field), Some(Verdict::Wrong(_))) {
                    self.verdicts.remove(&field);
                }
            }
        }
    }

    /// The fields that are wrong, in reading order.
    fn wrong(&self) -> Vec<(Field, Refused)> {
        Field::ALL
            .into_iter()
            .filter_map(|field| match self.verdicts.get(&field) {
                Some(Verdict::Wrong(refused)) => Some((field, *refused)),
                _ => None,
            })
            .collect()
    }
}
