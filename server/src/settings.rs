//! The settings: a file with comments, under the environment, under the flags.

mod file;
mod folder;
mod mail;

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    listener::Limits,
    store::{Location, UnknownLocation},
};

pub use file::{FileError, new_file};
pub use folder::{DatabaseInUse, Folder, Serving};
pub(crate) use folder::{create_private, write_private};
pub use mail::{MailSettings, Smtp, SmtpLogin, SmtpTls};

/// What flags and environment say; all of it may be missing.
#[derive(Clone, Default)]
pub struct Overrides {
    /// Where terminals connect.
    pub terminals: Option<SocketAddr>,
    /// Where links lead.
    pub enrolment: Option<SocketAddr>,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: Option<String>,
    /// PEM of the server's certificate chain.
    pub server_certificate: Option<PathBuf>,
    /// PEM of its key.
    pub server_key: Option<PathBuf>,
    /// What is logged.
    pub log: Option<String>,
}

/// Reads an address with a port at which the server listens.
///
/// # Errors
/// A sentence with an example: it is no such address.
pub fn listening_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "expected a numeric address and a port, for example 0.0.0.0:8443 or [::]:8443".to_owned()
    })
}

/// The settings in force.
pub struct Settings {
    /// Where terminals connect.
    pub terminals: SocketAddr,
    /// Where links lead.
    pub enrolment: SocketAddr,
    /// Host and port that links carry; without it `host` and the port in use.
    pub public_enrolment: Option<String>,
    /// Host and port that terminals are told to connect to; without it `host` and the port in use.
    pub public_terminals: Option<String>,
    /// The host that links carry.
    pub host: String,
    /// Where the data lies.
    pub database: Location,
    /// PEM of the server's certificate chain.
    pub server_certificate: PathBuf,
    /// PEM of its key.
    pub server_key: PathBuf,
    /// Where signed heads of the audit log are kept, if anywhere.
    pub audit_heads: Option<PathBuf>,
    /// What is logged, in the words of tracing's `EnvFilter`.
    pub log: String,
    /// Outgoing mail.
    pub mail: MailSettings,
    /// Time and room for peers.
    pub limits: Limits,
}

/// Why the settings are refused. Each sentence says which setting and why.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// See [`FileError`].
    #[error(transparent)]
    File(#[from] FileError),
    /// The address of the database.
    #[error("database: {0}")]
    Database(#[from] UnknownLocation),
    /// One of the two is missing.
    #[error("server_certificate and server_key belong together: name both or neither")]
    HalfIdentity,
    /// A number out of its range.
    #[error("limits.{name} is {value}, but must lie between {least} and {most}")]
    OutOfRange {
        /// Which limit.
        name: &'static str,
        /// What it says.
        value: u64,
        /// The smallest allowed.
        least: u64,
        /// The largest allowed.
        most: u64,
    },
    /// A setting of outgoing mail.
    #[error("mail.{name} {reason}")]
    Mail {
        /// Which.
        name: &'static str,
        /// What is wrong with it, after its name.
        reason: String,
    },
    /// Host and port that cannot stand in a link.
    #[error("{0} is {1:?}, but must be a host and a port, such as mimamori.example.jp:8444")]
    PublicAddress(&'static str, String),
}

impl Settings {
    /// Reads the settings of `folder`; what `overrides` names wins over the file.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(folder: &Folder, overrides: Overrides) -> Result<Self, SettingsError> {
        let file = file::File::read(&folder.settings())?;
        let database = match overrides.database.or(file.database) {
            Some(url) => url.parse()?,
            None => Location::Sqlite(folder.database()),
        };
        let certificate = overrides.server_certificate.or(file.server_certificate);
        let key = overrides.server_key.or(file.server_key);
        let (server_certificate, server_key) = match (certificate, key) {
            (Some(certificate), Some(key)) => (certificate, key),
            (None, None) => (folder.server_certificate(), folder.server_key()),
            _ => return Err(SettingsError::HalfIdentity),
        };
        for (name, address) in [
            ("public_enrolment", &file.public_enrolment),
            ("public_terminals", &file.public_terminals),
        ] {
            if let Some(address) = address
                .as_ref()
                .filter(|address| !stands_in_a_link(address))
            {
                return Err(SettingsError::PublicAddress(name, address.clone()));
            }
        }
        Ok(Self {
            terminals: overrides.terminals.unwrap_or(file.terminals),
            enrolment: overrides.enrolment.unwrap_or(file.enrolment),
            public_enrolment: file.public_enrolment,
            public_terminals: file.public_terminals,
            host: file.host,
            database,
            server_certificate,
            server_key,
            audit_heads: file.audit_heads,
            log: overrides
                .log
                .or(file.log)
                .unwrap_or_else(|| crate::log::DEFAULT_FILTER.to_owned()),
            mail: file.mail.check()?,
            limits: file.limits.check()?,
        })
    }

    /// Host and port that a link carries, when the enrolment listener has `port`.
    #[must_use]
    pub fn link_address(&self, port: u16) -> String {
        self.public_enrolment
            .clone()
            .unwrap_or_else(|| self.with_host(port))
    }

    /// Host and port that terminals are told, when their listener has `port`.
    #[must_use]
    pub fn terminals_address(&self, port: u16) -> String {
        self.public_terminals
            .clone()
            .unwrap_or_else(|| self.with_host(port))
    }

    /// Every host under which links and terminals reach the server, after the setting that says so.
    #[must_use]
    pub fn hosts(&self) -> Vec<(&'static str, &str)> {
        let public = [
            ("public_enrolment", &self.public_enrolment),
            ("public_terminals", &self.public_terminals),
        ];
        let public = public.into_iter().filter_map(|(setting, address)| {
            let address = address.as_deref()?;
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            Some((setting, host.trim_matches(['[', ']'])))
        });
        std::iter::once(("host", &*self.host))
            .chain(public)
            .collect()
    }

    fn with_host(&self, port: u16) -> String {
        let bare_v6 = self.host.parse::<std::net::Ipv6Addr>().is_ok();
        if bare_v6 {
            format!("[{}]:{port}", self.host)
        } else {
            format!("{}:{port}", self.host)
        }
    }
}

fn stands_in_a_link(address: &str) -> bool {
    let link = format!(
        "https://{address}/enrol#{}.{}",
        uuid::Uuid::nil(),
        "0".repeat(64)
    );
    address.contains(':') && shared::enrolment::EnrolmentLink::parse(&link).is_ok()
}

#[cfg(test)]
mod tests;
