//! An office's page at a glance.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::*;

#[test]
fn the_page_answers_at_a_glance() {
    let mut window = opened(&server(enrolled()));
    for words in [
        "見本第1保健所",
        "○ 登録済み",
        "案内：端末は登録されていますが、最近エラーが出ています。下のエラーを見て案内してください。",
        "5f3a09c1d2e3f405162738495a6b7c8d",
        "2027/02/01（残り 73 日）",
        "2026/11/20 11:41",
        "ミホンダイイチホケンジョ　990000-04　保健所　見本県の管内　電話 03-1234-5678",
        "hc@example.lg.jp",
        "端末　3 回　最後 2026/11/20 11:40　terminal-superseded",
    ] {
        assert!(window.shows(words), "{words}");
    }
}

#[test]
fn a_first_use_that_is_not_followed_by_a_contact_yet_counts_as_the_last() {
    let mut page = enrolled();
    let certificate = page.certificate.as_mut().expect("a certificate");
    certificate.seen_at = None;
    let mut window = opened(&server(page.clone()));
    assert!(window.shows("2026/02/02 09:10（初回の使用。以後の接続は1分ごとに反映）"));
    let certificate = page.certificate.as_mut().expect("a certificate");
    certificate.first_used_at = None;
    let mut window = opened(&server(page));
    assert!(window.shows("まだありません"));
}

#[test]
fn an_error_from_before_the_present_certificate_is_told_as_past() {
    let mut window = opened(&server(enrolled()));
    let title = |code| Problem::new(code).document(shared::Language::Ja).title;
    let refused = title(ProblemCode::LinkRefused);
    assert!(window.shows(&format!("今の証明書より前：{refused}")));
    assert!(
        !window.shows(&refused),
        "it does not stand there as if it were now"
    );
    assert!(window.shows(&title(ProblemCode::TerminalSuperseded)));
}

#[test]
fn a_closed_office_is_seen_as_closed_and_nothing_of_it_as_good() {
    let mut window = opened(&server(closed()));
    for words in [
        "× 閉鎖（2026/11/19）",
        "× 閉鎖のため使えません",
        "× 取消",
        "2027/02/01",
        "案内：この機関は閉鎖されています。リンクも証明書も使えず、新しく発行することもできません。誤りであれば、都道府県に確認してください。",
        "今の状態で行える操作はありません。",
    ] {
        assert!(window.shows(words), "{words}");
    }
    for words in ["○ 有効", "× 取消・失効", "2027/02/01（残り 73 日）"] {
        assert!(!window.shows(words), "{words}");
    }
}

#[test]
fn who_was_found_by_an_old_serial_number_is_told_what_became_of_it() {
    let old = "0badc0de0badc0de0badc0de0badc0de";
    let present = "5f3a09c1d2e3f405162738495a6b7c8d";
    let below = format!("下に表示しているのは、この機関の別の端末の証明書 {present} です。");
    let page = |state, replaced_by| {
        let script = server(enrolled()).answer::<SearchDesk>(found_by_serial(state, replaced_by));
        let mut window = open(&script);
        window.types("0badc0de");
        window.key(Named::Enter);
        window
    };
    for (state, replaced_by, title) in [
        (
            "revoked",
            None,
            format!("お探しの証明書 {old} は失効しています（2026/11/18 11:30）"),
        ),
        (
            "superseded",
            Some(present),
            format!("お探しの証明書 {old} は新しい証明書に交代しています（2026/11/18 11:30）"),
        ),
        (
            "expired",
            None,
            format!("お探しの証明書 {old} は期限が切れています（2026/11/18 11:30）"),
        ),
    ] {
        let mut window = page(state, replaced_by);
        assert!(window.shows(&title), "{title}");
        assert!(window.shows(&below), "{state}");
        assert!(!window.shows(&format!("代わりに使われたのは証明書 {present} です。")));
    }
    let mut window = page("superseded", Some("0c0ffee0"));
    assert!(window.shows("代わりに使われたのは証明書 0c0ffee0 です。"));
    // The same terminal's, which has renewed itself since.
    let mut found = found_by_serial("superseded", Some(present));
    let own = enrolled().certificate.unwrap().terminal;
    found.offices[0].certificate.as_mut().unwrap().terminal = own;
    let mut window = open(&server(enrolled()).answer::<SearchDesk>(found));
    window.types("0badc0de");
    window.key(Named::Enter);
    assert!(window.shows(&format!(
        "下に表示しているのは、同じ端末の今の証明書 {present} です。"
    )));
    // Found in another way, it is the present one that counts.
    let mut window = opened(&server(enrolled()));
    assert!(!window.shows(&below));
}

#[test]
fn what_happened_is_told_page_by_page() {
    let script = server(enrolled());
    let mut window = open_at(&script, (1280.0, 2000.0));
    window.types("990000-04");
    window.key(Named::Enter);
    assert!(window.shows("再発行し、新しいリンクを発行（故障）"));
    assert!(
        window
            .shows("見本 支援子（見本ヘルプデスク） ・ 登録の電話番号に折り返し ・ 電源が入らない")
    );
    assert!(!window.shows("証明書を初めて使用"));
    window.types("m");
    assert!(window.shows("証明書を初めて使用"));
    window.types("m");
    assert_eq!(script.calls::<ShowTimeline>().len(), 2, "there is no more");
}

/// The same without an address for links; an office with nothing in force is advised accordingly.
pub(super) fn without_mail(mut page: Enrolment) -> Enrolment {
    page.contact.mail = None;
    let advice = shared::enrolment::advice::Advice::of;
    page.advice = advice(page.open, false, page.standing, false, false);
    page
}

#[test]
fn why_no_link_can_be_sent_is_said_once_with_where_the_address_is_registered() {
    const WHY: &str = "リンクを送るメールアドレスが登録されていないため、発行・再発行・再送はできません。都道府県に連絡先の登録を頼むか、「連絡先」の画面で登録してください。";
    let advised = format!("案内：{WHY}");
    for (page, is_advice) in [
        (enrolled(), false),
        (invited(), false),
        (locked(), false),
        (asking(), true),
        (not_invited(), true),
    ] {
        let mut with = opened(&server(page.clone()));
        assert!(!with.shows(WHY) && !with.shows(&advised));
        let mut without = opened(&server(without_mail(page)));
        assert_eq!(without.shows(&advised), is_advice);
        assert_eq!(without.shows(WHY), !is_advice);
    }
    // A closed office gets no link with an address either.
    let mut closed = opened(&server(without_mail(closed())));
    assert!(!closed.shows(WHY) && !closed.shows(&advised));
}

#[test]
fn nobody_is_told_to_send_anew_what_cannot_be_sent() {
    const ANEW: &str = "案内：有効なリンクがあります。メールのリンクを端末に貼り付けるよう伝えてください。届いていなければ再送します。";
    const LATER: &str = "案内：有効なリンクがあります。届いているメールのリンクを、端末に貼り付けるよう伝えてください。届いていなければ、連絡先を登録してから再送します。";
    let mut with = opened(&server(invited()));
    assert!(with.shows(ANEW) && !with.shows(LATER));
    let mut without = opened(&server(without_mail(invited())));
    assert!(without.shows(LATER) && !without.shows(ANEW));
}

#[test]
fn a_key_of_the_page_is_listed_only_when_it_does_something() {
    let listed = |window: &Window<Desk>, name: &str| {
        let keys = window.screen.bindings();
        keys.iter().any(|it| it.shortcut.name() == name)
    };
    let mut window = opened(&server(enrolled()));
    assert!(!listed(&window, "C"), "a used link cannot be copied");
    assert!(listed(&window, "M"));
    window.types("m");
    assert!(!listed(&window, "M"), "there is nothing older");
    let window = opened(&server(invited()));
    assert!(listed(&window, "C"));
}

#[test]
fn an_answer_about_another_office_is_not_shown_on_this_one() {
    use super::super::page::Message as OnPage;
    let mut window = opened(&server(enrolled()));
    let context = window.context.clone();
    let late = OnPage::Shown(0, Ok(Box::new(locked())));
    let _ = window.screen.update(Message::Page(late), &context);
    assert!(window.shows("○ 登録済み"));
}

#[test]
fn a_page_that_cannot_be_read_anew_says_that_it_is_old() {
    let script = server(enrolled());
    let mut window = opened(&script);
    script.cut(true);
    window.key(Named::F5);
    assert!(window.shows("表示しているのは前に読んだ内容です。"));
    assert!(window.shows("○ 登録済み"));
    script.cut(false);
    window.key(Named::F5);
    assert!(!window.shows("表示しているのは前に読んだ内容です。"));
}

/// A window with a password in view, and its clock.
fn reading_out(script: &Script) -> (Window<Desk>, Arc<Mutex<Timestamp>>) {
    let now = Arc::new(Mutex::new(stage::NOON.parse().expect("an instant")));
    let clock = now.clone();
    let mut context = stage::context(script);
    context.world.clock = Arc::new(move || *clock.lock().expect("not poisoned"));
    let mut window = Window::open(Desk::new(&context), context, AT_100);
    window.types("990000-04");
    window.key(Named::Enter);
    window.key(Named::F10);
    window.types("11");
    window.key(Named::Enter);
    (window, now)
}

pub(super) fn with_a_password() -> Script {
    let groups = ["ab2c", "d3e4", "fg5h", "jk6m"].map(str::to_owned).to_vec();
    server(invited()).answer::<ReadOutPassword>(SpokenPassword { groups })
}

#[test]
fn a_password_is_read_out_in_groups_and_hidden_in_time() {
    let script = with_a_password();
    let (mut window, now) = reading_out(&script);
    let body = sent::<ReadOutPassword>(&script);
    assert_eq!(body["identified"], "called-back");
    assert_eq!(body["reason"], "パスワードを電話で伝える");
    assert!(window.shows("a b 2 c"));
    let context = window.context.clone();
    *now.lock().unwrap() += SignedDuration::from_secs(119);
    window.screen.passed(&context);
    assert!(window.shows("a b 2 c"));
    *now.lock().unwrap() += SignedDuration::from_secs(1);
    window.screen.passed(&context);
    assert!(!window.shows("a b 2 c"));
}

#[test]
fn a_password_does_not_stay_in_view_when_somebody_leaves() {
    let (mut window, _) = reading_out(&with_a_password());
    window.screen.left();
    assert!(!window.shows("a b 2 c"));
    let (mut window, _) = reading_out(&with_a_password());
    window.key(Named::Escape);
    assert!(!window.shows("a b 2 c"));
    assert!(window.shows("パスワードの表示を終えました"));
}

#[test]
fn a_password_that_travels_by_mail_is_not_read_out() {
    let mut page = invited();
    page.link.as_mut().unwrap().password_by = Some(shared::mail::PasswordWay::Mail);
    let script = server(page);
    let mut window = opened(&script);
    assert!(!window.shows("パスワード読み上げ"));
    window.key(Named::F10);
    assert!(!window.shows("相手をどう確かめましたか"));
}
