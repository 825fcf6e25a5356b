//! A fresh, empty database for one test: a SQLite file, or a database of its own in a PostgreSQL
//! server.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use shared::accounts::Role;
use shared::enrolment::Serial;
use shared::id::{IdempotencyKey, TerminalId};
use shared::offices::{Office, OfficeKind};

use crate::app::{App, Caller, LiveTerminal, SessionUser};
use crate::authority::Authority;
use crate::clock::{Clock as _, FixedClock, SeededRng, new_id};
use crate::enrolment::LiveTerminals;
use crate::password::PasswordPool;
use crate::session::LiveSessions;
use crate::store::audit::{Act, Actor};
use crate::store::offices::KnownOffice;
use crate::store::sql::{self, AssertSqlSafe, Connection, Pool};
use crate::store::{Error, Location, Store, Tx};

/// An open store with a clock to turn, and what must outlive it.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) location: Location,
    _directory: Option<tempfile::TempDir>,
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(directory.path().join("mimamori.db"));
        Self::open(location, Some(directory)).await
    }

    pub(crate) async fn postgres() -> Self {
        let server = tokio::task::spawn_blocking(postgres_server).await.unwrap();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "story_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let mut admin = connection(&Location::Postgres(server.clone())).await;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sql::script(create, &mut admin).await.unwrap();
        admin.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::open(Location::Postgres(format!("{base}/{name}")), None).await
    }

    async fn open(location: Location, directory: Option<tempfile::TempDir>) -> Self {
        let clock = Arc::new(FixedClock::at("2022-09-26T00:00:00Z".parse().unwrap()));
        let store = Store::open(&location, clock.clone()).await.unwrap();
        Self {
            store,
            clock,
            location,
            _directory: directory,
        }
    }

    /// Another server or command on the same data.
    pub(crate) async fn second_process(&self) -> Store {
        Store::open(&self.location, self.clock.clone())
            .await
            .unwrap()
    }

    /// The same, as another server has it open, with the same clock.
    pub(crate) async fn of_second_process(&self) -> Self {
        Self {
            store: self.second_process().await,
            clock: Arc::clone(&self.clock),
            location: self.location.clone(),
            _directory: None,
        }
    }

    /// Runs statements behind the program's back.
    pub(crate) async fn tamper(&self, statements: &'static str) {
        let mut connection = self.back_door().await;
        sql::script(statements, &mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// A transaction like those of the store's writer, for the test alone to end.
    pub(crate) async fn transaction(&self) -> Tx {
        let connection = self.back_door().await;
        let begun = Tx::begin(connection, self.store.dialect(), self.clock.now()).await;
        begun.unwrap()
    }

    /// Makes durable what such a transaction did.
    pub(crate) async fn commit(tx: Tx) -> Result<(), Error> {
        tx.commit().await.map(drop)
    }

    /// A connection of which the program knows nothing.
    pub(crate) async fn back_door(&self) -> Connection {
        connection(&self.location).await
    }
}

async fn connection(location: &Location) -> Connection {
    let pool = Pool::new(location, 1, false).await.unwrap();
    pool.acquire().await.unwrap()
}

/// The address of a PostgreSQL server: the one that the harness started, or one started here and
/// shared by all tests of this process. Without PostgreSQL the test fails: a silent skip would
/// say that both databases were tested.
fn postgres_server() -> String {
    static SERVER: OnceLock<String> = OnceLock::new();
    #[allow(
        clippy::disallowed_methods,
        reason = "where these tests start, and the only setting they have"
    )]
    let started = || std::env::var("MIMAMORI_TEST_POSTGRES").ok();
    SERVER
        .get_or_init(|| started().unwrap_or_else(start_postgres))
        .clone()
}

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

fn start_postgres() -> String {
    assert!(
        Path::new(PROGRAMS).join("initdb").exists(),
        "PostgreSQL 15 is needed: apt-get install postgresql-15, \
         or set MIMAMORI_TEST_POSTGRES=postgres://…"
    );
    // One cluster per test process; its watcher stops and removes it when the process has ended.
    let directory = tempfile::Builder::new()
        .prefix("mimamori-story-")
        .tempdir()
        .unwrap()
        .keep();
    let script = format!(
        r#"
        set -e
        as_postgres() {{ if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi; }}
        if [ "$(id -u)" = 0 ]; then chown postgres "{dir}"; fi
        chmod 700 "{dir}"
        as_postgres "{PROGRAMS}/initdb -D {dir}/data -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N" >/dev/null
        as_postgres "{PROGRAMS}/pg_ctl -D {dir}/data -w -l {dir}/log -o '-k {dir} -c listen_addresses= -c max_connections=300' start" >/dev/null
        (
            trap '' INT HUP TERM
            while kill -0 {pid} 2>/dev/null; do sleep 1; done
            as_postgres "{PROGRAMS}/pg_ctl -D {dir}/data -m immediate stop"
            rm -rf "{dir}"
        ) >/dev/null 2>&1 </dev/null &
        "#,
        dir = directory.display(),
        pid = std::process::id(),
    );
    let status = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "PostgreSQL did not start: {status}");
    let host = directory.display().to_string().replace('/', "%2F");
    format!("postgres://postgres@{host}/postgres")
}

/// A new id that is the same in every run.
pub(crate) fn id(seed: u64) -> uuid::Uuid {
    let clock = FixedClock::at(Timestamp::UNIX_EPOCH);
    new_id(&clock, &SeededRng::new(seed))
}

/// The caller with a key never used before.
pub(crate) fn with_key(caller: &Caller) -> Caller {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(9_000_000);
    let mut caller = caller.clone();
    let key = id(NEXT.fetch_add(1, Ordering::Relaxed));
    caller.idempotency_key = Some(IdempotencyKey(key));
    caller
}

/// A server on a fresh database, for tests of handlers.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) database: Database,
}

impl Server {
    pub(crate) async fn sqlite() -> Self {
        Self::on(Database::sqlite().await).await
    }

    pub(crate) async fn on(database: Database) -> Self {
        let now = database.clock.now();
        let (authority, _) = Authority::create(now, [7; 16]).unwrap();
        let terminals = LiveTerminals::load(&database.store, now).await.unwrap();
        let sessions = LiveSessions::default();
        sessions.refresh(&database.store).await.unwrap();
        Self {
            app: App {
                store: database.store.clone(),
                clock: database.clock.clone(),
                rng: Arc::new(SeededRng::new(1)),
                authority: authority.into(),
                terminals,
                sessions,
                passwords: PasswordPool::new(2),
                mail: crate::mail::tests::post(),
            },
            clock: database.clock.clone(),
            database,
        }
    }

    /// Adds an office, named after its code.
    pub(crate) async fn office(
        &self,
        code: &str,
        kind: OfficeKind,
        parent: Option<&str>,
    ) -> KnownOffice {
        let office = Office {
            code: code.parse().unwrap(),
            kind,
            name: format!("見本{code}").parse().unwrap(),
        };
        let parent = parent.map(|code| code.parse().unwrap());
        let act = Act::new(Actor::default(), "command office add");
        crate::offices::add(&self.app, act, office, parent, None, Default::default())
            .await
            .unwrap()
    }

    /// Adds a person and gives their password.
    pub(crate) async fn person(&self, office: &KnownOffice, login: &str, role: Role) -> String {
        let act = Act::new(Actor::default(), "command user add");
        let (code, name) = (office.office.code.clone(), login.parse().unwrap());
        let login = login.parse().unwrap();
        let (_, password) = crate::accounts::add(&self.app, act, code, login, role, name)
            .await
            .unwrap();
        password.to_string()
    }

    /// A new person of this office and role, logged in on a terminal of it.
    pub(crate) async fn logged_in(
        &self,
        office: &KnownOffice,
        login: &str,
        role: Role,
        seed: u64,
    ) -> Caller {
        self.person(office, login, role).await;
        let mut caller = self.caller(office, seed);
        let mut reader = self.app.store.reader().await.unwrap();
        let login = login.parse().unwrap();
        let account = crate::store::accounts::by_login(&mut reader, &login, office.number).await;
        let account = account.unwrap().unwrap();
        caller.user = Some(SessionUser {
            must_change_password: false,
            person: account.person,
            role: account.role,
            session: id(seed),
        });
        caller
    }

    /// A terminal of this office on which nobody is logged in.
    pub(crate) fn caller(&self, office: &KnownOffice, seed: u64) -> Caller {
        Caller {
            terminal: Arc::new(LiveTerminal {
                id: TerminalId(id(seed)),
                office_number: office.number,
                office: office.office.clone(),
                serial: Serial::parse(&format!("{seed:08x}")).unwrap(),
                expires_at: "2023-09-26T00:00:00Z".parse().unwrap(),
            }),
            user: None,
            idempotency_key: None,
            coming_back: None,
        }
    }
}
