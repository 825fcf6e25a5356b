//! What is typed: into a field, through an input method, and past both to the screen.

use iced::widget::column;

use super::*;

#[test]
fn a_focused_field_shows_the_ring_too() {
    let theme = Theme::of(Appearance::Light);
    let mut driven = drive(container(typed()).padding(20));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    let picture = picture::take(&mut driven, theme, "ring-field");
    assert!(picture.count(theme.roles.focus_inner) > 500);
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
