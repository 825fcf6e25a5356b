//! Whole lists, pasted and read from files.

use super::*;

const BLOCK: &str = "いつもお世話になっております。\n＜自治体（保健所設置主体）＞\n見本市　city@example.lg.jp\n\
    〈保健所〉\n見本市東保健所　ｈｉｇａｓｈｉ＠ｅｘａｍｐｌｅ．ｌｇ．ｊｐ, second@example.lg.jp\n\
    見本市西保健所 west@example.lg.jp\n見本市西保健所 later@example.lg.jp\n\
    中央保健所 chuo@example.lg.jp\n架空保健所 nobody@example.lg.jp\n見本市南保健所 south@@example\n";

/// A window in which a text was pasted and tried.
pub(super) fn tried(server: &Script, text: &str, size: (f32, f32)) -> Window<Contacts> {
    let mut window = window(server, size);
    window.key(Named::F6);
    paste(&mut window, text);
    proceed(&mut window);
    window
}

pub(super) fn block() -> &'static str {
    BLOCK
}

#[test]
fn nothing_is_written_before_somebody_has_seen_and_confirmed_it() {
    let (server, kept) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    must_show(&mut window, "○ 新規 1");
    must_show(&mut window, "● 変更 1");
    must_show(&mut window, "変更なし 1");
    must_show(&mut window, "▲ 使わないアドレス 2");
    must_show(&mut window, "× 登録しない行 3");
    proceed(&mut window);
    must_show(&mut window, "2 件の連絡先を登録しますか");
    assert!(server.calls::<RegisterContacts>().is_empty());
    window.key(Named::F10);
    assert_eq!(server.calls::<RegisterContacts>().len(), 1);
    must_show(&mut window, "新規 1 件、変更 1 件、変更なし 1 件です。");
    assert_eq!(window.screen.unsaved_count(), 0);
    let kept = kept.lock().unwrap();
    let mail = |at: usize| kept[at].mail.as_ref().map(ToString::to_string);
    assert_eq!(
        mail(1).as_deref(),
        Some("higashi@example.lg.jp"),
        "the first counts"
    );
    assert_eq!(
        mail(2).as_deref(),
        Some("west@example.lg.jp"),
        "the first counts"
    );
    assert_eq!(mail(4), None);
}

#[test]
fn every_line_that_is_not_taken_is_named_with_its_line() {
    let (server, _) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    window.key(Named::F3);
    must_show(&mut window, "5 行目");
    must_show(
        &mut window,
        "最初の1件だけを登録し、次は使いません：second@example.lg.jp",
    );
    window.key(Named::F3);
    must_show(&mut window, "7 行目");
    must_show(
        &mut window,
        "6 行目のアドレスが先にあるので、次は使いません：later@example.lg.jp",
    );
    for line in ["8 行目", "9 行目", "10 行目"] {
        window.key(Named::F3);
        must_show(&mut window, line);
    }
}

#[test]
fn of_several_offices_of_one_name_a_person_says_which() {
    let (server, kept) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    for _ in 0..3 {
        window.key(Named::F3);
    }
    must_show(&mut window, "8 行目");
    window.types("2");
    must_show(&mut window, "この行は 中央保健所 990019-5 に決めました。");
    must_show(&mut window, "○ 新規 2");
    window.key(Named::Delete);
    must_show(&mut window, "○ 新規 1");
    window.types("2");
    proceed(&mut window);
    window.key(Named::F10);
    let kept = kept.lock().unwrap();
    assert_eq!(kept[4].mail, None);
    assert_eq!(kept[5].mail, Some("chuo@example.lg.jp".parse().unwrap()));
}

#[test]
fn going_back_keeps_the_text_and_leaving_asks() {
    let (server, _) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Escape);
    must_show(&mut window, "登録していない入力があります");
    window.key(Named::Escape);
    proceed(&mut window);
    must_show(&mut window, "○ 新規 1");
    window.key(Named::Escape);
    window.key(Named::Escape);
    window.click("捨てて戻る");
    assert_eq!(window.screen.unsaved_count(), 0);
    must_show(&mut window, "連絡先");
    assert!(server.calls::<RegisterContacts>().is_empty());
}

#[test]
fn an_answer_lost_on_the_line_is_asked_for_again_with_the_same_key() {
    let (server, _) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    proceed(&mut window);
    server.cut(true);
    window.key(Named::F10);
    must_show(
        &mut window,
        "登録されたかどうかは、まだ分かりません。もう一度試しても二重には登録されません。",
    );
    server.cut(false);
    window.key(Named::F5);
    must_show(&mut window, "登録しました");
    assert_eq!(server.calls::<RegisterContacts>().len(), 1);
}

#[test]
fn what_somebody_changed_meanwhile_is_compared_anew() {
    let (server, kept) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    kept.lock().unwrap()[1].version = shared::id::Version(7);
    proceed(&mut window);
    window.key(Named::F10);
    assert!(!window.shows("登録しました"));
    window.key(Named::F5);
    proceed(&mut window);
    window.key(Named::F10);
    must_show(&mut window, "登録しました");
}

#[test]
fn a_file_is_read_from_its_path_and_where_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    // 事務所 and メールアドレス, then 見本市西保健所 with its address, in CP932.
    let bytes = b"\x8e\x96\x96\xb1\x8f\x8a,\x83\x81\x81[\x83\x8b\x83A\x83h\x83\x8c\x83X\r\n\x8c\xa9\x96{\x8es\x90\xbc\x95\xdb\x8c\x92\x8f\x8a,west@example.lg.jp\r\n";
    let path = folder.path().join("連絡先.csv");
    std::fs::write(&path, bytes).unwrap();
    let (server, _) = server(offices());
    let mut window = window(&server, AT_100);
    let context = window.context.clone();
    let step = window.screen.dropped(path, &context);
    let Some(Step::Run(task)) = step else {
        panic!("it is taken in")
    };
    window.runs(task);
    must_show(&mut window, "○ 新規 1");
    must_show(&mut window, "2 行目");

    window.key(Named::Escape);
    let typed = folder
        .path()
        .join("ない.csv")
        .to_string_lossy()
        .into_owned();
    // The path is the field after the text.
    window.key(Named::Tab);
    clear(&mut window);
    paste(&mut window, &typed);
    window.key(Named::Enter);
    must_show(&mut window, &format!("ファイルを開けません：{typed}"));
}

#[test]
fn a_dialog_that_is_cancelled_late_throws_nothing_away() {
    let (server, _) = server(offices());
    let mut window = tried(&server, BLOCK, AT_100);
    let late = |window: &mut Window<Contacts>, path: Option<std::path::PathBuf>| {
        let chosen = crate::screen::contacts::intake::Message::Chosen(path);
        let message = Message(crate::screen::contacts::Happened::Intake(chosen));
        let context = window.context.clone();
        if let Step::Run(task) = window.screen.update(message, &context) {
            window.runs(task);
        }
    };
    late(&mut window, None);
    must_show(&mut window, "○ 新規 1");
    late(&mut window, Some("ない.csv".into()));
    must_show(&mut window, "○ 新規 1");
    proceed(&mut window);
    late(&mut window, None);
    window.key(Named::F10);
    must_show(&mut window, "登録しました");
    late(&mut window, None);
    must_show(&mut window, "登録しました");
}
