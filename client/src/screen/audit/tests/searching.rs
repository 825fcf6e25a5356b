//! What is asked of the log, and by which keys.

use super::*;

#[test]
fn filters_are_asked_of_the_server() {
    speak(Language::Ja);
    let script = server(3);
    let mut room = open(&script, AT_100);
    room.click("フォローアップ");
    assert!(last_path(&script).contains("kind=follow-up"));
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::From,
        "昨日".to_owned(),
    ))));
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::Who,
        "見本".to_owned(),
    ))));
    room.key(Named::F5);
    assert!(
        last_path(&script).contains("from=2026-11-19"),
        "{}",
        last_path(&script)
    );
    assert!(last_path(&script).contains("who="));
    room.key(Named::Enter);
    room.click("同じ対象の記録をすべて見る");
    assert!(last_path(&script).contains(&format!("subject={}", id(3))));
    assert!(
        !last_path(&script).contains("kind="),
        "nothing else narrows it"
    );
}

#[test]
fn the_list_of_keys_names_the_key_on_the_button_of_the_search() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    let keys = room.screen.screen.bindings();
    let search = say!("audit.search");
    let first = keys.iter().find(|it| it.words == search).expect("a key");
    assert_eq!(first.shortcut.name(), "F5", "F1 lists the first of several");
    assert!(room.shows(first.shortcut.name()), "on the button");
}

#[test]
fn what_cannot_be_understood_is_not_asked_and_its_field_says_so() {
    speak(Language::Ja);
    let script = server(3);
    let mut room = open(&script, AT_100);
    let before = script.asked();
    room.runs(Task::done(Message::Filter(filter::Message::Typed(
        filter::Field::Record,
        "12".to_owned(),
    ))));
    room.runs(Task::done(Message::Filter(filter::Message::SearchPressed)));
    room.key(Named::F5);
    assert_eq!(script.asked(), before);
    assert!(room.shows("赤い欄を直すと検索できます。"));
}

#[test]
fn pieces_without_a_hit_are_looked_through_without_being_asked() {
    speak(Language::Ja);
    let script = Script::new().reply::<ListAuditEntries>(|call| {
        Ok(match call.path.contains("after=2") {
            true => page(1..4, None),
            false if call.path.contains("after=1") => page(0..0, Some("2")),
            false => page(0..0, Some("1")),
        })
    });
    let mut room = open(&script, AT_100);
    assert!(room.shows("3件（すべて）"));
    assert_eq!(script.asked(), 3);
}

#[test]
fn the_helpdesk_asks_for_its_own_entries_and_is_offered_no_others() {
    speak(Language::Ja);
    let script = Script::new().answer::<ListEnrolmentEntries>(page(1..2, None));
    let mut context = context(&script);
    context.role = Role::Helpdesk;
    let mut room: Room = Staged::open(context, AT_100);
    assert!(room.shows("1件（すべて）"));
    assert!(room.shows("登録・証明書") && !room.shows("フォローアップ"));
}

#[test]
fn coming_back_to_the_room_gives_its_list_the_keys() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    room.key(Named::Tab);
    assert!(!room.keys_are_at("audit.list"));
    let context = room.context.clone();
    let entered = room.screen.screen.entered(&context);
    room.runs(entered);
    assert!(room.keys_are_at("audit.list"));
}
