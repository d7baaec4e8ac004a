//! Which officers' friends are compared with the far side's list when, and what was found.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend_check::{Column as C, Entity};
use entity::friend_difference::{self, Kind};
use entity::{channel, officer};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::channel as channels;
use crate::db::{self, Tx};
use crate::error::Result;
use crate::wecom::Account;

/// For how long an officer's list is one instance's own: 20,000 friends are 200 calls.
const LEASE: TimeDelta = TimeDelta::minutes(30);

/// Plans a check of every officer who is known in WeCom in every channel, as far as none is planned.
pub async fn plan(tx: &Tx, next: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO friend_check (channel_id, officer_id, next_at) \
        SELECT channel.id, officer.id, {} FROM channel JOIN officer ON officer.wecom_user_id IS NOT NULL \
        WHERE channel.kind = 'WECOM_CONTACTS' ON CONFLICT (channel_id, officer_id) DO NOTHING";
    tx.execute_raw(db::statement(tx.backend(), sql, vec![next.into()])).await?;
    Ok(())
}

/// An officer's list that is one's own to compare.
pub struct Claim {
    /// In which channel.
    pub channel_id: Uuid,
    /// Whose.
    pub officer_id: Uuid,
    /// The member.
    pub user_id: String,
    /// How to sign in.
    pub account: Account,
}

/// The list that is due first.
pub async fn claim(tx: &Tx, now: DateTime<Utc>) -> Result<Option<Claim>> {
    let mut signing_in = channels::used();
    signing_in.and_where(channel::Column::Secret.is_not_null());
    let known = Query::select()
        .column(officer::Column::Id)
        .from(officer::Entity)
        .and_where(officer::Column::WecomUserId.is_not_null())
        .and_where(officer::Column::DeactivatedAt.is_null())
        .take();
    let row = Entity::find()
        .filter(C::NextAt.lte(now))
        .filter(C::TakenUntil.is_null().or(C::TakenUntil.lte(now)))
        .filter(C::ChannelId.in_subquery(signing_in))
        .filter(C::OfficerId.in_subquery(known))
        .order_by_asc(C::NextAt)
        .order_by_asc(C::OfficerId)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let officer = officer::Entity::find_by_id(row.officer_id).one(tx).await?;
    let user_id = officer.and_then(|row| row.wecom_user_id);
    let (Some(user_id), Some(account)) = (user_id, channels::account(tx, row.channel_id).await?)
    else {
        return Ok(None);
    };
    let claim = Claim { channel_id: row.channel_id, officer_id: row.officer_id, user_id, account };
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .filter(this(&claim))
        .exec(tx)
        .await?;
    Ok(Some(claim))
}

fn this(claim: &Claim) -> sea_orm::sea_query::SimpleExpr {
    C::ChannelId.eq(claim.channel_id).and(C::OfficerId.eq(claim.officer_id))
}

/// Lets a list go until its next check. `checked_at` is given when it was compared.
pub async fn release(
    tx: &Tx,
    claim: &Claim,
    next: DateTime<Utc>,
    checked_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let mut row = entity::friend_check::ActiveModel {
        channel_id: NotSet,
        officer_id: NotSet,
        next_at: Set(next),
        taken_until: Set(None),
        checked_at: NotSet,
    };
    if let Some(at) = checked_at {
        row.checked_at = Set(Some(at));
    }
    Entity::update_many().set(row).filter(this(claim)).exec(tx).await?;
    Ok(())
}

/// Something that is not the same here and at the far side.
#[derive(Clone, Copy)]
pub struct Found {
    /// What.
    pub kind: Kind,
    /// The friend; nothing when it is the officer.
    pub friend_id: Option<Uuid>,
}

/// Writes down what was found: what is new, what is still so, and what is gone.
pub async fn keep(
    tx: &Tx,
    claim: &Claim,
    found: &[Found],
    new_id: impl Fn() -> Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    use friend_difference::Column as D;
    let open = friend_difference::Entity::find()
        .filter(D::ChannelId.eq(claim.channel_id))
        .filter(D::OfficerId.eq(claim.officer_id))
        .filter(D::SettledAt.is_null())
        .all(tx)
        .await?;
    let mut open: HashMap<(Kind, Uuid), Uuid> =
        open.into_iter().map(|row| ((row.kind, row.subject_id), row.id)).collect();
    let township = township(tx, claim.officer_id).await?;
    let (mut still, mut new) = (Vec::new(), Vec::new());
    for one in found {
        let subject_id = one.friend_id.unwrap_or(claim.officer_id);
        match open.remove(&(one.kind, subject_id)) {
            Some(id) => still.push(id),
            None => new.push(friend_difference::ActiveModel {
                id: Set(new_id()),
                channel_id: Set(claim.channel_id),
                user_id: Set(claim.user_id.clone()),
                kind: Set(one.kind),
                subject_id: Set(subject_id),
                officer_id: Set(claim.officer_id),
                friend_id: Set(one.friend_id),
                township_code: Set(township.clone()),
                found_at: Set(now),
                seen_at: Set(now),
                settled_at: Set(None),
            }),
        }
    }
    for some in new.chunks(AT_ONCE) {
        let rows = some.iter().cloned();
        friend_difference::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for (ids, column) in [(still, D::SeenAt), (open.into_values().collect(), D::SettledAt)] {
        for some in ids.chunks(AT_ONCE) {
            friend_difference::Entity::update_many()
                .col_expr(column, Expr::val(now))
                .filter(D::Id.is_in(some.iter().copied()))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

/// Rows that are written in one statement: databases bound the values of one.
const AT_ONCE: usize = 1000;

async fn township(tx: &Tx, officer_id: Uuid) -> Result<Option<String>> {
    let sql = "SELECT station.township_code FROM officer JOIN station ON station.id = officer.station_id \
               WHERE officer.id = {}";
    let row = tx.query_one_raw(db::statement(tx.backend(), sql, vec![officer_id.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}
