//! What was found, taken out as CSV: asked first, since it holds personal data; the log notes it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use iced::Task;
use iced::task::Handle;
use iced::widget::{Column, Id, Row};
use shared::audit::{AuditEntry, AuditPage, AuditQuery, MOST_ENTRIES};

use super::words;
use crate::api::Failure;
use crate::language::grouped;
use crate::language::moment;
use crate::say;
use crate::screen::saving::{Half, NotSaved};
use crate::screen::{Context, csv, failed};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, dialog, field, text};

/// The name of the field that takes the file's path.
const PATH: &str = "audit.export.path";

/// The export's state.
pub(super) struct Export {
    query: AuditQuery,
    /// The file's name, where a folder alone is given.
    name: String,
    path: String,
    /// What the desktop's dialog gave; it has asked before it gives a file that is there.
    chosen: Option<String>,
    path_error: Option<NotSaved>,
    /// The file as far as it is written; gone with it unless it is finished.
    half: Held,
    /// It is being written, and nobody knows yet whether it will lie there.
    finishing: bool,
    count: u64,
    asking: Option<Handle>,
    failure: Option<Failure>,
    ended: Option<String>,
}

/// A file on its way, held while a page is written to it.
type Held = Arc<Mutex<Option<Half>>>;

/// What happened about it.
#[derive(Clone)]
pub enum Message {
    /// The path was changed.
    PathTyped(String),
    /// Choose a file in the desktop's own dialog.
    ChoosePressed,
    /// This one was chosen, or none.
    Chosen(Option<PathBuf>),
    /// Write it.
    StartPressed,
    /// A page arrived, or not.
    Listed(Result<AuditPage, Failure>),
    /// The file was begun or a page written to it, or not for this reason.
    Added(Result<(), NotSaved>),
    /// The file was finished, under this name, or not for this reason.
    Written(Result<String, NotSaved>),
    /// Stop, or close.
    ClosePressed,
}

impl Export {
    pub(super) fn new(query: AuditQuery, context: &Context) -> (Self, Task<Message>) {
        let name = format!("mimamori-audit-{}.csv", context.world.today());
        let export = Self {
            query: AuditQuery {
                export: true,
                limit: Some(MOST_ENTRIES),
                ..query
            },
            path: match context.world.files.usual_folder() {
                Some(folder) => folder.join(&name).display().to_string(),
                // Where a bare name would lie, nobody could say.
                None => String::new(),
            },
            name,
            chosen: None,
            path_error: None,
            half: Held::default(),
            finishing: false,
            count: 0,
            asking: None,
            failure: None,
            ended: None,
        };
        (export, iced::widget::operation::focus(Id::new(PATH)))
    }

    /// Takes in what happened; `None` to close it.
    pub(super) fn update(&mut self, message: Message, context: &Context) -> Option<Task<Message>> {
        Some(match message {
            Message::PathTyped(path) => {
                self.path = path;
                self.path_error = None;
                Task::none()
            }
            Message::ChoosePressed => {
                let title = say!("audit.export.button");
                let chosen = context.world.files.save(title, self.name.clone());
                Task::perform(chosen, Message::Chosen)
            }
            Message::Chosen(path) => {
                if let Some(path) = path {
                    self.path = path.display().to_string();
                    self.chosen = Some(self.path.clone());
                    self.path_error = None;
                }
                Task::none()
            }
            Message::StartPressed => {
                let typed = self.path.trim().trim_matches('"').to_owned();
                if typed.is_empty() {
                    return Some(self.at_path(NotSaved::NoPath));
                }
                let mut path = PathBuf::from(&typed);
                let over = self.chosen.as_ref() == Some(&typed);
                if path.is_dir() {
                    path.push(&self.name);
                }
                self.path = path.display().to_string();
                self.count = 0;
                self.query.after = None;
                self.failure = None;
                self.half = Held::default();
                let held = self.half.clone();
                let heading = heading();
                self.write(Message::Added, move || {
                    let mut half = Half::begin(&path, over)?;
                    half.add(heading.as_bytes())?;
                    *held.lock().unwrap_or_else(PoisonError::into_inner) = Some(half);
                    Ok(())
                })
            }
            Message::Added(Ok(())) => self.ask(context),
            Message::Listed(Ok(page)) => {
                let lines: String = page.rows.iter().map(line).collect();
                self.count += u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
                self.query.after = page.next;
                let held = self.half.clone();
                if self.query.after.is_some() {
                    return Some(self.write(Message::Added, move || add(&held, &lines)));
                }
                self.finishing = true;
                let path = PathBuf::from(&self.path);
                self.write(Message::Written, move || {
                    add(&held, &lines)?;
                    let half = held.lock().unwrap_or_else(PoisonError::into_inner).take();
                    half.ok_or(NotSaved::Drive)?.finish()?;
                    // With the whole path: a name alone does not say where it lies.
                    let whole = std::fs::canonicalize(&path).unwrap_or(path);
                    Ok(whole.display().to_string())
                })
            }
            Message::Listed(Err(failure)) => {
                self.asking = None;
                self.half = Held::default();
                self.failure = Some(failure);
                Task::none()
            }
            Message::Written(Ok(name)) => {
                self.asking = None;
                self.finishing = false;
                self.ended = Some(name);
                Task::none()
            }
            Message::Added(Err(trouble)) | Message::Written(Err(trouble)) => self.at_path(trouble),
            Message::ClosePressed if self.finishing => Task::none(),
            Message::ClosePressed => return None,
        })
    }

    /// It is not saved: why stands at its path, and what was written of it is gone.
    fn at_path(&mut self, trouble: NotSaved) -> Task<Message> {
        self.asking = None;
        self.finishing = false;
        self.half = Held::default();
        self.path_error = Some(trouble);
        iced::widget::operation::focus(Id::new(PATH))
    }

    fn ask(&mut self, context: &Context) -> Task<Message> {
        let (task, handle) = super::list(context, self.query.clone(), Message::Listed).abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    /// Does this to the file without holding up the window.
    fn write<T: Send + 'static>(
        &mut self,
        said: fn(Result<T, NotSaved>) -> Message,
        work: impl FnOnce() -> Result<T, NotSaved> + Send + 'static,
    ) -> Task<Message> {
        let written = async move {
            let written = tokio::task::spawn_blocking(work);
            written.await.unwrap_or(Err(NotSaved::Drive))
        };
        let (task, handle) = Task::perform(written, said).abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    pub(super) fn view<'a>(&'a self) -> Element<'a, Message> {
        let mut column = Column::new()
            .push(text::title(say!("audit.export.title")))
            .spacing(space::M);
        if let Some(name) = &self.ended {
            let words = say!("audit.export.done", count = grouped(self.count));
            column = column
                .push(banner(Tone::Success, words).line(say!("audit.saved", name = name)))
                .push(text::body(say!("audit.export.done_what")));
            return dialog::scrolling_card(column.push(self.close(say!("audit.check.close"))));
        }
        column = column.push(
            banner(Tone::Warning, say!("audit.export.personal")).line(say!("audit.export.what")),
        );
        if let Some(failure) = &self.failure {
            column = column.push(failed(failure));
        }
        if self.asking.is_some() {
            let words = say!("audit.export.working", count = grouped(self.count));
            let stop = self.close(say!("audit.check.stop"));
            return dialog::scrolling_card(column.push(text::body(words)).push(stop));
        }
        let path = field::field(say!("audit.export.path"), &self.path)
            .id(PATH)
            .on_input(Message::PathTyped)
            .on_submit(Message::StartPressed)
            .hint(say!("audit.export.path_hint"))
            .error(self.path_error.map(NotSaved::words));
        let buttons = Row::new()
            .push(button::primary(say!("audit.export.start")).on_press(Message::StartPressed))
            .push(button::secondary(say!("audit.export.choose")).on_press(Message::ChoosePressed))
            .push(button::quiet(say!("audit.export.leave")).on_press(Message::ClosePressed))
            .spacing(space::M)
            .wrap();
        dialog::scrolling_card(column.push(path).push(buttons))
    }

    fn close<'a>(&self, words: String) -> Element<'a, Message> {
        Row::new()
            .push(button::primary_keyed(words, "Esc").on_press(Message::ClosePressed))
            .into()
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let key = Shortcut::named(iced::keyboard::key::Named::Escape);
        vec![binding(
            key,
            say!("audit.export.leave"),
            Message::ClosePressed,
        )]
    }
}

/// The columns, after the mark by which Excel takes the file for UTF-8.
fn heading() -> String {
    let names = [
        say!("audit.column.number"),
        say!("audit.column.at"),
        say!("audit.column.who"),
        say!("audit.column.whom"),
        say!("audit.column.office"),
        say!("audit.column.concerns"),
        say!("audit.column.kind"),
        say!("audit.column.what"),
        "action".to_owned(),
        say!("helpdesk.terminal"),
        say!("audit.column.record"),
        say!("audit.column.detail"),
        "hash".to_owned(),
    ];
    format!("{}{}", csv::MARK, csv::line(&names))
}

fn line(entry: &AuditEntry) -> String {
    let id = |id: Option<String>| id.unwrap_or_default();
    csv::line(&[
        entry.number.to_string(),
        moment(entry.at),
        words::who(entry),
        words::whom(entry).unwrap_or_default(),
        words::office(entry),
        words::concerned(entry).unwrap_or_default(),
        words::kind(entry.kind),
        words::deed(entry),
        entry.action.clone(),
        id(entry.terminal.map(|it| it.to_string())),
        id(entry.subject.map(|it| it.to_string())),
        entry.detail.clone(),
        entry.hash.clone(),
    ])
}

/// Writes these lines to a file that was begun.
fn add(held: &Held, lines: &str) -> Result<(), NotSaved> {
    let mut half = held.lock().unwrap_or_else(PoisonError::into_inner);
    half.as_mut().ok_or(NotSaved::Drive)?.add(lines.as_bytes())
}
