//! The settings file, as it is written by `init` and read by `serve`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Deserializer, de::Error as _};

use shared::Language;
use shared::words::sentence;

use super::{SettingsError, listening_address, mail::Table};
use crate::listener::Limits;

const TEMPLATE: &str = include_str!("template.toml");

/// The file's text for a server that is known as `host`.
#[must_use]
pub fn new_file(host: &str) -> String {
    // A host name or address was checked before and needs no quoting.
    TEMPLATE.replace("{host}", host)
}

/// Why the file is refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be opened.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no TOML, or names something that is no setting.
    #[error("{path}, line {line}: {message}")]
    Wrong {
        /// Which file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default = "localhost")]
    pub(super) host: String,
    #[serde(default = "terminals", deserialize_with = "address")]
    pub(super) terminals: SocketAddr,
    #[serde(default = "enrolment", deserialize_with = "address")]
    pub(super) enrolment: SocketAddr,
    pub(super) public_enrolment: Option<String>,
    pub(super) public_terminals: Option<String>,
    pub(super) database: Option<String>,
    pub(super) server_certificate: Option<PathBuf>,
    pub(super) server_key: Option<PathBuf>,
    pub(super) audit_heads: Option<PathBuf>,
    pub(super) log: Option<String>,
    #[serde(default)]
    pub(super) mail: Table,
    #[serde(default)]
    pub(super) limits: Bounds,
}

fn localhost() -> String {
    "localhost".to_owned()
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    listening_address(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn terminals() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8443))
}

fn enrolment() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 8444))
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(path).map_err(|source| FileError::Unreadable {
            path: path.display().to_string(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            FileError::Wrong {
                path: path.display().to_string(),
                line: text.as_bytes()[..start]
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1,
                message: message(&text, start, error.message()),
            }
        })
    }
}

/// What is wrong, after the name of the setting whose line it is. The value stays unsaid: it may
/// hold a password.
fn message(text: &str, at: usize, wrong: &str) -> String {
    let wrong = wrong.trim().replace('\n', " ");
    // A type of `shared` names the key of its sentence.
    let wrong = match wrong.starts_with("refused.") {
        true => sentence(&wrong, Language::En),
        false => wrong,
    };
    let before = text.get(..at).unwrap_or_default();
    let line = text.lines().nth(before.matches('\n').count());
    let value = line.and_then(|line| Some(line.split_once('=')?.1.trim()));
    let is_bare = value.is_some_and(|value| value.starts_with(|c: char| c.is_alphabetic()));
    let wrong = match is_bare && !matches!(value, Some("true" | "false")) {
        true => format!("{wrong} (a text stands between double quotes)"),
        false => wrong,
    };
    match line.and_then(|line| line.split_once('=')) {
        Some((name, _)) if !wrong.contains(name.trim()) => format!("{}: {wrong}", name.trim()),
        _ => wrong,
    }
}

/// Limits as the file has them: whole numbers, times in seconds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bounds {
    connections: Option<u64>,
    connections_per_address: Option<u64>,
    handshakes: Option<u64>,
    handshake_seconds: Option<u64>,
    head_seconds: Option<u64>,
    body_seconds: Option<u64>,
    idle_seconds: Option<u64>,
    drain_seconds: Option<u64>,
}

impl Bounds {
    pub(super) fn check(&self) -> Result<Limits, SettingsError> {
        let default = Limits::default();
        let count = |name, value, default: usize| {
            let value = in_range(name, value, default as u64, 1_000_000)?;
            Ok::<_, SettingsError>(usize::try_from(value).unwrap_or(usize::MAX))
        };
        let seconds = |name, value, default: Duration| {
            in_range(name, value, default.as_secs(), 3600).map(Duration::from_secs)
        };
        Ok(Limits {
            connections: count("connections", self.connections, default.connections)?,
            connections_per_address: count(
                "connections_per_address",
                self.connections_per_address,
                default.connections_per_address,
            )?,
            handshakes: count("handshakes", self.handshakes, default.handshakes)?,
            handshake: seconds(
                "handshake_seconds",
                self.handshake_seconds,
                default.handshake,
            )?,
            head: seconds("head_seconds", self.head_seconds, default.head)?,
            body: seconds("body_seconds", self.body_seconds, default.body)?,
            idle: seconds("idle_seconds", self.idle_seconds, default.idle)?,
            drain: seconds("drain_seconds", self.drain_seconds, default.drain)?,
        })
    }
}

fn in_range(
    name: &'static str,
    value: Option<u64>,
    default: u64,
    most: u64,
) -> Result<u64, SettingsError> {
    let value = value.unwrap_or(default);
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(SettingsError::OutOfRange {
            name,
            value,
            least: 1,
            most,
        })
    }
}
