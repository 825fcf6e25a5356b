//! The widgets, driven by key and pointer.

use iced::advanced::input_method;
use iced::keyboard::{Key, Modifiers, key};
use iced::widget::{column, container, scrollable};
use iced::{Event, Fill};

use super::keys::{Shortcut, binding, keys};
use super::list::list;
use super::theme::{Appearance, Theme};
use super::{Element, area, button, dialog, field, font, table, text};
use crate::picture;

#[derive(Debug, Clone, PartialEq)]
enum Said {
    Pressed(&'static str),
    Typed(String),
    Submitted,
    Left,
    Moved(usize),
    Opened(usize),
    Viewed(std::ops::Range<usize>),
}

type Driven<'a> = picture::Driven<'a, Said>;

fn drive<'a>(element: impl Into<Element<'a, Said>>) -> Driven<'a> {
    picture::drive(element, (800.0, 600.0))
}

fn tap(driven: &mut Driven<'_>, key: key::Named, modifiers: Modifiers) {
    press(driven, key, modifiers, false);
}

/// A key that stays down: pressed once, and then as often as the system repeats it.
fn hold(driven: &mut Driven<'_>, key: key::Named) {
    for repeat in [false, true, true] {
        press(driven, key, Modifiers::default(), repeat);
    }
}

fn press(driven: &mut Driven<'_>, key: key::Named, modifiers: Modifiers, repeat: bool) {
    let Event::Keyboard(iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        text,
        ..
    }) = iced_test::simulator::press_key(Key::Named(key), None)
    else {
        unreachable!("a key press is a key press")
    };
    let pressed = iced::keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        location,
        modifiers,
        text,
        repeat,
    };
    driven.simulate([Event::Keyboard(pressed), redraw()]);
}

fn redraw() -> Event {
    Event::Window(iced::window::Event::RedrawRequested(
        iced::time::Instant::now(),
    ))
}

fn said(driven: Driven<'_>) -> Vec<Said> {
    driven
        .into_messages()
        .filter(|said| !matches!(said, Said::Viewed(_)))
        .collect()
}

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
fn a_focused_field_shows_the_ring_too() {
    let theme = Theme::of(Appearance::Light);
    let mut driven = drive(container(typed()).padding(20));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    let picture = picture::take(&mut driven, theme, "ring-field");
    assert!(picture.count(theme.roles.focus_inner) > 500);
}

/// 直, 骨, 角 and 神 have other shapes in Chinese; see [`font`].
#[test]
fn han_characters_are_japanese() {
    let theme = Theme::of(Appearance::Light);
    let draw = |font: iced::Font, name: &str| {
        let words = iced::widget::text("直骨角神").size(64).font(font);
        let mut driven = picture::drive::<Said>(container(words).padding(20), (400.0, 150.0));
        picture::take(&mut driven, theme, name)
    };
    let window = draw(font::REGULAR, "han-window");
    let japanese = draw(iced::Font::with_name("Noto Sans CJK JP"), "han-japanese");
    let chinese = draw(iced::Font::with_name("Noto Sans CJK SC"), "han-chinese");
    assert_ne!(
        japanese.pixels(),
        chinese.pixels(),
        "the two shapes differ; install fonts-noto-cjk"
    );
    assert_ne!(
        window.pixels(),
        chinese.pixels(),
        "the window does not write Chinese"
    );
    if font::prepare() == Ok("Noto Sans CJK JP") {
        assert_eq!(window.pixels(), japanese.pixels());
    }
}

/// A face without Han characters makes the engine look for another by locale.
#[test]
fn han_characters_are_japanese_by_fallback_too() {
    let theme = Theme::of(Appearance::Light);
    let draw = |font: iced::Font, name: &str| {
        let words = iced::widget::text("直骨角神").size(64).font(font);
        let mut driven = picture::drive::<Said>(container(words).padding(20), (400.0, 150.0));
        picture::take(&mut driven, theme, name)
    };
    let fallback = draw(iced::Font::with_name("Iced-Icons"), "han-fallback");
    let japanese = draw(
        iced::Font::with_name("Noto Sans CJK JP"),
        "han-japanese-again",
    );
    assert_eq!(fallback.pixels(), japanese.pixels());
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

fn typed<'a>() -> Element<'a, Said> {
    keys(
        field::field("氏名", "")
            .on_input(Said::Typed)
            .on_submit(Said::Submitted)
            .on_leave(Said::Left),
        vec![
            binding(Shortcut::named(key::Named::F2), "新規", Said::Pressed("F2")),
            binding(
                Shortcut::named(key::Named::Escape),
                "戻る",
                Said::Pressed("Esc"),
            ),
            binding(Shortcut::character("/"), "検索", Said::Pressed("/")),
        ],
    )
    .into()
}

#[test]
fn an_enter_that_commits_a_conversion_submits_nothing() {
    use input_method::Event::{Commit, Opened, Preedit};
    let enter = || iced_test::simulator::press_key(key::Named::Enter, None);
    let mut driven = drive(typed());
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    driven.simulate([
        Event::InputMethod(Opened),
        Event::InputMethod(Preedit("やまだ".into(), Some(0..9))),
        enter(),
        Event::InputMethod(Preedit(String::new(), None)),
        Event::InputMethod(Commit("山田".into())),
        enter(),
        redraw(),
        enter(),
    ]);
    assert_eq!(said(driven), [Said::Typed("山田".into()), Said::Submitted]);
}

#[test]
fn keys_belong_to_the_conversion_while_there_is_one() {
    let mut driven = drive(typed());
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    driven.simulate([
        Event::InputMethod(input_method::Event::Preedit("やまだ".into(), None)),
        iced_test::simulator::press_key(key::Named::F2, None),
        iced_test::simulator::press_key(key::Named::Escape, None),
    ]);
    assert_eq!(said(driven), []);
}

/// What the window is asked to draw in place, at the cursor of the field.
#[test]
fn the_preedit_is_drawn_at_the_cursor_of_the_field() {
    use iced::advanced::InputMethod;
    use iced_test::runtime::user_interface::{Cache, State, UserInterface};

    font::prepare().expect("a Japanese typeface for the tests");
    let mut renderer = iced::Renderer::new(font::REGULAR, 16.0.into());
    let size = iced::Size::new(800.0, 600.0);
    let mut interface = UserInterface::build(typed(), size, Cache::default(), &mut renderer);
    let mut clipboard = iced::advanced::clipboard::Null;
    let mut said = Vec::new();
    let mut update = |events: &[Event]| {
        let cursor = iced::mouse::Cursor::Unavailable;
        interface
            .update(events, cursor, &mut renderer, &mut clipboard, &mut said)
            .0
    };
    update(&[
        iced_test::simulator::press_key(key::Named::Tab, None),
        redraw(),
    ]);
    let preedit = input_method::Event::Preedit("やまだ".into(), Some(0..9));
    let state = update(&[Event::InputMethod(preedit), redraw()]);
    let State::Updated {
        input_method: InputMethod::Enabled {
            cursor, preedit, ..
        },
        ..
    } = state
    else {
        panic!("the input method is on")
    };
    let preedit = preedit.expect("there is something to draw");
    assert_eq!(
        (preedit.content.as_str(), preedit.selection),
        ("やまだ", Some(0..9))
    );
    assert!(
        cursor.y > 0.0 && cursor.y < 100.0,
        "below the label, inside the field: {cursor:?}"
    );
}

#[test]
fn keys_of_the_screen_work_while_a_field_has_the_focus() {
    let mut driven = drive(typed());
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    driven.tap_key(key::Named::F2);
    driven.typewrite("/");
    driven.tap_key(key::Named::Escape);
    assert_eq!(
        said(driven),
        [
            Said::Pressed("F2"),
            Said::Typed("/".into()),
            Said::Pressed("Esc")
        ]
    );
}

/// A key with these held down, as the system reports it: with the character on it.
fn chord(character: &str, held: Modifiers) -> Event {
    let mut event =
        iced_test::simulator::press_key(Key::Character(character.into()), Some(character.into()));
    if let Event::Keyboard(iced::keyboard::Event::KeyPressed { modifiers, .. }) = &mut event {
        *modifiers = held;
    }
    event
}

#[test]
fn a_character_with_ctrl_alt_or_the_like_is_no_text() {
    fn plain(_: &area::Lines) -> Element<'_, Said> {
        field::field("氏名", "").on_input(Said::Typed).into()
    }
    fn secret(_: &area::Lines) -> Element<'_, Said> {
        let field = field::field("パスワード", "").on_input(Said::Typed);
        field.secret(true).into()
    }
    fn of_lines(lines: &area::Lines) -> Element<'_, Said> {
        area::area("備考", lines, |_| Said::Typed("1".into())).into()
    }
    let lines = area::Lines::default();
    for field in [plain, secret, of_lines] {
        let typed = |held: Modifiers| {
            let mut driven = drive(keys(field(&lines), Vec::new()));
            tap(&mut driven, key::Named::Tab, Modifiers::default());
            driven.simulate([chord("1", held), redraw()]);
            said(driven)
        };
        let altgr = Modifiers::CTRL | Modifiers::ALT;
        for text in [Modifiers::empty(), Modifiers::SHIFT, altgr] {
            assert_eq!(typed(text), [Said::Typed("1".into())], "{text:?}");
        }
        for none in [Modifiers::CTRL, Modifiers::ALT, Modifiers::LOGO] {
            assert_eq!(typed(none), [], "{none:?}");
        }
    }
}

#[test]
fn esc_leaves_the_keys_in_a_field_that_has_nobody_to_give_them_to() {
    let typed = |keeps: bool| {
        let field = field::field("氏名", "").on_input(Said::Typed);
        let field = if keeps { field.keeps_keys() } else { field };
        let mut driven = drive(keys(field, Vec::new()));
        tap(&mut driven, key::Named::Tab, Modifiers::default());
        driven.tap_key(key::Named::Escape);
        driven.typewrite("a");
        said(driven)
    };
    assert_eq!(typed(true), [Said::Typed("a".into())]);
    assert_eq!(typed(false), []);
}

#[test]
fn what_is_as_long_as_a_hash_stays_in_its_place() {
    let theme = Theme::of(Appearance::Light);
    let hash = || "ab".repeat(32);
    let ink = |words: super::text::Words<'static>| {
        let place = container(container(words).width(200)).width(Fill);
        let picture = picture::take(&mut drive(place), theme, "long");
        // Drawn at twice its size, four octets a pixel.
        let width = 800 * 2 * 4;
        let beside = picture.pixels().chunks(width);
        let beside = beside.map(|row| &row[210 * 2 * 4..]);
        let ground = picture.pixels()[width - 4..width].to_vec();
        let beside: Vec<u8> = beside.flatten().copied().collect();
        beside.chunks(4).filter(|dot| *dot != ground).count()
    };
    assert_eq!(ink(text::breaking(text::hint(hash()))), 0);
    assert!(ink(text::hint(hash())) > 0, "without it, it runs on");
}

#[test]
fn a_key_held_down_confirms_once() {
    for bound in [key::Named::Enter, key::Named::F2] {
        let binding = binding(Shortcut::named(bound), "次へ", Said::Pressed("next"));
        let mut driven = drive(keys(text::body("次の段階"), vec![binding]));
        hold(&mut driven, bound);
        assert_eq!(said(driven), [Said::Pressed("next")], "{bound:?}");
    }
    let name = field::field("氏名", "").on_input(Said::Typed);
    let mut driven = drive(keys(name.on_submit(Said::Submitted), Vec::new()));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    hold(&mut driven, key::Named::Enter);
    assert_eq!(said(driven), [Said::Submitted]);
}

#[test]
fn an_arrow_held_down_moves_on() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000, Some(10), &made));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    hold(&mut driven, key::Named::ArrowDown);
    assert_eq!(said(driven).len(), 3);
}

#[test]
fn a_bare_character_counts_where_no_field_takes_it() {
    let mut driven = drive(typed());
    driven.typewrite("/");
    assert_eq!(said(driven), [Said::Pressed("/")]);
}

#[test]
fn a_field_says_when_the_keys_leave_it() {
    let mut driven = drive(keys(
        column![
            field::field("氏名", "")
                .on_input(Said::Typed)
                .on_leave(Said::Left),
            button::primary("保存").on_press(Said::Pressed("save")),
        ],
        Vec::new(),
    ));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    assert_eq!(said(driven), [Said::Left]);
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

fn rows<'a>(
    total: usize,
    cursor: Option<usize>,
    made: &'a std::cell::Cell<usize>,
) -> Element<'a, Said> {
    keys(
        list(
            total,
            cursor,
            move |index| {
                made.set(made.get() + 1);
                table::row([(text::cell(format!("{index}行")).into(), Fill)])
            },
            Said::Moved,
        )
        .on_open(Said::Opened)
        .on_view(Said::Viewed),
        Vec::new(),
    )
    .into()
}

#[test]
fn only_the_rows_in_view_exist() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000_000, None, &made));
    driven.find("0行").expect("the first row is in view");
    assert!(driven.find("40行").is_err());
    drop(driven);
    assert!(made.get() < 40, "{} rows were made", made.get());
}

#[test]
fn the_list_says_which_rows_came_into_view() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(100_000, Some(50_000), &made));
    driven.simulate([redraw()]);
    let viewed = driven.into_messages().find_map(|said| match said {
        Said::Viewed(range) => Some(range),
        _ => None,
    });
    assert!(viewed.is_some_and(|range| range.contains(&50_000) && range.len() < 40));
}

#[test]
fn arrows_and_pages_move_the_mark_and_enter_opens() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000, Some(10), &made));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    for named in [
        key::Named::ArrowDown,
        key::Named::ArrowUp,
        key::Named::End,
        key::Named::Home,
    ] {
        driven.tap_key(named);
    }
    driven.tap_key(key::Named::Enter);
    assert_eq!(
        said(driven),
        [
            Said::Moved(11),
            Said::Moved(9),
            Said::Moved(999),
            Said::Moved(0),
            Said::Opened(10)
        ]
    );
}

#[test]
fn a_click_marks_the_row_under_it() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000, None, &made));
    driven.click("7行").expect("in view");
    assert_eq!(said(driven), [Said::Moved(7)]);
}
