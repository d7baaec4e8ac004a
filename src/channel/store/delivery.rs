//! What was delivered, from the door to whoever works it off: once, by one at a time, and again when that one broke off.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_delivery::{ActiveModel, Column as C, Entity, Topic};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::service::Service;

const PURPOSE: &str = "channel delivery";
/// For how long a delivery is somebody's own; whoever takes longer may see it taken by another.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// For how long a delivery that comes again is known.
const KNOWN: TimeDelta = TimeDelta::days(30);
/// How many are forgotten in one change.
const AT_ONCE: u64 = 1000;

/// Something that was delivered and is not worked off.
#[derive(Clone)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// At the door of which channel. It may be about another one of the same corporation: the body says.
    pub channel_id: Uuid,
    /// What it says, as XML: see [`crate::channel::xml::Fields`].
    pub body: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// How often it was taken before.
    pub tries: i32,
}

/// Keeps a delivery, unless it is known, with one statement; and tells whether it is new.
pub async fn keep(service: &Service, channel_id: Uuid, topic: Topic, body: &str) -> Result<bool> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let keyring = tx.keyring();
    let row = ActiveModel {
        id: Set(service.new_id()),
        channel_id: Set(channel_id),
        topic: Set(topic),
        digest: Set(keyring.hash(PURPOSE, body.as_bytes())),
        body: Set(keyring.seal(PURPOSE, body.as_bytes()).map_err(Error::internal)?),
        received_at: Set(now),
        tries: Set(0),
        taken_until: Set(None),
        done_at: Set(None),
    };
    let known = OnConflict::columns([C::ChannelId, C::Digest]).do_nothing().to_owned();
    let insert = Entity::insert(row).on_conflict(known).into_query();
    Ok(tx.only(&insert).await? > 0)
}

/// Takes the deliveries on a topic that have waited longest, at most `limit`, for [`LEASE`]. Nobody else is given them
/// meanwhile.
pub async fn take(service: &Service, topic: Topic, limit: u64) -> Result<Vec<Delivery>> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let rows = Entity::find()
        .filter(C::DoneAt.is_null())
        .filter(C::Topic.eq(topic))
        .filter(C::TakenUntil.is_null().or(C::TakenUntil.lte(now)))
        .order_by_asc(C::ReceivedAt)
        .order_by_asc(C::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .limit(limit)
        .all(&tx)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .col_expr(C::Tries, Expr::col(C::Tries).add(1))
        .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(&tx)
        .await?;
    let opened = rows.into_iter().map(|row| {
        let body = tx.keyring().open_text(PURPOSE, &row.body).map_err(Error::internal)?;
        let (id, channel_id) = (row.id, row.channel_id);
        Ok(Delivery { id, channel_id, body, received_at: row.received_at, tries: row.tries })
    });
    let deliveries = opened.collect::<Result<_>>()?;
    tx.commit().await?;
    Ok(deliveries)
}

/// Gives deliveries back that could not be worked off, to be taken by anybody from `until` on.
pub async fn put_back(tx: &Tx, ids: &[Uuid], until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(until))
        .filter(C::Id.is_in(ids.iter().copied()))
        .filter(C::DoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes, in the change that works them off, that deliveries are done. What they said is forgotten.
pub async fn done(tx: &Tx, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(C::DoneAt, Expr::val(now))
        .col_expr(C::Body, Expr::val(Vec::<u8>::new()))
        .filter(C::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets deliveries of which none can come again.
pub async fn sweep(service: &Service) -> Result<()> {
    let before = service.clock.now() - KNOWN;
    loop {
        let tx = service.keep().await?;
        let old = Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::ReceivedAt.lt(before))
            .limit(AT_ONCE)
            .into_query();
        let gone = Entity::delete_many().filter(C::Id.in_subquery(old)).exec(&tx).await?;
        tx.commit().await?;
        if gone.rows_affected < AT_ONCE {
            return Ok(());
        }
    }
}
