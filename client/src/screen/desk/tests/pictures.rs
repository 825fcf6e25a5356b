//! Every state of the desk, looked at.

use shared::Language;

use super::*;
use crate::language::speak;
use crate::picture::AT_150;

/// The room that the frame leaves to a screen, at both sizes.
fn in_every_look(look: impl Fn(&str, (f32, f32))) {
    for language in [Language::Ja, Language::En] {
        speak(language);
        for ((width, height), zoom) in [(AT_100, 100), (AT_150, 150)] {
            let within = (width - 200.0, height - 60.0);
            look(&format!("{}-{zoom}", language.tag()), within);
        }
    }
    speak(Language::Ja);
}

fn page_at(script: &Script, size: (f32, f32)) -> Window<Desk> {
    let mut window = open_at(script, size);
    window.types("990000-04");
    window.key(Named::Enter);
    window
}

#[test]
fn every_state_of_the_search_has_its_picture() {
    in_every_look(|tag, size| {
        let script = server(enrolled());
        let mut window = open_at(&script, size);
        window.looks_as_kept(&format!("desk-empty-{tag}"));
        let waits = server(asking()).answer::<SearchDesk>(waiting());
        open_at(&waits, size).looks_as_kept(&format!("desk-waiting-{tag}"));
        open_at(&waits::busy(asking()), size).looks_as_kept(&format!("desk-requests-{tag}"));
        window.types("見本");
        window.looks_as_kept(&format!("desk-found-{tag}"));
        window.key(Named::Escape);
        window.types("terminal-superseded");
        window.looks_as_kept(&format!("desk-code-{tag}"));
        window.types("x");
        window.looks_as_kept(&format!("desk-none-{tag}"));
        window.key(Named::Escape);
        window.held = true;
        window.types("見本");
        window.looks_as_kept(&format!("desk-searching-{tag}"));
        script.cut(true);
        window.held = false;
        window.settle();
        window.looks_as_kept(&format!("desk-error-{tag}"));
    });
}

#[test]
fn every_state_of_the_page_has_its_picture() {
    in_every_look(|tag, size| {
        for (name, page) in [
            ("enrolled", enrolled()),
            ("asked-for", waits::asked_for()),
            ("invited", invited()),
            ("locked", locked()),
            ("not-invited", not_invited()),
            ("asked", asking()),
            ("closed", closed()),
            ("no-mail", page::without_mail(enrolled())),
        ] {
            let mut window = page_at(&server(page), size);
            window.looks_as_kept(&format!("desk-page-{name}-{tag}"));
        }
        let found = found_by_serial("superseded", Some("5f3a09c1d2e3f405162738495a6b7c8d"));
        let mut window = open_at(&server(enrolled()).answer::<SearchDesk>(found), size);
        window.types("0badc0de");
        window.key(Named::Enter);
        window.looks_as_kept(&format!("desk-page-old-serial-{tag}"));
        let mut window = page_at(&server(enrolled()), size);
        window.key(Named::PageDown);
        window.looks_as_kept(&format!("desk-page-history-{tag}"));
        let script = server(enrolled());
        let mut window = open_at(&script, size);
        window.types("990000-04");
        window.held = true;
        window.key(Named::Enter);
        window.looks_as_kept(&format!("desk-page-loading-{tag}"));
        script.cut(true);
        window.held = false;
        window.settle();
        window.looks_as_kept(&format!("desk-page-error-{tag}"));
    });
}

#[test]
fn every_state_of_a_deed_has_its_picture() {
    in_every_look(|tag, size| {
        let script = server(enrolled()).answer::<ReissueTerminal>(replaced("revoked"));
        let mut window = page_at(&script, size);
        window.key(Named::F4);
        window.looks_as_kept(&format!("desk-deed-{tag}"));
        window.types("415");
        window.types("駅で置き忘れた");
        window.looks_as_kept(&format!("desk-deed-own-{tag}"));
        window.key(Named::Enter);
        window.looks_as_kept(&format!("desk-deed-sure-{tag}"));
        script.cut(true);
        ctrl_enter(&mut window);
        window.looks_as_kept(&format!("desk-deed-cut-{tag}"));
        script.cut(false);
        window.key(Named::Enter);
        ctrl_enter(&mut window);
        window.looks_as_kept(&format!("desk-deed-done-{tag}"));
        let mut window = page_at(&server(enrolled()), size);
        window.key(Named::F9);
        window.types("1");
        window.looks_as_kept(&format!("desk-deed-revoke-{tag}"));
        let mut window = page_at(&page::with_a_password(), size);
        window.key(Named::F10);
        window.types("11");
        window.key(Named::Enter);
        window.looks_as_kept(&format!("desk-read-out-{tag}"));
    });
}
