//! A terminal of an office as the client's own code makes it: enrolled over the network, with its
//! identity in a keystore.

use std::sync::Arc;
use std::time::Duration;

use client::api::{Api, Failure, mtls::Network};
use client::enrolment::{Enrolled, Obstacle, enrol};
use client::keystore::{Identity, Keystore, Memory, Slot, Vault};
use client::world::World as Outside;
use harness::world::{Link, World};
use jiff::{SignedDuration, Timestamp};
use shared::accounts::Password;
use shared::enrolment::{ShowTerminal, Terminal, TerminalQuery};

use crate::wire::now;

/// One computer of an office.
#[derive(Clone)]
pub(crate) struct Computer {
    pub(crate) outside: Outside,
}

impl Computer {
    /// A new one, with a keystore in memory.
    pub(crate) fn new() -> Self {
        Self::with(Memory::new())
    }

    /// One with this keystore.
    pub(crate) fn with(keystore: impl Keystore + 'static) -> Self {
        Self {
            outside: Outside {
                clock: Arc::new(now),
                random: Arc::new(client::api::mtls::random),
                vault: Vault::new(keystore).patience(Duration::from_secs(20)),
                gate: Arc::new(Network),
                folder: None,
                outbox: None,
                help: Default::default(),
                files: Arc::new(client::file_dialog::Nobody),
            },
        }
    }

    /// The same computer with its clock this many days ahead.
    pub(crate) fn in_days(&self, days: i64) -> Self {
        let ahead = SignedDuration::from_hours(24 * days);
        let clock = move || -> Timestamp { now() + ahead };
        let mut later = self.clone();
        later.outside.clock = Arc::new(clock);
        later
    }

    /// Lets it in with a link.
    pub(crate) async fn enrol(&self, link: &Link) -> Result<Enrolled, Obstacle> {
        let password = Password::new(link.password.clone());
        enrol(&self.outside, &link.url.parse().unwrap(), password, |_| ()).await
    }

    /// Enrols it for this office with a new link.
    pub(crate) async fn at(world: &World, office: &str) -> Self {
        let computer = Self::new();
        let link = world.link(office).unwrap();
        if let Err(obstacle) = computer.enrol(&link).await {
            panic!("{obstacle:?}");
        }
        computer
    }

    /// The identity that it works with.
    pub(crate) async fn identity(&self) -> Identity {
        let active = self.outside.vault.identity(Slot::Active).await;
        active.unwrap().expect("an active identity")
    }

    /// Asks the server who this terminal is, with the identity that it works with.
    pub(crate) async fn ask(&self) -> Result<Terminal, Failure> {
        self.ask_as(&self.identity().await).await
    }

    /// The same with this identity.
    pub(crate) async fn ask_as(&self, identity: &Identity) -> Result<Terminal, Failure> {
        let line = self.outside.gate.line(identity).unwrap();
        let outside = self.outside.clone();
        let api = Api::new(line, move || outside.key());
        api.call::<ShowTerminal>(TerminalQuery {}).await
    }
}
