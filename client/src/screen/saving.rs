//! Saving a file that was made here: at a path that is typed, or at a place chosen in the
//! desktop's dialog. Part of the screens that give files out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use iced::widget::{Column, Row, operation};
use iced::{Center, Task};
use zeroize::Zeroizing;

use super::Context;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, field, text};

mod half;

pub use half::Half;

/// The name of the path field, for the focus.
const PATH: &str = "saving-path";

/// A file that waits to be saved.
pub struct Saving {
    title: String,
    name: String,
    bytes: Arc<Zeroizing<Vec<u8>>>,
    path: String,
    under_way: bool,
    trouble: Option<NotSaved>,
    saved: Option<PathBuf>,
}

/// Why it was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// No path was typed.
    NoPath,
    /// The dialog gave none: none was chosen, or the desktop has no dialog.
    NoneChosen,
    /// There is a file at this path; it stays as it is.
    Exists,
    /// There is no such folder.
    NoFolder,
    /// This person may not write there.
    Forbidden,
    /// The drive or the network gave an error.
    Drive,
}

impl NotSaved {
    /// What happened and what to do, for the person who saves.
    pub fn words(self) -> String {
        match self {
            Self::NoPath => say!("saving.no_path"),
            Self::NoneChosen => say!("saving.none_chosen"),
            Self::Exists => say!("saving.exists"),
            Self::NoFolder => say!("saving.no_folder"),
            Self::Forbidden => say!("saving.forbidden"),
            Self::Drive => say!("saving.drive"),
        }
    }
}

impl From<io::Error> for NotSaved {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoFolder,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::Drive,
        }
    }
}

/// What happened on it.
#[derive(Clone, Debug)]
pub enum Message {
    /// The path was typed.
    PathTyped(String),
    /// Save it there.
    SavePressed,
    /// Choose a place in a dialog.
    ChoosePressed,
    /// A place was chosen, or none.
    Chosen(Option<PathBuf>),
    /// It is saved, or not.
    Written(Result<PathBuf, NotSaved>),
    /// Go back.
    ClosePressed,
}

/// What its parent must do.
pub enum Action {
    /// Nothing.
    None,
    /// Run this and hand its messages back.
    Run(Task<Message>),
    /// Put it away.
    Closed,
}

impl Saving {
    /// A file of this name, under a title that says what it is; `bytes` are wiped with it.
    pub fn new(
        title: String,
        name: String,
        bytes: Zeroizing<Vec<u8>>,
        context: &Context,
    ) -> (Self, Task<Message>) {
        let path = match context.world.files.usual_folder() {
            Some(folder) => folder.join(&name).to_string_lossy().into_owned(),
            None => String::new(),
        };
        let saving = Self {
            title,
            name,
            bytes: Arc::new(bytes),
            path,
            under_way: false,
            trouble: None,
            saved: None,
        };
        (saving, operation::focus(PATH))
    }

    /// Gives the keys to the path.
    pub fn entered(&self) -> Task<Message> {
        operation::focus(PATH)
    }

    /// Whether the file lies on the disk.
    pub fn is_saved(&self) -> bool {
        self.saved.is_some()
    }

    /// Takes in what happened.
    pub fn update(&mut self, message: Message, context: &Context) -> Action {
        match message {
            // Whether it is saved is not known until it is written: nothing is changed or left.
            Message::PathTyped(_) | Message::Chosen(None) | Message::ClosePressed
                if self.under_way => {}
            Message::PathTyped(path) => self.path = path,
            Message::SavePressed if self.saved.is_some() => return Action::Closed,
            Message::SavePressed => {
                let path = self.path.trim().trim_matches('"');
                if path.is_empty() {
                    self.trouble = Some(NotSaved::NoPath);
                    return Action::None;
                }
                let mut path = PathBuf::from(path);
                if path.is_dir() {
                    path.push(&self.name);
                }
                return self.write(path, false);
            }
            Message::ChoosePressed => {
                let files = &context.world.files;
                let chosen = files.save(self.title.clone(), self.name.clone());
                return Action::Run(Task::perform(chosen, Message::Chosen));
            }
            // The dialog has asked before it gives a file that is there.
            Message::Chosen(Some(path)) => return self.write(path, true),
            Message::Chosen(None) => self.trouble = Some(NotSaved::NoneChosen),
            Message::Written(result) => {
                self.under_way = false;
                match result {
                    Ok(path) => self.saved = Some(path),
                    Err(trouble) => self.trouble = Some(trouble),
                }
            }
            Message::ClosePressed => return Action::Closed,
        }
        Action::None
    }

    fn write(&mut self, path: PathBuf, over: bool) -> Action {
        if self.under_way {
            return Action::None;
        }
        self.under_way = true;
        self.trouble = None;
        self.path = path.to_string_lossy().into_owned();
        let bytes = self.bytes.clone();
        let written = async move {
            let written = tokio::task::spawn_blocking(move || {
                write(&path, &bytes, over)?;
                Ok(path)
            });
            written.await.unwrap_or(Err(NotSaved::Drive))
        };
        Action::Run(Task::perform(written, Message::Written))
    }

    /// How it looks.
    pub fn view(&self) -> Element<'_, Message> {
        let wrong = self.trouble.map(NotSaved::words);
        let body: Element<'_, Message> = match &self.saved {
            Some(path) => Column::new()
                .push(banner(Tone::Success, say!("saving.saved")).line(path.display().to_string()))
                .push(
                    button::primary_keyed(say!("saving.close"), "Enter")
                        .on_press(Message::ClosePressed),
                )
                .spacing(space::L)
                .into(),
            None => {
                let path = field::field(say!("saving.path"), &self.path)
                    .on_input(Message::PathTyped)
                    .on_submit(Message::SavePressed)
                    .hint(say!("saving.hint"))
                    .error(wrong)
                    .id(PATH);
                let end = Row::new()
                    .push(
                        button::primary_keyed(say!("saving.save"), "Enter")
                            .on_press_maybe((!self.under_way).then_some(Message::SavePressed)),
                    )
                    .push(
                        button::keyed(say!("saving.choose"), "F2").on_press(Message::ChoosePressed),
                    )
                    .push(
                        button::quiet(say!("saving.back"))
                            .on_press_maybe((!self.under_way).then_some(Message::ClosePressed)),
                    )
                    .spacing(space::M)
                    .align_y(Center);
                Column::new()
                    .push(path)
                    .push(end.wrap().vertical_spacing(space::S))
                    .spacing(space::L)
                    .into()
            }
        };
        Column::new()
            .push(text::section(self.title.clone()))
            .push(body)
            .spacing(space::L)
            .into()
    }

    /// Its keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        use iced::keyboard::key::Named;
        let mut bindings = vec![binding(
            Shortcut::named(Named::Escape),
            say!("saving.back"),
            Message::ClosePressed,
        )];
        if self.saved.is_some() {
            let close = binding(
                Shortcut::named(Named::Enter),
                say!("saving.close"),
                Message::ClosePressed,
            );
            bindings.push(close);
        } else {
            let choose = binding(
                Shortcut::named(Named::F2),
                say!("saving.choose"),
                Message::ChoosePressed,
            );
            bindings.push(choose);
        }
        bindings
    }
}

/// Writes a file that nobody else on this computer reads: the whole of it, or nothing.
fn write(path: &Path, bytes: &[u8], over: bool) -> Result<(), NotSaved> {
    let mut half = Half::begin(path, over)?;
    half.add(bytes)?;
    half.finish()
}

#[cfg(test)]
mod tests;
