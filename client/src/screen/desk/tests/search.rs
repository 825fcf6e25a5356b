//! The one field.

use super::super::search;
use super::*;

#[test]
fn an_office_is_found_while_typing_and_opened_without_leaving_the_field() {
    let script = server(enrolled());
    let mut window = open(&script);
    window.types("見本");
    assert!(window.shows("見本第1保健所") && window.shows("見本第12保健所"));
    window.key(Named::ArrowDown);
    window.key(Named::ArrowDown);
    window.key(Named::ArrowUp);
    window.key(Named::Enter);
    let shown = script.calls::<ShowEnrolment>();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].path.ends_with("990000-02"), "{}", shown[0].path);
}

#[test]
fn whoever_waits_for_an_answer_is_listed_before_anything_is_typed() {
    let script = server(asking()).reply::<SearchDesk>(|call| {
        Ok(match asked(call).text.as_str() {
            "" => waiting(),
            text => findings(text),
        })
    });
    let mut window = open(&script);
    window.settle();
    assert!(window.shows("端末が再発行を依頼し、返事を待っている機関"));
    assert!(window.shows("見本第5保健所") && window.shows("端末からの依頼"));
    window.types("見本");
    assert!(!window.shows("端末が再発行を依頼し、返事を待っている機関"));
    window.key(Named::Escape);
    assert!(window.shows("端末が再発行を依頼し、返事を待っている機関"));
    window.key(Named::Enter);
    assert!(window.shows("この機関の端末が再発行を依頼しています（2026/11/20 08:05）"));
}

#[test]
fn a_closed_office_is_listed_as_closed_however_it_stood() {
    let mut found = waiting();
    found.offices[0].row.open = false;
    let mut window = open(&server(closed()).answer::<SearchDesk>(found));
    window.types("見本");
    assert!(window.shows("× 閉鎖"));
    assert!(!window.shows("▲ 期限切れ"));
}

#[test]
fn an_answer_to_what_was_typed_before_overwrites_nothing() {
    let script = server(enrolled());
    let mut window = open(&script);
    let typed = |text: &str| Message::Search(search::Message::Typed(text.to_owned()));
    let context = window.context.clone();
    // Neither answer has come when the second text is there.
    let _ = window.screen.update(typed("見本"), &context);
    let _ = window.screen.update(typed("990000-04"), &context);
    let answer = |turn, text| {
        let findings = Ok(findings(text));
        Message::Search(search::Message::Found(turn, false, findings))
    };
    let _ = window.screen.update(answer(3, "990000-04"), &context);
    let _ = window.screen.update(answer(2, "見本"), &context);
    assert!(window.shows("見本第4保健所"));
    assert!(!window.shows("見本第1保健所"));
}

#[test]
fn enter_before_the_answer_opens_what_is_found_if_it_is_one_or_is_named_by_its_code() {
    for (text, opens) in [("990000-04", true), ("990000-02", true), ("見本", false)] {
        let script = server(enrolled());
        let mut window = open(&script);
        window.held = true;
        window.types(text);
        window.key(Named::Enter);
        window.held = false;
        window.settle();
        let shown = script.calls::<ShowEnrolment>();
        assert_eq!(shown.len(), usize::from(opens));
        assert!(shown.iter().all(|call| call.path.ends_with(text)));
    }
}

#[test]
fn a_typed_error_code_is_explained_and_leads_to_whom_it_met() {
    let mut window = open(&server(enrolled()));
    window.types("Terminal-Superseded");
    let (title, what) = super::super::words::problem(ProblemCode::TerminalSuperseded);
    assert!(window.shows(&format!("エラーの意味：{title}")) && window.shows(&what));
    // A code that a terminal shows without having reached a server.
    window.key(Named::Escape);
    window.types("line-cut");
    assert!(window.shows("エラーの意味：サーバーに接続できません"));
    window.key(Named::Escape);
    window.types("terminal-superseded");
    assert!(window.shows("見本第7保健所"));
}

#[test]
fn an_empty_field_finds_nobody_but_who_waits_and_says_what_can_be_typed() {
    let script = server(enrolled());
    let mut window = open(&script);
    assert!(window.shows("相手が読み上げた内容を、そのまま入力してください"));
    window.types("見本");
    window.key(Named::Escape);
    assert!(window.shows("相手が読み上げた内容を、そのまま入力してください"));
    window.types(" ");
    let last = script.calls::<SearchDesk>().pop().expect("a search");
    assert_eq!(asked(&last).text, "");
    window.types("どこにもない");
    assert!(window.shows("当てはまる機関はありません"));
}

#[test]
fn a_search_over_a_cut_line_keeps_what_was_typed_and_can_be_repeated() {
    let script = server(enrolled());
    let mut window = open(&script);
    script.cut(true);
    window.types("990000-04");
    assert!(window.shows("サーバーに接続できません"));
    script.cut(false);
    window.key(Named::F5);
    assert!(window.shows("見本第4保健所"));
}

#[test]
fn the_next_caller_is_one_key_away() {
    let script = server(enrolled());
    let mut window = opened(&script);
    window.types("/");
    window.types("見本");
    assert!(window.shows("見本第12保健所"), "the old text was selected");
    window.key(Named::Enter);
    window.key(Named::Escape);
    assert!(
        window.shows("見本第12保健所"),
        "the results are still there"
    );
}

#[test]
fn pages_are_turned_from_within_the_field() {
    let opened = |keys: &[Named]| {
        let script = server(enrolled());
        let mut window = open(&script);
        window.types("見本");
        for key in keys {
            window.key(*key);
        }
        window.key(Named::Enter);
        script.calls::<ShowEnrolment>()[0].path.clone()
    };
    assert!(opened(&[Named::PageDown, Named::PageDown]).ends_with("990000-12"));
    let back = [
        Named::PageDown,
        Named::PageDown,
        Named::PageUp,
        Named::PageUp,
    ];
    assert!(opened(&back).ends_with("990000-01"));
}

#[test]
fn only_keys_that_do_something_are_listed() {
    let listed = |window: &Window<Desk>| -> Vec<String> {
        let keys = window.screen.bindings();
        let names = keys.iter().map(|it| it.shortcut.name().to_owned());
        names.collect()
    };
    let mut window = open(&server(enrolled()));
    assert_eq!(listed(&window), ["F5"], "nothing typed, nothing found");
    window.types("見本");
    let all = ["↓", "↑", "PageDown", "PageUp", "Enter", "F5", "Esc"];
    assert_eq!(listed(&window), all);
}
