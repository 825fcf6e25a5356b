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

/// A keystore in which another window writes its key right after ours.
struct Contested(std::sync::Mutex<Option<[u8; 32]>>);

impl super::Keystore for Contested {
    fn read(&self, _: Slot) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let there = *self.0.lock().expect("no holder panics");
        Ok(there.map(|key| Zeroizing::new(key.to_vec())))
    }

    fn write(&self, _: Slot, _: &[u8]) -> Result<(), Fault> {
        *self.0.lock().expect("no holder panics") = Some([9; 32]);
        Ok(())
    }

    fn erase(&self, _: Slot) -> Result<(), Fault> {
        Ok(())
    }
}

#[tokio::test]
async fn the_key_of_the_drafts_is_the_one_that_lies_there() {
    let vault = Vault::new(Contested(std::sync::Mutex::default()));
    let key = vault.drafts_key(|| Ok(Zeroizing::new([1; 32]))).await;
    assert_eq!(*key.expect("a key"), [9; 32]);
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
