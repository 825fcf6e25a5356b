//! Checking that nobody changed the log.

use std::sync::{Arc, Mutex};

use super::*;

#[test]
fn the_check_goes_on_by_itself_and_names_the_place() {
    speak(Language::Ja);
    let step = |number: u64, verdict: Verdict| AuditCheck {
        number,
        hash: "cd".repeat(32),
        of: 30_000,
        verdict,
    };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let script = server(3).reply::<CheckAudit>(move |call| {
        seen.lock().expect("not poisoned").push(call.path.clone());
        Ok(match call.path.contains("number=20000") {
            true => step(20_000, Verdict::Changed { at: 20_117 }),
            false => step(20_000, Verdict::SoFarWhole),
        })
    });
    let mut room = open(&script, AT_100);
    room.key(Named::F9);
    assert!(
        room.shows("× 番号20117の記録が書き換えられています")
            || room.shows("番号20117の記録が書き換えられています")
    );
    assert_eq!(asked.lock().expect("not poisoned").len(), 2);
    room.key(Named::Enter);
    assert!(!room.shows("記録が書き換えられていないかの確認"));
}

#[test]
fn a_log_that_is_whole_hands_out_its_signed_end() {
    speak(Language::Ja);
    let mut room = open(&whole(), AT_100);
    room.key(Named::F9);
    assert!(room.shows("最後の記録の署名"));
    room.click("署名をコピー");
    assert!(room.shows("コピーしました"));
}
