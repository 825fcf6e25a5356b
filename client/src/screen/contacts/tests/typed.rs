//! The list, and one office typed by hand.

use super::*;

/// The one contact of each write that arrived.
fn written(server: &Script) -> Vec<Value> {
    let calls = server.calls::<RegisterContacts>();
    let bodies = calls.iter().map(body::<Value>);
    bodies.map(|body| body["contacts"][0].clone()).collect()
}

#[test]
fn rows_are_fetched_as_they_come_into_view() {
    let many =
        (0..500).map(|nth| contact(&format!("99-{nth:04}"), "health-centre", "見本保健所", &[]));
    let (server, _) = server(many.collect());
    let mut window = window(&server, AT_100);
    assert_eq!(server.calls::<ListContacts>().len(), 1);
    for _ in 0..3 {
        window.key(Named::End);
    }
    must_show(&mut window, "99-0499");
    assert_eq!(server.calls::<ListContacts>().len(), 3);
}

#[test]
fn a_digit_leaves_only_the_offices_without_an_address() {
    let (server, _) = server(offices());
    let mut window = window(&server, AT_100);
    must_show(&mut window, "east@example.lg.jp");
    window.types("1");
    assert!(!window.shows("east@example.lg.jp"));
    must_show(&mut window, "3 件");
    window.types("/");
    paste(&mut window, "９９００１９－４");
    window.key(Named::Enter);
    must_show(&mut window, "1 件");
}

#[test]
fn a_first_address_is_typed_and_registered_without_a_question() {
    let (server, kept) = server(offices());
    let mut window = window(&server, AT_100);
    window.key(Named::ArrowDown);
    window.key(Named::ArrowDown);
    window.key(Named::Enter);
    must_show(&mut window, "見本市西保健所");
    assert_eq!(window.screen.unsaved_count(), 0);
    paste(&mut window, "ｗｅｓｔ＠ｅｘａｍｐｌｅ．ｌｇ．ｊｐ");
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Enter);
    paste(&mut window, "kagi2@example.lg.jp");
    save(&mut window);
    let kept = kept.lock().unwrap();
    assert_eq!(kept[2].mail, Some("west@example.lg.jp".parse().unwrap()));
    assert_eq!(
        kept[2].password_mail,
        Some("kagi2@example.lg.jp".parse().unwrap())
    );
    drop(kept);
    assert_eq!(window.screen.unsaved_count(), 0);
    must_show(&mut window, "west@example.lg.jp");
}

#[test]
fn what_takes_the_place_of_an_address_is_asked_for_first() {
    let (server, kept) = server(offices());
    let mut window = window(&server, AT_100);
    window.key(Named::Enter);
    must_show(&mut window, "before@example.lg.jp");
    clear(&mut window);
    paste(&mut window, "new@example.lg.jp");
    save(&mut window);
    must_show(
        &mut window,
        "メールアドレス：city@example.lg.jp → new@example.lg.jp",
    );
    assert!(written(&server).is_empty());
    window.key(Named::Escape);
    must_show(&mut window, "これまでの連絡先");
    save(&mut window);
    window.key(Named::F10);
    let kept = kept.lock().unwrap();
    assert_eq!(kept[0].mail, Some("new@example.lg.jp".parse().unwrap()));
}

#[test]
fn an_address_that_is_none_and_one_for_both_are_told_at_their_fields() {
    let (server, _) = server(offices());
    let mut window = window(&server, AT_100);
    window.key(Named::ArrowDown);
    window.key(Named::ArrowDown);
    window.key(Named::Enter);
    paste(&mut window, "west.example.lg.jp");
    save(&mut window);
    assert!(written(&server).is_empty());
    assert!(window.screen.unsaved_count() == 1);
    clear(&mut window);
    paste(&mut window, "west@example.lg.jp");
    window.key(Named::Enter);
    paste(&mut window, "WEST@example.lg.jp");
    save(&mut window);
    assert!(written(&server).is_empty(), "link and password would meet");
    window.key(Named::Escape);
    must_show(&mut window, "登録していない入力があります");
    window.key(Named::Escape);
    assert_eq!(
        window.screen.unsaved_count(),
        1,
        "nothing is lost by going back"
    );
}

#[test]
fn of_two_versions_both_are_shown_and_neither_is_lost() {
    let (server, kept) = server(offices());
    let mut window = window(&server, AT_100);
    window.key(Named::Enter);
    clear(&mut window);
    paste(&mut window, "mine@example.lg.jp");
    let theirs = |mail: &str, version: u32| {
        let mut kept = kept.lock().unwrap();
        kept[0].mail = Some(mail.parse().unwrap());
        kept[0].version = shared::id::Version(version);
    };
    theirs("theirs@example.lg.jp", 2);
    save(&mut window);
    window.key(Named::F10);
    must_show(&mut window, "mine@example.lg.jp");
    must_show(&mut window, "theirs@example.lg.jp");
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 1);
    theirs("later@example.lg.jp", 3);
    save(&mut window);
    window.key(Named::F10);
    must_show(&mut window, "later@example.lg.jp");
    window.key(Named::F9);
    let calls = server.calls::<RegisterContacts>();
    let keys: std::collections::HashSet<_> = calls.iter().map(|call| call.key).collect();
    assert_eq!(keys.len(), 3, "each is another write");
    assert_eq!(written(&server).last().unwrap()["version"], 3);
    let kept = kept.lock().unwrap();
    assert_eq!(kept[0].mail, Some("mine@example.lg.jp".parse().unwrap()));
}

#[test]
fn the_list_is_saved_as_a_file_for_a_spreadsheet() {
    let (server, _) = server(offices());
    let mut window = window(&server, AT_100);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("一覧.csv");
    window.key(Named::F8);
    paste(&mut window, &path.to_string_lossy());
    window.key(Named::Enter);
    must_show(&mut window, "保存しました");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("\u{feff}\"コード\",\"機関\""),
        "{text}"
    );
    assert_eq!(lines.len(), 7);
    assert!(
        lines[2].contains("\"east@example.lg.jp\",\"kagi@example.lg.jp\""),
        "{text}"
    );

    window.key(Named::Enter);
    window.key(Named::F8);
    paste(&mut window, &path.to_string_lossy());
    window.key(Named::Enter);
    must_show(
        &mut window,
        "▲ 同じ名前のファイルがあります。そのファイルは変えていません。別の名前にしてください。",
    );
}

#[test]
fn what_was_changed_after_a_lost_answer_is_another_write() {
    let key_after = |changed: bool| {
        let (server, _) = server(offices());
        let mut window = window(&server, AT_100);
        window.key(Named::ArrowDown);
        window.key(Named::ArrowDown);
        window.key(Named::Enter);
        paste(&mut window, "west@example.lg.jp");
        server.cut(true);
        save(&mut window);
        server.cut(false);
        if changed {
            clear(&mut window);
            paste(&mut window, "other@example.lg.jp");
        }
        save(&mut window);
        let calls = server.calls::<RegisterContacts>();
        assert_eq!(calls.len(), 1);
        calls[0].key
    };
    assert!(key_after(false).is_some());
    assert_eq!(key_after(false), key_after(false), "the same again");
    assert_ne!(key_after(false), key_after(true));
}
