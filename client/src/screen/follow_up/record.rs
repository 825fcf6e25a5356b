//! Recording a day: five keys when nothing is wrong, and nothing assumed that is not shown.
//!
//! A temperature below the sign, typed and accepted with Enter, stands for "reached by phone, no
//! symptoms of the returnee or the household"; the screen says so before anything is saved.
//! Blank stays blank: without a temperature nothing is presumed.

use std::collections::BTreeMap;

use iced::Task;
use iced::widget::operation;
use iced::widget::scrollable::RelativeOffset;
use shared::Day;
use shared::follow_up::observation::{Findings, Reach, RecordedDay, Symptom};
use shared::follow_up::returnee::{Returnee, ReturneeQuery, ShowReturnee};
use shared::id::{IdempotencyKey, ReturneeId};
use shared::text;

use super::clash;
use super::line::Line;
use super::words;
use crate::api::Failure;
use crate::screen::Context;
use crate::ui::area::{Edit, Lines};
use comparison::Comparison;
use pen::Typed;
use saving::Tried;

mod below;
mod comparison;
mod pen;
mod saving;
mod symptoms;
mod view;

pub(super) use pen::{Draft, Field, Group, Trouble};
pub(super) use saving::send;
pub(super) use view::{TEMPERATURE, bindings, view};

/// One returnee's day under the pen.
#[derive(Debug)]
pub(super) struct Record {
    line: Line,
    day: Day,
    returnee: Option<Box<Returnee>>,
    unseen: Option<Failure>,
    drafts: BTreeMap<Day, Draft>,
    /// The day on which the line was listed, to which its version of today belongs.
    listed: Day,
    /// Whose symptoms the digits turn; nobody's before `+` or a click gave them away.
    armed: Option<Group>,
    trouble: Option<Trouble>,
    comparison: Option<Box<Comparison>>,
    /// The note of the day in view.
    note: Lines,
    tried: Option<Tried>,
    /// Save as soon as it is known what stands there already.
    save_once_seen: bool,
    /// What was typed for a day and thrown away, the last of it last; it can be brought back while
    /// the record is open.
    thrown: BTreeMap<Day, Vec<Draft>>,
    /// What was brought back last.
    brought_back: Option<Draft>,
}

/// What happened while recording.
#[derive(Clone, Debug)]
pub(super) enum Message {
    Seen(ReturneeId, Result<Box<Returnee>, Failure>),
    TemperatureTyped(String),
    ReachChosen(Reach),
    Digit(u8),
    Turned(Group, Symptom),
    NoneChosen(Group),
    OtherTyped(Group, String),
    NoteEdited(Edit),
    NextGroup,
    DayBefore,
    DayAfter,
    SavePressed,
    /// The note is typed next.
    NotePressed,
    /// What was typed for the day in view is thrown away, or what was thrown away is meant after
    /// all.
    ThrowPressed,
    Compared(clash::Message),
    CompareLeft,
    CancelPressed,
}

/// What the parent must do.
pub(super) enum Action {
    None,
    Run(Task<Message>),
    /// Send this and go on; the answer comes back to [`Record::answered`].
    Send(RecordedDay, IdempotencyKey),
    /// Put the pen down; what was typed is kept.
    Close,
}

impl Record {
    /// The day `today` of someone in the list, with what was typed for them before.
    pub(super) fn open(
        line: Line,
        drafts: BTreeMap<Day, Draft>,
        context: &Context,
    ) -> (Self, Task<Message>) {
        let today = context.world.today();
        let id = line.id;
        let mut record = Self {
            day: today.clamp(line.first_day, line.last_day.max(line.first_day)),
            trouble: (line.first_day > today).then_some(Trouble::NotBegun),
            line,
            returnee: None,
            unseen: None,
            drafts,
            listed: today,
            armed: None,
            comparison: None,
            note: Lines::default(),
            tried: None,
            save_once_seen: false,
            thrown: BTreeMap::new(),
            brought_back: None,
        };
        record.show_note();
        let show = Task::perform(
            context.api.call::<ShowReturnee>(ReturneeQuery { id }),
            move |result| Message::Seen(id, result.map(Box::new)),
        );
        // Whoever was there before may have been scrolled down.
        let top = operation::snap_to(view::ENTRY, RelativeOffset::START);
        let first = operation::focus(TEMPERATURE);
        (record, Task::batch([show, top, first]))
    }

    pub(super) fn id(&self) -> ReturneeId {
        self.line.id
    }

    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    pub(super) fn day(&self) -> Day {
        self.day
    }

    /// What was typed and not saved.
    pub(super) fn drafts(&self) -> BTreeMap<Day, Draft> {
        self.drafts
            .iter()
            .filter(|(_, draft)| draft.is_touched())
            .map(|(day, draft)| (*day, draft.clone()))
            .collect()
    }

    /// What was typed for this day and not saved.
    pub(super) fn draft(&self, day: Day) -> Option<&Draft> {
        self.drafts.get(&day).filter(|draft| draft.is_touched())
    }

    /// Whether nothing was typed for the day in view.
    pub(super) fn is_untouched(&self) -> bool {
        !self.drafts.get(&self.day).is_some_and(Draft::is_touched)
    }

    pub(super) fn update(&mut self, message: Message, context: &Context) -> Action {
        let action = self.take_in(message, context);
        self.show_note();
        action
    }

    /// Somebody comes back to it: what is typed next is the temperature, and no digit turns a
    /// symptom any more. Gives the name of the field.
    pub(super) fn entered(&mut self) -> &'static str {
        self.armed = None;
        TEMPERATURE
    }

    fn take_in(&mut self, message: Message, context: &Context) -> Action {
        // What is wrong was said; typing on answers it.
        if !matches!(message, Message::Seen(..)) {
            self.is_told();
            self.trouble = None;
            // Enter held for what was typed then, not for what is being retyped now.
            self.save_once_seen = false;
        }
        match message {
            Message::Seen(id, result) if id == self.line.id => return self.seen(result, context),
            Message::Seen(..) => {}
            Message::TemperatureTyped(text) => return self.temperature_typed(&text),
            Message::ReachChosen(reach) => {
                let pen = self.pen_mut();
                pen.reach = (pen.reach != Some(reach)).then_some(reach);
                // The temperature is typed next, unless the digits stand beside the symptoms.
                if self.armed.is_none() {
                    return Action::Run(operation::focus(TEMPERATURE));
                }
            }
            Message::Digit(digit) => self.digit(digit),
            Message::Turned(group, symptom) => {
                self.armed = Some(group);
                self.turn(group, symptom);
            }
            Message::NoneChosen(group) => {
                self.armed = Some(group);
                self.turn_none(group);
            }
            Message::OtherTyped(group, other) => {
                let asked = self.group_mut(group).get_or_insert_default();
                asked.present.insert(Symptom::Other);
                asked.other = other;
            }
            Message::NoteEdited(edit) => {
                let note = self.note.edit(edit);
                // Clicking into it and moving about in it types nothing.
                if note != self.note_shown() {
                    self.pen_mut().note = Some(note);
                }
            }
            Message::NextGroup => return self.next_group(),
            Message::DayBefore => return self.go_to(self.day.plus(-1), context),
            Message::DayAfter => return self.go_to(self.day.plus(1), context),
            Message::SavePressed if self.comparison.is_some() => return self.settle(context),
            Message::SavePressed => return self.save(context),
            Message::NotePressed => return Action::Run(operation::focus(view::NOTE)),
            Message::ThrowPressed => {
                self.throw_or_take_back();
                let focus = operation::focus(self.entered());
                // What was sent may have arrived, although no answer came.
                return match self.tried.is_some() {
                    true => Action::Run(Task::batch([focus, self.show_again(context)])),
                    false => Action::Run(focus),
                };
            }
            Message::Compared(message) => {
                if let Some(comparison) = &mut self.comparison {
                    comparison.clash.update(message);
                }
            }
            // What was typed still stands over what was seen then: the next save compares again.
            Message::CompareLeft => {
                self.comparison = None;
                return Action::Run(operation::focus(TEMPERATURE));
            }
            Message::CancelPressed => return Action::Close,
        }
        Action::None
    }

    fn seen(&mut self, result: Result<Box<Returnee>, Failure>, context: &Context) -> Action {
        match result {
            Ok(returnee) => {
                self.line = Line::of_returnee(&returnee, context.world.today());
                self.returnee = Some(returnee);
                self.unseen = None;
                self.look_below();
                if std::mem::take(&mut self.save_once_seen) {
                    return self.save(context);
                }
            }
            Err(failure) => {
                if std::mem::take(&mut self.save_once_seen) {
                    self.trouble = Some(Trouble::Failed(failure.clone()));
                }
                self.unseen = Some(failure);
            }
        }
        Action::None
    }

    /// Asks again for what could not be shown while the line was cut.
    pub(super) fn line_is_back(&mut self, context: &Context) -> Task<Message> {
        match self.unseen.take() {
            None => Task::none(),
            Some(_) => self.show_again(context),
        }
    }

    fn show_again(&self, context: &Context) -> Task<Message> {
        let id = self.line.id;
        let show = context.api.call::<ShowReturnee>(ReturneeQuery { id });
        Task::perform(show, move |result| Message::Seen(id, result.map(Box::new)))
    }

    /// Types one more sign of the temperature, while the field does not have the keys yet.
    pub(super) fn type_on(&mut self, sign: char) {
        let typed = self.typed().and_then(|typed| typed.temperature.clone());
        self.temperature_typed(&format!("{}{sign}", typed.unwrap_or_default()));
    }

    fn temperature_typed(&mut self, typed: &str) -> Action {
        let mut kept = String::new();
        let mut action = Action::None;
        for c in text::fold_width(&typed.replace('。', ".")).chars() {
            match c {
                '0'..='9' | '.' | ',' => kept.push(c),
                '+' | ';' => action = self.next_group(),
                c => {
                    let letter = c.to_ascii_lowercase();
                    let chosen = Reach::ALL
                        .into_iter()
                        .find(|r| words::reach_key(*r) == letter);
                    if chosen.is_some() {
                        self.pen_mut().reach = chosen;
                    }
                }
            }
        }
        let stored = self.stored().and_then(|seen| seen.findings.temperature);
        let pen = self.pen_mut();
        // Emptied again where none is stored, nothing was typed: nobody is told of a draft.
        let is_something = !kept.is_empty() || stored.is_some() && pen.temperature.is_some();
        pen.temperature = is_something.then_some(kept);
        action
    }

    fn go_to(&mut self, day: Day, context: &Context) -> Action {
        let within = day >= self.line.first_day && day <= self.line.last_day;
        if within && day <= context.world.today() {
            self.day = day;
            self.comparison = None;
            return Action::Run(operation::focus(TEMPERATURE));
        }
        Action::None
    }

    fn throw_or_take_back(&mut self) {
        match self.drafts.remove(&self.day).filter(Draft::is_touched) {
            Some(draft) => {
                let thrown = self.thrown.entry(self.day).or_default();
                let brought_back = self.brought_back.take();
                // What was not meant when it was brought back comes after all the others.
                match brought_back.is_some_and(|it| it.says_the_same(&draft)) {
                    true => thrown.insert(0, draft),
                    false => thrown.push(draft),
                }
            }
            None => {
                if let Some(draft) = self.thrown.get_mut(&self.day).and_then(Vec::pop) {
                    self.brought_back = Some(draft.clone());
                    self.drafts.insert(self.day, draft);
                    // What stands below it may have been seen meanwhile.
                    self.look_below();
                }
            }
        }
    }

    /// Whether something was thrown away that can be brought back to the day in view.
    fn has_thrown(&self) -> bool {
        let thrown = self.thrown.get(&self.day);
        self.is_untouched() && thrown.is_some_and(|thrown| !thrown.is_empty())
    }

    /// The note of the day in view: as it was typed, else as it is stored.
    fn note_shown(&self) -> String {
        let typed = self.typed().and_then(|typed| typed.note.clone());
        typed.unwrap_or_else(|| {
            let stored = self.stored().and_then(|seen| seen.findings.note.as_ref());
            stored.map_or_else(String::new, ToString::to_string)
        })
    }

    fn show_note(&mut self) {
        let note = self.note_shown();
        self.note.show(&note);
    }

    fn pen(&self) -> Typed {
        self.typed().cloned().unwrap_or_default()
    }

    /// What was typed for the day in view, if anything.
    fn typed(&self) -> Option<&Typed> {
        self.drafts.get(&self.day).map(|draft| &draft.typed)
    }

    /// What would be saved for the day in view.
    fn findings(&self) -> Result<Findings, Trouble> {
        self.pen()
            .findings(self.stored().map(|seen| &seen.findings))
    }

    fn pen_mut(&mut self) -> &mut Typed {
        let below = self.below(self.day);
        let draft = self.drafts.entry(self.day).or_default();
        if !draft.is_touched() {
            draft.below = below;
        }
        &mut draft.typed
    }
}
