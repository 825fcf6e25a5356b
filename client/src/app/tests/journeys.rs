//! The journeys in `client/journeys/*.ice`: the whole window, run without a screen,
//! typed into by a script. Unlike the other tests these keep the focus, run the
//! window's tasks and let its clock tick.

use shared::follow_up::import::{
    CheckImport, CommitImport, ImportFindings, ImportResult, OpenImport, StageChunk, Staged,
};

use super::*;
use crate::ui::font;

/// The places from which journeys set out.
fn presets() -> [iced::Preset<App, Message>; 2] {
    [
        iced::Preset::new("a link was given", || set_out(Memory::new(), true)),
        iced::Preset::new("the terminal is enrolled", || {
            let desk = Desk::enrolled(Language::Ja, server());
            set_out(desk.memory.clone(), false)
        }),
    ]
}

/// A server that also takes in the list of two that lies beside the journeys, and knows one of
/// them.
fn importing() -> Script {
    let findings: ImportFindings = stage::made(serde_json::json!({
        "new": 1, "repeats": [], "foreign": [],
        "alike": [{ "row": 3, "because": "passport-number", "other": {
            "id": stage::id(5), "name": "例示 次郎",
            "birth_date": "1985-12-31", "entry_date": "2026-11-20",
        } }],
    }));
    server()
        .answer::<OpenImport>(Staged { staged: 0, rows: 2 })
        .answer::<StageChunk>(Staged { staged: 2, rows: 2 })
        .answer::<CheckImport>(findings)
        .answer::<CommitImport>(ImportResult {
            added: 1,
            repeats: 0,
            left_out: 1,
        })
}

fn set_out(memory: Memory, with_link: bool) -> (App, Task<Message>) {
    let door = Door::new(importing());
    let world = World {
        clock: Arc::new(|| Timestamp::from_second(MORNING).expect("a moment")),
        random: Arc::new(|| [1; 10]),
        vault: Vault::new(memory),
        gate: Arc::new(door.clone()),
        folder: None,
        outbox: None,
        help: Default::default(),
        files: Arc::new(crate::file_dialog::Nobody),
    };
    let link = with_link.then(|| door.link().to_string());
    App::new(world, Preferences::default(), link)
}

#[test]
fn every_journey_arrives() {
    let family = font::prepare().expect("a Japanese typeface for the tests");
    let program =
        crate::app::launch::program(|| set_out(Memory::new(), false), family).presets(presets());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys");
    iced_test::run(program, folder).expect("every journey arrives");
}
