//! The work list and the record of a day, driven by keys.

use iced::Task;
use iced::advanced::input_method;
use iced::keyboard::key::Named;
use serde_json::json;
use shared::follow_up::observation::{RecordObservation, RecordedDay};
use shared::follow_up::returnee::{ListHealthCentres, ShowReturnee};
use shared::follow_up::work_list::{CountReturnees, Counts, ListReturnees, WorkListQuery};
use shared::id::Page;
use shared::{Problem, ProblemCode};

use super::{Action, FollowUp, Message};
use crate::api::Call;
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::Context;
use crate::screen::stage::{self, Driven, Window, observation, returnee, row};
use crate::ui::Element;
use crate::ui::keys::Binding;

mod answers;
mod blind;
mod form;
mod hand_over;
mod kept;
mod list;
mod pictures;
mod returnees;
mod throwing;
mod withdrawal;

impl Driven for FollowUp {
    type Message = Message;

    fn take_in(&mut self, message: Message, context: &Context) -> Task<Message> {
        match self.update(message, context) {
            Action::Run(task) => task,
            Action::None | Action::ImportPressed => Task::none(),
        }
    }

    fn look<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        self.view(context)
    }

    fn keys(&self) -> Vec<Binding<Message>> {
        self.bindings()
    }
}

/// A server with this many returnees, listed in pages.
fn server(total: u32) -> Script {
    let counts = Counts {
        open: u64::from(total),
        not_reached_today: u64::from(total),
        with_signs: 3,
        mine: 40,
        ending_today: 2,
    };
    Script::new()
        .answer::<CountReturnees>(counts)
        .answer::<ListHealthCentres>(stage::health_centres())
        .reply::<ListReturnees>(move |call| {
            let query = asked(call);
            let from = query.after.map_or(0, |after| after.parse().expect("a number"));
            let to = total.min(from + u32::from(query.limit.unwrap_or(50)));
            let matches = |number: &u32| match &query.search {
                Some(search) => stage::name(*number).0.contains(search.as_str()),
                None => true,
            };
            Ok(Page {
                rows: (from..to).filter(matches).map(row).collect(),
                next: (to < total).then(|| to.to_string()),
            })
        })
        .reply::<ShowReturnee>(|call| {
            let number = u32::from_str_radix(&call.path[call.path.len() - 8..], 16);
            let yesterday = observation(1, 1, 36.4, "見本 同僚");
            Ok(returnee(number.expect("an id"), json!([yesterday])))
        })
        .reply::<RecordObservation>(|call| {
            let recorded = sent(call);
            let number = number(&recorded);
            Ok(returnee(number, json!([
                {
                    "day": recorded.day, "version": recorded.version.0 + 1,
                    "findings": recorded.findings,
                    "recorded_by": stage::colleague(1, "見本 保健子"), "recorded_at": stage::NOON,
                }
            ])))
        })
}

fn asked(call: &Call) -> WorkListQuery {
    let query = call.path.split_once('?').map_or("", |(_, query)| query);
    shared::contract::from_parts::<ListReturnees>([], Some(query), b"").expect("a query")
}

fn number(recorded: &RecordedDay) -> u32 {
    let id = recorded.id.to_string();
    u32::from_str_radix(&id[id.len() - 8..], 16).expect("a made-up id")
}

fn sent(call: &Call) -> RecordedDay {
    let parts: Vec<&str> = call.path.split('/').collect();
    let path = [("id", parts[3]), ("day", parts[5])];
    let path = path.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = call.body.clone().expect("a body").to_string();
    shared::contract::from_parts::<RecordObservation>(path, None, body.as_bytes()).expect("a day")
}

fn open(script: &Script, size: (f32, f32)) -> Window<FollowUp> {
    let context = stage::context(script);
    Window::open(FollowUp::new(&context), context, size)
}

#[test]
fn a_day_without_trouble_takes_five_keys() {
    let script = server(40);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    assert!(window.shows("36.5 ℃"), "what will be saved is shown first");
    window.key(Named::Enter);
    let calls = script.calls::<RecordObservation>();
    let recorded = sent(&calls[0]);
    assert_eq!(number(&recorded), 0);
    assert_eq!(recorded.day, stage::today());
    assert_eq!(
        serde_json::to_value(&recorded.findings).unwrap(),
        json!({
            "reach": "phone", "temperature": 36.5,
            "symptoms": { "present": [] }, "household": { "present": [] },
        })
    );
}

#[test]
fn forty_returnees_take_five_keys_each() {
    let script = server(40);
    let mut window = open(&script, AT_100);
    for _ in 0..40 {
        window.key(Named::Space);
        window.types("365");
        window.key(Named::Enter);
    }
    let calls = script.calls::<RecordObservation>();
    let mut people: Vec<u32> = calls.iter().map(|call| number(&sent(call))).collect();
    people.dedup();
    assert_eq!(people, (0..40).collect::<Vec<_>>());
}

#[test]
fn nothing_is_saved_for_nothing_typed() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.key(Named::Enter);
    assert!(window.shows("まだ何も入力されていません"));
    assert_eq!(script.calls::<RecordObservation>().len(), 0);
    window.types("365");
    assert!(
        window.shows("36.5 ℃"),
        "the keys stay in the temperature field"
    );
}

#[test]
fn nobody_answered_is_one_letter_and_presumes_nothing() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("n");
    window.key(Named::Enter);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        json!({ "reach": "not-reached" })
    );
}

#[test]
fn a_fever_presumes_no_absence_of_symptoms_and_shows_the_advice() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("378");
    assert!(window.shows("受診を勧め、受診先を確かめてください。対応を終えるまで一覧に残ります。"));
    window.types("+15+0");
    window.key(Named::Enter);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        json!({
            "reach": "phone", "temperature": 37.8,
            "symptoms": { "present": ["cough", "fatigue"] }, "household": { "present": [] },
        })
    );
}

#[test]
fn an_input_method_in_full_width_types_the_same_temperature() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    let enter = || iced_test::simulator::press_key(Named::Enter, None);
    window.happens([
        iced::Event::InputMethod(input_method::Event::Opened),
        iced::Event::InputMethod(input_method::Event::Preedit("３６５".into(), None)),
        enter(),
    ]);
    assert_eq!(
        script.calls::<RecordObservation>().len(),
        0,
        "the Enter belongs to the conversion"
    );
    window.happens([
        iced::Event::InputMethod(input_method::Event::Preedit(String::new(), None)),
        iced::Event::InputMethod(input_method::Event::Commit("３６５".into())),
        enter(),
    ]);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(findings.temperature.unwrap().tenths(), 365);
}

#[test]
fn enter_saves_after_a_click_on_a_symptom() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.click("鼻水");
    window.key(Named::Enter);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        json!({
            "reach": "phone", "temperature": 36.5, "symptoms": { "present": ["runny-nose"] },
        }),
        "the click stands, and where nobody asked nothing is presumed"
    );
}

#[test]
fn yesterday_can_be_corrected_and_carries_the_version_that_was_seen() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.click("◀ 前の日");
    window.types("371");
    window.key(Named::Enter);
    let recorded = sent(&script.calls::<RecordObservation>()[0]);
    assert_eq!(recorded.day, stage::today().plus(-1));
    assert_eq!(recorded.version.0, 1);
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let script = server(1)
        .reply::<ListReturnees>(|_| {
            let mut recorded = serde_json::to_value(row(0)).expect("a row serialises");
            recorded["today_version"] = 1.into();
            Ok(Page {
                rows: vec![stage::made(recorded)],
                next: None,
            })
        })
        .answer::<ShowReturnee>(returnee(0, json!([observation(0, 1, 36.9, "見本 同僚")])));
    let mut window = open(&script, AT_100);
    script.cut(true);
    window.key(Named::Space);
    window.types("365");
    window.key(Named::Enter);
    assert!(window.shows("サーバーに接続できません"));
    script.cut(false);
    window.key(Named::Enter);
    let calls = script.calls::<RecordObservation>();
    assert_eq!(calls.len(), 1, "saved once it is known what stands there");
    assert_eq!(sent(&calls[0]).version.0, 1);
}

#[test]
fn a_failed_save_comes_back_with_what_was_typed() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    script.cut(true);
    window.key(Named::Enter);
    window.key(Named::F4);
    assert!(window.shows("サーバーに接続できません"));
    assert!(window.shows("36.5 ℃"));
    script.cut(false);
    window.key(Named::Enter);
    let recorded = sent(&script.calls::<RecordObservation>()[0]);
    assert_eq!(
        (
            number(&recorded),
            recorded.findings.temperature.unwrap().tenths()
        ),
        (0, 365)
    );
}

#[test]
fn a_failed_save_does_not_disturb_whoever_types_for_the_next() {
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.held = true;
    window.key(Named::Enter);
    // The answers are under way; the next person's digits are typed already.
    let super::Happened::Record(typed) =
        super::on_record(super::record::Message::TemperatureTyped("36".into())).0
    else {
        unreachable!("a message of the record")
    };
    let _ = window
        .screen
        .take_in(super::on_record(typed), &window.context);
    script.cut(true);
    window.held = false;
    window.settle();
    let (first, second) = (stage::name(0).0, stage::name(1).0);
    assert!(window.shows(&format!("{first}さんの記録を保存できませんでした")));
    assert!(window.shows("36.0 ℃"), "{second} is still in front");
    script.cut(false);
    window.key(Named::F4);
    assert!(
        window.shows("36.5 ℃"),
        "{first} is back with what was typed"
    );
    window.key(Named::Enter);
    assert_eq!(script.calls::<RecordObservation>().len(), 1);
}

/// The day as someone else saved it while it was being typed here.
fn clashing() -> Script {
    server(3).reply::<RecordObservation>(|call| {
        let recorded = sent(call);
        let mut theirs = observation(0, 1, 36.9, "見本 同僚");
        theirs["findings"]["note"] = "咳止めを服用".into();
        if recorded.version.0 == 1 {
            return Ok(returnee(number(&recorded), json!([theirs])));
        }
        let present = returnee(number(&recorded), json!([theirs]));
        let present = serde_json::to_value(present).expect("a returnee serialises");
        Err(Problem::new(ProblemCode::VersionClash).with_current(present))
    })
}

#[test]
fn a_clash_shows_both_versions_and_loses_neither() {
    let script = clashing();
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.key(Named::Enter);
    let whose = "の記録（見本 同僚さんが先に保存）を保存できませんでした";
    assert!(window.shows(&format!("{}さん{whose}", stage::name(0).0)));
    window.key(Named::F4);
    assert!(window.shows("見本 同僚さんが先に保存しました"));
    assert!(window.shows("36.5 ℃") && window.shows("36.9 ℃"));
    window.key(Named::ArrowLeft);
    window.key(Named::Enter);
    let settled = sent(script.calls::<RecordObservation>().last().unwrap());
    assert_eq!(settled.version.0, 1, "it names the version that was shown");
    assert_eq!(
        settled.findings.temperature.unwrap().tenths(),
        365,
        "mine, as chosen"
    );
    assert_eq!(
        settled.findings.note.unwrap().as_str(),
        "咳止めを服用",
        "theirs, untouched here"
    );
}

#[test]
fn leaving_the_comparison_of_a_day_overwrites_nobody() {
    let theirs = observation(0, 1, 36.9, "見本 同僚");
    let script = clashing().answer::<ShowReturnee>(returnee(0, json!([theirs])));
    let mut window = open(&script, AT_100);
    window.held = true;
    window.key(Named::Space);
    let _ = window.screen.take_in(
        super::on_record(super::record::Message::TemperatureTyped("365".into())),
        &window.context,
    );
    window.key(Named::Enter);
    window.held = false;
    window.settle();
    window.key(Named::F4);
    assert!(window.shows("見本 同僚さんが先に保存しました"));
    window.key(Named::Escape);
    assert!(window.shows("36.5 ℃"), "back at what was typed");
    assert!(window.shows("▲ 見本 同僚さんが先に保存しています。保存するときに見比べます。"));
    for _ in 0..2 {
        window.key(Named::Enter);
        assert!(
            window.shows("見本 同僚さんが先に保存しました"),
            "compared once more"
        );
        window.key(Named::Escape);
        // Put away and taken up again, it still stands over what was seen then.
        window.key(Named::Escape);
        window.key(Named::Home);
        window.key(Named::Space);
        assert!(window.shows("36.5 ℃"));
    }
    assert_eq!(script.calls::<RecordObservation>().len(), 1);
    window.key(Named::Enter);
    window.types("m");
    window.key(Named::Enter);
    let settled = sent(script.calls::<RecordObservation>().last().unwrap());
    assert_eq!(settled.version.0, 1);
    assert_eq!(settled.findings.temperature.unwrap().tenths(), 365);
}

#[test]
fn what_was_chosen_stands_when_the_line_breaks_after_the_comparison() {
    let script = clashing();
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("365");
    window.key(Named::Enter);
    window.key(Named::F4);
    window.types("t");
    script.cut(true);
    window.key(Named::Enter);
    script.cut(false);
    window.key(Named::F4);
    window.key(Named::Enter);
    let settled = sent(script.calls::<RecordObservation>().last().unwrap());
    assert_eq!(settled.version.0, 1);
    assert_eq!(
        settled.findings.temperature.unwrap().tenths(),
        369,
        "theirs, as chosen"
    );
}

#[test]
fn what_was_typed_is_there_again_after_leaving() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("36");
    window.key(Named::Escape);
    assert!(
        window.shows("… 入力中"),
        "the list says that something was left"
    );
    window.key(Named::Space);
    assert!(window.shows("36.0 ℃"));
}

/// Somebody comes back to the screen, as after the window was unlocked.
fn come_back(window: &mut Window<FollowUp>) {
    let task = window.screen.entered();
    window.runs(task);
}

#[test]
fn digits_type_the_temperature_again_after_coming_back() {
    const ARMED: &str = "数字キー 0–7 で選べます。+ で次へ";
    let script = server(3);
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    window.types("37+1");
    assert!(window.shows(ARMED));
    come_back(&mut window);
    assert!(!window.shows(ARMED), "the digits go into the temperature");
    window.types("8");
    window.key(Named::Enter);
    let findings = sent(&script.calls::<RecordObservation>()[0]).findings;
    let findings = serde_json::to_value(&findings).unwrap();
    assert_eq!(findings["temperature"], 37.8);
    assert_eq!(findings["symptoms"]["present"], json!(["cough"]));
}

#[test]
fn a_temperature_that_is_emptied_again_leaves_no_draft() {
    let mut window = open(&server(3), AT_100);
    window.key(Named::Space);
    window.types("45");
    window.key(Named::Backspace);
    assert_eq!(window.screen.unsaved_count(), 1);
    window.key(Named::Backspace);
    assert_eq!(window.screen.unsaved_count(), 0);
    window.key(Named::Escape);
    assert!(!window.shows("… 入力中"));
}

#[test]
fn whoever_entered_today_cannot_be_recorded_yet() {
    let script = server(1).reply::<ListReturnees>(|_| {
        let mut entered = serde_json::to_value(row(0)).expect("a row serialises");
        for (name, days) in [("entry_date", 0), ("first_day", 1), ("last_day", 14)] {
            entered[name] = json!(stage::today().plus(days));
        }
        entered["strip"] = json!(vec!["ahead"; 14]);
        Ok(Page {
            rows: vec![stage::made(entered)],
            next: None,
        })
    });
    let mut window = open(&script, AT_100);
    window.key(Named::Space);
    assert!(window.shows("フォローアップはまだ始まっていません"));
    window.types("365");
    window.key(Named::Enter);
    assert!(script.calls::<RecordObservation>().is_empty());
}
