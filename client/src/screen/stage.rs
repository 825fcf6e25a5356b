//! A stage for screens under test: a person logged in at a scripted server, made-up returnees,
//! and a [`Window`] in which a screen is driven by its keys alone.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::json;
use shared::accounts::{Password, Person, Role};
use shared::enrolment::EnrolmentLink;
use shared::enrolment::ask::{Ask, Asked};
use shared::follow_up::returnee::{HealthCentres, Returnee};
use shared::follow_up::work_list::WorkListRow;
use shared::offices::Office;
use shared::{Day, Language};

use super::Context;
use crate::api::scripted::Script;
use crate::api::{Api, Authority, Gate, Issued, Transport, Trouble, Unreachable};
use crate::keystore::{Identity, Memory, Vault};
use crate::world::World;

mod window;

pub(crate) use window::{Driven, Window};

/// The moment at which every test stands: noon of 2026-11-20 in Japan.
pub(crate) const NOON: &str = "2026-11-20T03:00:00Z";

/// No way to any server but the scripted one.
struct Shut;

impl Gate for Shut {
    fn authority(&self, _: &EnrolmentLink) -> BoxFuture<'static, Result<Authority, Trouble>> {
        Box::pin(std::future::ready(Err(Trouble::Unreachable(
            Unreachable::Cut,
        ))))
    }

    fn enrol(
        &self,
        _: &EnrolmentLink,
        _: &Authority,
        _: Password,
        _: Vec<u8>,
        _: Language,
    ) -> BoxFuture<'static, Result<Issued, Trouble>> {
        Box::pin(std::future::ready(Err(Trouble::Unreachable(
            Unreachable::Cut,
        ))))
    }

    fn renew(
        &self,
        _: &Identity,
        _: Vec<u8>,
        _: Language,
    ) -> BoxFuture<'static, Result<Vec<u8>, Trouble>> {
        Box::pin(std::future::ready(Err(Trouble::Unreachable(
            Unreachable::Cut,
        ))))
    }

    fn ask(
        &self,
        _: &EnrolmentLink,
        _: &[u8],
        _: Ask,
        _: Language,
    ) -> BoxFuture<'static, Result<Asked, Trouble>> {
        Box::pin(std::future::ready(Err(Trouble::Unreachable(
            Unreachable::Cut,
        ))))
    }

    fn line(&self, _: &Identity) -> Result<Arc<dyn Transport>, Trouble> {
        Err(Trouble::Unreachable(Unreachable::Cut))
    }
}

/// A person of 見本保健所, logged in at this server.
pub(crate) fn context(script: &Script) -> Context {
    let now: Timestamp = NOON.parse().expect("an instant");
    let world = World {
        clock: Arc::new(move || now),
        random: Arc::new(|| [7; 10]),
        vault: Vault::new(Memory::new()),
        gate: Arc::new(Shut),
        folder: None,
        outbox: None,
        help: Default::default(),
        files: Arc::new(crate::file_dialog::Nobody),
    };
    let counter = std::sync::atomic::AtomicU64::new(1);
    let api = Api::new(Arc::new(script.clone()), move || {
        let nth = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        shared::id::IdempotencyKey::new(nth, [7; 10])
    });
    let office: Office = made(json!({
        "code": "131016", "kind": "health-centre", "name": "見本保健所"
    }));
    Context {
        world,
        api,
        terminal: made(json!({
            "office": "131016",
            "office_name": "見本保健所",
            "terminal": "00000000-0000-7000-8000-00000000a1c3",
            "serial": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "expires_at": "2027-09-28T03:00:00Z",
        })),
        person: colleague(1, "見本 保健子"),
        role: Role::Staff,
        office,
    }
}

/// A colleague with this number.
pub(crate) fn colleague(number: u32, name: &str) -> Person {
    made(json!({ "id": id(1_000_000 + number), "name": name }))
}

/// A value of a contract type.
pub(crate) fn made<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).expect("a value of the contract")
}

/// The identity with this number.
pub(crate) fn id(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// A plainly made-up name with its reading.
pub(crate) fn name(number: u32) -> (String, String) {
    const FAMILY: [(&str, &str); 6] = [
        ("見本", "ミホン"),
        ("仮名", "カメイ"),
        ("例示", "レイジ"),
        ("試行", "シコウ"),
        ("架空", "カクウ"),
        ("模擬", "モギ"),
    ];
    const GIVEN: [(&str, &str); 5] = [
        ("花子", "ハナコ"),
        ("太郎", "タロウ"),
        ("一葉", "カズハ"),
        ("次郎", "ジロウ"),
        ("さくら", "サクラ"),
    ];
    let (family, given) = (FAMILY[number as usize % 6], GIVEN[number as usize / 6 % 5]);
    (
        format!("{} {}", family.0, given.0),
        format!("{} {}", family.1, given.1),
    )
}

/// A line of the work list: day `3 + number % 11`, nothing wrong, today not recorded; one in ten is
/// reached by a number with its country.
pub(crate) fn row(number: u32) -> WorkListRow {
    let phone = match number % 10 {
        4 => "+81-90-0000-1234",
        _ => "09000001234",
    };
    let day = i32::try_from(number % 11).expect("small") + 3;
    let first: Day = today().plus(1 - day);
    let strip: Vec<&str> = (1..=14)
        .map(|nth| match nth {
            nth if nth > day => "ahead",
            nth if nth == day => "missing",
            3 if number.is_multiple_of(7) => "not-reached",
            2 if number.is_multiple_of(5) => "sign",
            _ => "well",
        })
        .collect();
    let (name, kana) = name(number);
    made(json!({
        "id": id(number), "version": 1, "name": name, "kana": kana, "phone": phone,
        "entry_date": first.plus(-1), "first_day": first, "last_day": first.plus(13),
        "strip": strip, "today_version": 0, "temperature": 36.4,
        "temperature_day": today().plus(-1),
        "open_sign": number.is_multiple_of(5),
        "assignee": { "id": id(1_000_001), "name": "見本 保健子" },
        "health_centre": { "code": "131016", "kind": "health-centre", "name": "見本保健所" },
    }))
}

/// The returnee behind [`row`], with yesterday's observation and these besides.
pub(crate) fn returnee(number: u32, observations: serde_json::Value) -> Returnee {
    let row = row(number);
    made(json!({
        "id": row.id, "version": 1,
        "details": {
            "name": row.name, "kana": row.kana, "entry_date": row.entry_date,
            "birth_date": "1980-02-29", "sex": "female", "nationality": "日本",
            "passport_number": format!("TZ{number:07}"), "phone": row.phone,
            "flight": "ZZ123", "entry_port": "見本空港",
            "place_of_stay": "見本市見本町1-2-3 見本ホテル 501号室", "health_centre": "131016",
        },
        "period": { "first_day": row.first_day, "last_day": row.last_day },
        "assignee": row.assignee,
        "observations": observations,
        "signs": [],
        "changed_by": { "id": id(1_000_001), "name": "見本 保健子" },
        "changed_at": NOON,
    }))
}

/// An observation as JSON: its day counted back from today, version, temperature, who.
pub(crate) fn observation(
    days_ago: i32,
    version: u32,
    temperature: f64,
    by: &str,
) -> serde_json::Value {
    json!({
        "day": today().plus(-days_ago), "version": version,
        "findings": {
            "reach": "phone", "temperature": temperature,
            "symptoms": { "present": [] }, "household": { "present": [] },
        },
        "recorded_by": { "id": id(1_000_002), "name": by }, "recorded_at": NOON,
    })
}

/// The health centres that somebody of 見本保健所 may choose.
pub(crate) fn health_centres() -> HealthCentres {
    let office =
        |(code, name): (&str, &str)| json!({ "code": code, "kind": "health-centre", "name": name });
    let offices = [
        ("131016", "見本保健所"),
        ("131016-2", "見本保健所 例町分室"),
    ]
    .map(office);
    made(json!({ "offices": offices }))
}

/// A helpdesk that answers the phone on working days.
pub(crate) fn helpdesk() -> shared::helpdesk::Helpdesk {
    made(json!({
        "phone": "03-0000-0000",
        "mail": "helpdesk@mimamori.example.jp",
        "hours": { "opens": "9:30", "closes": "18:15" },
    }))
}

/// The day on which every test stands.
pub(crate) fn today() -> Day {
    Day::parse("2026-11-20").expect("a day")
}

/// A room of the navigation in a [`Window`], and where it led.
pub(crate) struct Staged<S> {
    pub(crate) screen: S,
    pub(crate) leads: Vec<super::Lead>,
}

impl<S: super::Screen> Staged<S> {
    /// The room as it opens in a window of this size.
    pub(crate) fn open(context: Context, size: (f32, f32)) -> Window<Self> {
        let (screen, task) = S::new(&context);
        let leads = Vec::new();
        Window::open((Self { screen, leads }, task), context, size)
    }
}

impl<S: super::Screen> Driven for S {
    type Message = S::Message;

    fn take_in(&mut self, message: S::Message, context: &Context) -> iced::Task<S::Message> {
        match self.update(message, context) {
            super::Step::Run(task) => task,
            super::Step::None | super::Step::Lead(_) => iced::Task::none(),
        }
    }

    fn look<'a>(&'a self, context: &'a Context) -> crate::ui::Element<'a, S::Message> {
        self.view(context)
    }

    fn keys(&self) -> Vec<crate::ui::keys::Binding<S::Message>> {
        self.bindings()
    }
}

impl<S: super::Screen> Driven for Staged<S> {
    type Message = S::Message;

    fn take_in(&mut self, message: S::Message, context: &Context) -> iced::Task<S::Message> {
        match self.screen.update(message, context) {
            super::Step::None => iced::Task::none(),
            super::Step::Run(task) => task,
            super::Step::Lead(lead) => {
                self.leads.push(lead);
                iced::Task::none()
            }
        }
    }

    fn look<'a>(&'a self, context: &'a Context) -> crate::ui::Element<'a, S::Message> {
        self.screen.view(context)
    }

    fn keys(&self) -> Vec<crate::ui::keys::Binding<S::Message>> {
        self.screen.bindings()
    }
}
