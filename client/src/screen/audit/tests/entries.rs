//! What an entry says: who did what, what was refused, and to whom.

use super::*;

#[test]
fn everything_that_stands_in_the_log_has_words() {
    for language in [shared::Language::Ja, shared::Language::En] {
        crate::language::speak(language);
        for action in AuditKind::ALL.iter().flat_map(|kind| kind.actions()) {
            assert_ne!(super::words::action(action), action);
        }
    }
    crate::language::speak(shared::Language::Ja);
    for role in Role::ALL {
        assert_ne!(super::words::role(role.as_str()), role.as_str());
    }
}

#[test]
fn entries_are_told_in_plain_words_and_as_they_stand() {
    speak(Language::Ja);
    let mut room = open(&server(3), AT_100);
    assert!(room.shows("1日の健康状態を記録しました") && room.shows("見本保健所 (131016)"));
    assert!(
        room.shows("SomethingNewer"),
        "what has no words goes by its name"
    );
    room.key(Named::Enter);
    assert!(room.shows("健康状態 › 体温") && room.shows("38.1"));
    assert!(room.shows(r#"detail: {"findings":{"temperature":38.1},"version":2}"#));
    room.key(Named::ArrowRight);
    assert!(room.shows("unknown") && room.shows("1, 2"));
    room.key(Named::Escape);
    assert!(room.shows("3件（すべて）"));
}

#[test]
fn what_was_refused_does_not_read_as_done() {
    speak(Language::Ja);
    let refused = json!({ "serial": "0badc0de", "refused": "unknown" });
    let newer = json!({ "refused": "something-newer" });
    let script = Script::new().answer::<ListAuditEntries>(AuditPage {
        rows: vec![
            entry_of(2, "revoke terminal", refused),
            entry_of(1, "cancel link", newer),
        ],
        next: None,
        searched_to: None,
    });
    let mut room = open(&script, AT_100);
    let deed = "拒否：証明書の失効";
    assert!(room.shows(deed) && room.shows("拒否：リンクの取消"));
    assert!(!room.shows("証明書を失効させました"));
    room.key(Named::Enter);
    assert!(room.shows(deed) && room.shows("0badc0de"));
    assert!(room.shows("行われなかった理由") && room.shows("そのような対象がありません"));
    room.key(Named::ArrowRight);
    assert!(
        room.shows("something-newer"),
        "what has no words goes by its name"
    );
}

/// Whatever changes something may be refused, and must then not read as done.
#[test]
fn everything_that_may_be_refused_has_words_for_what_was_not_done() {
    let declared = shared::contract::all();
    let reads = |action: &str| {
        let found = declared.iter().find(|endpoint| endpoint.name == action);
        found.is_some_and(|endpoint| !endpoint.keyed)
    };
    let actions = AuditKind::ALL.iter().flat_map(|kind| kind.actions());
    for action in actions.filter(|action| !reads(action)) {
        for language in [Language::Ja, Language::En] {
            speak(language);
            let wanted = super::words::wanted(action);
            assert!(wanted.is_some(), "{action}");
            assert_ne!(wanted, Some(super::words::action(action)), "{action}");
        }
    }
}

#[test]
fn the_two_entries_of_an_enrolment_say_what_each_of_them_is() {
    speak(Language::Ja);
    let deed = |detail| super::words::deed(&entry_of(1, "enrol", detail));
    let certificate = json!({ "serial": "0badc0de", "office": "131016" });
    assert_eq!(deed(certificate), "端末に証明書を発行しました");
    let link = json!({ "terminal": id(7) });
    assert_eq!(deed(link), "リンクで端末を登録しました");
    assert_eq!(
        deed(json!({ "again": true })),
        "同じ証明書をもう一度渡しました"
    );
}

#[test]
fn a_reissue_says_that_the_terminal_was_stolen_and_which_entry_is_its_certificates_end() {
    speak(Language::Ja);
    let deed = |detail| super::words::deed(&entry_of(1, "ReissueTerminal", detail));
    assert_eq!(
        deed(json!({ "cause": "stolen" })),
        "端末の盗難のため再発行しました"
    );
    assert_eq!(
        deed(json!({ "cause": "lost" })),
        "端末の紛失のため再発行しました"
    );
    assert_eq!(
        deed(json!({ "cause": "stolen", "serial": "0badc0de" })),
        "再発行に伴い、前の証明書を失効させました"
    );
    assert_eq!(
        deed(json!({ "cause": "broken" })),
        "端末の入れ替えのため再発行しました"
    );
}

#[test]
fn what_a_job_did_stands_in_words() {
    speak(Language::Ja);
    let detail = |detail| super::words::detail(&entry_of(1, "work off job", detail));
    let done = detail(json!({ "offices": 3 }));
    assert_eq!(done, [("機関の数".to_owned(), "3".to_owned())]);
    // What it did to one office, as the server writes it.
    let served = detail(json!({
        "office": "990001", "identified": "called-back", "reason": "見本の理由",
        "cause": "broken", "job": id(7),
    }));
    let values: Vec<_> = served.iter().map(|(_, value)| value.as_str()).collect();
    assert!(values.contains(&"故障"), "{served:?}");
    assert!(values.contains(&"登録の電話番号に折り返し"), "{served:?}");
}

#[test]
fn what_a_detail_is_of_stands_in_the_words_of_its_own_screen() {
    speak(Language::Ja);
    let told = |action, detail| -> Vec<String> {
        let told = super::words::detail(&entry_of(1, action, detail));
        let told = told.into_iter();
        told.map(|(name, value)| format!("{name} {value}"))
            .collect()
    };
    let begun = || json!({ "kind": "reissue", "state": "waiting" });
    for action in ["BeginJob", "command link issue", "ReissueTerminal"] {
        assert_eq!(told(action, begun()), ["種類 再発行", "状態 承認待ち"]);
    }
    let stepped = json!({ "step": "refuse", "to": "refused" });
    assert_eq!(told("StepJob", stepped), ["操作 却下", "変更後の状態 却下"]);
    let resent = json!({ "kind": "reissue", "to": "a@example.jp" });
    assert_eq!(
        told("ResendMail", resent),
        ["種類 再発行のリンク", "宛先 a@example.jp"]
    );
    let warned = json!({ "kind": "certificate-ending" });
    assert_eq!(told("warn of certificate", warned), ["種類 証明書の期限"]);
    let bounced = json!({ "state": "bounced" });
    let bounced = told("command mail bounce", bounced);
    assert!(!bounced[0].contains("bounced"), "{bounced:?}");
    let added = json!({ "kind": "health-centre" });
    assert_eq!(told("command office add", added), ["種類 保健所"]);
    let handed = json!({ "to": "131016" });
    assert_eq!(told("HandOverReturnee", handed), ["引き継ぎ先 131016"]);
    let resent = json!({ "to": "a@example.jp" });
    assert_eq!(told("command mail resend", resent), ["宛先 a@example.jp"]);
    let extended = json!({ "to": "2026-12-01" });
    assert_eq!(told("ChangePeriod", extended), ["終了日 2026-12-01"]);
}

#[test]
fn a_reissue_that_waits_for_a_second_person_is_not_said_to_be_done() {
    speak(Language::Ja);
    let waits = json!({ "kind": "reissue", "cause": "stolen", "state": "waiting" });
    assert_eq!(
        super::words::deed(&entry_of(1, "ReissueTerminal", waits)),
        "承認待ち：端末の入れ替えのための再発行"
    );
}

/// What the navigation leaves to a list in the window of a small office.
fn list_width() -> f32 {
    AT_100.0 - 200.0 - 2.0 * crate::ui::token::space::M
}

/// A deed of the helpdesk to an office whose name is of usual length.
fn to_an_office(number: u64, action: &str, detail: serde_json::Value) -> AuditEntry {
    AuditEntry {
        person: Some(made(json!(id(600)))),
        person_name: Some("見本 支援子".parse().expect("a name")),
        office: Some("990000".parse().expect("a code")),
        office_name: Some("見本ヘルプデスク".parse().expect("a name")),
        concerns: Some("131016".parse().expect("a code")),
        concerns_name: Some("見本区南部保健所".parse().expect("a name")),
        ..entry_of(number, action, detail)
    }
}

#[test]
fn what_was_done_is_never_cut_for_the_sake_of_a_name() {
    crate::ui::font::prepare().expect("a Japanese typeface for the tests");
    for language in [Language::Ja, Language::En] {
        speak(language);
        for action in AuditKind::ALL.iter().flat_map(|kind| kind.actions()) {
            let done = to_an_office(1, action, json!({}));
            let refused = to_an_office(1, action, json!({ "refused": "unknown" }));
            let logins = [
                json!({ "wrong": null }),
                json!({ "wrong": "hana-1" }),
                json!({ "too_late": true }),
            ];
            let logins = logins.map(|detail| entry_of(1, "OpenSession", detail));
            let refused = super::words::wanted(action).map(|_| refused);
            for entry in [done].into_iter().chain(refused).chain(logins) {
                let long = "見".repeat(60).parse().expect("a name");
                let entry = AuditEntry {
                    concerns_name: Some(long),
                    ..entry
                };
                let held = super::columns::Held::by(std::slice::from_ref(&entry));
                let columns = super::columns::columns(list_width(), held);
                let what = columns.iter().find(|(name, _)| *name == "what");
                let iced::Length::Fixed(what) = what.expect("a column").1 else {
                    panic!("it is as wide as what it holds");
                };
                let deed = super::words::deed(&entry);
                let width = crate::ui::text::cell_width(&deed);
                let room = what - 2.0 * crate::ui::token::space::S;
                assert!(width <= room, "{deed}: {width} of {room}");
                // Beside it and the moment the names have room, too.
                assert!(what <= list_width() / 2.0, "{deed}");
            }
        }
    }
}

/// What the helpdesk did to an office, and the server by itself.
pub(super) fn of_the_helpdesk() -> Vec<AuditEntry> {
    let deeds = [
        ("ReissueTerminal", json!({ "cause": "stolen" })),
        ("RevokeTerminal", json!({})),
        ("remind of link", json!({})),
    ];
    let rows = (1..).zip(deeds);
    rows.map(|(number, (action, detail))| to_an_office(number, action, detail))
        .collect()
}

pub(super) fn logged(rows: Vec<AuditEntry>) -> Script {
    Script::new().answer::<ListAuditEntries>(AuditPage {
        rows,
        next: None,
        searched_to: None,
    })
}

#[test]
fn offices_of_usual_length_stand_whole_in_the_window_of_a_small_office() {
    speak(Language::Ja);
    let of_offices = of_the_helpdesk();
    let of_a_person_too = AuditEntry {
        account: Some("hana-1".parse().expect("a login id")),
        account_name: Some("見本 花子".parse().expect("a name")),
        ..of_offices[1].clone()
    };
    for (rows, is_named) in [(of_offices, false), (vec![of_a_person_too], true)] {
        let mut window = open(&logged(rows), (AT_100.0 - 200.0, AT_100.1 - 60.0));
        assert!(window.shows("見本ヘルプデスク (990000) → 見本区南部保健所 (131016)"));
        assert!(!window.shows("…"), "nothing is cut");
        // A column that would be empty takes no room.
        assert_eq!(window.shows("対象の利用者"), is_named);
    }
}

#[test]
fn the_columns_are_as_wide_as_what_is_said_in_the_language_that_is_turned_to() {
    crate::ui::font::prepare().expect("a Japanese typeface for the tests");
    let entries = [to_an_office(1, "RevokeTerminal", json!({}))];
    speak(Language::Ja);
    let held = super::columns::Held::by(&entries);
    assert_eq!(held.now(&entries), held);
    speak(Language::En);
    assert_eq!(held.now(&entries), super::columns::Held::by(&entries));
    assert_ne!(held.now(&entries), held);
    speak(Language::Ja);
}

#[test]
fn a_deed_of_another_names_the_office_it_was_done_to() {
    speak(Language::Ja);
    let entry = AuditEntry {
        concerns: Some("131016".parse().expect("a code")),
        concerns_name: Some("見本保健所".parse().expect("a name")),
        ..entry_of(1, "revoke terminal", json!({}))
    };
    let page = AuditPage {
        rows: vec![entry],
        next: None,
        searched_to: None,
    };
    let script = Script::new().answer::<ListAuditEntries>(page);
    let mut room = open(&script, AT_100);
    assert!(room.shows("→ 見本保健所 (131016)"));
    room.key(Named::Enter);
    assert!(room.shows("対象の機関") && room.shows("見本保健所 (131016)"));
}

#[test]
fn who_did_what_nobody_was_logged_in_for_is_told_apart() {
    speak(Language::Ja);
    let who = |action| super::words::who(&entry_of(1, action, json!({})));
    assert_eq!(who("command user reset"), "サーバーの運用担当者");
    assert_eq!(who("revoke terminal"), "サーバーの運用担当者");
    assert_eq!(who("enrol"), "端末（登録中）");
    assert_eq!(who("remind of link"), "サーバー（自動）");
}
