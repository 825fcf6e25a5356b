//! Following up returnees (帰国者フォローアップ): the work list, and in front of it the day, the
//! returnee or the form that is being worked on.

use std::collections::{BTreeMap, HashMap};

use iced::Task;
use iced::widget::operation;
use shared::Day;
use shared::follow_up::returnee::{HealthCentres, HealthCentresQuery, ListHealthCentres, Returnee};
use shared::id::ReturneeId;

use super::{Context, Part};
use crate::api::Failure;
use crate::ui::focus::focus_if_idle;
use form::Form;
use kept::Found;
use notice::Notice;
use opened::Opened;
use record::Record;
use unsaved::Sent;
use work_list::{Filter, WorkList};

mod clash;
mod form;
mod kept;
mod line;
mod notice;
mod opened;
mod record;
mod strip;
mod unsaved;
mod view;
mod words;
mod work_list;

pub use kept::Kept;

#[cfg(test)]
mod tests;

/// The screen's state.
pub struct FollowUp {
    list: WorkList,
    front: Option<Front>,
    /// What was typed for someone and neither saved nor thrown away.
    drafts: HashMap<ReturneeId, BTreeMap<Day, record::Draft>>,
    /// Forms that were left with something typed on them; the one of nobody is a new returnee's.
    forms: HashMap<Option<ReturneeId>, Box<Form>>,
    /// Returnees that were left while something asked about them was typed, on its way, or had
    /// come back.
    behind: HashMap<ReturneeId, Box<Opened>>,
    /// The names of those whose days are among the drafts.
    names: HashMap<ReturneeId, String>,
    /// What was typed for the same as something else that is not saved; it comes after that.
    apart: Kept,
    /// What was found of an earlier session and not opened since.
    found: Vec<Found>,
    /// Whose day is recorded on as soon as they are shown.
    to_record: Option<ReturneeId>,
    /// The health centres that may be chosen in a form.
    centres: form::Centres,
    /// Days on their way to the server, and those that came back.
    sent: Vec<Sent>,
    /// What was done last, until something else is done or the room is left.
    notice: Option<Notice>,
}

enum Front {
    Record(Box<Record>),
    Opened(Box<Opened>),
    Form(Box<Form>),
}

/// What happened on it.
#[derive(Debug, Clone)]
pub struct Message(Happened);

#[derive(Debug, Clone)]
enum Happened {
    List(work_list::Message),
    Record(record::Message),
    Opened(opened::Message),
    Form(form::Message),
    CentresListed(Result<HealthCentres, Failure>),
    Recorded(ReturneeId, Day, Result<Box<Returnee>, Failure>),
    UnsavedPressed,
    RecordPressed,
    OpenPressed(usize),
    NewPressed,
    ImportPressed,
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Show the import of a quarantine list.
    ImportPressed,
}

impl FollowUp {
    /// The screen as it opens, with all whose follow-up is open.
    pub fn new(context: &Context) -> (Self, Task<Message>) {
        let (list, task) = WorkList::open(None, 0, context);
        let screen = Self {
            list,
            front: None,
            drafts: HashMap::new(),
            forms: HashMap::new(),
            behind: HashMap::new(),
            names: HashMap::new(),
            apart: Kept::default(),
            found: Vec::new(),
            to_record: None,
            centres: form::Centres::default(),
            sent: Vec::new(),
            notice: None,
        };
        (screen, Task::batch([task.map(on_list), centres(context)]))
    }

    /// Shows a part of the list.
    pub fn show(&mut self, part: Part, context: &Context) -> Task<Message> {
        let filter = match part {
            Part::NotReachedToday => Some(Filter::NotReachedToday),
            Part::WithSigns => Some(Filter::WithSigns),
            Part::EndingToday => Some(Filter::EndingToday),
            Part::Mine => Some(Filter::Mine),
            Part::Open => None,
        };
        self.put_down();
        self.notice = None;
        let (list, task) = WorkList::open(filter, self.list.turn(), context);
        self.list = list;
        task.map(on_list)
    }

    /// Asks for the list anew, because it has changed elsewhere; what was typed stays.
    pub fn refresh(&mut self, context: &Context) -> Task<Message> {
        self.list.reload(context).map(on_list)
    }

    /// The line was cut and is back: what could not be shown is asked for again. What could not be
    /// saved waits for whoever typed it.
    pub fn line_is_back(&mut self, context: &Context) -> Task<Message> {
        let list = match self.list.has_failed() {
            true => self.list.reload(context).map(on_list),
            false => Task::none(),
        };
        let front = match &mut self.front {
            Some(Front::Opened(opened)) => opened.line_is_back(context).map(on_opened),
            Some(Front::Record(record)) => record.line_is_back(context).map(on_record),
            Some(Front::Form(_)) | None => Task::none(),
        };
        Task::batch([list, front])
    }

    /// Gives the keys to what was in front when the screen was left. What was done before is no
    /// news any more.
    pub fn entered(&mut self) -> Task<Message> {
        self.notice = None;
        operation::focus(match &mut self.front {
            Some(Front::Record(record)) => record.entered().to_owned(),
            Some(Front::Form(_)) => form::focus_name(),
            Some(Front::Opened(opened)) => opened.first().to_owned(),
            None => work_list::LIST.to_owned(),
        })
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        let action = self.happened(message.0, context);
        self.take_up_apart();
        action
    }

    fn happened(&mut self, happened: Happened, context: &Context) -> Action {
        // Somebody is about something else; an answer that comes late is not.
        if let Happened::UnsavedPressed
        | Happened::RecordPressed
        | Happened::OpenPressed(_)
        | Happened::NewPressed
        | Happened::ImportPressed = happened
        {
            self.list.forget_the_blind();
        }
        match happened {
            Happened::List(work_list::Message::RecordPressed) if !self.list.awaits_search() => {
                self.record_whom_the_answer_named(context)
            }
            Happened::List(work_list::Message::DigitPressed(digit))
                if !self.list.holds_digits() =>
            {
                if let Some(Front::Record(record)) = &mut self.front {
                    record.type_on(digit);
                }
                Action::None
            }
            Happened::List(message) => {
                let vacant = self.list.is_vacant();
                let marked = self.list.marked().map(|line| line.id);
                let listed = matches!(message, work_list::Message::Listed(..));
                let task = self.list.update(message, context).map(on_list);
                if listed {
                    self.mark_the_recorded(marked);
                    if let Some((line, typed)) = self.list.take_the_found(context) {
                        return self.record_the_found(line, &typed, context);
                    }
                }
                if vacant && !self.list.is_vacant() && self.front.is_none() {
                    return Action::Run(Task::batch([task, focus_if_idle(work_list::LIST)]));
                }
                Action::Run(task)
            }
            Happened::Record(message) => self.recording(message, context),
            Happened::Recorded(id, day, result) => self.recorded(id, day, result, context),
            Happened::UnsavedPressed => self.reopen_unsaved(context),
            Happened::RecordPressed => {
                self.notice = None;
                match self.list.marked().cloned() {
                    Some(line) => self.record(line, context),
                    None => Action::None,
                }
            }
            Happened::OpenPressed(index) => match self.list.line(index).map(|line| line.id) {
                Some(id) => self.open(id, context),
                None => Action::None,
            },
            Happened::Opened(message) => self.on_opened(message, context),
            Happened::Form(message) => self.on_form(message, context),
            Happened::CentresListed(result) => {
                // Without them the code can still be typed; they are asked for again with the
                // next form.
                if let Ok(listed) = result {
                    self.centres = listed.offices.into();
                    if let Some(Front::Form(form)) = &mut self.front {
                        form.offer(self.centres.clone());
                    }
                    if let Some(Front::Opened(opened)) = &mut self.front {
                        opened.know(self.centres.clone());
                    }
                }
                Action::None
            }
            Happened::NewPressed => {
                let form = self.forms.remove(&None);
                self.edit(form.unwrap_or_else(|| Box::new(Form::blank())), context)
            }
            Happened::ImportPressed => Action::ImportPressed,
        }
    }

    /// Marks whose record is open after rows came, unless somebody else was marked since and
    /// still is: a mark that moved by itself would name the wrong person.
    fn mark_the_recorded(&mut self, before: Option<ReturneeId>) {
        let marked = self.list.marked().map(|line| line.id);
        if let Some(Front::Record(record)) = &self.front
            && (marked.is_none() || marked != before)
        {
            self.list.mark(record.id());
        }
    }

    /// Opens today's record of the one whom a search found, with the temperature that was typed
    /// before they were in view; not where something else was typed for them before, which nobody
    /// has seen again yet.
    fn record_the_found(&mut self, line: line::Line, typed: &str, context: &Context) -> Action {
        let has_more = self.drafts.contains_key(&line.id)
            || self.sent.iter().any(|sent| sent.record.id() == line.id);
        if has_more || self.front.is_some() {
            self.list.open_nothing();
            return Action::None;
        }
        let action = self.record(line, context);
        if let Some(Front::Record(record)) = &mut self.front {
            for digit in typed.chars() {
                record.type_on(digit);
            }
        }
        action
    }

    /// Space was pressed while nobody was in view, and the answer came before the key was read.
    fn record_whom_the_answer_named(&mut self, context: &Context) -> Action {
        match self.list.only() {
            Some(line) if self.front.is_none() => self.record_the_found(line.clone(), "", context),
            _ => {
                self.list.open_nothing();
                Action::None
            }
        }
    }

    /// Somebody goes to another room, or the lock comes in front: nothing opens behind their back.
    pub fn left(&mut self) {
        self.list.forget_the_blind();
    }

    /// Opens today's record of someone; one that could not be saved comes back as it was.
    fn record(&mut self, line: line::Line, context: &Context) -> Action {
        self.put_down();
        if let Some(at) = self
            .sent
            .iter()
            .position(|sent| sent.failed && sent.record.id() == line.id)
        {
            let sent = self.sent.remove(at);
            return self.bring_back(sent.record);
        }
        self.list.mark(line.id);
        let typed = self.drafts.remove(&line.id).unwrap_or_default();
        let (record, task) = Record::open(line, typed, context);
        self.front = Some(Front::Record(Box::new(record)));
        Action::Run(task.map(on_record))
    }

    fn open(&mut self, id: ReturneeId, context: &Context) -> Action {
        self.to_record = None;
        self.put_down();
        self.notice = None;
        let (mut opened, task) = match self.behind.remove(&id) {
            Some(opened) => {
                let task = opened.again(context);
                (opened, task)
            }
            None => {
                let (opened, task) = Opened::open(id, context);
                (Box::new(opened), task)
            }
        };
        opened.know(self.centres.clone());
        self.front = Some(Front::Opened(opened));
        Action::Run(task.map(on_opened))
    }

    fn edit(&mut self, mut form: Box<Form>, context: &Context) -> Action {
        self.put_down();
        form.offer(self.centres.clone());
        let ask = match self.centres.is_empty() {
            true => centres(context),
            false => Task::none(),
        };
        self.notice = None;
        self.front = Some(Front::Form(form));
        Action::Run(Task::batch([operation::focus(form::focus_name()), ask]))
    }

    fn on_opened(&mut self, message: opened::Message, context: &Context) -> Action {
        // Whoever went on to somebody else meanwhile does not record for this one.
        if let opened::Message::Shown(id, Ok(returnee)) = &message
            && matches!(&self.front, Some(Front::Opened(opened)) if opened.id() == *id)
            && self.to_record.take_if(|whom| whom == id).is_some()
        {
            let line = line::Line::of_returnee(returnee, context.world.today());
            return self.record(line, context);
        }
        if let opened::Message::Saved(id, ..) | opened::Message::HandedOver(id, ..) = &message
            && self.behind.contains_key(id)
        {
            return self.on_opened_behind(*id, message, context);
        }
        let Some(Front::Opened(opened)) = &mut self.front else {
            return Action::None;
        };
        match opened.update(message, context) {
            opened::Action::None => Action::None,
            opened::Action::Run(task) => Action::Run(task.map(on_opened)),
            opened::Action::Changed(returnee) => {
                Action::Run(self.list.replace(&returnee, context).map(on_list))
            }
            opened::Action::Gone(name, handed) => {
                self.front = None;
                let gone = self.gone(&name, &handed, context);
                Action::Run(Task::batch([gone, operation::focus(work_list::LIST)]))
            }
            opened::Action::Record(returnee) => self.record(
                line::Line::of_returnee(&returnee, context.world.today()),
                context,
            ),
            opened::Action::Edit(returnee) => {
                let form = self.forms.remove(&Some(returnee.id));
                self.edit(
                    form.unwrap_or_else(|| Box::new(Form::of(returnee))),
                    context,
                )
            }
            opened::Action::Close => {
                self.put_down();
                Action::Run(operation::focus(work_list::LIST))
            }
        }
    }

    fn on_form(&mut self, message: form::Message, context: &Context) -> Action {
        if let form::Message::Saved(whom, _) = &message {
            let in_front = matches!(&self.front, Some(Front::Form(form)) if form.whom() == *whom);
            if !in_front {
                return self.on_form_behind(*whom, message, context);
            }
        }
        let Some(Front::Form(form)) = &mut self.front else {
            return Action::None;
        };
        match form.update(message, context) {
            form::Action::None => Action::None,
            form::Action::Run(task) => Action::Run(task.map(on_form)),
            form::Action::Saved(returnee) => {
                let list = self.list_shows(&returnee, context);
                let (mut opened, task) = match self.behind.remove(&returnee.id) {
                    Some(mut opened) => {
                        opened.take_in(returnee);
                        let task = opened.again(context);
                        (opened, task)
                    }
                    None => {
                        let (opened, task) = Opened::of(returnee, context);
                        (Box::new(opened), task)
                    }
                };
                opened.know(self.centres.clone());
                self.front = Some(Front::Opened(opened));
                Action::Run(Task::batch([list, task.map(on_opened)]))
            }
            form::Action::Open(id) => self.open(id, context),
            form::Action::Close => {
                let whom = form.whom();
                self.put_down();
                match whom {
                    Some(id) => self.open(id, context),
                    None => Action::Run(operation::focus(work_list::LIST)),
                }
            }
        }
    }

    /// Shows in the list what a form has saved: in its place, or wherever someone new belongs.
    fn list_shows(&mut self, returnee: &Returnee, context: &Context) -> Task<Message> {
        if self.list.has(returnee.id) {
            self.list.replace(returnee, context).map(on_list)
        } else {
            self.list.reload(context).map(on_list)
        }
    }

    fn recording(&mut self, message: record::Message, context: &Context) -> Action {
        // What was asked for a record that has been sent since concerns nobody in front.
        let Some(Front::Record(record)) = &mut self.front else {
            return Action::None;
        };
        match record.update(message, context) {
            record::Action::None => Action::None,
            record::Action::Run(task) => Action::Run(task.map(on_record)),
            record::Action::Close => {
                self.put_down();
                Action::Run(operation::focus(work_list::LIST))
            }
            record::Action::Send(day, key) => {
                let (id, date) = (day.id, day.day);
                let send = record::send(day, key, context, move |result| {
                    Message(Happened::Recorded(id, date, result))
                });
                let Some(Front::Record(record)) = self.front.take() else {
                    return Action::None;
                };
                self.list.mark(id);
                self.notice = None;
                self.sent.push(Sent {
                    record,
                    failed: false,
                });
                // The next one is opened at once; the answer finds its own record.
                match self.list.next_due(context).cloned() {
                    Some(next) => match self.record(next, context) {
                        Action::Run(task) => Action::Run(Task::batch([send, task])),
                        _ => Action::Run(send),
                    },
                    None => Action::Run(Task::batch([send, operation::focus(work_list::LIST)])),
                }
            }
        }
    }
}

/// Asks which health centres may be chosen.
fn centres(context: &Context) -> Task<Message> {
    let list = context.api.call::<ListHealthCentres>(HealthCentresQuery {});
    Task::perform(list, |result| Message(Happened::CentresListed(result)))
}

fn on_list(message: work_list::Message) -> Message {
    Message(Happened::List(message))
}

fn on_record(message: record::Message) -> Message {
    Message(Happened::Record(message))
}

fn on_opened(message: opened::Message) -> Message {
    Message(Happened::Opened(message))
}

fn on_form(message: form::Message) -> Message {
    Message(Happened::Form(message))
}
