//! Every state of the screen, looked at.

use shared::Language;

use super::intake::{block, tried};
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
    let look = |window: &mut Window<Contacts>, name: &str| {
        window.looks_as_kept(&format!("contacts-{name}-{tag}"));
    };
    let (nobody, _) = server(Vec::new());
    look(&mut window(&nobody, size), "empty");
    let cut = Script::new();
    look(&mut window(&cut, size), "error");

    let (server, kept) = server(offices());
    let context = context(&server);
    let mut opening = Window::open((Contacts::new(&context).0, Task::none()), context, size);
    look(&mut opening, "loading");

    let mut list = window(&server, size);
    look(&mut list, "list");
    list.key(Named::ArrowDown);
    list.key(Named::Enter);
    look(&mut list, "office");
    clear(&mut list);
    paste(&mut list, "new.example");
    save(&mut list);
    look(&mut list, "wrong");
    clear(&mut list);
    paste(&mut list, "new@example.lg.jp");
    save(&mut list);
    look(&mut list, "replace");
    kept.lock().expect("no holder panics")[1].version = shared::id::Version(2);
    list.key(Named::F10);
    look(&mut list, "clash");
    list.key(Named::Escape);
    list.key(Named::Escape);
    look(&mut list, "leave");

    let mut export = window(&server, size);
    export.key(Named::F8);
    look(&mut export, "export");

    let mut write = window(&server, size);
    write.key(Named::F6);
    look(&mut write, "write");
    proceed(&mut write);
    look(&mut write, "nothing");

    let mut list = tried(&server, block(), size);
    look(&mut list, "look");
    for _ in 0..3 {
        list.key(Named::F3);
    }
    look(&mut list, "choose");
    proceed(&mut list);
    look(&mut list, "confirm");
    server.cut(true);
    list.key(Named::F10);
    look(&mut list, "not-known");
    server.cut(false);
    list.key(Named::F5);
    look(&mut list, "done");
}

#[test]
fn an_input_method_composes_in_every_field() {
    let (server, _) = server(offices());
    let mut list = window(&server, AT_100);
    assert_eq!(list.composes_in_every_field(|| server.asked()), 1);
    let mut form = window(&server, AT_100);
    form.key(Named::Enter);
    assert_eq!(form.composes_in_every_field(|| server.asked()), 2);
}
