//! How appointments are stored.

use std::collections::HashMap;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::appointment::{Column as C, Entity, Model, Status};
use entity::household;
use sea_orm::sea_query::{ExprTrait, LockType, OnConflict, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    Iterable, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};
use uuid::Uuid;

use super::move_all::Moving;
use super::schedule::Slot;
use super::{Appointment, AppointmentFilter, AppointmentOrder};
use crate::access::Act;
use crate::db::{Column, Key, Place, Sort, Tx, area, area::column, changed_one, keys};
use crate::error::Result;
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;

mod numbers;
mod place;
mod reminder;
mod sealed;
mod waiting;
mod window;

pub use numbers::outcomes;
pub use place::{free_number, full, hold, move_places, place_of, release, taken};
pub use reminder::{due, names, plan_of_reminders, reminded};
use sealed::{NOTE, PAPERS, papers};
pub use sealed::{sealed_note, sealed_papers};
pub use waiting::{
    give_to, in_line, insert_waiting, lock_waiting, offered_number, offers, overdue,
    plans_of_waiting, release_offer, save_waiting, taken_places, told, untold, waiting_of,
    waiting_status_name,
};
pub use window::{insert_window, lock_window, save_window};

const COLUMNS: [&str; 22] = [
    "id",
    "status",
    "starts_at",
    "ends_at",
    "place",
    "displaced",
    "readiness",
    "missing_papers",
    "checked_at",
    "wasted_reason",
    "note",
    "reminded_at",
    "version",
    "booked_at",
    "updated_at",
    "window_id",
    "household_id",
    "inquiry_id",
    "guide_version_id",
    "checklist_key",
    "checked_by",
    "booked_by",
];

impl Record for Appointment {
    type Filter = AppointmentFilter;
    type Order = AppointmentOrder;
    type With = ();

    const READ: Act = Act::ReadAppointment;
    const KIND: Kind = Kind::Appointment;
    const KEY: Column = ("appointment", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let mut select = record::from("appointment", &COLUMNS);
        record::join(&mut select, "household", "id", ("appointment", "household_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        use entity::appointment::{Readiness, WastedReason};
        let reveals = cells.reveals();
        Ok(Self {
            id: GlobalId::new(Kind::Appointment, cells.take::<Uuid>()?),
            status: cells.take::<Status>()?.into(),
            starts_at: cells.take()?,
            ends_at: cells.take()?,
            place: cells.take()?,
            displaced: cells.take()?,
            readiness: cells.take::<Option<Readiness>>()?.map(Into::into),
            missing_papers: papers(cells.open(PAPERS)?.filter(|_| reveals))?,
            checked_at: cells.take()?,
            wasted_reason: cells.take::<Option<WastedReason>>()?.map(Into::into),
            note: cells.open(NOTE)?.filter(|_| reveals),
            reminded_at: cells.take()?,
            version: cells.take()?,
            booked_at: cells.take()?,
            updated_at: cells.take()?,
            window_id: cells.take()?,
            household_id: cells.take()?,
            inquiry_id: cells.take()?,
            guide_version_id: cells.take()?,
            checklist_key: cells.take()?,
            checked_by: cells.take()?,
            booked_by: cells.take()?,
        })
    }

    fn keep(filter: &AppointmentFilter, select: &mut SelectStatement, _: DbBackend) {
        let is = |name| column(("appointment", name));
        if let Some(code) = &filter.area_code {
            select.and_where(area::in_division(Self::PLACE, &code.0));
        }
        for (name, id) in [("window_id", &filter.window_id), ("household_id", &filter.household_id)]
        {
            if let Some(id) = id {
                let id = GlobalId::parse(id).map(|id| id.uuid()).unwrap_or_default();
                select.and_where(is(name).eq(id));
            }
        }
        if let Some(statuses) = &filter.statuses {
            select.and_where(is("status").is_in(statuses.iter().map(|one| Status::from(*one))));
        }
        if let Some(since) = filter.starts_since {
            select.and_where(is("starts_at").gte(since));
        }
        if let Some(before) = filter.starts_before {
            select.and_where(is("starts_at").lt(before));
        }
        if let Some(displaced) = filter.displaced {
            select.and_where(is("displaced").eq(displaced));
        }
        if let Some(day) = filter.guide_outdated_on {
            let version = ("appointment", "guide_version_id");
            record::join(select, "guide_version", "id", version);
            select.and_where(column(("guide_version", "valid_until")).lte(day.0));
        }
    }

    fn sort(order: AppointmentOrder) -> Sort {
        let descending = order == AppointmentOrder::StartsAtDesc;
        Sort { columns: vec![("appointment", "starts_at"), Self::KEY], descending }
    }

    fn sort_values(&self, _: AppointmentOrder) -> Vec<Value> {
        vec![self.starts_at.into(), self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds an appointment.
pub async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The row of an appointment that lies in the caller's area, which nobody else changes until the change is over.
pub async fn lock(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).lock(LockType::Update).one(tx).await?)
}

/// The rows of these appointments, in the order of time, which nobody else changes until the change is over.
pub async fn lock_all(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(among(Appointment::KEY, ids, tx))
        .order_by_asc(C::StartsAt)
        .order_by_asc(C::Place)
        .lock(LockType::Update)
        .all(tx)
        .await?)
}

/// These appointments, as far as the caller may see them.
pub async fn seen(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Appointment>> {
    let mut select = record::visible::<Appointment>(tx, ());
    select.and_where(among(Appointment::KEY, ids, tx));
    let seen = record::all::<Appointment>(tx, &select, ()).await?;
    Ok(seen.into_iter().map(|one| (one.id.uuid(), one)).collect())
}

fn among(column: Column, ids: &[Uuid], tx: &Tx) -> SimpleExpr {
    let ids: Vec<Key> = ids.iter().copied().map(Key::Id).collect();
    keys::among(column, &ids, tx.backend())
}

/// Rows that are written in one statement: databases bound the values of one.
const SAVED_AT_ONCE: usize = 500;

/// Writes appointments that are locked.
pub async fn save_all(tx: &Tx, afters: &[Model]) -> Result<()> {
    let others = C::iter().filter(|column| !matches!(column, C::Id));
    let known = OnConflict::column(C::Id).update_columns(others).to_owned();
    for some in afters.chunks(SAVED_AT_ONCE) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).on_conflict(known.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes an appointment as it is to be; what it was had the version before.
pub async fn save(tx: &Tx, after: &Model) -> Result<()> {
    let row = after.clone().into_active_model().reset_all();
    let saved = Entity::update_many()
        .set(row)
        .filter(C::Id.eq(after.id))
        .filter(C::Version.eq(after.version - 1))
        .exec(tx)
        .await?;
    changed_one(saved.rows_affected)
}

/// The booked appointments of households that have not ended.
pub async fn booked_of(tx: &Tx, households: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(among(("appointment", "household_id"), households, tx))
        .filter(C::Status.eq(Status::Booked))
        .filter(C::EndsAt.gt(now))
        .all(tx)
        .await?)
}

/// The booked appointments at a window that have not begun, in the order of time.
pub async fn booked_at(tx: &Tx, window_id: Uuid, now: DateTime<Utc>) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(C::WindowId.eq(window_id))
        .filter(C::Status.eq(Status::Booked))
        .filter(C::StartsAt.gt(now))
        .order_by_asc(C::StartsAt)
        .all(tx)
        .await?)
}

/// The ids of the first so many appointments that are to be moved, and of their households, in the order of time.
pub async fn to_move(
    tx: &Tx,
    moving: &Moving,
    most: usize,
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(Entity::find()
        .select_only()
        .columns([C::Id, C::HouseholdId])
        .filter(C::WindowId.eq(moving.window_id))
        .filter(C::Status.eq(Status::Booked))
        .filter(C::StartsAt.gt(now))
        .apply_if(moving.times.since, |select, since| select.filter(C::StartsAt.gte(since)))
        .apply_if(moving.times.before, |select, before| select.filter(C::StartsAt.lt(before)))
        .apply_if(moving.displaced_only.then_some(true), |select, displaced| {
            select.filter(C::Displaced.eq(displaced))
        })
        .order_by_asc(C::StartsAt)
        .order_by_asc(C::Place)
        .limit(most as u64)
        .into_tuple()
        .all(tx)
        .await?)
}

/// The village and the township of each of these households.
pub async fn homes(tx: &Tx, households: &[Uuid]) -> Result<HashMap<Uuid, (String, String)>> {
    if households.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String, String)> = household::Entity::find()
        .select_only()
        .columns([
            household::Column::Id,
            household::Column::VillageCode,
            household::Column::TownshipCode,
        ])
        .filter(among(("household", "id"), households, tx))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(id, village, township)| (id, (village, township))).collect())
}

/// The name of a status in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

impl From<&Model> for Slot {
    fn from(row: &Model) -> Self {
        Self { starts_at: row.starts_at, ends_at: row.ends_at }
    }
}
