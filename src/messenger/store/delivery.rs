//! What is on its way.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_customer;
use entity::message_delivery::{ActiveModel, Automatic, Column as C, Entity, Reason, State};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::Loaded;
use crate::channel as channels;
use crate::db::Tx;
use crate::error::Result;

/// For how long a delivery is one instance's own.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

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
    /// The version of a guide, and the choices in it.
    pub place: Option<(Uuid, String)>,
    /// What allows a greeting.
    pub welcome_code: Option<String>,
    /// Into how many it is split.
    pub parts: i32,
}

/// Puts something behind what is on its way to the same customer, unless it is there.
pub async fn queue(tx: &Tx, new: NewDelivery, now: DateTime<Utc>) -> Result<()> {
    let last: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(C::Sequence.max(), "last")
        .filter(C::CustomerId.eq(new.customer_id))
        .into_tuple()
        .one(tx)
        .await?;
    let (guide_version_id, choices) = new.place.unzip();
    let row = ActiveModel {
        id: Set(new.id),
        sequence: Set(last.flatten().unwrap_or_default() + 1),
        channel_id: Set(new.channel_id),
        customer_id: Set(new.customer_id),
        message_id: Set(new.message_id),
        automatic: Set(new.automatic),
        guide_version_id: Set(guide_version_id),
        choices: Set(choices),
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

/// What is ripe: queued, and neither waiting for its next try nor in anybody's hand.
pub fn ripe(now: DateTime<Utc>) -> SimpleExpr {
    Expr::cust("message_delivery.state = 'QUEUED'")
        .and(Expr::col((Entity, C::NextTryAt)).lte(now))
        .and(
            Expr::col((Entity, C::TakenUntil))
                .is_null()
                .or(Expr::col((Entity, C::TakenUntil)).lte(now)),
        )
}

/// Channels through which something is to be sent.
pub async fn busy(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    channels::with_any::<Entity>(tx, C::ChannelId, ripe(now)).await
}

/// Notes that the far side took a part, and counts it, once; what remains is one's own for a while more.
pub async fn note_part(tx: &Tx, claim: &Loaded, part: i32, now: DateTime<Utc>) -> Result<()> {
    let noted = Entity::update_many()
        .col_expr(C::SentParts, Expr::val(part + 1))
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .filter(C::Id.eq(claim.row.id))
        .filter(C::SentParts.eq(part))
        .exec(tx)
        .await?;
    // A greeting by its code does not count.
    if noted.rows_affected == 1 && claim.row.welcome_code.is_none() {
        let sent = channel_customer::Column::SentInWindow;
        channel_customer::Entity::update_many()
            .col_expr(sent, Expr::col(sent).add(1))
            .filter(channel_customer::Column::Id.eq(claim.customer.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Notes how a delivery ended, unless it has ended; tells whether it did so now.
pub async fn end(
    tx: &Tx,
    id: Uuid,
    state: State,
    reason: Option<Reason>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(C::State, Expr::val(state))
        .col_expr(C::Reason, Expr::val(reason))
        .col_expr(C::SettledAt, Expr::val(now))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(C::Id.eq(id))
        .filter(C::State.eq(State::Queued))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Notes that what the far side took did not arrive after all, and answers with the message that it was.
pub async fn not_arrived(
    tx: &Tx,
    id: Uuid,
    channel_id: Uuid,
    reason: Reason,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>> {
    let found = Entity::find_by_id(id).filter(C::ChannelId.eq(channel_id)).one(tx).await?;
    let Some(row) = found.filter(|row| row.state != State::Failed) else { return Ok(None) };
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::Failed))
        .col_expr(C::Reason, Expr::val(reason))
        .col_expr(C::SettledAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    super::release_chosen(tx, id).await?;
    Ok(row.message_id)
}

/// Lets a delivery wait for its next try.
pub async fn postpone(tx: &Tx, id: Uuid, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Tries, Expr::col(C::Tries).add(1))
        .col_expr(C::NextTryAt, Expr::val(until))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes whether the service is known to have a customer's session.
pub async fn note_session(tx: &Tx, customer_id: Uuid, ours: bool) -> Result<()> {
    channel_customer::Entity::update_many()
        .col_expr(channel_customer::Column::SessionOurs, Expr::val(ours))
        .filter(channel_customer::Column::Id.eq(customer_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that as much was sent to a customer as may be.
pub async fn note_full(tx: &Tx, customer_id: Uuid, most: i32) -> Result<()> {
    channel_customer::Entity::update_many()
        .col_expr(channel_customer::Column::SentInWindow, Expr::val(most))
        .filter(channel_customer::Column::Id.eq(customer_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many deliveries wait to be sent.
pub async fn queued(tx: &Tx) -> Result<u64> {
    let queued = Entity::find().filter(Expr::cust("message_delivery.state = 'QUEUED'"));
    Ok(queued.count(tx).await?)
}
