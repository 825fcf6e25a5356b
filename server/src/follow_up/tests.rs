//! Following up, told as a story on both databases.

mod arriving;
mod duty;
mod hand_over;
mod import;
mod moving;
mod record;
mod search_entries;
mod staging;
mod withdrawal;
mod work_list;

use serde_json::{Value, json};
use shared::accounts::Role;
use shared::follow_up::observation::{Findings, RecordedDay};
use shared::follow_up::returnee::{NewReturnee, Returnee, ReturneeDetails};
use shared::id::{IdempotencyKey, ReturneeId, UserId, Version};
use shared::offices::OfficeKind;
use shared::{Day, Problem};

use super::*;
use crate::app::SessionUser;
use crate::store::story::database::{Database, Server, id};

/// One prefecture with two health centres, and a person logged in at each place.
///
/// ```text
/// 130001 prefecture ─┬─ 131016 health centre (hana)
///  (ken)             └─ 131024 health centre (jiro)
/// ```
struct World {
    server: Server,
    hana: Caller,
    jiro: Caller,
    ken: Caller,
}

impl World {
    /// The clock stands at 2022-09-26 09:00 in Japan.
    async fn on(database: Database) -> Self {
        let server = Server::on(database).await;
        let prefecture = server.office("130001", OfficeKind::Prefecture, None).await;
        let centre = OfficeKind::HealthCentre;
        let first = server.office("131016", centre, Some("130001")).await;
        let second = server.office("131024", centre, Some("130001")).await;
        let mut callers = Vec::new();
        for (seed, office, login) in [
            (1, &first, "hana"),
            (2, &second, "jiro"),
            (3, &prefecture, "ken"),
        ] {
            callers.push(logged_in(&server, office, login, seed).await);
        }
        let [hana, jiro, ken] = callers.try_into().expect("three callers");
        Self {
            server,
            hana,
            jiro,
            ken,
        }
    }

    fn app(&self) -> &App {
        &self.server.app
    }

    async fn enter(&self, caller: &Caller, details: Value) -> Returnee {
        let request = NewReturnee {
            details: serde_json::from_value(details).unwrap(),
            although_alike: false,
        };
        enter_returnee(self.app(), caller, request).await.unwrap()
    }

    async fn record(
        &self,
        caller: &Caller,
        id: ReturneeId,
        day: &str,
        version: u32,
        findings: Value,
    ) -> Result<Returnee, Problem> {
        let request = RecordedDay {
            id,
            day: self::day(day),
            version: Version(version),
            findings: serde_json::from_value::<Findings>(findings).unwrap(),
        };
        record_observation(self.app(), &with_key(caller), request).await
    }

    async fn tidy(&self) {
        put_in_order(self.app(), &mut None).await.unwrap();
    }
}

async fn logged_in(server: &Server, office: &KnownOffice, login: &str, seed: u64) -> Caller {
    server.person(office, login, Role::Staff).await;
    let mut caller = server.caller(office, seed);
    let mut reader = server.app.store.reader().await.unwrap();
    let login = login.parse().unwrap();
    let account = store::accounts::by_login(&mut reader, &login, office.number)
        .await
        .unwrap()
        .unwrap();
    caller.user = Some(SessionUser {
        must_change_password: false,
        person: account.person,
        role: account.role,
        session: id(seed),
    });
    caller
}

/// The caller with a key never used before.
fn with_key(caller: &Caller) -> Caller {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    let mut caller = caller.clone();
    let key = id(NEXT.fetch_add(1, Ordering::Relaxed));
    caller.idempotency_key = Some(IdempotencyKey(key));
    caller
}

/// Who did what to this person, as the audit log says.
async fn logged_about(world: &World, id: ReturneeId) -> Vec<(UserId, String, Value)> {
    let mut log = world.server.database.back_door().await;
    crate::store::sql::query(
        "SELECT person, action, detail FROM audit WHERE subject = $1 ORDER BY number",
    )
    .bind(id.0.as_bytes().to_vec())
    .fetch_all(&mut log)
    .await
    .unwrap()
    .iter()
    .map(|row| {
        let person: Vec<u8> = row.try_get("person").unwrap();
        let detail: String = row.try_get("detail").unwrap();
        (
            UserId(uuid::Uuid::from_slice(&person).unwrap()),
            row.try_get("action").unwrap(),
            serde_json::from_str(&detail).unwrap(),
        )
    })
    .collect()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn sample() -> Value {
    json!({
        "name": "見本　太郎", "kana": "ミホン　タロウ", "romaji": "MIHON TARO",
        "birth_date": "1980-01-02", "sex": "male", "nationality": "日本",
        "passport_number": "TK0000001", "entry_date": "2022-09-20", "entry_port": "羽田空港",
        "flight": "JL5", "address": "東京都見本区見本町1-1", "place_of_stay": "自宅",
        "phone": "09000000001", "mail": "taro@example.jp", "consent": true,
        "remarks": "英語可\n朝は不在"
    })
}

fn well() -> Value {
    json!({
        "reach": "phone", "temperature": 36.5,
        "symptoms": { "present": [] }, "household": { "present": [] }
    })
}
