//! The six deeds.

use shared::id::IdempotencyKey;

use super::*;

/// Presses keys and counts them; a key that is held down beside another counts, too.
struct Fingers<'a> {
    window: &'a mut Window<Desk>,
    keys: usize,
}

impl Fingers<'_> {
    fn key(&mut self, named: Named) {
        self.keys += 1;
        self.window.key(named);
    }

    fn types(&mut self, text: &str) {
        self.keys += text.chars().count();
        self.window.types(text);
    }

    fn ctrl_enter(&mut self) {
        self.keys += 2;
        ctrl_enter(self.window);
    }
}

type Does = fn(&mut Fingers<'_>);

fn does<E: Endpoint<Response = Enrolment>>(page: Enrolment, keys: Does) -> (Value, usize) {
    let script = server(page.clone()).answer::<E>(page);
    let mut window = opened(&script);
    let mut fingers = Fingers {
        window: &mut window,
        keys: 0,
    };
    keys(&mut fingers);
    let keys = fingers.keys;
    assert!(!window.shows("相手をどう確かめましたか"), "it is done");
    (sent::<E>(&script), keys)
}

#[test]
fn every_deed_takes_fewer_than_ten_keys() {
    let issue = does::<IssueLink>(not_invited(), |hand| {
        hand.key(Named::F3);
        hand.types("12");
        hand.key(Named::Enter);
    });
    let reissue = does::<ReissueTerminal>(enrolled(), |hand| {
        hand.key(Named::F4);
        hand.types("111");
        hand.key(Named::Enter);
    });
    let stolen = does::<ReissueTerminal>(enrolled(), |hand| {
        hand.key(Named::F4);
        hand.types("511");
        hand.key(Named::Enter);
        hand.ctrl_enter();
    });
    let resend = does::<ResendLink>(invited(), |hand| {
        hand.key(Named::F6);
        hand.types("21");
        hand.key(Named::Enter);
    });
    let cancel = does::<CancelLink>(invited(), |hand| {
        hand.key(Named::F7);
        hand.types("61");
        hand.key(Named::Enter);
        hand.ctrl_enter();
    });
    let unlock = does::<UnlockLink>(locked(), |hand| {
        hand.key(Named::F8);
        hand.types("11");
        hand.key(Named::Enter);
    });
    let revoke = does::<RevokeTerminal>(enrolled(), |hand| {
        hand.key(Named::F9);
        hand.types("42");
        hand.key(Named::Enter);
        hand.ctrl_enter();
    });
    let all = [
        &issue, &reissue, &stolen, &resend, &cancel, &unlock, &revoke,
    ];
    assert_eq!(all.map(|(_, keys)| *keys), [4, 5, 7, 4, 6, 4, 6]);
    assert!(all.iter().all(|(_, keys)| *keys < 10));
    let body =
        |identified: &str, reason: &str| json!({ "identified": identified, "reason": reason });
    assert_eq!(issue.0, body("called-back", "前のリンクの期限が切れた"));
    assert_eq!(stolen.0["cause"], "stolen");
    assert_eq!(resend.0, body("contact-address", "メールが届いていない"));
    assert_eq!(cancel.0["identified"], "no-caller");
    assert_eq!(revoke.0, body("official-letter", "不正な使用の疑いがある"));
}

#[test]
fn an_office_without_a_number_on_record_cannot_have_been_called_back() {
    const WORDS: &str = "▲ 登録の電話番号がないため、折り返しでは確かめられません。Backspaceを押してから、ほかの確かめ方を選んでください。";
    let mut page = invited();
    page.particulars.phone = None;
    let script = server(page.clone()).answer::<ResendLink>(page);
    let mut window = opened(&script);
    window.key(Named::F6);
    // Typed as always, without looking: the second digit was meant for the reason.
    window.types("12");
    window.key(Named::Enter);
    assert!(window.shows(WORDS));
    assert!(script.calls::<ResendLink>().is_empty());
    window.key(Named::Backspace);
    assert!(!window.shows(WORDS));
    window.types("21");
    window.key(Named::Enter);
    assert_eq!(sent::<ResendLink>(&script)["identified"], "contact-address");
}

#[test]
fn after_a_theft_the_caller_hears_of_the_old_terminal_and_of_the_mailbox() {
    let stopped = "案内：前の証明書では、もう接続できません。新しいリンクが有効です。届いたリンクを、これから使う端末に貼り付けるよう伝えてください。";
    let mailbox = "前の端末から機関のメールを読まれるおそれがあるときは、メールのパスワードもすぐに変えるよう伝えてください。";
    for (digits, before, is_told) in [("511", "revoked", true), ("211", "live", false)] {
        let answer = replaced(before);
        let script = server(enrolled()).answer::<ReissueTerminal>(answer);
        let mut window = opened(&script);
        window.key(Named::F4);
        window.types(digits);
        window.key(Named::Enter);
        ctrl_enter(&mut window);
        assert!(window.shows("再発行しました"));
        assert_eq!(window.shows(stopped), is_told);
        assert_eq!(window.shows(mailbox), is_told);
    }
}

#[test]
fn before_a_theft_the_question_names_the_terminal_and_where_the_link_goes() {
    const TERMINAL: &str = "対象の端末（末尾4桁）：a1c3　最後の接続：2026/11/20 11:41";
    let script = server(enrolled());
    for (key, digits, is_addressed) in [(Named::F4, "511", true), (Named::F9, "42", false)] {
        let mut window = opened(&script);
        window.key(key);
        window.types(digits);
        assert!(!window.shows(TERMINAL), "it is not asked yet");
        window.key(Named::Enter);
        assert!(window.shows(TERMINAL));
        assert!(window.shows("シリアル番号：5f3a09c1d2e3f405162738495a6b7c8d"));
        assert_eq!(
            window.shows("新しいリンクの送り先：hc@example.lg.jp"),
            is_addressed
        );
    }
    // What stops no terminal names none.
    let script = server(invited());
    let mut window = opened(&script);
    window.key(Named::F7);
    window.types("61");
    window.key(Named::Enter);
    assert!(window.shows("このリンクを使えなくします") && !window.shows(TERMINAL));
}

#[test]
fn a_theft_without_mail_says_that_the_terminal_is_not_stopped_yet() {
    const STILL_WORKS: &str = "端末はまだ止まっていません。戻って「失効」（F9）を行うと、リンクがなくても直ちに止まります。";
    let refused = Problem::new(ProblemCode::MailNotSetUp);
    let script = server(enrolled()).refuse::<ReissueTerminal>(refused);
    for (digits, is_told) in [("511", true), ("111", false)] {
        let mut window = opened(&script);
        window.key(Named::F4);
        window.types(digits);
        window.key(Named::Enter);
        ctrl_enter(&mut window);
        assert_eq!(window.shows(STILL_WORKS), is_told, "{digits}");
    }
}

#[test]
fn a_terminal_that_is_lost_or_stolen_is_revoked_for_that_reason_without_a_link() {
    for reason in ["端末を紛失した", "端末が盗まれた"] {
        let script = server(enrolled()).answer::<RevokeTerminal>(enrolled());
        let mut window = opened(&script);
        window.key(Named::F9);
        window.types("1");
        let keys = window.screen.bindings();
        let listed = keys.iter().find(|it| it.words == reason);
        let digit = listed.expect("it is offered").shortcut.name().to_owned();
        window.types(&digit);
        window.key(Named::Enter);
        ctrl_enter(&mut window);
        assert_eq!(sent::<RevokeTerminal>(&script)["reason"], reason);
    }
}

#[test]
fn one_key_answers_a_terminal_that_asked_with_its_own_key() {
    let (body, keys) = does::<ReissueTerminal>(asking(), |hand| hand.key(Named::F2));
    assert_eq!(keys, 1);
    assert_eq!(body["cause"], "expired");
    assert_eq!(body["identified"], "own-key");
    let script = server(enrolled()).answer::<ReissueTerminal>(enrolled());
    let mut window = opened(&script);
    window.key(Named::F2);
    assert!(script.calls::<ReissueTerminal>().is_empty(), "nobody asked");
}

#[test]
fn an_answer_that_somebody_else_gave_first_is_said() {
    let refused = Problem::new(ProblemCode::NotAsked);
    let script = server(asking()).refuse::<ReissueTerminal>(refused);
    let mut window = opened(&script);
    window.key(Named::F2);
    assert!(window.shows("この機関の端末からの依頼はありません"));
    window.key(Named::Escape);
    assert!(!window.shows("この機関の端末からの依頼はありません"));
}

#[test]
fn digits_that_come_faster_than_the_window_draws_answer_one_question_each() {
    let script = server(enrolled()).answer::<ReissueTerminal>(enrolled());
    let mut window = opened(&script);
    window.key(Named::F4);
    let digit = |c: &str| iced_test::simulator::press_key(Key::Character(c.into()), None);
    window.happens_at_once(&[digit("1"), digit("1"), digit("2")]);
    window.key(Named::Enter);
    let body = sent::<ReissueTerminal>(&script);
    assert_eq!(body["cause"], "broken");
    assert_eq!(body["identified"], "called-back");
    assert_eq!(body["reason"], "都道府県から依頼があった");
}

#[test]
fn a_reason_of_ones_own_takes_six_keys_beside_its_text() {
    let (body, keys) = does::<UnlockLink>(locked(), |hand| {
        hand.key(Named::F8);
        hand.types("15");
        hand.types("Caps Lock を知らなかった");
        hand.key(Named::Enter);
    });
    assert_eq!(body["reason"], "Caps Lock を知らなかった");
    assert!(keys - "Caps Lock を知らなかった".chars().count() <= 6);
}

#[test]
fn only_what_is_possible_is_offered() {
    let expect = |page: Enrolment, keys: &[&str]| {
        let script = server(page);
        let mut window = opened(&script);
        for (name, key) in [
            ("発行", Named::F3),
            ("再発行", Named::F4),
            ("再送", Named::F6),
            ("取消", Named::F7),
            ("ロック解除", Named::F8),
            ("失効", Named::F9),
        ] {
            window.key(key);
            let asks = window.shows("相手をどう確かめましたか");
            assert_eq!(asks, keys.contains(&name), "{name}");
            window.key(if asks { Named::Escape } else { Named::Shift });
        }
    };
    expect(not_invited(), &["発行"]);
    expect(invited(), &["再送", "取消"]);
    expect(enrolled(), &["再発行", "失効"]);
    expect(locked(), &["発行", "取消", "ロック解除"]);
    let mut closed = enrolled();
    closed.open = false;
    expect(closed, &[]);
    let mut unreachable = not_invited();
    unreachable.contact.mail = None;
    expect(unreachable, &[]);
    let mut over = locked();
    over.link.as_mut().unwrap().expires_at = stage::NOON.parse().unwrap();
    expect(over, &["発行", "取消"]);
}

#[test]
fn what_kills_at_once_is_asked_in_its_own_words_and_not_done_by_enter() {
    let script = server(enrolled()).answer::<ReissueTerminal>(enrolled());
    let mut window = opened(&script);
    window.key(Named::F4);
    window.types("411");
    window.key(Named::Enter);
    assert!(window.shows("紛失した端末を直ちに止めます"));
    assert!(window.shows(
        "証明書は失効し、元に戻せません。\n端末が見つかっても、新しいリンクで登録し直すまで使えません。"
    ));
    window.key(Named::Enter);
    window.key(Named::Enter);
    assert!(script.calls::<ReissueTerminal>().is_empty());
    window.key(Named::Escape);
    assert!(
        window.shows("相手をどう確かめましたか"),
        "the answers are kept"
    );
    window.key(Named::Enter);
    ctrl_enter(&mut window);
    assert_eq!(sent::<ReissueTerminal>(&script)["cause"], "lost");
    assert!(window.shows("再発行しました"));
}

#[test]
fn what_is_not_answered_is_asked_for_and_nothing_is_sent() {
    let script = server(locked()).answer::<UnlockLink>(locked());
    let mut window = opened(&script);
    window.key(Named::F8);
    window.key(Named::Enter);
    assert!(window.shows("▲ 相手をどう確かめたかを選んでください。"));
    window.types("1");
    ctrl_enter(&mut window);
    assert!(window.shows("▲ 理由を選ぶか、入力してください。"));
    window.types("5");
    window.types("  ");
    window.key(Named::Enter);
    assert!(script.calls::<UnlockLink>().is_empty());
    window.types("x");
    window.key(Named::Enter);
    assert_eq!(script.calls::<UnlockLink>().len(), 1);
}

#[test]
fn an_answer_that_was_not_meant_is_taken_back() {
    let script = server(locked()).answer::<UnlockLink>(locked());
    let mut window = opened(&script);
    window.key(Named::F8);
    window.types("31");
    window.key(Named::Backspace);
    window.key(Named::Backspace);
    window.types("12");
    window.key(Named::Enter);
    assert_eq!(sent::<UnlockLink>(&script)["identified"], "called-back");
}

fn keys_of<E: Endpoint>(script: &Script) -> Vec<Option<IdempotencyKey>> {
    script.calls::<E>().iter().map(|call| call.key).collect()
}

#[test]
fn over_a_cut_line_nothing_typed_is_lost_and_nothing_is_done_twice() {
    // The first try arrives, its answer does not.
    let mut lost = true;
    let script = server(locked()).reply::<UnlockLink>(move |_| match std::mem::take(&mut lost) {
        true => Err(Problem::new(ProblemCode::Busy)),
        false => Ok(invited()),
    });
    let mut window = opened(&script);
    window.key(Named::F8);
    window.types("15");
    window.types("mistyped");
    script.cut(true);
    window.key(Named::Enter);
    assert!(window.shows(
        "届いたかどうか分かりません。もう一度 Enter を押しても、二重に行われることはありません。"
    ));
    script.cut(false);
    window.key(Named::Enter);
    window.key(Named::Enter);
    assert!(window.shows("ロックを解除しました"));
    let bodies: Vec<_> = script
        .calls::<UnlockLink>()
        .into_iter()
        .map(|it| it.body)
        .collect();
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0].as_ref().unwrap()["reason"], "mistyped");
}

#[test]
fn a_repeat_after_a_lost_answer_carries_the_key_of_the_first_try() {
    let script = server(locked()).answer::<UnlockLink>(locked());
    let mut window = opened(&script);
    window.key(Named::F8);
    window.types("11");
    script.cut(true);
    window.key(Named::Enter);
    let before = window.context.api.key();
    script.cut(false);
    window.key(Named::Enter);
    let key = keys_of::<UnlockLink>(&script)[0].expect("a write has its key");
    assert!(key < before, "it was made for the try that was cut");
}

#[test]
fn somebody_quicker_is_noticed_and_what_was_typed_stays() {
    let mut first = true;
    let script = server(locked()).reply::<UnlockLink>(move |_| match first {
        true => {
            first = false;
            Err(Problem::new(ProblemCode::NoLink))
        }
        false => Ok(invited()),
    });
    let mut window = opened(&script);
    window.key(Named::F8);
    window.types("15");
    window.types("mistyped");
    let shown = script.calls::<ShowEnrolment>().len();
    window.key(Named::Enter);
    assert_eq!(
        script.calls::<ShowEnrolment>().len(),
        shown + 1,
        "looked anew"
    );
    assert!(
        window.shows(
            "何も変わっていません。後ろのページを最新にしました。入力した理由は残っています。"
        )
    );
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Enter);
    let keys = keys_of::<UnlockLink>(&script);
    assert_eq!(keys.len(), 2);
    assert_ne!(
        keys[0], keys[1],
        "what was refused was not done: another try"
    );
}

#[test]
fn what_waits_for_a_second_person_is_said_and_not_asked_twice() {
    let problem = Problem::new(ProblemCode::SecondPersonNeeded);
    let script = server(enrolled()).refuse::<RevokeTerminal>(problem);
    let mut window = opened(&script);
    window.key(Named::F9);
    window.types("11");
    window.key(Named::Enter);
    ctrl_enter(&mut window);
    assert!(window.shows("2人目の承認を待っています"));
    assert!(!window.shows("相手をどう確かめましたか"));
    window.key(Named::Enter);
    ctrl_enter(&mut window);
    assert_eq!(script.calls::<RevokeTerminal>().len(), 1);
}

#[test]
fn what_was_typed_and_left_is_there_again() {
    let script = server(locked()).answer::<UnlockLink>(locked());
    let mut window = opened(&script);
    window.key(Named::F8);
    window.types("15");
    window.types("half a reason");
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Escape);
    window.key(Named::F8);
    window.key(Named::Enter);
    assert_eq!(sent::<UnlockLink>(&script)["reason"], "half a reason");
    assert_eq!(window.screen.unsaved_count(), 0);
}
