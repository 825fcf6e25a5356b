//! Every state of the list and of a day under the pen, looked at.

use iced::Task;
use iced::keyboard::key::Named;
use shared::Language;

use super::{open, server};
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::screen::follow_up::FollowUp;
use crate::screen::stage::{self, Window};
use crate::ui::theme::Appearance;

/// The room that the frame leaves to a screen in a window of 1280 × 720.
const WITHIN_THE_FRAME: (f32, f32) = (1080.0, 660.0);

#[test]
fn the_list_and_the_record_can_be_seen_in_every_appearance() {
    let mut seen = Vec::new();
    for appearance in [
        Appearance::Light,
        Appearance::Dark,
        Appearance::HighContrast,
    ] {
        let mut window = open(&server(30), AT_100);
        window.appearance = appearance;
        window.key(Named::Space);
        window.types("378");
        let picture = window.picture(&format!("follow-up-{appearance:?}").to_lowercase());
        seen.push(picture.pixels().to_vec());
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2]);
}

#[test]
fn nothing_needed_for_a_call_is_cut_off_within_the_frame() {
    for language in [Language::En, Language::Ja] {
        speak(language);
        let mut window = open(&server(30), WITHIN_THE_FRAME);
        assert!(window.shows("+81-90-0000-1234"));
        assert!(!window.shows("…"), "a cell is cut in {language:?}");
    }
    let mut window = open(&server(30), WITHIN_THE_FRAME);
    window.looks_as_kept("follow-up-list-framed");
    window.key(Named::Space);
    window.types("365");
    window.looks_as_kept("follow-up-record-framed");
    for words in [
        "電話 090-0000-1234",
        "36.5 ℃",
        "N 連絡つかず",
        "息苦しさ",
        "保存 Enter",
    ] {
        assert!(window.shows(words), "{words}");
    }
}

#[test]
fn what_is_said_of_a_sign_covers_nothing_that_is_typed() {
    for (language, own, last, call) in [
        (Language::Ja, "息苦しさ", "7 その他", "電話 090-0000-1234"),
        (
            Language::En,
            "Short of breath",
            "7 Other",
            "Phone 090-0000-1234",
        ),
    ] {
        speak(language);
        let mut window = open(&server(30), WITHIN_THE_FRAME);
        window.key(Named::Space);
        window.types("378");
        window.looks_as_kept(&format!("follow-up-record-sign-framed-{}", language.tag()));
        assert!(window.shows_whole(own) && window.shows_whole(call));
        // The digits stand beside the symptoms of the household, the last that are asked for.
        window.types("++");
        window.looks_as_kept(&format!(
            "follow-up-record-household-framed-{}",
            language.tag()
        ));
        assert!(window.shows_whole(last), "{last}");
        assert!(window.shows_whole(call), "whose day it is stays in view");
    }
    speak(Language::Ja);
}

#[test]
fn what_is_wrong_with_a_day_is_seen_however_far_down_somebody_is() {
    let mut window = open(&server(30), WITHIN_THE_FRAME);
    window.key(Named::Space);
    window.types("n++1");
    window.key(Named::Enter);
    window.looks_as_kept("follow-up-record-contrary-framed");
    assert!(window.shows_whole("「連絡つかず」ですが、体温か症状が入力されています"));
    // The next person begins at the top.
    window.key(Named::Escape);
    window.key(Named::ArrowDown);
    window.key(Named::Space);
    assert!(window.shows_whole("体温"));
}

#[test]
fn every_state_of_the_list_has_its_picture() {
    in_every_look(|tag, size| {
        let mut window = open(&server(4312), size);
        window.looks_as_kept(&format!("follow-up-list-{tag}"));
        window.types("/");
        window.types("どこにもいない");
        window.looks_as_kept(&format!("follow-up-nobody-found-{tag}"));
        let mut window = open(&server(0), size);
        window.looks_as_kept(&format!("follow-up-empty-{tag}"));
        let script = server(10);
        script.cut(true);
        let mut window = open(&script, size);
        window.looks_as_kept(&format!("follow-up-error-{tag}"));
        let script = server(30);
        let mut window = open(&script, size);
        script.cut(true);
        window.key(Named::F5);
        window.looks_as_kept(&format!("follow-up-stale-{tag}"));
        let context = stage::context(&server(10));
        let (screen, _) = FollowUp::new(&context);
        let mut window = Window::open((screen, Task::none()), context, size);
        window.looks_as_kept(&format!("follow-up-loading-{tag}"));
    });
}

#[test]
fn every_state_of_a_day_has_its_picture() {
    in_every_look(|tag, size| {
        let look = |window: &mut Window<FollowUp>, name: &str| {
            window.looks_as_kept(&format!("follow-up-record-{name}-{tag}"));
        };
        let mut window = open(&server(30), size);
        window.held = true;
        window.key(Named::Space);
        look(&mut window, "loading");
        window.held = false;
        window.settle();
        look(&mut window, "blank");
        window.key(Named::Enter);
        look(&mut window, "nothing");
        window.types("365");
        look(&mut window, "typed");
        window.types("+17");
        look(&mut window, "symptoms");
        let mut window = open(&server(30), size);
        window.key(Named::Space);
        window.types("378");
        look(&mut window, "sign");
        window.key(Named::Enter);
        look(&mut window, "saved");
        let script = server(30);
        let mut window = open(&script, size);
        window.key(Named::Space);
        window.types("365");
        script.cut(true);
        window.key(Named::Enter);
        window.looks_as_kept(&format!("follow-up-unsaved-{tag}"));
        window.key(Named::F4);
        look(&mut window, "failed");
        let mut window = open(&super::clashing(), size);
        window.key(Named::Space);
        window.types("365");
        window.key(Named::Enter);
        window.key(Named::F4);
        look(&mut window, "clash");
        window.key(Named::Escape);
        look(&mut window, "clash-left");
    });
}

/// Draws in both languages, at 100 and at 150 per cent.
pub(super) fn in_every_look(look: impl Fn(&str, (f32, f32))) {
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        speak(language);
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            look(&format!("{tag}-{scale}"), size);
        }
    }
    speak(Language::Ja);
}
