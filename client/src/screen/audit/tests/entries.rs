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

/// How wide these words are in a cell of a list.
fn width_of(words: &str, family: &'static str) -> f32 {
    use iced::advanced::text::{self, Paragraph as _};
    type Paragraph = <iced::Renderer as text::Renderer>::Paragraph;
    let cell = text::Text {
        content: words,
        bounds: iced::Size::INFINITE,
        size: crate::ui::token::size::SMALL.into(),
        line_height: Default::default(),
        font: iced::Font::with_name(family),
        align_x: text::Alignment::Left,
        align_y: iced::alignment::Vertical::Top,
        shaping: text::Shaping::Advanced,
        wrapping: text::Wrapping::None,
    };
    Paragraph::with_text(cell).min_width()
}

#[test]
fn what_was_done_fits_its_column_in_the_window_of_a_small_office() {
    use crate::ui::{table::BAR, token::space};
    let family = crate::ui::font::prepare().expect("a Japanese typeface for the tests");
    // Beside the navigation, within the padding of the room, without the bar.
    let list = AT_100.0 - 200.0 - 2.0 * space::M - BAR;
    let columns = super::view::columns(list);
    let sum = |pick: fn(&iced::Length) -> f32| columns.iter().map(|(_, it)| pick(it)).sum::<f32>();
    let portion = |width: &iced::Length| match width {
        iced::Length::FillPortion(portion) => f32::from(*portion),
        _ => 0.0,
    };
    let fixed = sum(|width| match width {
        iced::Length::Fixed(width) => *width,
        _ => 0.0,
    });
    let what = columns.iter().find(|(name, _)| *name == "what");
    let what = portion(&what.expect("a column").1) / sum(portion);
    let room = (list - fixed) * what - 2.0 * space::S;
    for language in [Language::Ja, Language::En] {
        speak(language);
        for action in AuditKind::ALL.iter().flat_map(|kind| kind.actions()) {
            let done = super::words::deed(&entry_of(1, action, json!({})));
            let refused = json!({ "refused": "unknown" });
            let refused = super::words::wanted(action)
                .map(|_| super::words::deed(&entry_of(1, action, refused)));
            let logins = [
                json!({ "wrong": null }),
                json!({ "wrong": "hana-1" }),
                json!({ "too_late": true }),
            ];
            let logins =
                logins.map(|detail| super::words::deed(&entry_of(1, "OpenSession", detail)));
            for deed in [done].into_iter().chain(refused).chain(logins) {
                let width = width_of(&deed, family);
                assert!(width <= room, "{deed}: {width} of {room}");
            }
        }
    }
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
