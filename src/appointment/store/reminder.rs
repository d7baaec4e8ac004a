//! Which reminders are due.

use chrono::{DateTime, Utc};
use entity::appointment::{Column as C, Entity, Model};
use entity::{service_window, station};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};

/// The appointment of which a reminder has been due longest, unless somebody else is changing it just now.
pub async fn due(tx: &Tx, now: DateTime<Utc>) -> Result<Option<Model>> {
    Ok(first_due(now).one(tx).await?)
}

fn first_due(now: DateTime<Utc>) -> Select<Entity> {
    Entity::find()
        .filter(C::RemindAt.lte(now))
        .order_by_asc(C::RemindAt)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .limit(1)
}

/// How the database looks for reminders that are due.
pub async fn plan_of_reminders(tx: &Tx, now: DateTime<Utc>) -> Result<String> {
    tx.explain(first_due(now).build(tx.backend()).to_string()).await
}

/// Notes when the next reminder is due, when one was sent, and of which move the household is still to be told. Nobody
/// has to load the appointment again for that, so its version stays.
pub async fn reminded(
    tx: &Tx,
    appointment: &Model,
    next: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    moved_from: Option<DateTime<Utc>>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(C::RemindAt, Expr::val(next))
        .col_expr(C::RemindedAt, Expr::val(sent_at.or(appointment.reminded_at)))
        .col_expr(C::MovedFrom, Expr::val(moved_from))
        .filter(C::Id.eq(appointment.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What the station and the window are called.
pub async fn names(tx: &Tx, window_id: Uuid) -> Result<(String, String)> {
    let gone = || Error::internal("an appointment is at no window");
    let window = service_window::Entity::find_by_id(window_id).one(tx).await?.ok_or_else(gone)?;
    let station = station::Entity::find_by_id(window.station_id).one(tx).await?;
    Ok((station.ok_or_else(gone)?.name, window.name))
}
