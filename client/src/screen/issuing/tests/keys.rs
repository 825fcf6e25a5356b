//! Which key does what: the same as at the desk, and never two things in one room.

use std::collections::BTreeSet;

use shared::enrolment::job::JobState;

use super::*;

/// Every key of what is in front, as it is printed, with its words.
fn keys(window: &Window<Issuing>) -> Vec<(String, String)> {
    let bindings = window.screen.bindings().into_iter();
    let printed = bindings.map(|it| (it.shortcut.name().to_owned(), it.words));
    printed.collect()
}

fn named(window: &Window<Issuing>) -> BTreeSet<String> {
    keys(window).into_iter().map(|(key, _)| key).collect()
}

/// The deeds' keys, which are typed all day at the desk.
const DEEDS: [(&str, &str); 3] = [("F3", "発行"), ("F4", "再発行"), ("F9", "失効")];

#[test]
fn a_deed_has_the_key_that_it_has_at_the_desk() {
    let mut window = open(&server(Vec::new(), Vec::new()), AT_100);
    let listed = keys(&window);
    for (key, words) in DEEDS {
        assert!(
            listed.contains(&(key.to_owned(), words.to_owned())),
            "{key}"
        );
        assert!(window.shows(words) && window.shows(key), "on its button");
    }
}

#[test]
fn no_key_of_a_deed_for_offices_does_something_among_the_jobs() {
    let mine = JobState::ALL
        .iter()
        .map(|state| job(1, 1, state.as_str(), 10));
    let others = JobState::ALL
        .iter()
        .map(|state| job(1, 2, state.as_str(), 10));
    for job in mine.chain(others) {
        let mut window = open(&server(vec![job.clone()], Vec::new()), AT_100);
        window.key(Named::F7);
        window.key(Named::Enter);
        let listed = keys(&window);
        assert!(
            DEEDS.iter().all(|(key, _)| !named(&window).contains(*key)),
            "{job}"
        );
        assert_eq!(named(&window).len(), listed.len(), "each means one: {job}");
    }
    // Nor does the no to what the operator asks for.
    let mut window = open(&server(Vec::new(), vec![approval()]), AT_100);
    window.key(Named::F7);
    assert!(named(&window).contains("F10"));
    assert!(DEEDS.iter().all(|(key, _)| !named(&window).contains(*key)));
}
