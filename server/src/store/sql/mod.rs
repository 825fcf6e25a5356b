//! Statements, spoken to either database in the same words.
//!
//! SQLite is reached through rusqlite, on the thread that asks: a statement of 10 µs must not be
//! handed to another thread and back, which costs more than itself. The writer has a thread of its
//! own anyway; a read that takes longer than a moment moves to one by itself (see [`sqlite`]).
//! PostgreSQL is reached through sqlx.

mod checkpoint;
mod error;
mod pool;
mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;
mod value;

use sqlx::postgres::Postgres;
use sqlx::{SqlSafeStr, SqlStr};

pub use error::Error;
pub(super) use pool::Pool;
pub(crate) use row::Row;
/// Marks a text as put together by the program itself: what a caller typed is bound, never
/// written into it.
pub(crate) use sqlx::AssertSqlSafe;
pub(crate) use value::Value;

/// A connection to either database, lent by its pool and given back when dropped.
pub struct Connection(Engine);

enum Engine {
    Sqlite(sqlite::Lent),
    Postgres(sqlx::pool::PoolConnection<Postgres>),
}

impl Connection {
    /// Lets nobody else have this connection: dropped, it is closed, and whatever transaction it
    /// is in is taken back.
    pub(super) fn close_on_drop(&mut self) {
        match &mut self.0 {
            Engine::Sqlite(lent) => lent.close_on_drop(),
            Engine::Postgres(connection) => connection.close_on_drop(),
        }
    }

    /// Closes it now.
    #[cfg(test)]
    pub(crate) async fn close(mut self) -> Result<(), Error> {
        self.close_on_drop();
        match self.0 {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(connection) => Ok(connection.close().await?),
        }
    }
}

/// A statement and what is bound to its `$1`, `$2` ….
pub(crate) struct Query<'q> {
    text: SqlStr,
    values: Vec<Value<'q>>,
    persistent: bool,
}

/// A statement. Its text is the program's own: a literal, or [`AssertSqlSafe`].
pub(crate) fn query<'q>(text: impl SqlSafeStr) -> Query<'q> {
    Query {
        text: text.into_sql_str(),
        values: Vec::new(),
        persistent: true,
    }
}

impl<'q> Query<'q> {
    /// Binds the next value.
    pub(crate) fn bind<T: Into<Value<'q>>>(mut self, value: T) -> Self {
        self.values.push(value.into());
        self
    }

    /// Whether the prepared statement is kept for the next time. A text that hardly ever comes
    /// twice would only push others out.
    pub(crate) fn persistent(self, persistent: bool) -> Self {
        Self { persistent, ..self }
    }

    /// Runs it for its effect.
    pub(crate) async fn execute(self, sql: &mut Connection) -> Result<Done, Error> {
        let rows = match &mut sql.0 {
            Engine::Sqlite(lent) => lent.execute(self).await?,
            Engine::Postgres(connection) => postgres::execute(connection, self).await?,
        };
        Ok(Done { rows })
    }

    /// All rows it gives.
    pub(crate) async fn fetch_all(self, sql: &mut Connection) -> Result<Vec<Row>, Error> {
        match &mut sql.0 {
            Engine::Sqlite(lent) => lent.rows(self, usize::MAX).await,
            Engine::Postgres(connection) => postgres::all(connection, self).await,
        }
    }

    /// The first row it gives, if any.
    pub(crate) async fn fetch_optional(self, sql: &mut Connection) -> Result<Option<Row>, Error> {
        match &mut sql.0 {
            Engine::Sqlite(lent) => Ok(lent.rows(self, 1).await?.pop()),
            Engine::Postgres(connection) => postgres::first(connection, self).await,
        }
    }

    /// The one row it always gives.
    pub(crate) async fn fetch_one(self, sql: &mut Connection) -> Result<Row, Error> {
        self.fetch_optional(sql).await?.ok_or(Error::NoRow)
    }
}

/// What a statement did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    rows: u64,
}

impl Done {
    /// How many rows it entered, changed or deleted.
    pub(crate) fn rows_affected(self) -> u64 {
        self.rows
    }
}

/// Runs a statement for its effect, once for each of these rows of values. SQLite prepares it once.
pub(crate) async fn execute_each<'q>(
    text: impl SqlSafeStr,
    rows: impl Iterator<Item = Vec<Value<'q>>>,
    sql: &mut Connection,
) -> Result<Done, Error> {
    let text = text.into_sql_str();
    let rows = match &mut sql.0 {
        Engine::Sqlite(lent) => lent.execute_each(&text, rows)?,
        Engine::Postgres(connection) => {
            let mut done = 0;
            for values in rows {
                let query = Query {
                    text: text.clone(),
                    values,
                    persistent: true,
                };
                done += postgres::execute(connection, query).await?;
            }
            done
        }
    };
    Ok(Done { rows })
}

/// Runs several statements that bind nothing, one after the other.
pub(crate) async fn script(text: impl SqlSafeStr, sql: &mut Connection) -> Result<(), Error> {
    let text = text.into_sql_str();
    match &mut sql.0 {
        Engine::Sqlite(lent) => lent.script(text.as_str()),
        Engine::Postgres(connection) => postgres::script(connection, text).await,
    }
}
