//! How service windows are stored.

use async_graphql::Lookahead;
use entity::service_window::{Column as C, Entity, Model};
use sea_orm::sea_query::{ExprTrait, LockType, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Value,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::access::Act;
use crate::appointment::{ServiceWindow, ServiceWindowFilter};
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column, changed_one};
use crate::error::{Error, Result};
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

impl Record for ServiceWindow {
    type Filter = ServiceWindowFilter;
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadServiceWindow;
    const KIND: Kind = Kind::ServiceWindow;
    const KEY: Column = ("service_window", "id");
    const PLACE: Place =
        Place { township: Some(("service_window", "township_code")), ..Place::NOWHERE };

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = [
            "id",
            "station_id",
            "township_code",
            "name",
            "slot_minutes",
            "capacity",
            "bookable_days",
            "lead_minutes",
            "hours",
            "closures",
            "openings",
            "version",
            "created_at",
            "updated_at",
            "retired_at",
        ];
        record::from("service_window", &columns)
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::ServiceWindow, cells.take::<Uuid>()?),
            station_id: cells.take()?,
            township_code: cells.take()?,
            name: cells.take()?,
            slot_minutes: cells.take()?,
            capacity: cells.take()?,
            bookable_days: cells.take()?,
            lead_minutes: cells.take()?,
            hours: from_json(&cells.take::<String>()?)?,
            closures: from_json(&cells.take::<String>()?)?,
            openings: from_json(&cells.take::<String>()?)?,
            version: cells.take()?,
            created_at: cells.take()?,
            updated_at: cells.take()?,
            retired_at: cells.take()?,
        })
    }

    fn keep(filter: &ServiceWindowFilter, select: &mut SelectStatement, _: DbBackend) {
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        let retired = column(("service_window", "retired_at"));
        select.and_where(if filter.retired { retired.is_not_null() } else { retired.is_null() });
    }

    fn sort((): ()) -> Sort {
        Sort { columns: vec![("service_window", "name"), Self::KEY], descending: false }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.name.as_str().into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, DbErr> {
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn row(window: &ServiceWindow) -> Result<Model> {
    Ok(Model {
        id: window.id.uuid(),
        station_id: window.station_id,
        township_code: window.township_code.clone(),
        name: window.name.clone(),
        slot_minutes: window.slot_minutes,
        capacity: window.capacity,
        bookable_days: window.bookable_days,
        lead_minutes: window.lead_minutes,
        hours: to_json(&window.hours)?,
        closures: to_json(&window.closures)?,
        openings: to_json(&window.openings)?,
        version: window.version,
        created_at: window.created_at,
        updated_at: window.updated_at,
        retired_at: window.retired_at,
    })
}

/// A window wherever it is, and until the change is over nobody else changes it or takes or frees places at it.
pub async fn lock_window(tx: &Tx, id: Uuid) -> Result<Option<ServiceWindow>> {
    let row = Entity::find_by_id(id).lock(LockType::Update).one(tx).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ServiceWindow {
        id: GlobalId::new(Kind::ServiceWindow, row.id),
        station_id: row.station_id,
        township_code: row.township_code,
        name: row.name,
        slot_minutes: row.slot_minutes,
        capacity: row.capacity,
        bookable_days: row.bookable_days,
        lead_minutes: row.lead_minutes,
        hours: from_json(&row.hours)?,
        closures: from_json(&row.closures)?,
        openings: from_json(&row.openings)?,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        retired_at: row.retired_at,
    }))
}

/// Adds a window.
pub async fn insert_window(tx: &Tx, new: &ServiceWindow) -> Result<()> {
    Entity::insert(row(new)?.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a window as it is to be; what it was had the version before.
pub async fn save_window(tx: &Tx, after: &ServiceWindow) -> Result<()> {
    let saved = Entity::update_many()
        .set(row(after)?.into_active_model().reset_all())
        .filter(C::Id.eq(after.id.uuid()))
        .filter(C::Version.eq(after.version - 1))
        .exec(tx)
        .await?;
    changed_one(saved.rows_affected)
}
