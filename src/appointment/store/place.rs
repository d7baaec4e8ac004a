//! The places of slots that are taken. A unique index holds each of them once.

use chrono::{DateTime, Utc};
use entity::appointment;
use entity::slot_place::{Column as C, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::appointment::ServiceWindow;
use crate::appointment::schedule::Slot;
use crate::appointment::store::SAVED_AT_ONCE;
use crate::db::{Key, Place, Reader, Tx, area::column, id_at, keys, on_taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::record;

/// The index that holds each place once begins with this column.
const EACH_ONCE: (&str, &str) = ("slot_place", "window_id");

/// The start and the number of each place of a window that is taken, of slots that begin in this time.
pub async fn taken(
    reader: &Reader,
    window_id: Uuid,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(DateTime<Utc>, i32)>> {
    let is = |name| column(("slot_place", name));
    let rows = record::from("slot_place", &["starts_at", "place"]);
    let mut rows = reader.select(rows, Place::NOWHERE);
    rows.and_where(is("window_id").eq(window_id))
        .and_where(is("starts_at").gte(from))
        .and_where(is("starts_at").lt(until));
    let rows = reader.rows(&rows).await?;
    let pair =
        |row: &sea_orm::QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    Ok(rows.iter().map(pair).collect::<Result<_, DbErr>>()?)
}

/// The lowest number that is free in a slot of a locked window.
pub async fn free_number(tx: &Tx, window: &ServiceWindow, slot: &Slot) -> Result<Option<i32>> {
    let taken: Vec<i32> = Entity::find()
        .select_only()
        .column(C::Place)
        .filter(C::WindowId.eq(window.id.uuid()))
        .filter(C::StartsAt.eq(slot.starts_at))
        .into_tuple()
        .all(tx)
        .await?;
    Ok((1..=window.capacity).find(|number| !taken.contains(number)))
}

/// The place that an appointment takes.
pub fn place_of(appointment: &appointment::Model, id: Uuid) -> Model {
    Model {
        id,
        window_id: appointment.window_id,
        starts_at: appointment.starts_at,
        place: appointment.place,
        appointment_id: Some(appointment.id),
        waiting_place_id: None,
    }
}

/// Takes a place.
pub async fn hold(tx: &Tx, place: Model) -> Result<()> {
    let held = Entity::insert(place.into_active_model()).exec_without_returning(tx).await;
    on_taken(held, EACH_ONCE.0, EACH_ONCE.1, full)?;
    Ok(())
}

/// Gives appointments the places that they have now; those that they had become free.
pub async fn move_places(tx: &Tx, afters: &[appointment::Model], now: DateTime<Utc>) -> Result<()> {
    if afters.is_empty() {
        return Ok(());
    }
    let ids: Vec<Key> = afters.iter().map(|one| one.id.into()).collect();
    let held = keys::among(("slot_place", "appointment_id"), &ids, tx.backend());
    Entity::delete_many().filter(held).exec(tx).await?;
    for some in afters.chunks(SAVED_AT_ONCE) {
        let places = some.iter().map(|one| place_of(one, id_at(now)).into_active_model());
        let moved = Entity::insert_many(places).exec_without_returning(tx).await;
        on_taken(moved, EACH_ONCE.0, EACH_ONCE.1, full)?;
    }
    Ok(())
}

/// Gives an appointment's place back.
pub async fn release(tx: &Tx, appointment_id: Uuid) -> Result<()> {
    Entity::delete_many().filter(C::AppointmentId.eq(appointment_id)).exec(tx).await?;
    Ok(())
}

/// That a slot is full.
pub fn full() -> Error {
    Error::user(
        UserErrorCode::Taken,
        "startsAt",
        "该时段已约满，可另选时段或加入候补。",
        "This time is full. Choose another one, or join the waiting list.",
    )
}
