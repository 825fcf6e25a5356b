//! The real Secret Service, each time in a private session with a keyring of its
//! own: nobody's own keyring is touched.
//!
//! A test starts such a session and in it this test program once more, which then
//! runs the ignored test that does the work.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Fault, Identity, MOST_BYTES, Slot, System, Vault};

/// The keyring's arguments that unlock it, making it if there is none.
const UNLOCKED: &str = "--unlock";
/// Those after which it is as after logging in without its password.
const LOCKED: &str = "--replace";

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
#[ignore = "run by another test, in a private session"]
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
#[ignore = "run by another test, in a private session"]
async fn keeps_one() {
    vault()
        .keep(Slot::Active, &identity(700))
        .await
        .expect("kept");
}

#[tokio::test]
#[ignore = "run by another test, in a private session"]
async fn is_locked() {
    let read = vault().identity(Slot::Active).await.err();
    assert!(matches!(read, Some(Fault::Locked)), "{read:?}");
    let written = vault().keep(Slot::Pending, &identity(1)).await.err();
    assert!(matches!(written, Some(Fault::Locked)), "{written:?}");
}

#[tokio::test]
#[ignore = "run by another test, in a private session"]
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
    run(
        &mut session(home.path(), "exec \"$0\" \"$@\""),
        "is_missing",
    );
}

#[tokio::test]
#[ignore = "run by another test, in a private session"]
async fn is_missing() {
    let found = vault().identity(Slot::Active).await.err();
    assert!(matches!(found, Some(Fault::Missing(_))), "{found:?}");
}

fn in_a_session(home: &Path, keyring: &str, test: &str) {
    // In the foreground, so that it can be ended: one that goes to the background
    // outlives the session.
    let script = format!(
        "printf pw | gnome-keyring-daemon --foreground {keyring} --components=secrets \\
           >keyring.log 2>&1 & keyring=$!; \\
         for try in $(seq 100); do \\
           dbus-send --print-reply --dest=org.freedesktop.DBus / \\
             org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets \\
             >>keyring.log 2>&1 && break; sleep 0.1; \\
         done; \\
         \"$0\" \"$@\"; result=$?; kill $keyring; exit $result"
    );
    run(&mut session(home, &script), test);
}

/// A private session in which `script` runs with this test program as its arguments.
fn session(home: &Path, script: &str) -> Command {
    // No service directories: the bus starts nothing on its own.
    let bus = home.join("bus.conf");
    let settings = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen>\
         <policy context=\"default\"><allow send_destination=\"*\"/><allow own=\"*\"/>\
         <allow receive_sender=\"*\"/></policy></busconfig>",
        home.display()
    );
    std::fs::write(&bus, settings).expect("written");
    let mut session = Command::new("dbus-run-session");
    session
        .arg(format!("--config-file={}", bus.display()))
        .args(["--", "sh", "-c", script])
        .arg(std::env::current_exe().expect("this program"))
        .current_dir(home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("HOME", home);
    session
}

/// Runs one ignored test of this file in the process that `command` starts.
fn run(command: &mut Command, test: &str) {
    // Into a file and not a pipe, which whatever is left of the session would hold open.
    let log = tempfile::NamedTempFile::new().expect("a file");
    let into = || log.reopen().expect("the file");
    let ended = command
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("keystore::real_tests::{test}"))
        .stdin(Stdio::null())
        .stdout(into())
        .stderr(into())
        .status()
        .expect("started; needs the packages dbus and gnome-keyring");
    let text = std::fs::read_to_string(log.path()).unwrap_or_default();
    assert!(ended.success() && text.contains("1 passed"), "{text}");
}
