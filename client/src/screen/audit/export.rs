//! What was found, taken out as CSV: asked first, since it holds personal data; the log notes it.

use std::path::PathBuf;

use iced::Task;
use iced::task::Handle;
use iced::widget::{Column, Id, Row};
use shared::audit::{AuditEntry, AuditPage, AuditQuery, MOST_ENTRIES};

use super::words;
use crate::api::Failure;
use crate::language::grouped;
use crate::language::moment;
use crate::say;
use crate::screen::{Context, failed};
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
    path: String,
    path_error: Option<String>,
    csv: String,
    count: u64,
    asking: Option<Handle>,
    failure: Option<Failure>,
    ended: Option<Result<String, String>>,
}

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
    /// The file was written, under this name, or not for this reason.
    Written(Result<String, String>),
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
            path: name,
            path_error: None,
            csv: String::new(),
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
                let chosen = context.world.files.save(title, self.path.clone());
                Task::perform(chosen, Message::Chosen)
            }
            Message::Chosen(path) => {
                if let Some(path) = path {
                    self.path = path.display().to_string();
                    self.path_error = None;
                }
                Task::none()
            }
            Message::StartPressed => {
                if self.path.trim().is_empty() {
                    self.path_error = Some(say!("audit.export.no_path"));
                    return Some(iced::widget::operation::focus(Id::new(PATH)));
                }
                self.csv = heading();
                self.count = 0;
                self.query.after = None;
                self.ended = None;
                self.ask(context)
            }
            Message::Listed(Ok(page)) => {
                for entry in &page.rows {
                    self.csv.push_str(&line(entry));
                    self.count += 1;
                }
                match page.next {
                    Some(next) => {
                        self.query.after = Some(next);
                        self.ask(context)
                    }
                    None => self.write(),
                }
            }
            Message::Listed(Err(failure)) => {
                self.asking = None;
                self.failure = Some(failure);
                Task::none()
            }
            Message::Written(ended) => {
                self.asking = None;
                self.csv = String::new();
                self.ended = Some(ended);
                Task::none()
            }
            Message::ClosePressed => return None,
        })
    }

    fn ask(&mut self, context: &Context) -> Task<Message> {
        self.failure = None;
        let (task, handle) = super::list(context, self.query.clone(), Message::Listed).abortable();
        self.asking = Some(handle.abort_on_drop());
        task
    }

    /// Writes the whole file, or leaves nothing behind under its name.
    fn write(&mut self) -> Task<Message> {
        let (path, csv) = (PathBuf::from(self.path.trim()), self.csv.clone());
        let write = async move {
            let half = path.with_extension("csv.new");
            let written = async {
                tokio::fs::write(&half, csv).await?;
                tokio::fs::rename(&half, &path).await
            };
            match written.await {
                Ok(()) => {
                    // With the whole path: a name alone does not say where it lies.
                    let whole = tokio::fs::canonicalize(&path).await;
                    Ok(whole.unwrap_or(path).display().to_string())
                }
                Err(error) => {
                    let _ = tokio::fs::remove_file(&half).await;
                    Err(error.to_string())
                }
            }
        };
        Task::perform(write, Message::Written)
    }

    pub(super) fn view<'a>(&'a self) -> Element<'a, Message> {
        let mut column = Column::new()
            .push(text::title(say!("audit.export.title")))
            .spacing(space::M);
        if let Some(Ok(name)) = &self.ended {
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
        if let Some(Err(why)) = &self.ended {
            column = column.push(
                banner(Tone::Error, say!("audit.not_saved", why = why))
                    .line(say!("audit.export.elsewhere")),
            );
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
            .error(self.path_error.clone());
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
        say!("audit.column.office"),
        say!("audit.column.kind"),
        say!("audit.column.what"),
        "action".to_owned(),
        say!("helpdesk.terminal"),
        say!("audit.column.record"),
        say!("audit.column.detail"),
        "hash".to_owned(),
    ];
    format!("\u{feff}{}", row(&names))
}

fn line(entry: &AuditEntry) -> String {
    let id = |id: Option<String>| id.unwrap_or_default();
    row(&[
        entry.number.to_string(),
        moment(entry.at),
        words::who(entry),
        words::office(entry),
        words::kind(entry.kind),
        words::action(&entry.action),
        entry.action.clone(),
        id(entry.terminal.map(|it| it.to_string())),
        id(entry.subject.map(|it| it.to_string())),
        entry.detail.clone(),
        entry.hash.clone(),
    ])
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell, in quotes. What a spreadsheet would take for a formula gets an apostrophe before it, so
/// that nothing that somebody typed is ever carried out.
fn quoted(cell: &str) -> String {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'
        )
    };
    let guard = match cell.trim_start_matches(' ').starts_with(begins) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula_or_ends_it() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(quoted("-2"), "\"'-2\"");
        assert_eq!(
            quoted("見本 \"花子\", 太郎\n"),
            "\"見本 \"\"花子\"\", 太郎\n\""
        );
        assert_eq!(row(&["a".to_owned(), "b".to_owned()]), "\"a\",\"b\"\r\n");
        assert!(heading().starts_with('\u{feff}'));
    }
}
