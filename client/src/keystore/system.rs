//! The keystore of the operating system: Secret Service on Linux, Credential
//! Manager on Windows, Keychain on macOS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::{Fault, Keystore, MOST_BYTES, Slot};

/// Under which name the entries lie, unless a test asks for its own.
const SERVICE: &str = "mimamori";

/// The keystore of the operating system.
pub struct System {
    service: String,
    /// Opened at the first call and again after a failure, so that a keyring that
    /// was started late is found without restarting the program.
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl System {
    /// The entries of this program.
    pub fn new() -> Self {
        Self::named(SERVICE)
    }

    /// Entries under another name, so that tests never touch real ones.
    pub fn named(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            store: Mutex::new(None),
        }
    }

    fn entry(&self, slot: Slot) -> Result<Entry, Fault> {
        let mut store = self.store.lock().expect("no holder panics");
        let store = match &mut *store {
            Some(store) => store,
            none => none.insert(open().map_err(|error| Fault::Missing(error.to_string()))?),
        };
        let user = match slot {
            Slot::Pending => "pending",
            Slot::Active => "active",
            Slot::Drafts => "drafts",
        };
        store
            .build(&self.service, user, modifiers().as_ref())
            .map_err(fault)
    }

    fn run<T>(
        &self,
        slot: Slot,
        work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, Fault> {
        match work(&self.entry(slot)?) {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => {
                *self.store.lock().expect("no holder panics") = None;
                Err(fault(error))
            }
        }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Keystore for System {
    fn read(&self, slot: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        Ok(self.run(slot, Entry::get_secret)?.map(Zeroizing::new))
    }

    fn write(&self, slot: Slot, secret: &[u8]) -> Result<(), Fault> {
        if secret.len() > MOST_BYTES {
            return Err(Fault::Full(format!("{} bytes", secret.len())));
        }
        match self.run(slot, |entry| entry.set_secret(secret))? {
            Some(()) => Ok(()),
            None => Err(Fault::Failed(
                "the entry vanished while it was written".to_owned(),
            )),
        }
    }

    fn erase(&self, slot: Slot) -> Result<(), Fault> {
        self.run(slot, Entry::delete_credential).map(|_| ())
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    // Opened here and not through `keyring`, which remembers a first failure for
    // the life of the program.
    let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    if keyring::Entry::store_status().is_err() {
        return Err(Error::NoDefaultStore);
    }
    keyring_core::get_default_store().ok_or(Error::NoDefaultStore)
}

/// Windows would by default let credentials roam with the user's profile to other
/// computers; a terminal's key must not.
fn modifiers() -> Option<HashMap<&'static str, &'static str>> {
    cfg!(windows).then(|| HashMap::from([("persistence", "Local")]))
}

fn fault(error: Error) -> Fault {
    let words = error.to_string();
    let said = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    match error {
        Error::NoStorageAccess(_) => Fault::Locked,
        Error::NoDefaultStore => Fault::Missing(words),
        Error::TooLong(..) => Fault::Full(words),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => Fault::Unreadable,
        // Secret Service has no errors of its own for these; the words of its
        // implementations tell.
        _ if said(&["IsLocked", "locked"]) => Fault::Locked,
        _ if said(FULL) => Fault::Full(words),
        _ if said(&["ServiceUnknown", "NoReply"]) => Fault::Missing(words),
        _ => Fault::Failed(words),
    }
}

/// What is said when nothing can be written; the first is what gnome-keyring says
/// on a full disk.
const FULL: &[&str] = &[
    "An error occurred on the device",
    "No space",
    "couldn't write",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_known_by_the_words_of_the_keyring() {
        let words = "org.freedesktop.Secret.Error: An error occurred on the device";
        let full = fault(Error::PlatformFailure(words.into()));
        assert!(matches!(full, Fault::Full(_)), "{full:?}");
        let long = fault(Error::TooLong("secret".to_owned(), 2_560));
        assert!(matches!(long, Fault::Full(_)), "{long:?}");
    }

    #[test]
    fn anything_else_keeps_its_words() {
        let other = fault(Error::PlatformFailure("odd".into()));
        assert!(matches!(other, Fault::Failed(words) if words.contains("odd")));
    }
}
