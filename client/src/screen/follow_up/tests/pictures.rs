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
    let mut window = open(&server(30), WITHIN_THE_FRAME);
    window.looks_as_kept("follow-up-list-framed");
    window.key(Named::Space);
    window.types("365");
    window.picture("follow-up-record-framed");
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
fn every_state_of_the_list_has_its_picture() {
    for (language, tag) in [(Language::Ja, "ja"), (Language::En, "en")] {
        speak(language);
        for (size, scale) in [(AT_100, "100"), (AT_150, "150")] {
            let mut window = open(&server(4312), size);
            window.looks_as_kept(&format!("follow-up-list-{tag}-{scale}"));
            window.key(Named::Space);
            window.types("365");
            window.picture(&format!("follow-up-record-{tag}-{scale}"));
            let mut window = open(&server(0), size);
            window.looks_as_kept(&format!("follow-up-empty-{tag}-{scale}"));
            let script = server(10);
            script.cut(true);
            let mut window = open(&script, size);
            window.looks_as_kept(&format!("follow-up-error-{tag}-{scale}"));
            let context = stage::context(&server(10));
            let (screen, _) = FollowUp::new(&context);
            let mut window = Window::open((screen, Task::none()), context, size);
            window.looks_as_kept(&format!("follow-up-loading-{tag}-{scale}"));
        }
    }
    speak(Language::Ja);
}
