//! Where the keys go, and that it can be seen.

use iced::widget::column;

use super::*;

fn two_buttons<'a>() -> Element<'a, Said> {
    keys(
        column![
            button::primary("一").on_press(Said::Pressed("one")),
            button::secondary("切").on_press_maybe(None),
            button::quiet("二").on_press(Said::Pressed("two")),
        ],
        Vec::new(),
    )
    .into()
}

#[test]
fn tab_walks_over_what_can_be_pressed_and_comes_round() {
    let mut driven = drive(two_buttons());
    for _ in 0..3 {
        tap(&mut driven, key::Named::Tab, Modifiers::default());
        tap(&mut driven, key::Named::Enter, Modifiers::default());
    }
    assert_eq!(said(driven), ["one", "two", "one"].map(Said::Pressed));
}

#[test]
fn shift_tab_walks_back() {
    let mut driven = drive(two_buttons());
    tap(&mut driven, key::Named::Tab, Modifiers::SHIFT);
    tap(&mut driven, key::Named::Space, Modifiers::default());
    tap(&mut driven, key::Named::Tab, Modifiers::SHIFT);
    tap(&mut driven, key::Named::Space, Modifiers::default());
    assert_eq!(said(driven), ["two", "one"].map(Said::Pressed));
}

/// A page with a bar, and over its content a question in front of another.
fn two_questions<'a>() -> Element<'a, Said> {
    let question = |no, yes| {
        let both = column![
            button::secondary(no).on_press(Said::Pressed(no)),
            button::primary(yes).on_press(Said::Pressed(yes)),
        ];
        dialog::card(both)
    };
    let first = dialog::over(
        button::secondary("一覧").on_press(Said::Pressed("list")),
        Some(question("stay", "go")),
        dialog::Behind::Dimmed,
    );
    let second = dialog::over(first, Some(question("no", "yes")), dialog::Behind::Dimmed);
    let page = column![
        button::quiet("前").on_press(Said::Pressed("before")),
        second,
        button::quiet("後").on_press(Said::Pressed("after")),
    ];
    keys(page, Vec::new()).into()
}

/// What is said when each widget is pressed that the focus comes to.
fn walk(page: Element<'_, Said>, modifiers: Modifiers) -> Vec<Said> {
    let mut driven = drive(page);
    for _ in 0..3 {
        tap(&mut driven, key::Named::Tab, modifiers);
        tap(&mut driven, key::Named::Enter, Modifiers::default());
    }
    said(driven)
}

#[test]
fn tab_stays_within_the_dialog_in_front() {
    let said = walk(two_questions(), Modifiers::default());
    assert_eq!(said, ["no", "yes", "no"].map(Said::Pressed));
}

#[test]
fn shift_tab_stays_within_the_dialog_in_front() {
    let said = walk(two_questions(), Modifiers::SHIFT);
    assert_eq!(said, ["yes", "no", "yes"].map(Said::Pressed));
}

#[test]
fn tab_leaves_a_page_in_anothers_place_for_what_is_beside_it() {
    let hidden = dialog::over(
        button::secondary("一覧").on_press(Said::Pressed("list")),
        Some(
            button::secondary("写す")
                .on_press(Said::Pressed("copy"))
                .into(),
        ),
        dialog::Behind::Hidden,
    );
    let leave = button::quiet("出る").on_press(Said::Pressed("leave"));
    let page = keys(column![leave, hidden], Vec::new()).into();
    let said = walk(page, Modifiers::default());
    assert_eq!(said, ["leave", "copy", "leave"].map(Said::Pressed));
}

#[test]
fn the_focused_widget_shows_a_ring_in_every_appearance() {
    for appearance in [
        Appearance::Light,
        Appearance::Dark,
        Appearance::HighContrast,
    ] {
        let theme = Theme::of(appearance);
        let mut driven = drive(container(two_buttons()).padding(20));
        let before = picture::take(&mut driven, theme, "ring-before");
        tap(&mut driven, key::Named::Tab, Modifiers::default());
        let after = picture::take(&mut driven, theme, "ring-after");
        assert_eq!(before.count(theme.roles.focus_inner), 0);
        assert!(after.count(theme.roles.focus_inner) > 500);
    }
}

#[test]
fn a_widget_below_the_edge_is_scrolled_into_view() {
    let tall = (0..40).map(|nth| {
        let name: &'static str = if nth == 39 { "last" } else { "other" };
        button::secondary(format!("{nth}番"))
            .on_press(Said::Pressed(name))
            .into()
    });
    let mut driven = drive(keys(
        scrollable(iced::widget::Column::with_children(tall)),
        Vec::new(),
    ));
    assert!(driven.click("39番").is_err(), "not in view at first");
    tap(&mut driven, key::Named::Tab, Modifiers::SHIFT);
    driven.click("39番").expect("in view once it has the keys");
    assert_eq!(said(driven), [Said::Pressed("last")]);
}

#[test]
fn what_is_behind_a_dialog_gets_neither_keys_nor_clicks() {
    for behind in [dialog::Behind::Dimmed, dialog::Behind::Hidden] {
        let front = dialog::card(button::primary("前").on_press(Said::Pressed("front")));
        let base = container(button::primary("後").on_press(Said::Pressed("behind"))).width(Fill);
        let mut driven = drive(keys(dialog::over(base, Some(front), behind), Vec::new()));
        assert!(driven.click("後").is_err());
        for _ in 0..2 {
            tap(&mut driven, key::Named::Tab, Modifiers::default());
            tap(&mut driven, key::Named::Enter, Modifiers::default());
        }
        assert_eq!(said(driven), ["front", "front"].map(Said::Pressed));
    }
}
