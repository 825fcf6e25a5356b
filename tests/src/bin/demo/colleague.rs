//! A colleague at the prefecture, on a terminal of its own: has recorded the days so far of those
//! whose follow-up ends first. Speaks to the server with curl, as any other system would.

use harness::process::run;
use harness::reference::{Identity, answer, curl_and_openssl};
use harness::world::{User, World, text};
use harness::{Because, Failure, Outcome};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::Day;
use shared::follow_up::work_list::{StripDay, WorkListRow};
use shared::id::{IdempotencyKey, Page};

/// How many people's days are recorded: more than a window shows at once, and not all.
const PEOPLE: usize = 24;

/// Somebody who is logged in.
pub(crate) struct Colleague<'a> {
    world: &'a World,
    identity: Identity,
    token: Option<String>,
    sent: u64,
}

impl<'a> Colleague<'a> {
    /// Enrols a terminal of this office and logs in on it.
    pub(crate) fn at(world: &'a World, office: &str, user: &User) -> Outcome<Self> {
        let link = world.link(office)?;
        let identity = curl_and_openssl::enrol(world, &link, &world.beside(office))?;
        let mut colleague = Self {
            world,
            identity,
            token: None,
            sent: 0,
        };
        let login = json!({ "login": user.login, "password": user.password() });
        let session = colleague.send("POST", "/v1/session", Some(&login))?;
        colleague.token = Some(text(&session, "token")?);
        let own = user.own_password();
        let change = json!({ "present": user.password(), "new": own });
        colleague.send("POST", "/v1/password", Some(&change))?;
        user.chose(own);
        Ok(colleague)
    }

    /// Records every day before today of those who come first on the list; gives how many days.
    pub(crate) fn record_days(&mut self) -> Outcome<usize> {
        let list = format!("/v1/returnees?limit={PEOPLE}");
        let list = self.send("GET", &list, None)?;
        let list: Page<WorkListRow> = serde_json::from_value(list).because("reading the list")?;
        let mut recorded = 0;
        for (nth, row) in list.rows.iter().enumerate() {
            for (number, day) in before_today(row) {
                let Some(findings) = found(nth, number) else {
                    continue;
                };
                let path = format!("/v1/returnees/{}/observations/{day}", row.id);
                let body = json!({ "version": 0, "findings": findings });
                self.send("PUT", &path, Some(&body))?;
                recorded += 1;
            }
        }
        Ok(recorded)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a key bears the time at which it was made"
    )]
    fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let mut curl = self.identity.curl();
        curl.args(["--request", method]);
        if let Some(token) = &self.token {
            curl.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        if body.is_some() {
            self.sent += 1;
            let mut distinct = [0; 10];
            distinct[2..].copy_from_slice(&self.sent.to_be_bytes());
            let now = Timestamp::now().as_millisecond().unsigned_abs();
            let key = IdempotencyKey::new(now, distinct);
            curl.args(["--header", "Content-Type: application/json"])
                .args(["--header", &format!("Idempotency-Key: {key}")])
                .args(["--data-binary", "@-"]);
        }
        curl.arg(format!("{}{path}", self.world.terminals_url()));
        let body = body.map(Value::to_string).unwrap_or_default();
        let (status, said) = answer(run(&mut curl, &body)?)?;
        if status != 200 {
            return Err(Failure::new(format!("{method} {path}: {status} {said}")));
        }
        serde_json::from_str(&said).because("reading an answer")
    }
}

/// The days of a follow-up that are over, each with its number from 1 on.
fn before_today(row: &WorkListRow) -> Vec<(usize, Day)> {
    let begun = row.strip.iter().filter(|day| **day != StripDay::Ahead);
    let over = begun.count().saturating_sub(1);
    (1..=over)
        .zip(0..)
        .map(|(number, later)| (number, row.first_day.plus(later)))
        .collect()
}

/// What was found of the `nth` person on a day: most are well, one in a while is not reached, has a
/// sign, or was forgotten.
fn found(nth: usize, day: usize) -> Option<Value> {
    match (nth % 8, day) {
        (2, 4) | (5, 9) => Some(json!({ "reach": "not-reached" })),
        (3, 7) => Some(json!({
            "reach": "phone", "temperature": 37.8, "symptoms": { "present": ["cough"] },
        })),
        (6, 10) => None,
        _ => Some(json!({
            "reach": "phone", "temperature": f64::from(362 + i32::try_from((nth + day * 3) % 6).unwrap_or(0)) / 10.0,
            "symptoms": { "present": [] }, "household": { "present": [] },
        })),
    }
}
