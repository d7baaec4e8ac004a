//! How the plans are stored: a row a township.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::rollout::{ActiveModel, Column, Entity, Model, Stage};
use sea_orm::sea_query::{ExprTrait, OnConflict, SelectStatement};
use sea_orm::{ActiveEnum, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::Rollout;
use crate::access::Act;
use crate::db::{Key, Place, Reader, Tx, area, keys};
use crate::error::Result;
use crate::record::{self, Cells};
use crate::request::{Batch, Request};
use crate::scalar::Date;

const COLUMNS: [&str; 8] = [
    "id",
    "township_code",
    "stage",
    "target_percent",
    "starts_on",
    "target_on",
    "version",
    "updated_at",
];
const TOWNSHIP: area::Column = ("township", "code");
const PLACE: Place = Place { township: Some(TOWNSHIP), ..Place::NOWHERE };

impl From<Model> for Rollout {
    fn from(row: Model) -> Self {
        Self {
            stage: row.stage.into(),
            target_percent: row.target_percent,
            starts_on: Date(row.starts_on),
            target_on: Date(row.target_on),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

fn select() -> SelectStatement {
    let mut select = record::from("township", &["code"]);
    record::left_join(&mut select, "rollout", "township_code", TOWNSHIP);
    record::add(&mut select, "rollout", &COLUMNS);
    select
}

fn read(cells: &mut Cells<'_>) -> Result<(String, Option<Model>), DbErr> {
    let code = cells.take()?;
    let Some(id) = cells.take()? else { return Ok((code, None)) };
    let plan = Model {
        id,
        township_code: cells.take()?,
        stage: cells.take()?,
        target_percent: cells.take()?,
        starts_on: cells.take()?,
        target_on: cells.take()?,
        version: cells.take()?,
        updated_at: cells.take()?,
    };
    Ok((code, Some(plan)))
}

/// Every township that the reader's caller may see, by code, and its plan.
pub async fn plans(reader: &Reader) -> Result<Vec<(String, Option<Model>)>> {
    let mut select = reader.select(select(), PLACE);
    select.order_by(TOWNSHIP, sea_orm::Order::Asc);
    let rows = reader.rows(&select).await?;
    Ok(rows.iter().map(|row| read(&mut Cells::new(row, 0, reader))).collect::<Result<_, _>>()?)
}

/// The plans of townships.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Plans;

impl Batch for Plans {
    type Value = Rollout;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, Rollout>> {
        let reader = request.reader(Act::ReadRollout)?;
        let mut select = reader.select(select(), PLACE);
        select.and_where(keys::among(TOWNSHIP, keys, reader.backend()));
        let mut plans = HashMap::new();
        for row in reader.rows(&select).await? {
            let (code, plan) = read(&mut Cells::new(&row, 0, &reader))?;
            plans.extend(plan.map(|plan| (Key::Code(code), plan.into())));
        }
        Ok(plans)
    }
}

/// The villages to which an active officer was posted at a moment.
pub async fn looked_after(reader: &Reader, at: DateTime<Utc>) -> Result<HashSet<String>> {
    let mut select = record::from("posting", &["village_code"]);
    record::join(&mut select, "officer", "id", ("posting", "officer_id"));
    let ended = area::column(("officer", "deactivated_at"));
    select
        .distinct()
        .and_where(area::current(at))
        .and_where(ended.clone().is_null().or(ended.gt(at)));
    let place = Place { township: Some(("posting", "township_code")), ..Place::NOWHERE };
    let rows = reader.rows(&reader.select(select, place)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// The plan of a township.
pub async fn find(tx: &Tx, township_code: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::TownshipCode.eq(township_code)).one(tx).await?)
}

/// Writes a plan.
pub async fn save(tx: &Tx, plan: Model) -> Result<()> {
    let known = OnConflict::column(Column::TownshipCode)
        .update_columns([
            Column::Stage,
            Column::TargetPercent,
            Column::StartsOn,
            Column::TargetOn,
            Column::Version,
            Column::UpdatedAt,
        ])
        .to_owned();
    let row: ActiveModel = plan.into_active_model();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// The name of a stage, as the event log has it.
pub fn stage_name(stage: Stage) -> String {
    stage.to_value()
}
