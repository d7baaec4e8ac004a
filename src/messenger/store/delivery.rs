//! What is on its way.

use chrono::{DateTime, Utc};
use entity::message_delivery::{ActiveModel, Automatic, Column as C, Entity, State};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;

/// Something that is to be sent.
pub struct NewDelivery {
    /// That of the message, or a new one.
    pub id: Uuid,
    /// The channel.
    pub channel_id: Uuid,
    /// To whom, whose row is locked.
    pub customer_id: Uuid,
    /// The message, when it is one.
    pub message_id: Option<Uuid>,
    /// What the service says of itself, otherwise.
    pub automatic: Option<Automatic>,
    /// What allows a greeting.
    pub welcome_code: Option<String>,
    /// Into how many it is split.
    pub parts: i32,
}

/// Puts something behind what is on its way to the same customer.
pub async fn queue(tx: &Tx, new: NewDelivery, now: DateTime<Utc>) -> Result<()> {
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(C::Sequence.max(), "last")
        .filter(C::CustomerId.eq(new.customer_id))
        .into_tuple()
        .one(tx)
        .await?;
    let row = ActiveModel {
        id: Set(new.id),
        sequence: Set(last.flatten().unwrap_or_default() + 1),
        channel_id: Set(new.channel_id),
        customer_id: Set(new.customer_id),
        message_id: Set(new.message_id),
        automatic: Set(new.automatic),
        welcome_code: Set(new.welcome_code),
        state: Set(State::Queued),
        reason: NotSet,
        parts: Set(new.parts),
        sent_parts: Set(0),
        tries: Set(0),
        created_at: Set(now),
        next_try_at: Set(now),
        tried_at: NotSet,
        taken_until: NotSet,
        settled_at: NotSet,
    };
    Entity::insert(row).on_conflict_do_nothing_on([C::Id]).exec_without_returning(tx).await?;
    Ok(())
}
