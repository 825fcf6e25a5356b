//! The real Secret Service, each time in a private session with a keyring of its
//! own: nobody's own keyring is touched.
//!
//! A test starts such a session and in it this test program once more, which then
//! runs the ignored test that does the work.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Fault, Identity, MOST_BYTES, Slot, System, Vault};

/// Starts the keyring and unlocks it, making it if there is none.
const UNLOCKED: &str = "printf pw | gnome-keyring-daemon --unlock --components=secrets";
/// Starts the keyring as it is after logging in without its password.
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets";

fn identity(bytes: usize) -> Identity {
    Identity {
        link: "https://mimamori.example.jp:8444/enrol#sample".to_owned(),
        terminals: "mimamori.example.jp:8443".to_owned(),
        key: Zeroizing::new(vec![7; 138]),
        certificate: vec![8; bytes],
        root: vec![9; 500],
    }
}

fn vault() -> Vault {
    Vault::new(System::named("mimamori-test")).patience(Duration::from_secs(20))
}

#[test]
fn the_real_keystore_keeps_replaces_and_forgets() {
    let home = tempfile::tempdir().expect("a folder");
    in_a_session(home.path(), UNLOCKED, "keeps_replaces_forgets");
}

#[tokio::test]
#[ignore = "run in a private session"]
async fn keeps_replaces_forgets() {
    let vault = vault();
    assert!(vault.identity(Slot::Active).await.expect("read").is_none());
    let largest = identity(1_700);
    assert!(largest.pack().expect("packed").len() > MOST_BYTES - 200);
    vault.keep(Slot::Active, &identity(0)).await.expect("kept");
    vault.keep(Slot::Active, &largest).await.expect("replaced");
    vault.keep(Slot::Pending, &identity(1)).await.expect("kept");
    // Another handle, as after a restart.
    let again = self::vault();
    let read = again
        .identity(Slot::Active)
        .await
        .expect("read")
        .expect("there");
    assert!(read == largest, "what was kept last comes back");
    again.forget(Slot::Active).await.expect("forgotten");
    assert!(vault.identity(Slot::Active).await.expect("read").is_none());
    assert!(vault.identity(Slot::Pending).await.expect("read").is_some());
}

#[test]
fn what_was_kept_outlives_the_session_but_not_without_its_password() {
    let home = tempfile::tempdir().expect("a folder");
    in_a_session(home.path(), UNLOCKED, "keeps_one");
    in_a_session(home.path(), LOCKED, "is_locked");
    in_a_session(home.path(), UNLOCKED, "finds_it");
}

#[tokio::test]
#[ignore = "run in a private session"]
async fn keeps_one() {
    vault()
        .keep(Slot::Active, &identity(700))
        .await
        .expect("kept");
}

#[tokio::test]
#[ignore = "run in a private session"]
async fn is_locked() {
    let read = vault().identity(Slot::Active).await.err();
    assert!(matches!(read, Some(Fault::Locked)), "{read:?}");
    let written = vault().keep(Slot::Pending, &identity(1)).await.err();
    assert!(matches!(written, Some(Fault::Locked)), "{written:?}");
}

#[tokio::test]
#[ignore = "run in a private session"]
async fn finds_it() {
    assert!(
        vault()
            .identity(Slot::Active)
            .await
            .expect("read")
            .is_some()
    );
}

#[test]
fn without_a_session_bus_the_keystore_is_missing() {
    let mut itself = Command::new(std::env::current_exe().expect("this program"));
    itself.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    run(&mut itself, "is_missing");
}

#[test]
fn without_a_keyring_on_the_bus_the_keystore_is_missing() {
    let home = tempfile::tempdir().expect("a folder");
    // No service may be started by the bus on its own either.
    let bus = home.path().join("bus.conf");
    let settings = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen>\
         <policy context=\"default\"><allow send_destination=\"*\"/><allow own=\"*\"/>\
         <allow receive_sender=\"*\"/></policy></busconfig>",
        home.path().display()
    );
    std::fs::write(&bus, settings).expect("written");
    let mut session = Command::new("dbus-run-session");
    session
        .arg(format!("--config-file={}", bus.display()))
        .arg("--");
    session.arg(std::env::current_exe().expect("this program"));
    run(&mut session, "is_missing");
}

#[tokio::test]
#[ignore = "run in a private session"]
async fn is_missing() {
    let found = vault().identity(Slot::Active).await.err();
    assert!(matches!(found, Some(Fault::Missing(_))), "{found:?}");
}

fn in_a_session(home: &Path, keyring: &str, test: &str) {
    let script = format!("{keyring} >/dev/null; exec \"$0\" \"$@\"");
    let mut session = Command::new("dbus-run-session");
    session
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().expect("this program"))
        .env("XDG_DATA_HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("HOME", home);
    run(&mut session, test);
}

/// Runs one ignored test of this file in the process that `command` starts.
fn run(command: &mut Command, test: &str) {
    let output = command
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("keystore::real_tests::{test}"))
        .output()
        .expect("started; needs the packages dbus and gnome-keyring");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("1 passed"), "{text}");
}
