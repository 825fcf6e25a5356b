//! A renewal is killed between any two of its steps, the terminal and the server alike: the
//! terminal is never left without a certificate that lets it in, and has one new one in the end.
//!
//! The terminal's keystore is the real one of this session.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use client::api::mtls::Network;
use client::api::{
    Answer, Authority, Call, Gate, Issued, Offered, Transport, Trouble, Unreachable,
};
use client::enrolment::renew;
use client::keystore::{Fault, Identity, Keystore, Slot, System};
use futures_util::future::BoxFuture;
use harness::world::World;
use serde_json::Value;
use shared::Language;
use shared::accounts::Password;
use shared::enrolment::EnrolmentLink;
use shared::enrolment::ask::{Ask, Asked};
use zeroize::Zeroizing;

use crate::office::Computer;
use crate::prefecture::{EAST, world};

/// How many steps a terminal may still do before it is killed.
#[derive(Clone)]
struct Life(Arc<AtomicUsize>);

impl Life {
    fn of(steps: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(steps)))
    }

    fn set(&self, steps: usize) {
        self.0.store(steps, Ordering::SeqCst);
    }

    /// Whether there is life left for one more step.
    fn step(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok()
    }
}

/// The real keystore of a terminal that may be killed before any call.
struct Mortal<T>(T, Life);

impl Keystore for Mortal<System> {
    fn read(&self, slot: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        match self.1.step() {
            true => self.0.read(slot),
            false => Err(Fault::TimedOut),
        }
    }

    fn write(&self, slot: Slot, secret: &[u8]) -> Result<(), Fault> {
        match self.1.step() {
            true => self.0.write(slot, secret),
            false => Err(Fault::TimedOut),
        }
    }

    fn erase(&self, slot: Slot) -> Result<(), Fault> {
        match self.1.step() {
            true => self.0.erase(slot),
            false => Err(Fault::TimedOut),
        }
    }
}

const KILLED: Unreachable = Unreachable::TimedOut;

/// Killed before it is asked, or after the server did what was asked and before it is heard of.
async fn mortal<T, E>(
    life: Life,
    asking: impl Future<Output = Result<T, E>>,
    killed: impl Fn() -> E,
) -> Result<T, E> {
    if !life.step() {
        return Err(killed());
    }
    let answer = asking.await;
    if life.step() { answer } else { Err(killed()) }
}

impl Gate for Mortal<Network> {
    fn authority(&self, link: &EnrolmentLink) -> BoxFuture<'static, Result<Authority, Trouble>> {
        self.0.authority(link)
    }

    fn enrol(
        &self,
        link: &EnrolmentLink,
        authority: &Authority,
        password: Password,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Issued, Trouble>> {
        self.0.enrol(link, authority, password, request, language)
    }

    fn renew(
        &self,
        identity: &Identity,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Vec<u8>, Trouble>> {
        let asking = self.0.renew(identity, request, language);
        let life = self.1.clone();
        Box::pin(mortal(life, asking, || Trouble::Unreachable(KILLED)))
    }

    fn ask(
        &self,
        link: &EnrolmentLink,
        root: &[u8],
        asking: Ask,
        language: Language,
    ) -> BoxFuture<'static, Result<Asked, Trouble>> {
        self.0.ask(link, root, asking, language)
    }

    fn line(&self, identity: &Identity) -> Result<Arc<dyn Transport>, Trouble> {
        let line = self.0.line(identity)?;
        Ok(Arc::new(Mortal(line, self.1.clone())))
    }
}

impl Transport for Mortal<Arc<dyn Transport>> {
    fn send(&self, call: Call) -> BoxFuture<'static, Result<Answer, Unreachable>> {
        Box::pin(mortal(self.1.clone(), self.0.send(call), || KILLED))
    }

    fn roots(&self) -> BoxFuture<'static, Result<Offered, Trouble>> {
        let asking = self.0.roots();
        Box::pin(mortal(self.1.clone(), asking, || {
            Trouble::Unreachable(KILLED)
        }))
    }
}

/// A terminal with a keystore of its own, killed when `life` is over.
fn computer(name: &str, life: &Life) -> Computer {
    let keystore = System::named(format!("mimamori-renewal-{}-{name}", std::process::id()));
    let mut computer = Computer::with(Mortal(keystore, life.clone()));
    computer.outside.gate = Arc::new(Mortal(Network, life.clone()));
    // Two thirds of its life are over, by the terminal's clock.
    computer.in_days(300)
}

/// How many certificates of this office are in use or may still be used.
fn live(world: &World, office: &str) -> usize {
    let list = world.operator(["terminal", "list", "--json"]).unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    let rows = list.as_array().unwrap().iter();
    let good = |row: &&Value| {
        row["office"] == office && (row["state"] == "live" || row["state"] == "issued")
    };
    rows.filter(good).count()
}

const FOR_EVER: usize = usize::MAX / 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_killed_between_any_two_steps_leaves_a_terminal_that_is_let_in() {
    let mut world = world();
    let mut kills = 0;
    for steps in 0.. {
        let life = Life::of(FOR_EVER);
        let computer = computer(&steps.to_string(), &life);
        let link = world.link(EAST).unwrap();
        computer.enrol(&link).await.map(drop).unwrap();
        let old = computer.identity().await;
        life.set(steps);
        let killed = renew(&computer.outside, &old).await.map(drop);
        life.set(FOR_EVER);
        // The server falls over at the same moment.
        world.power_cut();
        world.serve().unwrap();
        // What the window does when it is started again: it goes on with what is there.
        let active = computer.identity().await;
        let pending = computer
            .outside
            .vault
            .identity(Slot::Pending)
            .await
            .unwrap();
        let new_was_used = pending.as_ref().is_some_and(|pending| pending.is_issued())
            && computer.ask_as(&old).await.is_err();
        if !new_was_used {
            computer.ask_as(&active).await.unwrap();
        }
        renew(&computer.outside, &active).await.map(drop).unwrap();
        let new = computer.identity().await;
        assert!(new.certificate != old.certificate, "{steps} steps");
        assert!(new.key != old.key, "{steps} steps");
        computer.ask().await.unwrap();
        assert!(computer.ask_as(&old).await.is_err(), "{steps} steps");
        assert_eq!(live(&world, EAST), 1, "{steps} steps");
        let pending = computer
            .outside
            .vault
            .identity(Slot::Pending)
            .await
            .unwrap();
        assert!(pending.is_none(), "{steps} steps");
        for slot in [Slot::Pending, Slot::Active] {
            computer.outside.vault.forget(slot).await.unwrap();
        }
        match killed {
            Err(_) => kills += 1,
            // Whatever comes after the last step changes nothing any more.
            Ok(()) => break,
        }
    }
    println!("killed at {kills} places");
    assert!(kills >= 8, "{kills}");
}
