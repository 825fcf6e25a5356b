//! Numbered steps from an empty database to the present one. A step is never changed once it has
//! been released; a new one is added below it.

use sha2::{Digest as _, Sha256};

use super::sql::{self, AssertSqlSafe, Connection};
use super::{Dialect, Error};

/// One step. Most are one text for both databases; where the engines differ too much to be
/// spelled from one text, each has its own.
struct Step {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

impl Step {
    fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    /// How it is noted in the database: its name, and what tells that its text was this one. A
    /// text changed afterwards would leave databases behind that only seem to be of the same form.
    fn note(&self, dialect: Dialect) -> String {
        let hash = Sha256::digest(self.text(dialect));
        let hash = hash[..8].iter().map(|byte| format!("{byte:02x}"));
        format!("{} {}", self.name, hash.collect::<String>())
    }
}

const fn common(name: &'static str, text: &'static str) -> Step {
    Step {
        name,
        sqlite: text,
        postgres: text,
    }
}

/// All steps in order; the number of a step is its place, counted from 1.
const STEPS: &[Step] = &[
    common("foundation", include_str!("migration/0001_foundation.sql")),
    common(
        "offices and accounts",
        include_str!("migration/0002_offices_and_accounts.sql"),
    ),
    common("enrolment", include_str!("migration/0003_enrolment.sql")),
    common("follow-up", include_str!("migration/0004_follow_up.sql")),
    Step {
        name: "search",
        sqlite: include_str!("migration/0005_search.sqlite.sql"),
        postgres: include_str!("migration/0005_search.postgres.sql"),
    },
    common("contacts", include_str!("migration/0006_contacts.sql")),
    common("mail", include_str!("migration/0007_mail.sql")),
    common(
        "enrolment of the country",
        include_str!("migration/0008_enrolment.sql"),
    ),
    Step {
        name: "office search",
        sqlite: include_str!("migration/0009_office_search.sqlite.sql"),
        postgres: include_str!("migration/0009_office_search.postgres.sql"),
    },
    common(
        "second person",
        include_str!("migration/0010_second_person.sql"),
    ),
    Step {
        name: "arriving",
        sqlite: include_str!("migration/0011_arriving.sqlite.sql"),
        postgres: include_str!("migration/0011_arriving.postgres.sql"),
    },
    common(
        "search keys",
        include_str!("migration/0012_search_keys.sql"),
    ),
    common("hand-over", include_str!("migration/0013_hand_over.sql")),
    common("asked", include_str!("migration/0014_asked.sql")),
    common(
        "initial password",
        include_str!("migration/0015_initial_password.sql"),
    ),
    Step {
        name: "keys",
        sqlite: include_str!("migration/0016_keys.sqlite.sql"),
        postgres: include_str!("migration/0016_keys.postgres.sql"),
    },
    common("concerns", include_str!("migration/0017_concerns.sql")),
    common(
        "terminal changes",
        include_str!("migration/0018_terminal_changes.sql"),
    ),
    common("accounts", include_str!("migration/0019_accounts.sql")),
    common(
        "named and wishes",
        include_str!("migration/0020_named_and_wishes.sql"),
    ),
    common("active", include_str!("migration/0021_active.sql")),
    common(
        "office names",
        include_str!("migration/0022_office_names.sql"),
    ),
    common("withdrawn", include_str!("migration/0023_withdrawn.sql")),
];

/// The number of the newest step that this program knows.
pub const NEWEST: i64 = STEPS.len() as i64;

/// Whether nothing has to be done. It takes no lock, so that it need not wait for a server that
/// writes.
///
/// # Errors
/// [`Error::NewerThanProgram`] when a newer program has already changed this database;
/// [`Error::OtherSteps`] when a step of it was another than this program's.
pub(super) async fn is_at_newest(
    connection: &mut Connection,
    dialect: Dialect,
) -> Result<bool, Error> {
    let tables = match dialect {
        Dialect::Sqlite => {
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'"
        }
        Dialect::Postgres => {
            "SELECT count(*) FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_name = 'migration'"
        }
    };
    let tables: i64 = sql::query(tables)
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    Ok(tables > 0 && found(connection, dialect).await? == NEWEST)
}

/// The number of the last step that was done; 0 for none.
async fn found(connection: &mut Connection, dialect: Dialect) -> Result<i64, Error> {
    let found = sql::query("SELECT coalesce(max(number), 0) FROM migration")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if found > NEWEST {
        return Err(Error::NewerThanProgram {
            found,
            known: NEWEST,
        });
    }
    let noted = sql::query("SELECT name FROM migration ORDER BY number")
        .fetch_all(connection)
        .await?;
    for ((number, step), noted) in (1..).zip(STEPS).zip(&noted) {
        if noted.try_get::<&str, _>(0)? != step.note(dialect) {
            return Err(Error::OtherSteps { number });
        }
    }
    Ok(found)
}

/// Brings the database to [`NEWEST`], each step in the one transaction that the caller opened.
///
/// # Errors
/// [`Error::NewerThanProgram`] when a newer program has already changed this database;
/// [`Error::OtherSteps`] when a step of it was another than this program's.
pub(super) async fn run(
    connection: &mut Connection,
    dialect: Dialect,
    now: i64,
) -> Result<(), Error> {
    if dialect == Dialect::Postgres {
        // Several servers may start at once; the lock goes with the transaction.
        sql::query("SELECT pg_advisory_xact_lock(5424862)")
            .execute(&mut *connection)
            .await?;
    }
    sql::query(
        "CREATE TABLE IF NOT EXISTS migration
         (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )
    .execute(&mut *connection)
    .await?;
    let found = found(connection, dialect).await?;
    for (number, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        let text = dialect.spell(step.text(dialect));
        sql::script(AssertSqlSafe(text), connection).await?;
        sql::query("INSERT INTO migration (number, name, applied_at) VALUES ($1, $2, $3)")
            .bind::<i64>(number)
            .bind(step.note(dialect))
            .bind(now)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
