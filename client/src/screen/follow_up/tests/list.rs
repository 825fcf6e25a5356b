//! The work list: searched, narrowed down, fetched page by page.

use iced::keyboard::key::Named;
use shared::follow_up::observation::RecordObservation;
use shared::follow_up::work_list::{CountReturnees, Counts, ListReturnees};
use shared::id::Page;

use super::super::work_list::Filter;
use super::{asked, number, open, sent, server};
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::Part;
use crate::screen::follow_up::{FollowUp, on_list, work_list};
use crate::screen::stage::{self, Driven, Window, row};

#[test]
fn search_follows_typing_and_drops_stale_answers() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    window.types("/");
    window.types("架空");
    assert!(window.shows(&stage::name(4).0));
    assert!(!window.shows(&stage::name(0).0));
    let searched: Vec<_> = script
        .calls::<ListReturnees>()
        .iter()
        .filter_map(|call| asked(call).search)
        .collect();
    assert_eq!(searched.last().map(String::as_str), Some("架空"));
    window.picture("follow-up-search");
    let stale = on_list(work_list::Message::Listed(
        1,
        Ok(Page {
            rows: vec![row(99)],
            next: None,
        }),
    ));
    let _ = window.screen.take_in(stale, &window.context);
    assert!(!window.shows(&stage::name(99).0));
}

/// The numbers of those among thirty whom a search for 架空 finds.
fn found_by_the_search() -> Vec<u32> {
    let found = |number: &u32| stage::name(*number).0.contains("架空");
    (0..30).filter(found).collect()
}

/// Records a temperature for whoever is marked, and gives whose record was sent.
fn recorded_now(window: &mut Window<FollowUp>, script: &Script) -> u32 {
    window.key(Named::Space);
    window.types("365");
    window.key(Named::Enter);
    number(&sent(&script.calls::<RecordObservation>()[0]))
}

#[test]
fn a_search_marks_the_first_that_it_finds_and_not_whoever_was_marked() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    let hits = found_by_the_search();
    // Somebody is marked who is found, too, but not first.
    for _ in 0..hits[1] {
        window.key(Named::ArrowDown);
    }
    window.types("/");
    window.types("架空");
    window.key(Named::Enter);
    assert_eq!(recorded_now(&mut window, &script), hits[0]);
}

#[test]
fn an_arrow_before_the_answer_marks_nobody_of_the_question_before() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    let hits = found_by_the_search();
    window.types("/");
    window.held = true;
    window.types("架空");
    window.key(Named::Enter);
    // In the list of before, to somebody who is found, too: whoever was marked stays marked.
    window.key(Named::Home);
    for _ in 0..hits[1] {
        window.key(Named::ArrowDown);
    }
    window.held = false;
    window.settle();
    assert_eq!(recorded_now(&mut window, &script), hits[0]);
}

#[test]
fn a_digit_turns_a_filter_on() {
    let script = server(30);
    let mut window = open(&script, AT_100);
    window.types("2");
    assert!(asked(script.calls::<ListReturnees>().last().unwrap()).with_signs);
    window.types("2");
    assert!(!asked(script.calls::<ListReturnees>().last().unwrap()).with_signs);
}

#[test]
fn where_nobody_is_followed_up_nobody_is_said_to_have_been_reached() {
    let mut window = open(&server(0), AT_100);
    window.types("1");
    assert!(window.shows("フォローアップ中の人はいません"));
    let reached = server(0).answer::<CountReturnees>(Counts {
        open: 3,
        ..Counts::default()
    });
    let mut window = open(&reached, AT_100);
    window.types("1");
    assert!(window.shows("今日の連絡はすべて済んでいます"));
}

#[test]
fn a_part_of_the_day_opens_the_list_narrowed_down() {
    let script = server(30);
    let context = stage::context(&script);
    let (mut screen, _) = FollowUp::new(&context);
    let task = screen.show(Part::EndingToday, &context);
    let _window = Window::open((screen, task), context, AT_100);
    assert!(asked(script.calls::<ListReturnees>().last().unwrap()).ending_today);
}

#[test]
fn a_digit_means_the_same_in_the_list_as_in_todays_work() {
    let script = server(30);
    let context = stage::context(&script);
    let (mut screen, _) = FollowUp::new(&context);
    for (nth, part) in Part::ALL.into_iter().enumerate() {
        let _ = screen.show(part, &context);
        let there = Filter::ALL[nth];
        let same = match part {
            // Everybody is no filter; its digit turns on those who are not in it.
            Part::Open => there == Filter::Ended && screen.list.is_narrowed_by(&[]),
            _ => screen.list.is_narrowed_by(&[there]),
        };
        assert!(same, "{}", nth + 1);
    }
}

#[test]
fn the_line_that_came_back_takes_the_sentence_about_it_away() {
    let script = server(30);
    let mut window = super::open(&script, AT_100);
    script.cut(true);
    window.key(Named::F5);
    assert!(window.screen.list.has_failed());
    script.cut(false);
    let task = window.screen.line_is_back(&window.context);
    window.runs(task);
    assert!(!window.screen.list.has_failed());
    let asked = script.calls::<ListReturnees>().len();
    let task = window.screen.line_is_back(&window.context);
    window.runs(task);
    assert_eq!(script.calls::<ListReturnees>().len(), asked, "only then");
}

#[test]
fn the_end_of_a_hundred_thousand_is_reached_page_by_page() {
    let script = server(100_000);
    let mut window = open(&script, AT_100);
    assert!(window.shows("100,000 件中 1–15"));
    window.key(Named::PageDown);
    window.key(Named::PageDown);
    window.key(Named::PageDown);
    let fetched = script.calls::<ListReturnees>().len();
    assert!(
        (2..5).contains(&fetched),
        "only what comes into view is fetched: {fetched} pages"
    );
}

#[test]
fn the_last_row_is_reached_by_one_key() {
    let script = server(1_000);
    let mut window = open(&script, AT_100);
    window.key(Named::End);
    assert!(window.shows("1,000 件中 986–1,000"));
    window.key(Named::Space);
    window.types("365");
    window.key(Named::Enter);
    assert_eq!(number(&sent(&script.calls::<RecordObservation>()[0])), 999);
}

#[test]
fn the_number_to_call_stands_in_the_list_while_there_is_room_for_it() {
    for (width, there) in [(1080.0, true), (500.0, true), (440.0, false)] {
        let mut window = open(&server(3), (width, 660.0));
        assert_eq!(window.shows("090-0000-1234"), there, "{width}");
        assert!(window.shows(&stage::name(0).0) && window.shows("□ 未連絡"));
    }
}
