//! How the demo fills and recognises a database: the only SeaORM of the demo.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use entity::{household, inquiry, inquiry_ownership, officer, station};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ActiveEnum, ActiveModelBehavior, ActiveModelTrait, ActiveValue::NotSet, ColumnTrait,
    ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, ModelTrait, PaginatorTrait,
    QueryFilter, QueryOrder, Statement,
};
use uuid::Uuid;

use super::DemoError;
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::{Database, Tx, describe};
use crate::event::{self, Draft};

mod cast;

pub use cast::{Cast, cast};

/// Rows of one INSERT: 14 columns at most, where SQLite takes 32,766 values.
const ROWS: usize = 250;
/// The table that only a database of the demo has. Its one row is written with the whole filling.
const MARKER: &str = "huhutong_demo";

impl From<DbErr> for DemoError {
    fn from(error: DbErr) -> Self {
        Self::Database(describe(&error))
    }
}

/// What a database is to the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has no tables.
    Empty,
    /// The demo began to fill it and was interrupted.
    Begun,
    /// The demo has filled it.
    Filled,
    /// It has tables that the demo did not make.
    NotOurs,
}

/// Begins a change as the service itself.
pub async fn begin(database: &Database, now: DateTime<Utc>) -> Result<Tx, DemoError> {
    let grant = access::grant(&Actor::SYSTEM, Act::FillDemo, now)?;
    Ok(database.begin(&grant).await?)
}

/// What the database is to the demo.
pub async fn state(database: &Database, now: DateTime<Utc>) -> Result<State, DemoError> {
    let tx = begin(database, now).await?;
    let tables = tables(&tx).await?;
    if tables.is_empty() {
        return Ok(State::Empty);
    }
    if !tables.iter().any(|table| table == MARKER) {
        return Ok(State::NotOurs);
    }
    let sql = format!("SELECT filled_at FROM {MARKER}");
    let row = tx.query_one_raw(Statement::from_string(tx.backend(), sql)).await?;
    Ok(if row.is_some() { State::Filled } else { State::Begun })
}

/// Marks a database without tables as the demo's own.
pub async fn begin_marker(database: &Database, now: DateTime<Utc>) -> Result<(), DemoError> {
    let tx = begin(database, now).await?;
    let sql = format!("CREATE TABLE IF NOT EXISTS {MARKER} (filled_at text NOT NULL)");
    tx.execute_unprepared(&sql).await?;
    Ok(tx.commit().await?)
}

/// Notes that the database is filled, together with what it is filled with.
pub async fn mark_filled(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO {MARKER} (filled_at) VALUES ('{}')", now.to_rfc3339());
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

/// Forgets what an earlier demo made. SQLite's file is deleted instead.
pub async fn clear(tx: &Tx) -> Result<(), DbErr> {
    if tx.backend() == DbBackend::Postgres {
        let kept = |table: &String| table != "seaql_migrations";
        let tables = tables(tx).await?.into_iter().filter(kept).collect::<Vec<_>>();
        let quoted = tables.iter().map(|table| format!("\"{table}\"")).collect::<Vec<_>>();
        tx.execute_unprepared(&format!("TRUNCATE {}", quoted.join(", "))).await?;
    }
    Ok(())
}

/// Lets the database look at what it has, so that it plans well from the first query on.
pub async fn analyze(database: &Database, now: DateTime<Utc>) -> Result<(), DemoError> {
    let tx = begin(database, now).await?;
    tx.execute_unprepared("ANALYZE").await?;
    Ok(tx.commit().await?)
}

async fn tables(tx: &Tx) -> Result<Vec<String>, DbErr> {
    let sql = match tx.backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let rows = tx.query_all_raw(Statement::from_string(tx.backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The file of a SQLite database.
pub fn file_of(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok()?;
    url.starts_with("sqlite:").then(|| options.get_filename().to_owned())
}

/// Adds rows, some hundred a statement.
pub async fn add<M>(tx: &Tx, rows: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior,
{
    insert(tx, rows.into_iter().map(IntoActiveModel::into_active_model)).await
}

/// Adds who answered for inquiries before, in this order.
pub async fn add_owners(tx: &Tx, past: Vec<inquiry_ownership::Model>) -> Result<(), DbErr> {
    let new = past
        .into_iter()
        .map(|one| inquiry_ownership::ActiveModel { id: NotSet, ..one.into_active_model() });
    insert(tx, new).await
}

/// The station of each township.
pub async fn stations(tx: &Tx) -> Result<HashMap<String, Uuid>, DbErr> {
    let stations = station::Entity::find().all(tx).await?;
    Ok(stations.into_iter().map(|one| (one.township_code, one.id)).collect())
}

/// The chief of each township, and who keeps the county's desk.
pub async fn superiors(tx: &Tx) -> Result<(HashMap<String, Uuid>, Option<Uuid>), DbErr> {
    let of = |role| officer::Entity::find().filter(officer::Column::Role.eq(role));
    let stations = station::Entity::find().all(tx).await?;
    let chiefs = of(officer::Role::StationChief).all(tx).await?;
    let chief_of = |station: station::Model| {
        let chief = chiefs.iter().find(|chief| chief.station_id == Some(station.id))?;
        Some((station.township_code, chief.id))
    };
    let admin = of(officer::Role::CountyAdmin).order_by_asc(officer::Column::Id).one(tx).await?;
    Ok((stations.into_iter().filter_map(chief_of).collect(), admin.map(|admin| admin.id)))
}

/// Adds events to the log, in this order.
pub async fn record(tx: &Tx, events: Vec<Draft>) -> Result<(), DbErr> {
    insert(tx, events.into_iter().map(event::row)).await
}

/// The name of a stored enum's value, as the event log has it.
pub fn name_of(value: impl ActiveEnum<Value = String>) -> String {
    value.to_value()
}

async fn insert<A: ActiveModelTrait>(
    tx: &Tx,
    mut rows: impl Iterator<Item = A>,
) -> Result<(), DbErr> {
    loop {
        let chunk: Vec<A> = rows.by_ref().take(ROWS).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        A::Entity::insert_many(chunk).exec_without_returning(tx).await?;
    }
}

/// How many households and inquiries there are.
pub async fn sizes(database: &Database, now: DateTime<Utc>) -> Result<(u64, u64), DemoError> {
    let tx = begin(database, now).await?;
    let households = household::Entity::find().count(&tx).await?;
    Ok((households, inquiry::Entity::find().count(&tx).await?))
}

/// All rows of a table.
#[cfg(test)]
pub async fn all<E: EntityTrait>(tx: &Tx) -> Vec<E::Model> {
    E::find().all(tx).await.unwrap()
}
