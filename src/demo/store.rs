//! How the demo fills and recognises a database: the only SeaORM of the demo.

use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use entity::household_contact::Standing;
use entity::{contact, household, household_contact, inquiry, officer, posting, station, village};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ActiveEnum, ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend,
    DbErr, EntityTrait, IntoActiveModel, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement,
};
use uuid::Uuid;

use super::DemoError;
use super::content::divisions::CHENJI;
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::{Database, Tx, describe};
use crate::event::{self, Draft};

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

/// Whom the demo introduces: one account of each role, who have to do with each other.
#[derive(Default)]
pub struct Cast {
    /// The village of the officer and the resident.
    pub village: Option<village::Model>,
    /// A staff account of each role that there is.
    pub staff: Vec<officer::Model>,
    /// The contact of a household of the village that has asked several times.
    pub resident: Option<contact::Model>,
}

/// Chooses them.
pub async fn cast(database: &Database, now: DateTime<Utc>) -> Result<Cast, DemoError> {
    let tx = begin(database, now).await?;
    let mut cast = Cast::default();
    let chenji =
        station::Entity::find().filter(station::Column::TownshipCode.eq(CHENJI)).one(&tx).await?;
    cast.staff.extend(first(&tx, officer::Role::CountyAdmin, None).await?);
    if let Some(station) = chenji {
        cast.staff.extend(first(&tx, officer::Role::StationChief, Some(station.id)).await?);
    }
    if let Some((household_id, village_code)) = busiest(&tx).await? {
        cast.village = village::Entity::find_by_id(village_code.as_str()).one(&tx).await?;
        cast.staff.extend(lead(&tx, &village_code).await?);
        cast.resident = primary(&tx, household_id).await?;
    }
    cast.staff.extend(first(&tx, officer::Role::Analyst, None).await?);
    cast.staff.extend(first(&tx, officer::Role::Auditor, None).await?);
    Ok(cast)
}

async fn first(
    tx: &Tx,
    role: officer::Role,
    station_id: Option<Uuid>,
) -> Result<Option<officer::Model>, DbErr> {
    officer::Entity::find()
        .filter(officer::Column::Role.eq(role))
        .filter(officer::Column::DeactivatedAt.is_null())
        .apply_if(station_id, |select, id| select.filter(officer::Column::StationId.eq(id)))
        .order_by_asc(officer::Column::Id)
        .one(tx)
        .await
}

/// The enrolled household of the pilot town with the most inquiries, and its village.
async fn busiest(tx: &Tx) -> Result<Option<(Uuid, String)>, DbErr> {
    let speaking = household_contact::Entity::find()
        .select_only()
        .column(household_contact::Column::HouseholdId)
        .filter(household_contact::Column::Standing.eq(Standing::Primary))
        .into_query();
    inquiry::Entity::find()
        .select_only()
        .columns([inquiry::Column::HouseholdId, inquiry::Column::VillageCode])
        .filter(inquiry::Column::TownshipCode.eq(CHENJI))
        .filter(inquiry::Column::HouseholdId.in_subquery(speaking))
        .group_by(inquiry::Column::HouseholdId)
        .group_by(inquiry::Column::VillageCode)
        .order_by(Expr::cust("count(*)"), Order::Desc)
        .order_by_asc(inquiry::Column::HouseholdId)
        .into_tuple()
        .one(tx)
        .await
}

async fn lead(tx: &Tx, village_code: &str) -> Result<Option<officer::Model>, DbErr> {
    let leading = posting::Entity::find()
        .select_only()
        .column(posting::Column::OfficerId)
        .filter(posting::Column::VillageCode.eq(village_code))
        .filter(posting::Column::Duty.eq(posting::Duty::Lead))
        .filter(posting::Column::EndsAt.is_null())
        .into_query();
    officer::Entity::find()
        .filter(officer::Column::Id.in_subquery(leading))
        .filter(officer::Column::Role.eq(officer::Role::Officer))
        .filter(officer::Column::DeactivatedAt.is_null())
        .order_by_asc(officer::Column::Id)
        .one(tx)
        .await
}

async fn primary(tx: &Tx, household_id: Uuid) -> Result<Option<contact::Model>, DbErr> {
    let speaking = household_contact::Entity::find()
        .select_only()
        .column(household_contact::Column::ContactId)
        .filter(household_contact::Column::HouseholdId.eq(household_id))
        .filter(household_contact::Column::Standing.eq(Standing::Primary))
        .into_query();
    contact::Entity::find()
        .filter(Expr::col(contact::Column::Id).in_subquery(speaking))
        .one(tx)
        .await
}

/// How many households and inquiries there are.
pub async fn sizes(database: &Database, now: DateTime<Utc>) -> Result<(u64, u64), DemoError> {
    use sea_orm::PaginatorTrait;
    let tx = begin(database, now).await?;
    let households = household::Entity::find().count(&tx).await?;
    Ok((households, inquiry::Entity::find().count(&tx).await?))
}
