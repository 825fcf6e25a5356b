//! A fresh, empty database for one test: a SQLite file, or a database of its own in a PostgreSQL
//! server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::Connection as _;

use crate::clock::{Clock, FixedClock, SeededRng, new_id};
use crate::store::{Location, Store};

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
        sqlx::any::install_default_drivers();
        let server = tokio::task::spawn_blocking(postgres_server).await.unwrap();
        let name = format!("story_{}", uuid::Uuid::now_v7().simple());
        let mut admin = sqlx::AnyConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut admin)
            .await
            .unwrap();
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

    /// Runs statements behind the program's back.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        let mut connection = sqlx::AnyConnection::connect(&self.location.url())
            .await
            .unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
}

/// The address of a PostgreSQL server: the one that the harness started, or one started here and
/// shared by all tests of this process. Without PostgreSQL the test fails: a silent skip would
/// say that both databases were tested.
fn postgres_server() -> String {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER
        .get_or_init(|| match std::env::var("MIMAMORI_TEST_POSTGRES") {
            Ok(url) => url,
            Err(_) => start_postgres(),
        })
        .clone()
}

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

fn start_postgres() -> String {
    assert!(
        Path::new(PROGRAMS).join("initdb").exists(),
        "PostgreSQL 15 is needed: apt-get install postgresql-15, \
         or set MIMAMORI_TEST_POSTGRES=postgres://…"
    );
    // One cluster per test process, kept until the process ends: its watcher stops it then.
    let directory: PathBuf = std::env::temp_dir().join(format!(
        "mimamori-story-{}-{}",
        std::process::id(),
        Timestamp::now().as_millisecond()
    ));
    std::fs::create_dir(&directory).unwrap();
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
    let _ = clock.now();
    new_id(&clock, &SeededRng::new(seed))
}
