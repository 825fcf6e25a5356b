//! Following up returnees (帰国者フォローアップ): the work list, and in front of it the day, the
//! returnee or the form that is being worked on.

use std::collections::{BTreeMap, HashMap};

use iced::advanced::widget::{operate, operation::focusable};
use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, operation, responsive, rule, space as gap};
use iced::{Center, Fill, Length, Task};
use shared::Day;
use shared::follow_up::returnee::Returnee;
use shared::id::ReturneeId;

use super::{Context, Part};
use crate::api::Failure;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};
use form::Form;
use opened::Opened;
use record::Record;
use work_list::{Filter, Mark, WorkList};

mod clash;
mod form;
mod line;
mod opened;
mod record;
mod strip;
mod words;
mod work_list;

#[cfg(test)]
mod tests;

/// Below this width the day under the pen has the whole screen, without the list beside it.
const SIDE_BY_SIDE: f32 = 960.0;
/// The width of the list while a day is recorded beside it: who it is and how today stands.
const LIST_BESIDE: f32 = 340.0;

/// The screen's state.
pub struct FollowUp {
    list: WorkList,
    front: Option<Front>,
    /// What was typed for someone and neither saved nor thrown away.
    drafts: HashMap<ReturneeId, BTreeMap<Day, record::Typed>>,
    /// Forms that were left with something typed on them; the one of nobody is a new returnee's.
    forms: HashMap<Option<ReturneeId>, Box<Form>>,
    /// Days on their way to the server, and those that came back.
    sent: Vec<Sent>,
    /// What was done last, in a sentence.
    notice: Option<String>,
}

enum Front {
    Record(Box<Record>),
    Opened(Box<Opened>),
    Form(Box<Form>),
}

/// A day that was sent; kept whole until the server has it.
struct Sent {
    record: Box<Record>,
    failed: bool,
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
            sent: Vec::new(),
            notice: None,
        };
        (screen, task.map(on_list))
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
        let (list, task) = WorkList::open(filter, self.list.turn(), context);
        self.list = list;
        task.map(on_list)
    }

    /// Asks for the list anew, because it has changed elsewhere; what was typed stays.
    pub fn refresh(&mut self, context: &Context) -> Task<Message> {
        self.list.reload(context).map(on_list)
    }

    /// Gives the keys to what was in front when the screen was left.
    pub fn entered(&self) -> Task<Message> {
        operation::focus(match &self.front {
            Some(Front::Record(_)) => record::TEMPERATURE.to_owned(),
            Some(Front::Form(_)) => form::focus_name(),
            Some(Front::Opened(_)) | None => work_list::LIST.to_owned(),
        })
    }

    /// How many days and forms were typed or sent that the server does not have yet.
    pub fn unsaved_count(&self) -> usize {
        let drafts: usize = self.drafts.values().map(BTreeMap::len).sum();
        let front = match &self.front {
            Some(Front::Record(record)) => record.typed().len(),
            Some(Front::Form(form)) => usize::from(form.is_wanted()),
            Some(Front::Opened(_)) | None => 0,
        };
        drafts + self.forms.len() + self.sent.len() + front
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        match message.0 {
            Happened::List(message) => {
                let opening = !self.list.is_loaded();
                let task = self.list.update(message, context).map(on_list);
                if opening && self.list.is_loaded() && self.front.is_none() {
                    return Action::Run(Task::batch([task, focus_if_idle(work_list::LIST)]));
                }
                Action::Run(task)
            }
            Happened::Record(message) => self.recording(message, context),
            Happened::Recorded(id, day, result) => self.recorded(id, day, result, context),
            Happened::UnsavedPressed => self.reopen_unsaved(),
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
            Happened::NewPressed => {
                let form = self.forms.remove(&None);
                self.edit(form.unwrap_or_else(|| Box::new(Form::blank())))
            }
            Happened::ImportPressed => Action::ImportPressed,
        }
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
        let typed = self.drafts.remove(&line.id).unwrap_or_default();
        let (record, task) = Record::open(line, typed, context);
        self.front = Some(Front::Record(Box::new(record)));
        Action::Run(task.map(on_record))
    }

    fn bring_back(&mut self, record: Box<Record>) -> Action {
        self.list.mark(record.id());
        self.front = Some(Front::Record(record));
        Action::Run(operation::focus(record::TEMPERATURE))
    }

    fn reopen_unsaved(&mut self) -> Action {
        match self.sent.iter().position(|sent| sent.failed) {
            Some(at) => {
                self.put_down();
                let sent = self.sent.remove(at);
                self.bring_back(sent.record)
            }
            None => self.reopen_form(),
        }
    }

    fn reopen_form(&mut self) -> Action {
        let unsaved = self.forms.iter().find(|(_, form)| form.unsaved().is_some());
        let whom = unsaved.map(|(whom, _)| *whom);
        match whom.and_then(|whom| self.forms.remove(&whom)) {
            Some(form) => self.edit(form),
            None => Action::None,
        }
    }

    /// Puts away what is in front and keeps what was typed on it.
    fn put_down(&mut self) {
        match self.front.take() {
            Some(Front::Record(record)) => {
                let typed = record.typed();
                if !typed.is_empty() {
                    self.drafts.insert(record.id(), typed);
                }
            }
            Some(Front::Form(form)) if form.is_wanted() => {
                self.forms.insert(form.whom(), form);
            }
            Some(Front::Form(_) | Front::Opened(_)) | None => {}
        }
    }

    fn open(&mut self, id: ReturneeId, context: &Context) -> Action {
        self.put_down();
        self.notice = None;
        let (opened, task) = Opened::open(id, context);
        self.front = Some(Front::Opened(Box::new(opened)));
        Action::Run(task.map(on_opened))
    }

    fn edit(&mut self, form: Box<Form>) -> Action {
        self.put_down();
        self.notice = None;
        self.front = Some(Front::Form(form));
        Action::Run(operation::focus(form::focus_name()))
    }

    fn on_opened(&mut self, message: opened::Message, context: &Context) -> Action {
        let Some(Front::Opened(opened)) = &mut self.front else {
            // They were left before the answer came; the list shows what has become of them.
            return match message {
                opened::Message::Saved(_, _, Ok(returnee)) => {
                    Action::Run(self.list.replace(&returnee, context).map(on_list))
                }
                _ => Action::None,
            };
        };
        match opened.update(message, context) {
            opened::Action::None => Action::None,
            opened::Action::Run(task) => Action::Run(task.map(on_opened)),
            opened::Action::Changed(returnee) => {
                Action::Run(self.list.replace(&returnee, context).map(on_list))
            }
            opened::Action::Record(returnee) => {
                self.list.mark(returnee.id);
                self.record(
                    line::Line::of_returnee(&returnee, context.world.today()),
                    context,
                )
            }
            opened::Action::Edit(returnee) => {
                let form = self.forms.remove(&Some(returnee.id));
                self.edit(form.unwrap_or_else(|| Box::new(Form::of(returnee))))
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
                let (opened, task) = Opened::of(returnee, context);
                self.front = Some(Front::Opened(Box::new(opened)));
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

    /// The answer to a form that was put away while it was saved.
    fn on_form_behind(
        &mut self,
        whom: Option<ReturneeId>,
        message: form::Message,
        context: &Context,
    ) -> Action {
        let Some(mut form) = self.forms.remove(&whom) else {
            return Action::None;
        };
        match form.update(message, context) {
            form::Action::Saved(returnee) => {
                match &mut self.front {
                    Some(Front::Opened(opened)) if Some(opened.id()) == whom => {
                        opened.take_in(returnee.clone());
                    }
                    _ => {}
                }
                Action::Run(self.list_shows(&returnee, context))
            }
            action => {
                // Someone new may have become someone who is there.
                self.forms.insert(form.whom(), form);
                match action {
                    form::Action::Run(task) => Action::Run(task.map(on_form)),
                    _ => Action::None,
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

    fn recorded(
        &mut self,
        id: ReturneeId,
        day: Day,
        result: Result<Box<Returnee>, Failure>,
        context: &Context,
    ) -> Action {
        let mine = |sent: &Sent| sent.record.id() == id && sent.record.day() == day && !sent.failed;
        let Some(at) = self.sent.iter().position(mine) else {
            return Action::None;
        };
        let mut sent = self.sent.remove(at);
        let returnee = result.as_ref().ok().cloned();
        if sent.record.answered(result, context) {
            let left = sent.record.typed();
            if !left.is_empty() {
                self.drafts.insert(id, left);
            }
            self.notice = Some(say!(
                "follow_up.record.saved",
                name = sent.record.line().name
            ));
            let Some(returnee) = returnee else {
                return Action::None;
            };
            return Action::Run(self.list.replace(&returnee, context).map(on_list));
        }
        // Whoever has somebody else in front, or searches, is not interrupted: digits typed for
        // the next one must not land here. The banner leads back.
        if self.front.is_some() || self.list.is_searched() {
            sent.failed = true;
            self.sent.push(sent);
            return Action::None;
        }
        self.bring_back(sent.record)
    }

    /// The screen as it looks.
    pub fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        let body: Element<'a, Message> = match &self.front {
            None => self.list_view(context, false),
            Some(Front::Opened(opened)) => {
                return self.under_unsaved(opened::view(opened, context).map(on_opened));
            }
            Some(Front::Form(form)) => {
                return self.under_unsaved(form::view(form, context).map(on_form));
            }
            Some(Front::Record(record)) => responsive(move |size| {
                let pen = record::view(record, context).map(on_record);
                if size.width < SIDE_BY_SIDE {
                    return pen;
                }
                let list = container(self.list_view(context, true)).width(LIST_BESIDE);
                let line = rule::vertical(1);
                Row::new()
                    .push(list)
                    .push(line)
                    .push(container(pen).width(Fill))
                    .into()
            })
            .into(),
        };
        Column::new()
            .push(self.head())
            .push(self.under_unsaved(body))
            .spacing(space::S)
            .height(Fill)
            .into()
    }

    fn under_unsaved<'a>(&self, body: Element<'a, Message>) -> Element<'a, Message> {
        Column::new()
            .push(page::slot(self.unsaved()))
            .push(body)
            .height(Fill)
            .into()
    }

    fn head<'a>(&self) -> Element<'a, Message> {
        let notice = self.notice.clone().filter(|_| self.front.is_none());
        container(
            Row::new()
                .push(text::title(say!("follow_up.title")))
                .push(notice.map(text::hint))
                .push(gap::horizontal())
                .push(
                    button::keyed(say!("follow_up.new"), "F2")
                        .on_press(Message(Happened::NewPressed)),
                )
                .push(
                    button::keyed(say!("follow_up.import"), "F6")
                        .on_press(Message(Happened::ImportPressed)),
                )
                .spacing(space::M)
                .align_y(Center),
        )
        .padding(iced::Padding {
            top: space::M,
            ..iced::Padding::from([0.0, space::L])
        })
        .into()
    }

    /// Says which days could not be saved, while somebody types for another person.
    fn unsaved<'a>(&self) -> Option<Element<'a, Message>> {
        let names: Vec<&str> = self
            .sent
            .iter()
            .filter(|sent| sent.failed)
            .map(|sent| &*sent.record.line().name)
            .chain(self.forms.values().filter_map(|form| form.unsaved()))
            .collect();
        if names.is_empty() {
            return None;
        }
        let names = names.join(&say!("follow_up.word.and"));
        let open = button::keyed(say!("follow_up.unsaved.open"), "F4")
            .on_press(Message(Happened::UnsavedPressed));
        let banner = banner(Tone::Error, say!("follow_up.unsaved.title", names = names))
            .line(say!("follow_up.unsaved.what"))
            .action(open);
        Some(
            container(Element::from(banner))
                .padding([0.0, space::L])
                .width(Length::Fill)
                .into(),
        )
    }

    fn list_view<'a>(&'a self, context: &'a Context, narrow: bool) -> Element<'a, Message> {
        let deeds = work_list::Deeds {
            open: |index| Message(Happened::OpenPressed(index)),
            own: on_list,
        };
        work_list::view(&self.list, context, narrow, deeds, move |id| self.mark(id))
    }

    /// What has become of a record that is not saved.
    fn mark(&self, id: ReturneeId) -> Option<Mark> {
        match self.sent.iter().find(|sent| sent.record.id() == id) {
            Some(Sent { failed: true, .. }) => Some(Mark::Unsaved),
            Some(_) => Some(Mark::Sending),
            None => self.drafts.contains_key(&id).then_some(Mark::Draft),
        }
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        let mut bindings = match &self.front {
            Some(Front::Record(record)) => {
                let own = record::bindings(record).into_iter();
                own.map(|it| it.map(on_record))
                    .chain(head_bindings())
                    .collect()
            }
            Some(Front::Opened(opened)) => opened::bindings(opened)
                .into_iter()
                .map(|it| it.map(on_opened))
                .collect(),
            Some(Front::Form(form)) => form::bindings(form)
                .into_iter()
                .map(|it| it.map(on_form))
                .collect(),
            None => {
                let [new, import] = head_bindings();
                let record = binding(
                    Shortcut::named(Named::Space),
                    say!("follow_up.key.record"),
                    Message(Happened::RecordPressed),
                );
                let mut bindings = vec![new, record, import];
                bindings.extend(work_list::bindings().into_iter().map(|it| it.map(on_list)));
                bindings
            }
        };
        let form = |form: &Form| form.unsaved().is_some();
        if self.sent.iter().any(|sent| sent.failed) || self.forms.values().any(|it| form(it)) {
            bindings.push(binding(
                Shortcut::named(Named::F4),
                say!("follow_up.unsaved.open"),
                Message(Happened::UnsavedPressed),
            ));
        }
        bindings
    }
}

/// The keys that the head of the screen names.
fn head_bindings() -> [Binding<Message>; 2] {
    let named =
        |key, words: &str, happened| binding(Shortcut::named(key), say!(words), Message(happened));
    [
        named(Named::F2, "follow_up.new", Happened::NewPressed),
        named(Named::F6, "follow_up.import", Happened::ImportPressed),
    ]
}

/// Gives the keys to the widget of this name, unless somebody is typing somewhere.
fn focus_if_idle(name: &'static str) -> Task<Message> {
    operate(focusable::count()).then(move |count| match count.focused {
        None => operation::focus(name),
        Some(_) => Task::none(),
    })
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
