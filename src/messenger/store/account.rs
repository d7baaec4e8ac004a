//! Which accounts are fetched from, by one instance at a time, and how far.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::{Column as C, Entity, Kind};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::channel;
use crate::db::Tx;
use crate::error::Result;
use crate::wecom::Account;

/// For how long an account is one instance's own: longer than the far side may take to answer.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// An account that is one's own for the moment.
pub struct Held {
    /// The channel.
    pub channel_id: Uuid,
    /// By which one proves that it is still one's own.
    pub holder: Uuid,
    /// How to sign in.
    pub account: Account,
    /// The account's name at the far side.
    pub open_kfid: String,
    /// How far it was fetched.
    pub cursor: Option<String>,
}

/// Accounts that nobody fetched from since `before`, and nobody does now: those that waited longest first.
pub async fn due(
    tx: &Tx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Uuid>> {
    Ok(Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::Kind.eq(Kind::WechatKf))
        .filter(C::Enabled.eq(true))
        .filter(C::OpenKfid.is_not_null())
        .filter(C::Secret.is_not_null())
        .filter(C::SweptAt.is_null().or(C::SweptAt.lte(before)))
        .filter(C::LockedUntil.is_null().or(C::LockedUntil.lte(now)))
        .order_by_asc(C::SweptAt)
        .order_by_asc(C::Id)
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?)
}

/// The channel of an account at the far side, which belongs to the corp of another channel or is that.
pub async fn named(tx: &Tx, channel_id: Uuid, open_kfid: &str) -> Result<Option<Uuid>> {
    let corp = Entity::find_by_id(channel_id).one(tx).await?.and_then(|row| row.corp_id);
    let Some(corp) = corp else { return Ok(None) };
    let named = Entity::find()
        .filter(C::CorpId.eq(corp))
        .filter(C::OpenKfid.eq(open_kfid))
        .filter(C::Kind.eq(Kind::WechatKf))
        .one(tx)
        .await?;
    Ok(named.map(|row| row.id))
}

/// Makes an account one's own for a while; nothing when it is another's, or not to be used.
pub async fn hold(tx: &Tx, id: Uuid, holder: Uuid, now: DateTime<Utc>) -> Result<Option<Held>> {
    let row = Entity::find_by_id(id)
        .filter(C::Enabled.eq(true))
        .filter(C::LockedUntil.is_null().or(C::LockedUntil.lte(now)))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (Some(open_kfid), Some(account)) = (row.open_kfid, channel::account(tx, id).await?) else {
        return Ok(None);
    };
    Entity::update_many()
        .col_expr(C::Holder, Expr::val(holder))
        .col_expr(C::LockedUntil, Expr::val(now + LEASE))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(Some(Held { channel_id: id, holder, account, open_kfid, cursor: row.sync_cursor }))
}

/// Notes how far was fetched, unless the account has become another's; and keeps it for a while more.
pub async fn save(tx: &Tx, held: &Held, cursor: Option<&str>, now: DateTime<Utc>) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(C::SyncCursor, Expr::val(cursor))
        .col_expr(C::SweptAt, Expr::val(now))
        .col_expr(C::LockedUntil, Expr::val(now + LEASE))
        .filter(C::Id.eq(held.channel_id))
        .filter(C::Holder.eq(held.holder))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Lets an account go, to be taken again at once or not before a moment.
pub async fn release(tx: &Tx, held: &Held, until: Option<DateTime<Utc>>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Holder, Expr::val(None::<Uuid>))
        .col_expr(C::LockedUntil, Expr::val(until))
        .filter(C::Id.eq(held.channel_id))
        .filter(C::Holder.eq(held.holder))
        .exec(tx)
        .await?;
    Ok(())
}
