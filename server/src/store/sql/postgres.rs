//! PostgreSQL, by way of sqlx.

use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::{Column as _, Row as _, SqlStr, TypeInfo as _, ValueRef as _};

use super::row::{Cell, Names};
use super::{Error, Query, Row, Value};

pub(super) async fn execute(sql: &mut PgConnection, query: Query<'_>) -> Result<u64, Error> {
    Ok(bound(query).execute(sql).await?.rows_affected())
}

pub(super) async fn all(sql: &mut PgConnection, query: Query<'_>) -> Result<Vec<Row>, Error> {
    let rows = bound(query).fetch_all(sql).await?;
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let names = names(first);
    rows.iter().map(|row| read(row, &names)).collect()
}

pub(super) async fn first(sql: &mut PgConnection, query: Query<'_>) -> Result<Option<Row>, Error> {
    let row = bound(query).fetch_optional(sql).await?;
    row.map(|row| read(&row, &names(&row))).transpose()
}

pub(super) async fn script(sql: &mut PgConnection, text: SqlStr) -> Result<(), Error> {
    sqlx::raw_sql(text).execute(sql).await?;
    Ok(())
}

fn bound(query: Query<'_>) -> sqlx::query::Query<'_, Postgres, PgArguments> {
    let bound = sqlx::query(query.text).persistent(query.persistent);
    query
        .values
        .into_iter()
        .fold(bound, |bound, value| match value {
            Value::Number(number) => bound.bind(number),
            Value::Text(text) => bound.bind(text),
            Value::Bytes(bytes) => bound.bind(bytes),
        })
}

fn names(row: &PgRow) -> Arc<Names> {
    Names::of(row.columns().iter().map(|column| column.name()))
}

fn read(row: &PgRow, names: &Arc<Names>) -> Result<Row, Error> {
    let cells = (0..row.len()).map(|place| cell(row, place));
    Ok(Row {
        cells: cells.collect::<Result<_, _>>()?,
        names: Arc::clone(names),
    })
}

fn cell(row: &PgRow, place: usize) -> Result<Cell, sqlx::Error> {
    if row.try_get_raw(place)?.is_null() {
        return Ok(Cell::Null);
    }
    Ok(match row.column(place).type_info().name() {
        "INT8" => Cell::Number(row.try_get(place)?),
        "INT4" => Cell::Number(row.try_get::<i32, _>(place)?.into()),
        "TEXT" | "VARCHAR" | "NAME" => Cell::Text(row.try_get::<&str, _>(place)?.into()),
        "BYTEA" => Cell::Bytes(row.try_get::<&[u8], _>(place)?.into()),
        _ => Cell::Other,
    })
}
