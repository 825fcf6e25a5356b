//! A server without its doors, on a SQLite file of its own, and made-up people in it.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior, params};
use server::app::{App, Caller, LiveTerminal, SessionUser};
use server::authority::Authority;
use server::clock::{Clock as _, SystemClock, SystemRng};
use server::enrolment::LiveTerminals;
use server::mail::{Post, SealingKey};
use server::password::PasswordPool;
use server::session::LiveSessions;
use server::settings::{MailSettings, Smtp, SmtpTls};
use server::store::audit::{Act, Actor};
use server::store::follow_up::{likeness, search, search_text};
use server::store::offices::KnownOffice;
use server::store::{Location, Store};
use server::{accounts, offices};
use shared::Day;
use shared::accounts::Role;
use shared::enrolment::Serial;
use shared::follow_up::period::Period;
use shared::follow_up::returnee::ReturneeDetails;
use shared::id::{IdempotencyKey, TerminalId};
use shared::offices::{Office, OfficeKind};

/// People of the first health centre, in every world of any size, who share a name, a part of a
/// phone number and a part of a passport number with nobody else: what finds them finds as many
/// in a small world as in a large one. Half of them are under follow-up.
const PLANTED: u32 = 120;

/// How many health centres there are, and how many of them under one prefecture.
#[derive(Clone, Copy)]
pub(crate) struct Network {
    pub(crate) centres: u32,
    pub(crate) of_a_prefecture: u32,
}

impl Network {
    /// One health centre, under nobody.
    pub(crate) const ONE: Self = Self {
        centres: 1,
        of_a_prefecture: 0,
    };
}

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    /// Someone of the first health centre.
    pub(crate) caller: Caller,
    /// Someone of its prefecture, where it has one.
    pub(crate) prefecture: Option<Caller>,
    pub(crate) file: PathBuf,
    centres: Vec<KnownOffice>,
    _directory: tempfile::TempDir,
}

/// Mail is queued for a server that nobody asks.
fn with_mail() -> MailSettings {
    MailSettings {
        smtp: Some(Smtp {
            server: "localhost".to_owned(),
            port: 25,
            tls: SmtpTls::default(),
            authority: None,
            login: None,
            sender: "noreply@example.jp".parse().unwrap(),
            sender_name: "Mimamori".to_owned(),
        }),
        ..MailSettings::default()
    }
}

impl World {
    /// One health centre.
    pub(crate) async fn new() -> Self {
        Self::of(Network::ONE).await
    }

    pub(crate) async fn of(network: Network) -> Self {
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
            authority: authority.into(),
            sessions: LiveSessions::default(),
            passwords: PasswordPool::new(1),
            mail: Post::new(&with_mail(), SealingKey::new(&[7; 32])),
        });
        app.mail.let_links_lead_to("localhost:8444".to_owned());
        let (mut centres, mut above) = (Vec::new(), Vec::new());
        for number in 0..network.centres {
            let parent = number.checked_div(network.of_a_prefecture);
            if let Some(number) = parent.filter(|number| above.len() == *number as usize) {
                above.push(office(&app, OfficeKind::Prefecture, 880_000 + number, None).await);
            }
            let parent = parent.map(|parent| &above[parent as usize]);
            centres.push(office(&app, OfficeKind::HealthCentre, 990_001 + number, parent).await);
        }
        let prefecture = match above.first() {
            Some(office) => Some(caller(&app, office).await),
            None => None,
        };
        Self {
            caller: caller(&app, &centres[0]).await,
            app,
            prefecture,
            file,
            centres,
            _directory: directory,
        }
    }

    pub(crate) fn keyed(&self) -> Caller {
        Caller {
            idempotency_key: Some(IdempotencyKey(self.app.new_id())),
            ..self.caller.clone()
        }
    }

    /// Fills in `count` people, spread over the health centres, a twentieth of them under
    /// follow-up, with what was seen of these; and writes all search entries.
    ///
    /// The rows are written past the store and without a flush, which would take longer than all
    /// that is measured. The search entries come from the store itself.
    pub(crate) async fn fill(&self, count: u32) {
        let app = Arc::clone(&self.app);
        let centres: Vec<i64> = self.centres.iter().map(|centre| centre.number).collect();
        let by = self.caller.user.as_ref().unwrap().person.id;
        let file = self.file.clone();
        let write = move || {
            let mut connection = Connection::open(file).unwrap();
            connection
                .execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")
                .unwrap();
            for start in (0..count).step_by(50_000) {
                let transaction = connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)
                    .unwrap();
                let pen = Pen {
                    transaction: &transaction,
                    today: app.today(),
                    centres: &centres,
                    by: by.0.as_bytes(),
                };
                for number in start..count.min(start + 50_000) {
                    pen.write(number, count, app.new_id().as_bytes());
                }
                transaction.commit().unwrap();
            }
        };
        tokio::task::spawn_blocking(write).await.unwrap();
        while self.write_search_entries().await > 0 {}
        while self.merge_search_entries().await {}
        Connection::open(&self.file)
            .unwrap()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
    }

    async fn merge_search_entries(&self) -> bool {
        let act = Act::housekeeping("fill");
        let merged = self
            .app
            .store
            .write(act, (), |tx, ()| Box::pin(search::merge(tx)));
        merged.await.unwrap()
    }

    async fn write_search_entries(&self) -> usize {
        self.app
            .store
            .write(Act::housekeeping("fill"), (), |tx, ()| {
                Box::pin(async move { search::catch_up(tx, 5_000).await })
            })
            .await
            .unwrap()
    }
}

async fn office(
    app: &App,
    kind: OfficeKind,
    code: u32,
    parent: Option<&KnownOffice>,
) -> KnownOffice {
    let office = Office {
        code: code.to_string().parse().unwrap(),
        kind,
        name: format!("見本{code}").parse().unwrap(),
    };
    let act = Act::new(Actor::default(), "benchmark");
    let parent = parent.map(|parent| parent.office.code.clone());
    offices::add(app, act, office, parent, None, Default::default())
        .await
        .unwrap()
}

/// Someone of this office, logged in.
async fn caller(app: &App, office: &KnownOffice) -> Caller {
    let act = Act::new(Actor::default(), "benchmark");
    let code = office.office.code.clone();
    let login = format!("bench{code}").parse().unwrap();
    let name = "見本".parse().unwrap();
    let (person, _) = accounts::add(app, act, code, login, Role::Staff, name)
        .await
        .unwrap();
    Caller {
        terminal: Arc::new(LiveTerminal {
            id: TerminalId(app.new_id()),
            office_number: office.number,
            office: office.office.clone(),
            serial: Serial::parse("0a").unwrap(),
            expires_at: app.clock.now(),
        }),
        user: Some(SessionUser {
            person,
            role: Role::Staff,
            session: app.new_id(),
            must_change_password: false,
        }),
        idempotency_key: None,
        coming_back: None,
    }
}

/// Writes people as rows.
struct Pen<'a> {
    transaction: &'a rusqlite::Transaction<'a>,
    today: Day,
    centres: &'a [i64],
    by: &'a [u8],
}

impl Pen<'_> {
    /// The person with this number among `count`.
    fn write(&self, number: u32, count: u32, id: &[u8]) {
        let centres = u32::try_from(self.centres.len()).unwrap();
        let (centre, place) = (number % centres, number / centres);
        let every = (count / centres / PLANTED).max(1);
        let planted = (centre == 0 && place.is_multiple_of(every)).then_some(place / every);
        let mut details = person(number, place, self.today);
        if let Some(which) = planted.filter(|which| *which < PLANTED) {
            plant(&mut details, which, self.today);
        }
        let period = Period::after_entry(details.entry_date);
        let open = period.last_day >= self.today;
        // Reached on every day so far; one in eight today, too.
        let last_seen = self.today.plus(if place % 8 == 1 { 0 } else { -1 });
        let seen_days = match open {
            true => (last_seen.days_since(period.first_day) + 1).max(0),
            false => 0,
        };
        let reached_day = match seen_days {
            0 => String::new(),
            _ => last_seen.to_string(),
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        self.transaction
            .prepare_cached(
                "INSERT INTO returnee
                 (id, health_centre, name, kana, romaji, birth_date, sex, nationality,
                  passport_number, entry_date, entry_port, flight, address, place_of_stay, phone,
                  mail, consent, search, likeness, origin, first_day, last_day, reached_day,
                  active, changed_by, changed_at)
                 VALUES (?, ?, ?, ?, ?, ?, 'female', '日本', ?, ?, '羽田空港', ?, ?, '自宅', ?, ?, 1,
                         ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            )
            .unwrap()
            .execute(params![
                id,
                self.centres[centre as usize],
                details.name.as_str(),
                text(details.kana.as_ref().map(|it| it.as_str())),
                text(details.romaji.as_ref().map(|it| it.as_str())),
                details.birth_date.map(|day| day.to_string()),
                text(details.passport_number.as_ref().map(|it| it.as_str())),
                details.entry_date.to_string(),
                text(details.flight.as_ref().map(|it| it.as_str())),
                text(details.address.as_ref().map(|it| it.as_str())),
                text(details.phone.as_ref().map(|it| it.as_str())),
                text(details.mail.as_ref().map(|it| it.as_str())),
                search_text(&details),
                likeness(&details),
                format!("bench {number}"),
                period.first_day.to_string(),
                period.last_day.to_string(),
                reached_day,
                i64::from(open),
                self.by,
            ])
            .unwrap();
        let returnee = self.transaction.last_insert_rowid();
        self.transaction
            .prepare_cached("INSERT INTO search_due (number, health_centre) VALUES (?, ?)")
            .unwrap()
            .execute([returnee, self.centres[centre as usize]])
            .unwrap();
        for day in 0..seen_days {
            self.transaction
                .prepare_cached(
                    "INSERT INTO observation
                     (returnee, day, version, reach, temperature, symptoms, household, sign,
                      recorded_by, recorded_at)
                     VALUES (?, ?, 1, 'phone', 365, ?, ?, 0, ?, 0)",
                )
                .unwrap()
                .execute(params![
                    returnee,
                    period.first_day.plus(day).to_string(),
                    r#"{"present":[]}"#,
                    r#"{"present":[]}"#,
                    self.by
                ])
                .unwrap();
        }
    }
}

/// Makes someone one of those who are planted.
fn plant(details: &mut ReturneeDetails, which: u32, today: Day) {
    details.name = "例山　花子".parse().unwrap();
    details.kana = Some("レイヤマ　ハナコ".parse().unwrap());
    details.romaji = Some("REIYAMA HANAKO".parse().unwrap());
    details.phone = Some(format!("0805550{which:04}").parse().unwrap());
    details.passport_number = Some(format!("ZQ88{which:05}").parse().unwrap());
    let days = if which.is_multiple_of(2) { 1 } else { 100 };
    details.entry_date = today.plus(-days - i32::try_from(which % 10).unwrap());
}

/// A made-up person; the same number gives the same one. `place` is their number within their
/// health centre.
fn person(number: u32, place: u32, today: Day) -> ReturneeDetails {
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
    let entry_date = today.plus(-i32::try_from(place % 320).unwrap());
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
