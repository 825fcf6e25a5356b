//! Lists of any length, of which only the rows in view exist.

use super::*;

#[test]
fn an_arrow_held_down_moves_on() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000, Some(10), &made));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    hold(&mut driven, key::Named::ArrowDown);
    assert_eq!(said(driven).len(), 3);
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
fn what_comes_into_view_is_said_with_the_key_that_scrolls() {
    let made = std::cell::Cell::new(0);
    let mut driven = drive(rows(1_000, Some(10), &made));
    tap(&mut driven, key::Named::Tab, Modifiers::default());
    driven.simulate([redraw()]);
    driven.tap_key(key::Named::End);
    let said: Vec<_> = driven.into_messages().collect();
    let [Said::Viewed(_), Said::Moved(999), Said::Viewed(range)] = &said[..] else {
        panic!("{said:?}");
    };
    assert!(range.contains(&999));
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
