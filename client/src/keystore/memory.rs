//! A keystore in memory, for tests: it can be locked, missing, full or silent.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};

use zeroize::Zeroizing;

use super::{Fault, Keystore, Slot};

/// A keystore in memory; clones are the same one.
#[derive(Clone, Default)]
pub struct Memory {
    inner: Arc<(Mutex<Inner>, Condvar)>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<Slot, Zeroizing<Vec<u8>>>,
    fault: Option<Fault>,
    write_fault: Option<Fault>,
    drafts_fault: Option<Fault>,
    silent: bool,
}

impl Memory {
    /// An empty keystore that works.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on every call fails like this, or none does.
    pub fn fail(&self, fault: Option<Fault>) {
        self.inner.0.lock().expect("no holder panics").fault = fault;
    }

    /// From now on every write fails like this, or none does.
    pub fn fail_writes(&self, fault: Option<Fault>) {
        self.inner.0.lock().expect("no holder panics").write_fault = fault;
    }

    /// From now on every read of the drafts' key fails like this, or none does.
    pub fn fail_drafts(&self, fault: Option<Fault>) {
        self.inner.0.lock().expect("no holder panics").drafts_fault = fault;
    }

    /// From now on no call returns, or all of them do.
    pub fn fall_silent(&self, silent: bool) {
        self.inner.0.lock().expect("no holder panics").silent = silent;
        self.inner.1.notify_all();
    }

    /// What lies in a slot.
    pub fn peek(&self, slot: Slot) -> Option<Zeroizing<Vec<u8>>> {
        self.inner
            .0
            .lock()
            .expect("no holder panics")
            .entries
            .get(&slot)
            .cloned()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> Result<T, Fault> {
        let (inner, spoken) = &*self.inner;
        let guard = inner.lock().expect("no holder panics");
        let mut inner = spoken
            .wait_while(guard, |inner| inner.silent)
            .expect("no holder panics");
        match inner.fault.clone() {
            Some(fault) => Err(fault),
            None => Ok(work(&mut inner)),
        }
    }
}

impl Keystore for Memory {
    fn read(&self, slot: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        self.with(|inner| match inner.drafts_fault.clone() {
            Some(fault) if slot == Slot::Drafts => Err(fault),
            _ => Ok(inner.entries.get(&slot).cloned()),
        })?
    }

    fn write(&self, slot: Slot, secret: &[u8]) -> Result<(), Fault> {
        self.with(|inner| match inner.write_fault.clone() {
            Some(fault) => Err(fault),
            None => {
                inner.entries.insert(slot, Zeroizing::new(secret.to_vec()));
                Ok(())
            }
        })?
    }

    fn erase(&self, slot: Slot) -> Result<(), Fault> {
        self.with(|inner| {
            inner.entries.remove(&slot);
        })
    }
}
