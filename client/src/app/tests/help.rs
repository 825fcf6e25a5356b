//! The list of keys, in every room.

use std::collections::BTreeSet;

use super::keys::{go_to, working};
use super::*;
use crate::app::help;
use crate::screen::stage::Window;

const LOCK: &str = "Ctrl+L";

/// Looks at the list as it is now: each key stands there once, that of the lock too.
fn lists_each_key_once(window: &Window<App>) {
    let listed: Vec<_> = help::listed(&window.screen).into_iter().flatten().collect();
    let keys = listed.iter().flat_map(|(keys, _)| keys.split(' '));
    let mut seen = BTreeSet::new();
    for key in keys {
        assert!(seen.insert(key), "{key} stands there twice: {listed:?}");
    }
    assert!(seen.contains(LOCK), "{listed:?}");
}

#[test]
fn no_key_is_listed_twice_in_any_room_and_the_locks_is_in_all() {
    let mut rooms = BTreeSet::new();
    for role in Role::ALL {
        let session = Session {
            role,
            office: match role {
                Role::Helpdesk => stage::made(serde_json::json!({
                    "code": "990000-9", "kind": "helpdesk", "name": "見本ヘルプデスク",
                })),
                _ => stage::made(serde_json::json!({
                    "code": "130001", "kind": "prefecture", "name": "見本県",
                })),
            },
            ..session()
        };
        let mut window =
            working(super::desk::server_of_the_helpdesk().answer::<OpenSession>(session));
        lists_each_key_once(&window);
        for room in window.screen.to_rooms() {
            rooms.insert(room.words);
            go_to(
                &mut window,
                room.shortcut.name().trim_start_matches("Ctrl+"),
            );
            lists_each_key_once(&window);
            // What the first row, or what is found by a letter, opens.
            window.types("x");
            lists_each_key_once(&window);
            window.key(key::Named::Enter);
            lists_each_key_once(&window);
            window.key(key::Named::Escape);
        }
    }
    let all = crate::screen::Room::ALL.map(|room| room.name());
    assert_eq!(rooms, all.into_iter().collect(), "every room was seen");
}

#[test]
fn the_keys_to_the_rooms_and_of_the_frame_are_those_of_every_screen() {
    let window = working(server());
    let [here, everywhere] = help::listed(&window.screen);
    let names = |keys: Vec<(String, String)>| -> Vec<String> {
        keys.into_iter().map(|(key, _)| key).collect()
    };
    let everywhere = names(everywhere);
    assert_eq!(everywhere[..4], [LOCK, "F12", "Ctrl+1–3", "F1"]);
    assert!(names(here).iter().all(|key| !everywhere.contains(key)));
}

/// A window with the second field of a new returnee's form having the keys.
fn in_a_form() -> Window<App> {
    let mut window = working(server());
    go_to(&mut window, "2");
    window.key(key::Named::F2);
    window.key(key::Named::Tab);
    assert!(window.focused().is_some());
    window
}

#[test]
fn whatever_had_the_keys_has_them_again_after_their_list() {
    let mut window = in_a_form();
    let before = window.focused();
    window.key(key::Named::F1);
    assert_ne!(window.focused(), before);
    window.key(key::Named::Escape);
    assert_eq!(window.focused(), before);
}

#[test]
fn whoever_types_their_id_goes_on_in_it_after_the_list_of_keys() {
    let mut window = super::keys::at_the_login();
    window.types("yama");
    let before = window.focused();
    window.key(key::Named::F1);
    window.key(key::Named::Escape);
    assert_eq!(window.focused(), before);
}

#[test]
fn the_lock_that_came_behind_the_list_of_keys_has_the_keys_after_it() {
    let mut window = in_a_form();
    let lock = || Message::Work(super::super::work::Message::LockPressed);
    let task = window.screen.update(lock());
    window.runs(task);
    let of_the_lock = window.focused();
    assert!(of_the_lock.is_some());

    let mut window = in_a_form();
    window.key(key::Named::F1);
    let task = window.screen.update(lock());
    window.runs(task);
    window.key(key::Named::Escape);
    assert_eq!(window.focused(), of_the_lock);
}
