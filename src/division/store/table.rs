//! How the rows of a table are added to the division tree. What the tree has is left as it is.

use chrono::{DateTime, NaiveDate, Utc};
use entity::township;
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Statement};
use serde::Serialize;
use uuid::Uuid;

use crate::db::bulk::{self, Columns, Form};
use crate::db::{Tx, id_at};
use crate::division::adding::Different;
use crate::division::table::{Row, kind};
use crate::scalar::Level;

/// A row, and what its code and its name say of it.
#[derive(Serialize)]
struct Given<'a> {
    code: &'a str,
    parent: Option<&'a str>,
    name: &'a str,
    since: NaiveDate,
    /// Of a township.
    kind: String,
    /// A township's name without its kind.
    place: &'a str,
    /// The id of a township's station.
    station: Uuid,
}

const GIVEN: &Columns = &[
    ("code", Form::Text),
    ("parent", Form::Text),
    ("name", Form::Text),
    ("since", Form::Day),
    ("kind", Form::Text),
    ("place", Form::Text),
    ("station", Form::Id),
];

const COUNTIES: &str = "INSERT INTO county (code, name, valid_from) SELECT code, name, since FROM {given} WHERE true ON CONFLICT DO NOTHING";
const TOWNSHIPS: &str = "INSERT INTO township (code, county_code, name, kind, valid_from) \
    SELECT code, parent, name, kind, since FROM {given} WHERE true ON CONFLICT DO NOTHING";
const VILLAGES: &str = "INSERT INTO village (code, township_code, name, valid_from) \
    SELECT code, parent, name, since FROM {given} WHERE true ON CONFLICT DO NOTHING";
/// A township's station is named after both places: 永城市公安局陈集派出所.
const STATIONS: &str = "INSERT INTO station (id, township_code, name) \
    SELECT given.station, given.code, county.name || '公安局' || given.place || '派出所' \
    FROM {given} JOIN county ON county.code = given.parent WHERE true ON CONFLICT DO NOTHING";

/// The rows of one level.
pub struct Rows<'a> {
    table: &'static str,
    parents: Option<&'static str>,
    add: &'static str,
    given: Vec<Given<'a>>,
}

impl<'a> Rows<'a> {
    /// Those of a table.
    pub fn of(level: Level, table: &'a [Row], since: NaiveDate, now: DateTime<Utc>) -> Self {
        let (name, parents, add) = match level {
            Level::County => ("county", None, COUNTIES),
            Level::Township => ("township", Some((Level::County, "county")), TOWNSHIPS),
            Level::Village => ("village", Some((Level::Township, "township")), VILLAGES),
        };
        let given = table.iter().filter(|row| row.level() == level).map(|row| {
            let (kind, place) = kind(&row.name);
            let parent = parents.map(|(level, _)| &row.code[..level as usize]);
            let kind = township::Kind::from(kind).to_value();
            let (code, name, station) = (&row.code, &row.name, id_at(now));
            Given { code, parent, name, since, kind, place, station }
        });
        Self { table: name, parents: parents.map(|(_, name)| name), add, given: given.collect() }
    }

    /// The codes of those whose parent is not there.
    pub async fn orphans(&self, tx: &Tx) -> Result<Vec<String>, DbErr> {
        let Some(parents) = self.parents else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT code FROM {{given}} WHERE parent NOT IN (SELECT code FROM {parents}) ORDER BY code"
        );
        let found = tx.query_all_raw(self.statement(tx, &sql)?).await?;
        found.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Adds those that are not there, and says how many.
    pub async fn add(&self, tx: &Tx) -> Result<u64, DbErr> {
        Ok(tx.execute_raw(self.statement(tx, self.add)?).await?.rows_affected())
    }

    /// Adds a station for each township that has none, and says how many.
    pub async fn add_stations(&self, tx: &Tx) -> Result<u64, DbErr> {
        Ok(tx.execute_raw(self.statement(tx, STATIONS)?).await?.rows_affected())
    }

    /// Those that are there otherwise.
    pub async fn different(&self, tx: &Tx) -> Result<Vec<Different>, DbErr> {
        let ended = if self.table == "village" { "here.ended_on IS NOT NULL" } else { "false" };
        let sql = format!(
            "SELECT here.code, here.name, {ended} FROM {{given}} JOIN {} AS here \
             ON here.code = given.code WHERE here.name <> given.name OR {ended} ORDER BY here.code",
            self.table,
        );
        let found = tx.query_all_raw(self.statement(tx, &sql)?).await?;
        let different = found.iter().map(|row| {
            let (code, name) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok(Different { code, name, ended: row.try_get_by_index(2)? })
        });
        different.collect()
    }

    fn statement(&self, tx: &Tx, sql: &str) -> Result<Statement, DbErr> {
        bulk::statement(tx.backend(), sql, GIVEN, &self.given, [])
    }
}
