//! Friends who go along with hand-overs.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend_transfer::{ActiveModel, Column as C, Entity, Model, State};
use entity::{channel, friend, officer};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::roster;
use crate::channel as channels;
use crate::db::{self, Key, Tx, keys};
use crate::error::{Error, Result};
use crate::wecom::Account;

/// For how long a transfer is one instance's own.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How many results are looked for at once.
const LOOKED_FOR: u64 = 1000;

/// Lets the friends of the giver in the villages of a hand-over go along, each once.
pub async fn plan(tx: &Tx, handover_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let new_id = match tx.backend() {
        DbBackend::Postgres => "gen_random_uuid()",
        _ => "randomblob(16)",
    };
    let sql = format!(
        "INSERT INTO friend_transfer (id, handover_id, friend_id, to_id, state, tries, created_at, next_try_at) \
         SELECT {new_id}, handover.id, friend.id, handover.to_id, 'QUEUED', 0, {{}}, {{}} FROM friend \
         JOIN handover ON handover.from_id = friend.officer_id \
         WHERE handover.id = {{}} AND friend.state = 'FRIEND' AND friend.village_code IN \
         (SELECT village_code FROM handover_village WHERE handover_id = handover.id) \
         ON CONFLICT (handover_id, friend_id) DO NOTHING"
    );
    let values = vec![now.into(), now.into(), handover_id.into()];
    tx.execute_raw(db::statement(tx.backend(), &sql, values)).await?;
    Ok(())
}

/// Drops what the far side was not asked for.
pub async fn cancel(tx: &Tx, handover_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::Cancelled))
        .col_expr(C::SettledAt, Expr::val(now))
        .filter(C::HandoverId.eq(handover_id))
        .filter(C::State.eq(State::Queued))
        .filter(C::TakenUntil.is_null().or(C::TakenUntil.lte(now)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Transfers from one member to another that are one's own for the moment.
pub struct Batch {
    /// Through which channel.
    pub channel_id: Uuid,
    /// How to sign in.
    pub account: Account,
    /// The member who gives.
    pub from: String,
    /// The member who takes; nothing while that officer is not known in WeCom.
    pub to: Option<String>,
    /// Whether the giver has left.
    pub resigned: bool,
    /// How far all of them are.
    pub state: State,
    /// The transfers, by the far side's names for the residents.
    pub moves: HashMap<String, Move>,
}

/// One transfer.
pub struct Move {
    /// The transfer.
    pub row: Model,
    /// The giver's friend.
    pub friend: friend::Model,
}

/// The transfer that is due first, and others like it that are due, at most `most` when they are to be asked for.
pub async fn claim(tx: &Tx, most: usize, now: DateTime<Utc>) -> Result<Option<Batch>> {
    let enabled = Query::select()
        .column((friend::Entity, friend::Column::Id))
        .from(friend::Entity)
        .inner_join(
            channel::Entity,
            Expr::col((channel::Entity, channel::Column::Id))
                .equals((friend::Entity, friend::Column::ChannelId)),
        )
        .and_where(Expr::col((channel::Entity, channel::Column::Enabled)).eq(true))
        .and_where(Expr::col((channel::Entity, channel::Column::Secret)).is_not_null())
        .take();
    let due = || {
        Entity::find()
            .filter(Expr::cust("friend_transfer.state IN ('QUEUED', 'WAITING')"))
            .filter(C::NextTryAt.lte(now))
            .filter(C::TakenUntil.is_null().or(C::TakenUntil.lte(now)))
    };
    let first = due()
        .filter(C::FriendId.in_subquery(enabled))
        .order_by_asc(C::NextTryAt)
        .order_by_asc(C::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(first) = first else { return Ok(None) };
    let gone = || Error::internal("a transfer has no friend");
    let friend = friend::Entity::find_by_id(first.friend_id).one(tx).await?.ok_or_else(gone)?;
    let Some(account) = channels::account(tx, friend.channel_id).await? else { return Ok(None) };
    let alike = Query::select()
        .column(friend::Column::Id)
        .from(friend::Entity)
        .and_where(friend::Column::ChannelId.eq(friend.channel_id))
        .and_where(friend::Column::UserId.eq(friend.user_id.as_str()))
        .take();
    let most = if first.state == State::Queued { most as u64 } else { LOOKED_FOR };
    let rows = due()
        .filter(C::State.eq(first.state))
        .filter(C::ToId.eq(first.to_id))
        .filter(C::FriendId.in_subquery(alike))
        .order_by_asc(C::NextTryAt)
        .order_by_asc(C::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .limit(most)
        .all(tx)
        .await?;
    let ids: Vec<Key> = rows.iter().map(|row| row.id.into()).collect();
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .filter(keys::among(("friend_transfer", "id"), &ids, tx.backend()))
        .exec(tx)
        .await?;
    let resigned = match friend.officer_id {
        Some(id) => officer(tx, id).await?.is_some_and(|row| row.deactivated_at.is_some()),
        None => false,
    };
    let to = officer(tx, first.to_id).await?.and_then(|row| row.wecom_user_id);
    let (channel_id, from, state) = (friend.channel_id, friend.user_id, first.state);
    let moves = moves(tx, rows).await?;
    Ok(Some(Batch { channel_id, account, from, to, resigned, state, moves }))
}

async fn officer(tx: &Tx, id: Uuid) -> Result<Option<officer::Model>> {
    Ok(officer::Entity::find_by_id(id).one(tx).await?)
}

async fn moves(tx: &Tx, rows: Vec<Model>) -> Result<HashMap<String, Move>> {
    let ids: Vec<Key> = rows.iter().map(|row| row.friend_id.into()).collect();
    let friends = friend::Entity::find()
        .filter(keys::among(("friend", "id"), &ids, tx.backend()))
        .all(tx)
        .await?;
    let mut friends: HashMap<Uuid, friend::Model> =
        friends.into_iter().map(|row| (row.id, row)).collect();
    let mut moves = HashMap::new();
    for row in rows {
        if let Some(friend) = friends.remove(&row.friend_id) {
            moves.insert(roster::external(tx, &friend)?, Move { row, friend });
        }
    }
    Ok(moves)
}

/// How often somebody went from one member to another, or is about to, since a moment.
pub async fn moved_since(
    tx: &Tx,
    moves: &HashMap<String, Move>,
    since: DateTime<Utc>,
) -> Result<HashMap<Vec<u8>, i64>> {
    let hashes = moves.values().map(|one| one.friend.external_hash.clone()).collect();
    let of = Expr::col((friend::Entity, friend::Column::Id)).equals((Entity, C::FriendId));
    let mut select = Query::select();
    select
        .column((friend::Entity, friend::Column::ExternalHash))
        .expr(Expr::cust("count(*)"))
        .from(Entity)
        .inner_join(friend::Entity, of)
        .and_where(keys::among_bytes(("friend", "external_hash"), hashes, tx.backend()))
        .and_where(Expr::col((Entity, C::AskedAt)).gt(since))
        .and_where(Expr::cust("friend_transfer.state IN ('WAITING', 'DONE')"))
        .add_group_by([Expr::col((friend::Entity, friend::Column::ExternalHash))]);
    let rows = tx.query_all_raw(tx.backend().build(&select)).await?;
    let pairs = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)));
    Ok(pairs.collect::<Result<_, sea_orm::DbErr>>()?)
}

/// Notes how far a transfer is, unless it has been settled; tells whether it was not.
pub async fn settle(
    tx: &Tx,
    id: Uuid,
    state: State,
    api_error: Option<i32>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = ActiveModel {
        state: Set(state),
        api_error: Set(api_error),
        settled_at: Set(Some(now)),
        taken_until: Set(None),
        ..Default::default()
    };
    let settled = Entity::update_many()
        .set(row)
        .filter(C::Id.eq(id))
        .filter(C::State.is_in([State::Queued, State::Waiting]))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// Notes that the far side was asked for these, and will be asked again what became of them.
pub async fn note_asked(
    tx: &Tx,
    ids: &[Key],
    now: DateTime<Utc>,
    next: DateTime<Utc>,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let row = ActiveModel {
        state: Set(State::Waiting),
        asked_at: Set(Some(now)),
        next_try_at: Set(next),
        taken_until: Set(None),
        tries: Set(0),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(keys::among(("friend_transfer", "id"), ids, tx.backend()))
        .filter(C::State.eq(State::Queued))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets transfers wait for their next try.
pub async fn postpone(tx: &Tx, ids: &[Key], until: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(C::Tries, Expr::col(C::Tries).add(1))
        .col_expr(C::NextTryAt, Expr::val(until))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(keys::among(("friend_transfer", "id"), ids, tx.backend()))
        .filter(C::State.is_in([State::Queued, State::Waiting]))
        .exec(tx)
        .await?;
    Ok(())
}

/// The transfers of a resident to a member that wait for the resident.
pub async fn waiting(
    tx: &Tx,
    channel_id: Uuid,
    to: &str,
    hashes: Vec<Vec<u8>>,
) -> Result<Vec<Move>> {
    let takers = Query::select()
        .column(officer::Column::Id)
        .from(officer::Entity)
        .and_where(officer::Column::WecomUserId.eq(to))
        .take();
    let friends = Query::select()
        .column(friend::Column::Id)
        .from(friend::Entity)
        .and_where(friend::Column::ChannelId.eq(channel_id))
        .and_where(keys::among_bytes(("friend", "external_hash"), hashes, tx.backend()))
        .take();
    let rows = Entity::find()
        .filter(C::State.eq(State::Waiting))
        .filter(C::ToId.in_subquery(takers))
        .filter(C::FriendId.in_subquery(friends))
        .all(tx)
        .await?;
    Ok(moves(tx, rows).await?.into_values().collect())
}
