//! Outgoing mail, driven by keys.

use iced::advanced::input_method;
use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::{Event, Task};
use serde_json::{Value, json};
use shared::accounts::Role;
use shared::contract::Done;
use shared::id::Page;
use shared::mail::{ListMail, MailItem, PrintPasswords, ResendMail};
use shared::{Problem, ProblemCode};

use super::MailRoom;
use crate::api::scripted::Script;
use crate::language::{Language, speak};
use crate::picture::{AT_100, AT_150};
use crate::screen::Screen;
use crate::screen::stage::{self, Window, made};

/// The message with this number, in this state, with this answer.
fn item(number: u32, kind: &str, way: &str, state: &str, answer: Option<&str>) -> MailItem {
    let mut value = json!({
        "id": stage::id(number), "kind": kind, "way": way, "state": state,
        "office": format!("990019-{number}"), "office_name": format!("見本市第{number}保健所"),
        "link": stage::id(100 + number), "queued_at": stage::NOON,
        "due_at": "2026-11-20T04:30:00Z", "attempts": 3,
    });
    if way == "mail" {
        value["to"] = json!(format!("office{number}@example.lg.jp"));
    }
    if let Some(answer) = answer {
        value["answer"] = json!(answer);
    }
    if state != "waiting" {
        value["settled_at"] = json!("2026-11-20T03:05:00Z");
    }
    made(value)
}

fn items() -> Vec<MailItem> {
    let mail = |number, kind, state, answer| item(number, kind, "mail", state, answer);
    vec![
        mail(
            1,
            "invitation",
            "refused",
            Some("permanent error (550): 5.1.1 No such user here"),
        ),
        mail(
            2,
            "invitation",
            "waiting",
            Some("transient error (451): 4.3.2 try again later"),
        ),
        mail(3, "password", "sent", Some("250 taken")),
        mail(
            4,
            "reminder",
            "given-up",
            Some("the mail server did not answer in time"),
        ),
        mail(5, "reissue", "withdrawn", None),
        item(6, "password", "letter", "waiting", None),
        item(7, "password", "phone", "handed-over", None),
        mail(
            8,
            "invitation",
            "bounced",
            Some("4.4.7 delivery time expired"),
        ),
        mail(
            9,
            "password",
            "bounced",
            Some("550 5.1.1 <office9@example.lg.jp>: no such user"),
        ),
    ]
}

fn server(items: Vec<MailItem>) -> Script {
    Script::new()
        .reply::<ListMail>(move |call| {
            let asked = |part: &str| call.path.split(['?', '&']).any(|it| it == part);
            let fits = |it: &&MailItem| {
                !call.path.contains("state=") || asked(&format!("state={}", it.state))
            };
            let rows: Vec<MailItem> = items.iter().filter(fits).cloned().collect();
            Ok(Page { rows, next: None })
        })
        .answer::<ResendMail>(Done {})
        .answer::<PrintPasswords>(made(json!({ "pdf": "JVBERi0=", "count": 2, "more": true })))
}

fn window(server: &Script, size: (f32, f32)) -> Window<MailRoom> {
    let mut context = stage::context(server);
    context.role = Role::Helpdesk;
    Window::open(MailRoom::new(&context), context, size)
}

fn paste(window: &mut Window<MailRoom>, text: &str) {
    window.happens([
        Event::InputMethod(input_method::Event::Opened),
        Event::InputMethod(input_method::Event::Commit(text.into())),
        Event::InputMethod(input_method::Event::Closed),
    ]);
}

fn save(window: &mut Window<MailRoom>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

#[track_caller]
fn must_show(window: &mut Window<MailRoom>, words: &str) {
    if !window.shows(words) {
        window.picture("mail-not-as-expected");
        panic!("nothing says {words}");
    }
}

fn sent(server: &Script) -> Vec<Value> {
    let calls = server.calls::<ResendMail>();
    calls
        .iter()
        .map(|call| call.body.clone().expect("a body"))
        .collect()
}

#[test]
fn an_answer_is_told_in_plain_words_beside_its_own() {
    let mut window = window(&server(items()), AT_100);
    must_show(
        &mut window,
        "宛先のアドレスがありません。機関に正しいアドレスを確かめて、送り直してください。",
    );
    must_show(
        &mut window,
        "メールサーバーの返答：permanent error (550): 5.1.1 No such user here",
    );
    window.key(Named::ArrowDown);
    must_show(&mut window, "次は 2026/11/20 13:30 に自動で送ります");
    must_show(
        &mut window,
        "相手のメールサーバーが今は受け取れません。自動で送り直すので、待ってください。",
    );
}

#[test]
fn what_somebody_prints_or_reads_out_does_not_wait_to_be_sent() {
    speak(Language::Ja);
    for (way, state, says, is_sent) in [
        ("letter", "waiting", "印刷待ち", false),
        ("phone", "waiting", "読み上げ待ち", false),
        ("mail", "waiting", "送信待ち", true),
        ("letter", "handed-over", "受け渡し済み", false),
        ("mail", "sent", "送信済み", false),
    ] {
        let item = item(6, "password", way, state, None);
        assert_eq!(super::words::standing(&item), says, "{way} {state}");
        assert_eq!(super::words::is_to_be_sent(&item), is_sent, "{way} {state}");
    }
}

#[test]
fn a_digit_leaves_one_state() {
    let mut window = window(&server(items()), AT_100);
    must_show(&mut window, "office2@example.lg.jp");
    window.types("4");
    assert!(!window.shows("office2@example.lg.jp"));
    must_show(&mut window, "office1@example.lg.jp");
    window.types("0");
    must_show(&mut window, "office2@example.lg.jp");
}

#[test]
fn a_message_is_sent_again_to_another_address_with_a_reason() {
    let server = server(items());
    let mut window = window(&server, AT_100);
    window.key(Named::Enter);
    save(&mut window);
    assert!(sent(&server).is_empty(), "a reason is needed");
    paste(&mut window, "電話で依頼");
    window.key(Named::Escape);
    must_show(&mut window, "まだ送り直していません");
    window.key(Named::Escape);
    assert_eq!(window.screen.unsaved_count(), 1);
    paste(&mut window, "ｎｅｗ＠ｅｘａｍｐｌｅ．ｌｇ．ｊｐ");
    server.cut(true);
    save(&mut window);
    assert!(sent(&server).is_empty());
    server.cut(false);
    save(&mut window);
    let body = sent(&server).remove(0);
    assert_eq!(
        (&body["to"], &body["reason"]),
        (&json!("new@example.lg.jp"), &json!("電話で依頼"))
    );
    must_show(&mut window, "送り直しを受け付けました");
    assert_eq!(window.screen.unsaved_count(), 0);
}

#[test]
fn what_came_back_is_found_by_a_digit_and_sent_to_another_address() {
    let server = server(items());
    let mut window = window(&server, AT_100);
    window.types("6");
    assert!(!window.shows("office1@example.lg.jp"));
    must_show(
        &mut window,
        "メールサーバーの返答：4.4.7 delivery time expired",
    );
    must_show(
        &mut window,
        "宛先に届きませんでした。機関にアドレスを確かめて、別のアドレスに送り直してください。",
    );
    window.key(Named::ArrowDown);
    must_show(
        &mut window,
        "パスワードが宛先に届きませんでした。機関にアドレスを確かめて連絡先を直し、リンクを再発行してください。送ったパスワードは残っていないので、送り直せません。",
    );
    window.key(Named::ArrowUp);
    window.key(Named::Enter);
    paste(&mut window, "right@example.lg.jp");
    window.key(Named::Tab);
    paste(&mut window, "電話で正しいアドレスを確認");
    save(&mut window);
    let body = sent(&server).remove(0);
    assert_eq!(body["to"], json!("right@example.lg.jp"));
    let path = &server.calls::<ResendMail>()[0].path;
    assert!(path.contains(&stage::id(8).to_string()), "{path}");
    must_show(&mut window, "送り直しを受け付けました");
}

#[test]
fn a_password_that_came_back_is_not_offered_to_be_sent_again() {
    let server = server(items());
    let mut window = window(&server, AT_100);
    window.types("6");
    window.key(Named::ArrowDown);
    window.key(Named::Enter);
    must_show(&mut window, "これは送り直せません");
    save(&mut window);
    assert!(sent(&server).is_empty());
    window.key(Named::Escape);
    must_show(&mut window, "office8@example.lg.jp");
}

#[test]
fn what_was_changed_after_a_lost_answer_is_another_message() {
    let key_after = |changed: bool| {
        let server = server(items());
        let mut window = window(&server, AT_100);
        window.key(Named::Enter);
        save(&mut window);
        paste(&mut window, "電話で依頼");
        server.cut(true);
        save(&mut window);
        server.cut(false);
        if changed {
            paste(&mut window, "された");
        }
        save(&mut window);
        let calls = server.calls::<ResendMail>();
        assert_eq!(calls.len(), 1);
        calls[0].key
    };
    assert!(key_after(false).is_some());
    assert_eq!(key_after(false), key_after(false), "the same again");
    assert_ne!(key_after(false), key_after(true));
}

#[test]
fn letters_are_made_only_after_a_question_and_saved() {
    let server = server(items());
    let mut window = window(&server, AT_100);
    window.key(Named::F7);
    must_show(&mut window, "パスワードの手紙を作りますか");
    assert!(server.calls::<PrintPasswords>().is_empty());
    window.key(Named::F10);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("手紙.pdf");
    assert_eq!(window.screen.unsaved_count(), 1);
    paste(&mut window, &path.to_string_lossy());
    window.key(Named::Enter);
    assert_eq!(std::fs::read(&path).expect("saved"), b"%PDF-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path)
            .expect("saved")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else reads passwords");
    }
    window.key(Named::Enter);
    must_show(&mut window, "手紙 2 通を保存しました");
    must_show(
        &mut window,
        "ほかにも待っている手紙があります。もう一度「手紙を作る」を押してください。",
    );
}

#[test]
fn letters_that_were_not_saved_can_be_made_again() {
    let server = server(items());
    let mut window = window(&server, AT_100);
    window.key(Named::F7);
    window.key(Named::F10);
    window.key(Named::Escape);
    must_show(&mut window, "手紙 2 通を保存していません");
    window.key(Named::F7);
    window.click("24時間以内に作った手紙も含める");
    window.key(Named::F10);
    let calls = server.calls::<PrintPasswords>();
    let again = calls
        .iter()
        .map(|call| call.body.clone().expect("a body")["again"].clone());
    assert_eq!(again.collect::<Vec<_>>(), [json!(false), json!(true)]);
}

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
    let look = |window: &mut Window<MailRoom>, name: &str| {
        window.looks_as_kept(&format!("mail-{name}-{tag}"));
    };
    look(&mut window(&server(Vec::new()), size), "empty");
    look(&mut window(&Script::new(), size), "error");
    let server = server(items());
    let context = stage::context(&server);
    let mut opening = Window::open((MailRoom::new(&context).0, Task::none()), context, size);
    look(&mut opening, "loading");
    let mut list = window(&server, size);
    look(&mut list, "list");
    list.key(Named::Enter);
    save(&mut list);
    look(&mut list, "resend");
    paste(&mut list, "x");
    list.key(Named::Escape);
    look(&mut list, "leave");
    let mut list = window(&server, size);
    list.types("6");
    look(&mut list, "bounced");
    list.key(Named::ArrowDown);
    list.key(Named::Enter);
    look(&mut list, "gone");
    let mut list = window(&server, size);
    list.key(Named::F7);
    look(&mut list, "print");
    list.key(Named::F10);
    look(&mut list, "letters");
    list.key(Named::Escape);
    look(&mut list, "not-saved");

    let nothing = server.refuse::<PrintPasswords>(Problem::new(ProblemCode::NothingToHandOver));
    let mut list = window(&nothing, size);
    list.key(Named::F7);
    list.key(Named::F10);
    look(&mut list, "no-letters");
}

#[test]
fn coming_back_to_the_room_gives_its_list_the_keys() {
    let mut window = window(&server(items()), AT_100);
    window.types("/");
    assert!(!window.keys_are_at("mail-list"));
    let context = window.context.clone();
    let entered = window.screen.entered(&context);
    window.runs(entered);
    assert!(window.keys_are_at("mail-list"));
}
