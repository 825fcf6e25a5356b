//! Identities in and out, and what happens when the keystore does not do it.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{Fault, Identity, MOST_BYTES, Memory, Slot, Unpackable, Vault};

fn identity(certificate: usize, root: usize) -> Identity {
    Identity {
        link: format!("https://mimamori.example.jp:8444/enrol#{}", "a".repeat(101)),
        terminals: "mimamori.example.jp:8443".to_owned(),
        key: Zeroizing::new(vec![7; 138]),
        certificate: vec![8; certificate],
        root: vec![9; root],
    }
}

#[test]
fn an_identity_of_usual_size_fits_the_windows_limit_twice_over() {
    let packed = identity(700, 500).pack().expect("packed");
    assert!(packed.len() <= MOST_BYTES * 3 / 4, "{}", packed.len());
}

#[test]
fn refuses_to_pack_more_than_windows_takes() {
    assert!(matches!(
        identity(1_700, 800).pack(),
        Err(Unpackable::TooLarge(_))
    ));
}

#[test]
fn refuses_to_unpack_anything_cut_off() {
    let packed = identity(700, 500).pack().expect("packed");
    for end in 0..packed.len() {
        assert!(Identity::unpack(&packed[..end]).is_err());
    }
}

#[tokio::test]
async fn what_was_kept_comes_back_and_the_two_slots_are_apart() {
    let vault = Vault::new(Memory::new());
    vault
        .keep(Slot::Pending, &identity(0, 0))
        .await
        .expect("kept");
    vault
        .keep(Slot::Active, &identity(700, 500))
        .await
        .expect("kept");
    let pending = vault
        .identity(Slot::Pending)
        .await
        .expect("read")
        .expect("there");
    assert!(!pending.is_issued());
    vault.forget(Slot::Pending).await.expect("forgotten");
    vault
        .forget(Slot::Pending)
        .await
        .expect("forgetting nothing is fine");
    assert!(vault.identity(Slot::Pending).await.expect("read").is_none());
    assert!(
        vault
            .identity(Slot::Active)
            .await
            .expect("read")
            .is_some_and(|it| it.is_issued())
    );
}

#[tokio::test]
async fn a_keystore_that_never_answers_is_given_up() {
    let memory = Memory::new();
    memory.fall_silent(true);
    let vault = Vault::new(memory.clone()).patience(Duration::from_millis(50));
    let begun = Instant::now();
    assert!(matches!(
        vault.identity(Slot::Active).await,
        Err(Fault::TimedOut)
    ));
    assert!(begun.elapsed() < Duration::from_secs(5));
    memory.fall_silent(false);
    assert!(
        vault
            .identity(Slot::Active)
            .await
            .expect("answers again")
            .is_none()
    );
}

#[tokio::test]
async fn something_that_is_not_ours_is_unreadable_and_not_a_crash() {
    use super::Keystore as _;
    let memory = Memory::new();
    memory
        .write(Slot::Active, b"not an identity")
        .expect("written");
    let vault = Vault::new(memory);
    assert!(matches!(
        vault.identity(Slot::Active).await,
        Err(Fault::Unreadable)
    ));
}

proptest! {
    #[test]
    fn unpacks_what_it_packed(
        link in "\\PC{0,200}",
        terminals in "[a-z0-9.:]{0,60}",
        key in proptest::collection::vec(any::<u8>(), 0..200),
        certificate in proptest::collection::vec(any::<u8>(), 0..900),
        root in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let identity = Identity { link, terminals, key: Zeroizing::new(key), certificate, root };
        let packed = identity.pack().expect("small enough");
        prop_assert!(Identity::unpack(&packed) == Ok(identity));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Identity::unpack(&bytes);
    }
}

/// The real Secret Service, in a private session with a keyring of its own.
///
/// Runs itself once more inside that session, so that nobody's own keyring is
/// touched.
#[test]
#[cfg(target_os = "linux")]
fn the_real_keystore_keeps_replaces_and_forgets() {
    inside_a_private_session("--unlock", "keystore::tests::real_kept_replaced_forgotten");
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_session_bus_the_keystore_is_missing() {
    let output = again("keystore::tests::real_missing", &mut itself());
    assert!(output.contains("1 passed"), "{output}");
}

#[tokio::test]
#[ignore = "run by the_real_keystore_keeps_replaces_and_forgets"]
async fn real_kept_replaced_forgotten() {
    let vault = Vault::new(super::System::named("mimamori-test"));
    assert!(vault.identity(Slot::Active).await.expect("read").is_none());
    let largest = identity(1_300, 800);
    assert!(largest.pack().expect("packed").len() > MOST_BYTES - 200);
    vault
        .keep(Slot::Active, &identity(0, 0))
        .await
        .expect("kept");
    vault.keep(Slot::Active, &largest).await.expect("replaced");
    vault
        .keep(Slot::Pending, &identity(1, 1))
        .await
        .expect("kept");
    // Another handle, as after a restart.
    let again = Vault::new(super::System::named("mimamori-test"));
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

#[tokio::test]
#[ignore = "run by without_a_session_bus_the_keystore_is_missing"]
async fn real_missing() {
    let vault = Vault::new(super::System::named("mimamori-test"));
    let found = vault.identity(Slot::Active).await.err();
    assert!(matches!(found, Some(Fault::Missing(_))), "{found:?}");
}

/// This test program, told where no session is.
#[cfg(target_os = "linux")]
fn itself() -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
}

#[cfg(target_os = "linux")]
fn inside_a_private_session(how: &str, test: &str) {
    let home = tempfile::tempdir().expect("a folder");
    let script = format!(
        "printf pw | gnome-keyring-daemon {how} --components=secrets >/dev/null; exec \"$0\" \"$@\""
    );
    let mut session = std::process::Command::new("dbus-run-session");
    session
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().expect("this program"))
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("HOME", home.path());
    let output = again(test, &mut session);
    assert!(output.contains("1 passed"), "{output}");
}

/// Runs one ignored test of this program in another process.
#[cfg(target_os = "linux")]
fn again(test: &str, command: &mut std::process::Command) -> String {
    let output = command
        .args(["--ignored", "--exact", test, "--nocapture"])
        .output()
        .expect("started; needs dbus and gnome-keyring");
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.concat()
}
