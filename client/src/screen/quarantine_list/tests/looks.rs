//! Every state of the screen, looked at.

use shared::Language;

use super::*;
use crate::language::speak;
use crate::picture::AT_150;

#[test]
fn every_state_has_its_picture() {
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        speak(language);
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            every_state(&format!("{tag}-{scale}"), size);
        }
    }
    speak(Language::Ja);
}

fn every_state(tag: &str, size: (f32, f32)) {
    let mut findings = doubtful();
    findings.repeats.push(8);
    findings.elsewhere.push(8);
    let server = server(findings);
    let mut desk = Desk::in_the_open(&server, size);
    let look = |desk: &mut Desk, name: &str| {
        desk.window
            .looks_as_kept(&format!("quarantine-list-{name}-{tag}"));
    };
    look(&mut desk, "choose");
    desk.window.key(Named::F2);
    look(&mut desk, "none-chosen");
    let missing = desk.path("どこにもない.csv");
    desk.read(&missing);
    look(&mut desk, "unread");

    let mut desk = Desk::in_the_open(&server, size);
    desk.window.held = true;
    desk.read_the_sample();
    look(&mut desk, "reading");
    desk.window.held = false;
    desk.window.settle();
    for _ in 0..4 {
        desk.window.key(Named::ArrowDown);
    }
    look(&mut desk, "problems");
    desk.save();
    look(&mut desk, "saved");
    desk.window.key(Named::F3);
    desk.window.key(Named::ArrowDown);
    look(&mut desk, "columns");
    desk.window.key(Named::Enter);
    look(&mut desk, "column");
    desk.window.key(Named::Escape);
    desk.window.key(Named::Delete);
    look(&mut desk, "columns-missing");
    desk.window.key(Named::Escape);

    desk.window.held = true;
    desk.proceed();
    look(&mut desk, "sending");
    desk.window.held = false;
    server.cut(true);
    desk.window.settle();
    look(&mut desk, "stuck");
    server.cut(false);
    desk.window.key(Named::F5);
    look(&mut desk, "findings");
    for _ in 0..3 {
        desk.window.key(Named::ArrowDown);
    }
    look(&mut desk, "findings-elsewhere");
    for _ in 0..3 {
        desk.window.key(Named::ArrowUp);
    }
    desk.window.key(Named::ArrowDown);
    look(&mut desk, "findings-foreign");
    desk.window.key(Named::ArrowDown);
    desk.window.types("a");
    look(&mut desk, "findings-decided");
    desk.window.key(Named::Escape);
    look(&mut desk, "asking");
    desk.window.key(Named::Escape);
    server.cut(true);
    desk.proceed();
    look(&mut desk, "not-known");
    server.cut(false);
    desk.window.key(Named::F5);
    look(&mut desk, "finished");
}

#[test]
fn an_input_method_composes_in_the_path() {
    let server = Script::new();
    let mut desk = Desk::at(&server, AT_100);
    let fields = desk.window.composes_in_every_field(|| server.asked());
    assert_eq!(fields, 1);
}
