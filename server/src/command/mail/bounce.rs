//! `mail bounce`: what came back to the sender's mailbox, from files, a Maildir or a pipe.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use shared::mail::MailState;

use super::super::{Refusal, print_rows};
use crate::app::App;
use crate::mail::{MOST_BYTES, Returned, Verdict, take_back};
use crate::store::audit::Act;

/// What to read.
#[derive(Args)]
pub(in crate::command) struct Bounce {
    /// Messages, one a file; `-` is standard input.
    #[arg(value_name = "FILE", conflicts_with = "maildir")]
    files: Vec<PathBuf>,
    /// Takes every message in DIR/new, and moves those that are notifications to DIR/cur. All
    /// others stay for people to read.
    #[arg(long, value_name = "DIR")]
    maildir: Option<PathBuf>,
    /// Prints one JSON array.
    #[arg(long)]
    json: bool,
}

/// Takes in each message; one that fails does not keep the others from it.
pub(super) async fn run(app: &App, bounce: &Bounce) -> Result<(), Refusal> {
    let files = match &bounce.maildir {
        Some(folder) => arrived(folder)?,
        None if bounce.files.is_empty() => vec![PathBuf::from("-")],
        None => bounce.files.clone(),
    };
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for file in &files {
        match one(app, file).await {
            Ok(returned) => {
                let late = is_too_early(&returned);
                rows.push(row(file, &returned));
                if late {
                    failures.push(format!(
                        "{}: the message is not noted as sent yet; take it in again in a minute",
                        name(file)
                    ));
                } else if let Some(folder) = &bounce.maildir
                    && returned.verdict != Verdict::NoNotification
                    && let Err(error) = put_aside(file, folder)
                {
                    failures.push(error);
                }
            }
            Err(error) => failures.push(format!("{}: {error}", name(file))),
        }
    }
    let columns = ["verdict", "id", "office", "to", "answer", "file"];
    // What was refused is said by its own sentence, and by no other.
    if bounce.json || !rows.is_empty() || failures.is_empty() {
        let none = "there was nothing to take in: no new message lies in the Maildir";
        print_rows(&rows, bounce.json, &columns, none)?;
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(failures.join("; ").into()),
    }
}

async fn one(app: &App, file: &Path) -> Result<Returned, Refusal> {
    let message = match file.to_str() {
        Some("-") => read(io::stdin().lock())?,
        _ => read(File::open(file)?)?,
    };
    // What changes nothing leaves no entry in the log: anybody may write to that mailbox.
    let act = Act::housekeeping("command mail bounce");
    Ok(take_back(app, act, &message).await?)
}

/// The whole message, in memory of a bounded size.
fn read(from: impl Read) -> Result<Vec<u8>, Refusal> {
    let mut message = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    from.take(most.saturating_add(1))
        .read_to_end(&mut message)?;
    match message.len() {
        0 => Err("there is no message".into()),
        length if length > MOST_BYTES => Err(format!(
            "the message is larger than {} KiB, which no notification is: read it yourself",
            MOST_BYTES / 1024
        )
        .into()),
        _ => Ok(message),
    }
}

/// The messages in `new`, by name: the oldest first, as names of a Maildir go.
fn arrived(folder: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let new = folder.join("new");
    let cannot = |error: io::Error| format!("{} cannot be read: {error}", new.display());
    if !folder.join("cur").is_dir() {
        return Err(format!("{} is no Maildir: it has no folder cur", folder.display()).into());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&new).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        // Whoever can write into the Maildir must not have us read other files through a link.
        if entry.file_type().map_err(cannot)?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Moves a message to `cur`, as read. Where it is not moved, it is known when it is read again.
fn put_aside(file: &Path, folder: &Path) -> Result<(), String> {
    let mut target = folder.join("cur");
    let mut new_name = file.file_name().unwrap_or_default().to_owned();
    if !new_name.to_string_lossy().contains(':') {
        new_name.push(":2,S");
    }
    target.push(new_name);
    let cannot =
        |reason: &dyn std::fmt::Display| format!("{} cannot be moved to cur: {reason}", name(file));
    if target.exists() {
        return Err(cannot(&"there is one of this name"));
    }
    fs::rename(file, &target).map_err(|error| cannot(&error))
}

/// Whether it speaks of a message that goes out at this very moment.
fn is_too_early(returned: &Returned) -> bool {
    let state = returned.mail.as_ref().map(|mail| mail.state);
    returned.verdict == Verdict::NotSent && state == Some(MailState::Waiting)
}

fn row(file: &Path, returned: &Returned) -> Value {
    let mail = returned.mail.as_ref();
    json!({
        "file": name(file), "verdict": returned.verdict.as_str(),
        "id": mail.map(|mail| mail.id), "office": mail.map(|mail| &mail.office),
        "to": mail.and_then(|mail| mail.recipient.as_ref()), "answer": returned.answer,
    })
}

fn name(file: &Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    }
}
