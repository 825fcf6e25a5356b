//! A server without its doors, on a SQLite file of its own, and made-up people in it.

use std::path::PathBuf;
use std::sync::Arc;

use server::app::{App, Caller, LiveTerminal, SessionUser};
use server::authority::Authority;
use server::clock::{Clock as _, SystemClock, SystemRng};
use server::enrolment::LiveTerminals;
use server::mail::{Post, SealingKey};
use server::password::PasswordPool;
use server::settings::MailSettings;
use server::store::audit::{Act, Actor};
use server::store::follow_up::returnee::{self, NewRow};
use server::store::offices::KnownOffice;
use server::store::{Location, Store};
use server::{accounts, follow_up, offices};
use shared::Day;
use shared::accounts::Role;
use shared::enrolment::Serial;
use shared::follow_up::returnee::ReturneeDetails;
use shared::id::{IdempotencyKey, ReturneeId, TerminalId};
use shared::offices::{Office, OfficeKind};

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) centre: KnownOffice,
    pub(crate) caller: Caller,
    pub(crate) file: PathBuf,
    _directory: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("mimamori.db");
        let clock = Arc::new(SystemClock);
        let store = Store::open(&Location::Sqlite(file.clone()), clock.clone())
            .await
            .unwrap();
        let (authority, _) = Authority::create(clock.now(), [7; 16]).unwrap();
        let app = Arc::new(App {
            terminals: LiveTerminals::load(&store, clock.now()).await.unwrap(),
            store,
            clock,
            rng: Arc::new(SystemRng),
            authority: Arc::new(authority),
            passwords: PasswordPool::new(1),
            mail: Post::new(&MailSettings::default(), SealingKey::new(&[7; 32])),
        });
        let office = Office {
            code: "990001".parse().unwrap(),
            kind: OfficeKind::HealthCentre,
            name: "見本保健所".parse().unwrap(),
        };
        let act = || Act::new(Actor::default(), "benchmark");
        let centre = offices::add(&app, act(), office.clone(), None, None)
            .await
            .unwrap();
        let (login, name) = ("bench".parse().unwrap(), "見本".parse().unwrap());
        let (person, _) = accounts::add(&app, act(), office.code.clone(), login, Role::Staff, name)
            .await
            .unwrap();
        let caller = Caller {
            terminal: LiveTerminal {
                id: TerminalId(app.new_id()),
                office_number: centre.number,
                office,
                serial: Serial::parse("0a").unwrap(),
                expires_at: app.clock.now(),
            },
            user: Some(SessionUser {
                person,
                role: Role::Staff,
                session: app.new_id(),
            }),
            idempotency_key: None,
        };
        Self {
            app,
            centre,
            caller,
            file,
            _directory: directory,
        }
    }

    pub(crate) fn keyed(&self) -> Caller {
        Caller {
            idempotency_key: Some(IdempotencyKey(self.app.new_id())),
            ..self.caller.clone()
        }
    }

    /// Fills in `count` people, a twentieth of them under follow-up, and writes their search
    /// entries.
    pub(crate) async fn fill(&self, count: u32) {
        let today = self.app.today();
        for start in (0..count).step_by(5_000) {
            let rows: Vec<NewRow> = (start..count.min(start + 5_000))
                .map(|number| NewRow {
                    id: ReturneeId(self.app.new_id()),
                    health_centre: self.centre.number,
                    details: person(number, today),
                    origin: Some(format!("bench {number}")),
                })
                .collect();
            let by = self.caller.user.as_ref().unwrap().person.id;
            self.app
                .store
                .write(Act::housekeeping("fill"), rows, move |tx, rows| {
                    Box::pin(async move { returnee::insert(tx, rows, by).await })
                })
                .await
                .unwrap();
        }
        follow_up::put_in_order(&self.app, &mut None).await.unwrap();
    }
}

/// A made-up person; the same number gives the same one.
pub(crate) fn person(number: u32, today: Day) -> ReturneeDetails {
    const FAMILY: [(&str, &str, &str); 8] = [
        ("見本", "ミホン", "MIHON"),
        ("例山", "レイヤマ", "REIYAMA"),
        ("試田", "タメシダ", "TAMESHIDA"),
        ("仮川", "カリカワ", "KARIKAWA"),
        ("甲野", "コウノ", "KONO"),
        ("乙原", "オツハラ", "OTSUHARA"),
        ("丙島", "ヘイジマ", "HEIJIMA"),
        ("丁沢", "テイザワ", "TEIZAWA"),
    ];
    const SYLLABLES: [(&str, &str); 20] = [
        ("ア", "A"),
        ("カ", "KA"),
        ("サ", "SA"),
        ("タ", "TA"),
        ("ナ", "NA"),
        ("ハ", "HA"),
        ("マ", "MA"),
        ("ヤ", "YA"),
        ("ラ", "RA"),
        ("ワ", "WA"),
        ("イ", "I"),
        ("キ", "KI"),
        ("シ", "SHI"),
        ("チ", "CHI"),
        ("ニ", "NI"),
        ("ヒ", "HI"),
        ("ミ", "MI"),
        ("ユ", "YU"),
        ("リ", "RI"),
        ("ロ", "RO"),
    ];
    // A multiplier without a factor in common scatters neighbours.
    let scattered = number.wrapping_mul(2_654_435_761);
    let pick = |shift: u32, of: usize| (scattered >> shift) as usize % of;
    let (family, kana, romaji) = FAMILY[pick(3, FAMILY.len())];
    let given: Vec<_> = [7, 12, 17]
        .map(|shift| SYLLABLES[pick(shift, SYLLABLES.len())])
        .to_vec();
    let given_kana: String = given.iter().map(|(kana, _)| *kana).collect();
    let given_romaji: String = given.iter().map(|(_, romaji)| *romaji).collect();
    // Sixteen days of entry out of 320: a twentieth is open.
    let entry_date = today.plus(-i32::try_from(number % 320).unwrap());
    let details = serde_json::json!({
        "name": format!("{family}　{given_kana}"),
        "kana": format!("{kana}　{given_kana}"),
        "romaji": format!("{romaji} {given_romaji}"),
        "birth_date": today.plus(-10_000 - i32::try_from(scattered % 15_000).unwrap()),
        "sex": if number.is_multiple_of(2) { "female" } else { "male" },
        "nationality": "日本",
        "passport_number": format!("TK{:07}", number),
        "entry_date": entry_date,
        "entry_port": "羽田空港",
        "flight": format!("JL{}", 1 + number % 900),
        "address": format!("東京都見本区見本町{}-{}", number % 90, number % 30),
        "place_of_stay": "自宅",
        "phone": format!("090{:08}", scattered % 100_000_000),
        "mail": format!("bench{number}@example.jp"),
        "consent": true,
    });
    serde_json::from_value(details).unwrap()
}
