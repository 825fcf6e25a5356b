//! Every endpoint of the contract, over a certificate in every standing, with a session in every
//! standing: a bad certificate is refused whatever else comes with it, and a bad session opens
//! only what needs none.

use std::time::Duration;

use harness::postgres::Postgres;
use harness::world::World;
use shared::contract::{Access, all};

use crate::contract::{Records, ask, records};
use crate::prefecture::{PREFECTURE, WEST, identity, populate};
use crate::wire::{Terminal, now};

const DATABASE: &str = "standing";

/// How a certificate that passed the handshake can stand, and what is said of it.
const CERTIFICATES: [(&str, Option<&str>); 6] = [
    ("live", None),
    ("revoked", Some("terminal-revoked")),
    ("superseded", Some("terminal-superseded")),
    ("unknown", Some("terminal-unknown")),
    ("closed", Some("office-closed")),
    ("expired", Some("terminal-expired")),
];

/// How a session can stand; only the first is good.
const SESSIONS: [&str; 10] = [
    "good",
    "none",
    "empty",
    "made up",
    "another terminal's",
    "ended",
    "expired",
    "idle",
    "of someone removed",
    "of someone moved",
];

struct Installation {
    world: World,
    postgres: Postgres,
}

impl Installation {
    async fn new() -> (Self, Records) {
        let postgres = Postgres::start().unwrap();
        let database = postgres.database(DATABASE).unwrap();
        let mut world = World::prepare(Some(database)).unwrap();
        world.serve().unwrap();
        let world = populate(world);
        let records = records(&world).await;
        (Self { world, postgres }, records)
    }

    /// Changes a row behind the server's back: by no command can these standings be reached
    /// within the time of a test.
    fn sql(&self, text: &str) {
        let changed = self.postgres.sql(DATABASE, text).unwrap();
        assert_eq!(changed.trim(), "1", "{text}");
    }

    /// Changes a row and counts one of `table` that has `where_` first.
    fn set(&self, table: &str, change: &str, condition: &str) {
        self.sql(&format!(
            "WITH changed AS (UPDATE {table} SET {change} WHERE {condition} RETURNING 1)
             SELECT count(*) FROM changed"
        ));
    }

    /// A terminal in an office of its own, with somebody logged in.
    async fn terminal(&self, office: &str) -> (Terminal, String) {
        let world = &self.world;
        world
            .office(office, "health-centre", "見本保健所", Some(PREFECTURE))
            .unwrap();
        let identity = identity(world, office, office);
        let mut terminal = Terminal::new(world, &identity);
        let user = world
            .user(office, &format!("at-{office}"), "administrator")
            .unwrap();
        assert_eq!(terminal.log_in(&user).await.status, 200);
        (terminal, identity.serial().unwrap())
    }

    /// Somebody else's session on the same terminal.
    async fn session(&self, office: &str, terminal: &Terminal, login: &str) -> Option<String> {
        let user = self.world.user(office, login, "administrator").unwrap();
        let mut seat = terminal.clone();
        assert_eq!(seat.log_in(&user).await.status, 200);
        seat.token()
    }

    /// Brings the terminal's certificate into this standing.
    async fn bring_into(&self, standing: &str, office: &str, serial: &str) {
        let certificate = format!("serial = '{serial}'");
        match standing {
            "revoked" => {
                self.world.operator(["terminal", "revoke", serial]).unwrap();
            }
            "superseded" => {
                let successor = identity(&self.world, office, &format!("{office}-successor"));
                let terminal = Terminal::new(&self.world, &successor);
                let answer = terminal.send("GET", "/v1/terminal", None, None).await;
                assert_eq!(answer.unwrap().status, 200);
            }
            "unknown" => self.sql(&format!(
                "WITH changed AS (DELETE FROM certificate WHERE {certificate} RETURNING 1)
                 SELECT count(*) FROM changed"
            )),
            "closed" => self.set("office", "closed_at = 1", &format!("code = '{office}'")),
            "expired" => {
                // Its end must still be ahead when the server reads of it.
                let end = (now().as_second() + 2) * 1000;
                self.set("certificate", &format!("expires_at = {end}"), &certificate);
            }
            _ => return,
        }
        self.set("change", "counter = counter + 1", "noun = 'terminals'");
        tokio::time::sleep(Duration::from_secs(1)).await;
        if standing == "expired" {
            tokio::time::sleep(Duration::from_millis(2500)).await;
        }
    }

    /// A token for each of [`SESSIONS`], all on this terminal.
    async fn sessions(
        &self,
        office: &str,
        terminal: &Terminal,
        elsewhere: &Terminal,
    ) -> Vec<Option<String>> {
        let mut tokens = Vec::new();
        for (number, standing) in SESSIONS.iter().enumerate() {
            let login = format!("s{number}-{office}");
            let of_theirs = format!("account = (SELECT id FROM account WHERE login = '{login}')");
            tokens.push(match *standing {
                "good" => terminal.token(),
                "none" => None,
                "empty" => Some(String::new()),
                "made up" => Some("made up".to_owned()),
                "another terminal's" => elsewhere.token(),
                _ => self.session(office, terminal, &login).await,
            });
            match *standing {
                "ended" => {
                    let seat = terminal.with_token(tokens[number].clone());
                    let ended = seat.send("DELETE", "/v1/session", None, None).await;
                    assert_eq!(ended.unwrap().status, 200);
                }
                "expired" => self.set("session", "expires_at = 1", &of_theirs),
                "idle" => self.set("session", "seen_at = 1", &of_theirs),
                "of someone removed" => {
                    self.set("account", "deleted_at = 1", &format!("login = '{login}'"));
                }
                "of someone moved" => self.set(
                    "account",
                    &format!("office = (SELECT number FROM office WHERE code = '{WEST}')"),
                    &format!("login = '{login}'"),
                ),
                _ => {}
            }
        }
        tokens
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_as_certificate_and_session_stand() {
    let (installation, records) = Installation::new().await;
    let (elsewhere, _) = installation.terminal("990001-elsewhere").await;
    let mut asked = 0;
    for (certificate, code) in CERTIFICATES {
        let office = format!("990001-{certificate}");
        let (terminal, serial) = installation.terminal(&office).await;
        let tokens = installation.sessions(&office, &terminal, &elsewhere).await;
        installation.bring_into(certificate, &office, &serial).await;
        for endpoint in all() {
            for (session, token) in SESSIONS.iter().zip(&tokens) {
                // The one call that a good session does not survive.
                let ends = endpoint.name == "EndSession" && *session == "good" && code.is_none();
                let token = if ends {
                    installation.session(&office, &terminal, "leaver").await
                } else {
                    token.clone()
                };
                let answer = ask(&terminal.with_token(token), &endpoint, &records).await;
                let cell = format!("{certificate} × {session} × {}: {answer:?}", endpoint.name);
                let needs_none = endpoint.access == Access::Certificate;
                match code {
                    Some(code) => assert_eq!((answer.status, answer.code()), (403, code), "{cell}"),
                    None if *session == "good" || needs_none => {
                        assert_ne!(answer.code(), "not-logged-in", "{cell}");
                        assert!(!answer.code().starts_with("terminal-"), "{cell}");
                    }
                    None => {
                        assert_eq!(
                            (answer.status, answer.code()),
                            (401, "not-logged-in"),
                            "{cell}"
                        );
                    }
                }
                asked += 1;
            }
        }
    }
    assert_eq!(asked, CERTIFICATES.len() * SESSIONS.len() * all().len());
}
