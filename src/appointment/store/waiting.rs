//! How the waiting list is stored.

use std::collections::HashSet;

use async_graphql::Lookahead;
use chrono::{DateTime, Utc};
use entity::slot_place;
use entity::waiting_place::{Column as C, Entity, Model, Status};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, SelectStatement};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
};
use uuid::Uuid;

use crate::access::Act;
use crate::appointment::WaitingPlace;
use crate::clock;
use crate::db::{Column, Key, Place, Sort, Tx, changed_one, keys};
use crate::error::Result;
use crate::household::Household;
use crate::id::{GlobalId, Kind};
use crate::record::{self, Cells, Record};
use crate::request::Request;
use crate::scalar::Date;

/// How many are looked at when a place is free.
const LINE: u64 = 100;
/// In the text, where the indexes of these see it.
const OFFERED: &str = "status = 'OFFERED'";
const WAITING: &str = "status = 'WAITING'";

impl Record for WaitingPlace {
    type Filter = ();
    type Order = ();
    type With = ();

    const READ: Act = Act::ReadAppointment;
    const KIND: Kind = Kind::WaitingPlace;
    const KEY: Column = ("waiting_place", "id");
    const PLACE: Place = Household::PLACE;

    fn with(_: &Request, _: &Lookahead<'_>) {}

    fn select((): ()) -> SelectStatement {
        let columns = [
            "id",
            "status",
            "from_day",
            "until_day",
            "offered_starts_at",
            "offered_ends_at",
            "offer_expires_at",
            "version",
            "joined_at",
            "updated_at",
            "window_id",
            "household_id",
            "inquiry_id",
        ];
        let mut select = record::from("waiting_place", &columns);
        record::join(&mut select, "household", "id", ("waiting_place", "household_id"));
        select
    }

    fn read(cells: &mut Cells<'_>, (): ()) -> Result<Self, DbErr> {
        Ok(Self {
            id: GlobalId::new(Kind::WaitingPlace, cells.take::<Uuid>()?),
            status: cells.take::<Status>()?.into(),
            from: Date(cells.take()?),
            until: Date(cells.take()?),
            offered_starts_at: cells.take()?,
            offered_ends_at: cells.take()?,
            offer_expires_at: cells.take()?,
            version: cells.take()?,
            joined_at: cells.take()?,
            updated_at: cells.take()?,
            window_id: cells.take()?,
            household_id: cells.take()?,
            inquiry_id: cells.take()?,
        })
    }

    fn keep((): &(), _: &mut SelectStatement, _: DbBackend) {}

    /// Ids are in the order of time.
    fn sort((): ()) -> Sort {
        Sort { columns: vec![Self::KEY], descending: true }
    }

    fn sort_values(&self, (): ()) -> Vec<Value> {
        vec![self.key().value()]
    }

    fn key(&self) -> Key {
        self.id.key.clone()
    }
}

/// Adds somebody to the line.
pub async fn insert_waiting(tx: &Tx, row: &Model) -> Result<()> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The row of a waiting, which nobody else changes until the change is over.
pub async fn lock_waiting(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).lock(LockType::Update).one(tx).await?)
}

/// Writes a waiting as it is to be; what it was had the version before.
pub async fn save_waiting(tx: &Tx, after: &Model) -> Result<()> {
    let saved = Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(C::Id.eq(after.id))
        .filter(C::Version.eq(after.version - 1))
        .exec(tx)
        .await?;
    changed_one(saved.rows_affected)
}

/// Who waits at a window, first come first.
pub async fn in_line(tx: &Tx, window_id: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(C::WindowId.eq(window_id))
        .filter(C::Status.eq(Status::Waiting))
        .order_by_asc(C::Id)
        .limit(LINE)
        .all(tx)
        .await?)
}

/// Who was offered a place at a window, and its number; nobody else changes that until the change is over.
pub async fn offers(tx: &Tx, window_id: Uuid) -> Result<Vec<(Model, i32)>> {
    let offered = Entity::find()
        .filter(C::WindowId.eq(window_id))
        .filter(C::Status.eq(Status::Offered))
        .order_by_asc(C::Id)
        .lock(LockType::Update)
        .all(tx)
        .await?;
    let mut numbered = Vec::with_capacity(offered.len());
    for one in offered {
        let number = offered_number(tx, one.id).await?.unwrap_or(i32::MAX);
        numbered.push((one, number));
    }
    Ok(numbered)
}

/// The number of the place that is offered to somebody.
pub async fn offered_number(tx: &Tx, id: Uuid) -> Result<Option<i32>> {
    Ok(slot_place::Entity::find()
        .select_only()
        .column(slot_place::Column::Place)
        .filter(slot_place::Column::WaitingPlaceId.eq(id))
        .into_tuple()
        .one(tx)
        .await?)
}

/// The waitings of these households that are not over: each with its window.
pub async fn waiting_of(tx: &Tx, households: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    if households.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Key> = households.iter().copied().map(Key::Id).collect();
    Ok(Entity::find()
        .select_only()
        .columns([C::Id, C::WindowId])
        .filter(keys::among(("waiting_place", "household_id"), &ids, tx.backend()))
        .filter(C::Status.is_in([Status::Waiting, Status::Offered]))
        .order_by_asc(C::WindowId)
        .into_tuple()
        .all(tx)
        .await?)
}

/// A waiting whose offer or whose last day is over, and its window.
pub async fn overdue(tx: &Tx, now: DateTime<Utc>) -> Result<Option<(Uuid, Uuid)>> {
    for first in [first_unaccepted(now), first_unoffered(now)] {
        let keys = first.select_only().columns([C::Id, C::WindowId]).into_tuple();
        if let Some(found) = keys.one(tx).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn first_unaccepted(now: DateTime<Utc>) -> Select<Entity> {
    let over = Entity::find().filter(Expr::cust(OFFERED)).filter(C::OfferExpiresAt.lte(now));
    over.order_by_asc(C::OfferExpiresAt).limit(1)
}

fn first_unoffered(now: DateTime<Utc>) -> Select<Entity> {
    let over = Entity::find().filter(Expr::cust(WAITING)).filter(C::UntilDay.lt(clock::day(now)));
    over.order_by_asc(C::UntilDay).limit(1)
}

/// How the database looks for what has waited too long, and for whom to tell.
pub async fn plans_of_waiting(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<String>> {
    let mut plans = Vec::new();
    let firsts =
        [first_unaccepted(now), first_unoffered(now), first_untold(), first_untold_again()];
    for first in firsts {
        plans.push(tx.explain(first.build(tx.backend()).to_string()).await?);
    }
    Ok(plans)
}

/// Somebody whom nobody has written to about what is offered, or about an offer that was taken back, unless somebody
/// else is changing that just now.
pub async fn untold(tx: &Tx) -> Result<Option<Model>> {
    for first in [first_untold(), first_untold_again()] {
        if let Some(found) = first.one(tx).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn first_untold() -> Select<Entity> {
    let new = Entity::find().filter(Expr::cust(OFFERED)).filter(C::InquiryId.is_not_null());
    free(new.filter(C::ToldAt.is_null()))
}

fn first_untold_again() -> Select<Entity> {
    free(Entity::find().filter(Expr::cust(WAITING)).filter(C::ToldAt.is_not_null()))
}

fn free(rows: Select<Entity>) -> Select<Entity> {
    rows.order_by_asc(C::Id).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).limit(1)
}

/// Notes when somebody was written to about an offer; none when there is none any more. Nobody has to load the waiting
/// again for that, so its version stays.
pub async fn told(tx: &Tx, id: Uuid, at: Option<DateTime<Utc>>) -> Result<()> {
    Entity::update_many().col_expr(C::ToldAt, Expr::val(at)).filter(C::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// The places that are taken at a window, of slots that begin in this time.
pub async fn taken_places(
    tx: &Tx,
    window_id: Uuid,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<HashSet<(DateTime<Utc>, i32)>> {
    use slot_place::Column;
    let rows: Vec<(DateTime<Utc>, i32)> = slot_place::Entity::find()
        .select_only()
        .columns([Column::StartsAt, Column::Place])
        .filter(Column::WindowId.eq(window_id))
        .filter(Column::StartsAt.gte(from))
        .filter(Column::StartsAt.lt(until))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Gives an offered place back.
pub async fn release_offer(tx: &Tx, id: Uuid) -> Result<()> {
    slot_place::Entity::delete_many()
        .filter(slot_place::Column::WaitingPlaceId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives an offered place to the appointment that it becomes.
pub async fn give_to(tx: &Tx, id: Uuid, appointment_id: Uuid) -> Result<()> {
    let given = slot_place::Entity::update_many()
        .col_expr(slot_place::Column::AppointmentId, Expr::val(appointment_id))
        .col_expr(slot_place::Column::WaitingPlaceId, Expr::val(None::<Uuid>))
        .filter(slot_place::Column::WaitingPlaceId.eq(id))
        .exec(tx)
        .await?;
    changed_one(given.rows_affected)
}

/// The name of a status in the event log.
pub fn waiting_status_name(status: Status) -> String {
    status.to_value()
}
