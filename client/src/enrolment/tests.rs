//! The way in, with everything on it that can go wrong.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use shared::accounts::Password;
use shared::enrolment::{Serial, ShowTerminal, Terminal};
use shared::id::TerminalId;
use shared::offices::{OfficeCode, OfficeName};
use shared::{Problem, ProblemCode};

use super::scripted::{Door, PASSWORD};
use super::{Cause, Obstacle, Step, enrol, facts, renew, resume};
use crate::api::scripted::Script;
use crate::api::{Trouble, Unreachable};
use crate::keystore::{Fault, Identity, Memory, Slot, Vault};
use crate::world::World;

fn terminal() -> Terminal {
    Terminal {
        office: OfficeCode::parse("131016").expect("a code"),
        office_name: OfficeName::parse("見本保健所").expect("a name"),
        terminal: TerminalId::new(1, [0xa1; 10]),
        serial: Serial::parse("4a01").expect("a serial"),
        expires_at: Timestamp::from_second(1_800_000_000).expect("a moment"),
    }
}

fn world() -> (World, Door, Memory) {
    let door = Door::new(Script::new().answer::<ShowTerminal>(terminal()));
    let memory = Memory::new();
    let world = World {
        clock: Arc::new(|| Timestamp::from_second(1_790_000_000).expect("a moment")),
        random: Arc::new(|| [1; 10]),
        vault: Vault::new(memory.clone()),
        gate: Arc::new(door.clone()),
        folder: None,
        outbox: None,
        help: Default::default(),
        files: Arc::new(crate::file_dialog::Nobody),
    };
    (world, door, memory)
}

async fn try_with(world: &World, door: &Door, password: &str) -> Result<Terminal, Obstacle> {
    let password = Password::new(password.to_owned());
    enrol(world, &door.link(), password, |_| {})
        .await
        .map(|enrolled| enrolled.terminal)
}

fn unpack(memory: &Memory, slot: Slot) -> Option<Identity> {
    memory
        .peek(slot)
        .map(|packed| Identity::unpack(&packed).expect("an identity"))
}

#[tokio::test]
async fn a_terminal_is_let_in_step_by_step() {
    let (world, door, memory) = world();
    let steps = Mutex::new(Vec::new());
    let password = Password::new(PASSWORD.to_owned());
    let note = |step| steps.lock().expect("not poisoned").push(step);
    let enrolled = enrol(&world, &door.link(), password, note).await;
    let enrolled = enrolled.unwrap_or_else(|obstacle| panic!("{obstacle:?}"));
    assert_eq!(enrolled.terminal, terminal());
    assert_eq!(*steps.lock().expect("not poisoned"), Step::ALL);
    assert!(unpack(&memory, Slot::Pending).is_none());
    let active = unpack(&memory, Slot::Active).expect("an active identity");
    assert_eq!(active.terminals, "mimamori.example.jp:8443");
    let said = facts(&active.certificate).expect("a terminal's certificate");
    assert_eq!(
        (said.office, said.office_name),
        (terminal().office, terminal().office_name)
    );
}

#[tokio::test]
async fn a_real_identity_fits_the_windows_limit() {
    let (world, door, memory) = world();
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
    let mut identity = unpack(&memory, Slot::Active).expect("an active identity");
    // The longest names: a host of 253 characters, twice, and an office of 64 kanji in place of 5.
    identity.link += &"a".repeat(253);
    identity.terminals += &"a".repeat(253);
    identity
        .certificate
        .extend_from_slice("保".repeat(59).as_bytes());
    let packed = identity.pack().expect("packed");
    assert!(
        packed.len() <= crate::keystore::MOST_BYTES,
        "{} bytes",
        packed.len()
    );
}

#[tokio::test]
async fn an_answer_lost_on_the_line_burns_nothing() {
    let (world, door, memory) = world();
    door.lose_the_answer();
    let cut = try_with(&world, &door, PASSWORD)
        .await
        .expect_err("the line is cut");
    assert_eq!(
        cut,
        Obstacle::new(Step::Certificate, Trouble::Unreachable(Unreachable::Cut))
    );
    assert!(
        unpack(&memory, Slot::Pending).is_some(),
        "the key waits in the keystore"
    );
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
    assert_eq!(door.keys_certified(), 1, "the same key asked twice");
}

#[tokio::test]
async fn a_line_cut_before_the_first_use_is_taken_up_without_a_password() {
    let (world, door, memory) = world();
    door.line.cut(true);
    let cut = try_with(&world, &door, PASSWORD)
        .await
        .expect_err("the line is cut");
    assert_eq!(cut.step, Step::FirstUse);
    door.line.cut(false);
    let pending = unpack(&memory, Slot::Pending).expect("a pending identity");
    assert!(pending.is_issued());
    assert!(resume(&world, pending, |_| {}).await.is_ok());
    assert!(unpack(&memory, Slot::Active).is_some());
}

#[tokio::test]
async fn a_wrong_password_can_be_put_right() {
    let (world, door, _) = world();
    let wrong = try_with(&world, &door, "wrong").await.expect_err("refused");
    assert!(wrong.wants_the_password() && !wrong.is_the_end_of_the_link());
    assert!(world.help.last().is_some(), "and it is known whom to ask");
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_refusal_speaks_the_language_of_whoever_asked() {
    use crate::language::{Language, speak};
    let (world, door, _) = world();
    speak(Language::En);
    let mut asking = Box::pin(try_with(&world, &door, "wrong"));
    assert!(futures_util::poll!(&mut asking).is_pending());
    // As if another thread went on.
    speak(Language::Ja);
    let refused = asking.await.expect_err("refused");
    let [japanese, english] =
        Language::ALL.map(|language| Problem::new(ProblemCode::LinkRefused).document(language));
    let Cause::Server(Trouble::Refused(came)) = &refused.cause else {
        panic!("the server refused: {refused:?}")
    };
    assert_eq!(came.title, english.title, "as it was asked for");
    assert_eq!(refused.title(), japanese.title, "as it is said by now");
}

#[tokio::test]
async fn a_dead_link_is_said_to_be_dead() {
    for code in [
        ProblemCode::LinkLocked,
        ProblemCode::LinkUsed,
        ProblemCode::LinkExpired,
        ProblemCode::LinkCancelled,
    ] {
        let (world, door, memory) = world();
        door.refuse(code);
        let dead = try_with(&world, &door, PASSWORD)
            .await
            .expect_err("refused");
        assert!(dead.is_the_end_of_the_link());
        assert_eq!(dead.code(), code.as_str());
        assert!(unpack(&memory, Slot::Active).is_none());
    }
}

#[tokio::test]
async fn no_password_goes_to_a_server_with_another_root() {
    let (world, door, _) = world();
    let other = Door::new(Script::new());
    let password = Password::new(PASSWORD.to_owned());
    let wrong = enrol(&world, &other.link(), password, |_| {})
        .await
        .err()
        .expect("refused");
    assert_eq!(wrong, Obstacle::new(Step::Server, Trouble::Stranger));
    assert_eq!(door.keys_certified(), 0);
}

#[tokio::test]
async fn every_fault_of_the_keystore_is_named_and_can_be_tried_again() {
    for fault in [
        Fault::Locked,
        Fault::Missing("no bus".to_owned()),
        Fault::Full("no space".to_owned()),
        Fault::Failed("odd".to_owned()),
    ] {
        let (world, door, memory) = world();
        memory.fail(Some(fault.clone()));
        let failed = try_with(&world, &door, PASSWORD)
            .await
            .expect_err("refused");
        assert_eq!(failed.cause, Cause::Keystore(fault));
        assert_eq!(
            door.keys_certified(),
            0,
            "nothing is asked for that cannot be kept"
        );
        memory.fail(None);
        assert!(try_with(&world, &door, PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn a_disk_that_fills_up_after_the_certificate_was_issued_loses_nothing() {
    let (world, door, memory) = world();
    door.lose_the_answer();
    let _ = try_with(&world, &door, PASSWORD).await;
    memory.fail_writes(Some(Fault::Full("no space".to_owned())));
    let full = try_with(&world, &door, PASSWORD)
        .await
        .expect_err("the disk is full");
    assert_eq!(full.code(), "keystore-full");
    memory.fail_writes(None);
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
    assert_eq!(door.keys_certified(), 1);
}

#[tokio::test]
async fn a_broken_pending_entry_is_written_over() {
    use crate::keystore::Keystore as _;
    let (world, door, memory) = world();
    memory.write(Slot::Pending, b"broken").expect("written");
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
}

/// A world in which the terminal was let in `days` ago, for a year.
async fn after(days: i64) -> (World, Door, Memory, Identity) {
    let (world, door, memory) = world();
    door.issue_from(world.now() - jiff::SignedDuration::from_hours(24 * days));
    assert!(try_with(&world, &door, PASSWORD).await.is_ok());
    door.issue_from(world.now());
    let active = unpack(&memory, Slot::Active).expect("an active identity");
    (world, door, memory, active)
}

#[tokio::test]
async fn a_certificate_is_renewed_with_a_new_key_from_two_thirds_of_its_life() {
    let (world, _, memory, young) = after(243).await;
    assert!(
        renew(&world, &young)
            .await
            .is_ok_and(|renewed| renewed.is_none())
    );
    assert!(unpack(&memory, Slot::Active).is_some_and(|active| active == young));

    let (world, _, memory, old) = after(244).await;
    let renewed = renew(&world, &old)
        .await
        .ok()
        .flatten()
        .expect("renewed")
        .identity;
    assert!(renewed.key != old.key && renewed.certificate != old.certificate);
    assert!(renewed.link == old.link && renewed.root == old.root);
    assert!(unpack(&memory, Slot::Active).is_some_and(|active| active == renewed));
    assert!(unpack(&memory, Slot::Pending).is_none());
}

#[tokio::test]
async fn a_renewal_cut_off_anywhere_is_taken_up_again_and_the_old_one_still_works() {
    let (world, door, memory, old) = after(300).await;
    door.lose_the_answer();
    assert!(renew(&world, &old).await.is_err());
    let waiting = unpack(&memory, Slot::Pending).expect("the new key waits");
    assert!(unpack(&memory, Slot::Active).is_some_and(|active| active == old));

    door.line.cut(true);
    assert!(renew(&world, &old).await.is_err(), "not used yet");
    let issued = unpack(&memory, Slot::Pending).expect("the new certificate waits");
    assert!(
        issued.is_issued() && issued.key == waiting.key,
        "the same key asked again"
    );
    assert!(unpack(&memory, Slot::Active).is_some_and(|active| active == old));

    door.line.cut(false);
    let renewed = renew(&world, &old).await.ok().flatten().expect("renewed");
    assert!(renewed.identity == issued);
}

#[test]
fn every_obstacle_has_its_words_in_both_languages() {
    use crate::language::{Language, speak};
    let faults = [
        Fault::Locked,
        Fault::Missing(String::new()),
        Fault::Full(String::new()),
        Fault::TimedOut,
        Fault::Unreadable,
        Fault::Failed(String::new()),
    ];
    let troubles = [
        Trouble::Unreachable(Unreachable::Cut),
        Trouble::Unreachable(Unreachable::Handshake),
        Trouble::Unreachable(Unreachable::TimedOut),
        Trouble::Stranger,
        Trouble::Unreadable,
    ];
    let causes = faults
        .map(Cause::from)
        .into_iter()
        .chain(troubles.map(Cause::from));
    for cause in causes.chain([Cause::Cancelled]) {
        let obstacle = Obstacle::new(Step::Server, cause);
        let words = [Language::Ja, Language::En].map(|language| {
            speak(language);
            (obstacle.title(), obstacle.advice())
        });
        assert!(!words[0].0.starts_with("obstacle.") && !words[0].1.starts_with("obstacle."));
        assert!(
            words[0].0 != words[1].0 && words[0].1 != words[1].1,
            "{obstacle:?}"
        );
    }
}
