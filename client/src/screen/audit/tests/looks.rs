//! How the room looks.

use super::*;

/// What the operator, the server and a new terminal did to an office, or did not.
fn done_by_others() -> Script {
    let refused = json!({ "serial": "0badc0de", "refused": "revoked-already" });
    let deeds = [
        ("revoke terminal", refused),
        ("revoke terminal", json!({ "serials": ["0badc0de"] })),
        (
            "command user add",
            json!({ "login": "hana", "role": "staff" }),
        ),
        ("remind of link", json!({ "kind": "reminder" })),
        ("enrol", json!({ "terminal": id(7) })),
        ("enrol", json!({ "serial": "0badc0de", "office": "131016" })),
    ];
    let to_the_office = |(number, (action, detail))| AuditEntry {
        concerns: Some("131016".parse().expect("a code")),
        concerns_name: Some("見本保健所".parse().expect("a name")),
        ..entry_of(number, action, detail)
    };
    Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: (1..).zip(deeds).map(to_the_office).collect(),
        next: None,
        searched_to: None,
    })
}

#[test]
fn every_state_has_its_picture() {
    for language in [Language::Ja, Language::En] {
        for (size, zoom) in [(AT_100, 100), (AT_150, 150)] {
            speak(language);
            let look = |room: &mut Room, name: &str| {
                room.looks_as_kept(&format!("audit-{name}-{}-{zoom}", language.tag()));
            };
            let mut room = open(&server(40), size);
            look(&mut room, "list");
            room.key(Named::Enter);
            look(&mut room, "entry");
            let mut room = open(&done_by_others(), size);
            look(&mut room, "others");
            room.key(Named::Enter);
            look(&mut room, "refused");
            look(&mut open(&accounts::of_accounts(), size), "accounts");
            // Within the frame, with the navigation beside it.
            let framed = (size.0 - 200.0, size.1 - 60.0);
            let script = entries::logged(entries::of_the_helpdesk());
            look(&mut open(&script, framed), "framed");
            look(&mut open(&server(0), size), "empty");
            let mut room = open(&server(3), size);
            room.runs(Task::done(Message::Filter(filter::Message::Typed(
                filter::Field::From,
                "2026-13-40".to_owned(),
            ))));
            look(&mut room, "wrong");
            let broken = Problem::new(ProblemCode::StoreUnavailable);
            let script = Script::new().refuse::<ListAuditEntries>(broken);
            look(&mut open(&script, size), "error");
            let mut room = open(&server(3), size);
            room.held = true;
            room.key(Named::F5);
            look(&mut room, "loading");
            let mut room = open(&whole(), size);
            room.key(Named::F9);
            look(&mut room, "whole");
            let script = server(3).answer::<CheckAudit>(AuditCheck {
                number: 1,
                hash: "cd".repeat(32),
                of: 30_000,
                verdict: Verdict::Missing { at: 20_117 },
            });
            let mut room = open(&script, size);
            room.key(Named::F9);
            look(&mut room, "broken");
            let mut room = open(&server(3), size);
            room.key(Named::F7);
            look(&mut room, "export");
        }
    }
}
