//! What is to be written to the far side: for each friend or link and each kind of writing one row, however often it is
//! asked for.

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend_write::{ActiveModel, Column as C, Entity, Kind, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveEnum,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::channel as channels;
use crate::db::Tx;
use crate::db::bulk::{self, Form};
use crate::error::Result;
use crate::wecom::Account;

/// For how long a row is one instance's own.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Of whom something is to be written.
pub enum Of<'a> {
    /// These friends.
    Friends(&'a [Uuid]),
    /// The friends of these households.
    Households(&'a [Uuid]),
    /// The friends in these villages and townships.
    Divisions(&'a [String]),
    /// The links of these households.
    Links(&'a [Uuid]),
    /// The links of households in these villages.
    LinksIn(&'a [String]),
}

const FRIENDS: &str = "SELECT id, channel_id FROM friend \
    WHERE state = 'FRIEND' AND id IN (SELECT id FROM {given})";
const OF_HOUSEHOLDS: &str = "SELECT id, channel_id FROM friend \
    WHERE state = 'FRIEND' AND household_id IN (SELECT id FROM {given})";
const IN_DIVISIONS: &str = "SELECT id, channel_id FROM friend WHERE state = 'FRIEND' \
    AND (village_code IN (SELECT code FROM {given}) OR township_code IN (SELECT code FROM {given}))";
const LINKS: &str = "SELECT id, channel_id FROM friend_link \
    WHERE household_id IN (SELECT id FROM {given})";
const LINKS_IN: &str = "SELECT friend_link.id, friend_link.channel_id FROM friend_link \
    JOIN household ON household.id = friend_link.household_id \
    WHERE household.village_code IN (SELECT code FROM {given})";
const QUEUE: &str = "INSERT INTO friend_write \
    (subject_id, kind, channel_id, state, revision, tries, queued_at, next_try_at) \
    SELECT subject.id, $2, subject.channel_id, 'QUEUED', 1, 0, $3, $3 FROM ({subject}) AS subject WHERE TRUE \
    ON CONFLICT (subject_id, kind) DO UPDATE SET state = 'QUEUED', revision = friend_write.revision + 1, \
    tries = 0, api_error = NULL, queued_at = excluded.queued_at, next_try_at = excluded.next_try_at, \
    settled_at = NULL";

/// Queues a writing of all of these, with one statement.
pub async fn queue(tx: &Tx, of: Of<'_>, kind: Kind, now: DateTime<Utc>) -> Result<()> {
    let ids = |ids: &[Uuid]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let codes = |codes: &[String]| codes.iter().map(|code| json!({ "code": code })).collect();
    let (id, code) = (("id", Form::Id), ("code", Form::Text));
    let (subject, columns, given) = match of {
        Of::Friends(some) => (FRIENDS, id, ids(some)),
        Of::Households(some) => (OF_HOUSEHOLDS, id, ids(some)),
        Of::Divisions(some) => (IN_DIVISIONS, code, codes(some)),
        Of::Links(some) => (LINKS, id, ids(some)),
        Of::LinksIn(some) => (LINKS_IN, code, codes(some)),
    };
    if given.is_empty() {
        return Ok(());
    }
    let sql = QUEUE.replace("{subject}", subject);
    let others = [kind.to_value().into(), now.into()];
    tx.execute_raw(bulk::statement(tx.backend(), &sql, &[columns], &given, others)?).await?;
    Ok(())
}

/// Queues a greeting, which a code allows that was given at a moment.
pub async fn greet(
    tx: &Tx,
    (channel_id, friend_id): (Uuid, Uuid),
    (code, given_at): (&str, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    let row = ActiveModel {
        subject_id: Set(friend_id),
        kind: Set(Kind::Welcome),
        channel_id: Set(channel_id),
        state: Set(State::Queued),
        welcome_code: Set(Some(code.to_owned())),
        queued_at: Set(given_at),
        next_try_at: Set(now),
        ..Default::default()
    };
    let again = [C::State, C::WelcomeCode, C::QueuedAt, C::NextTryAt];
    let known = OnConflict::columns([C::SubjectId, C::Kind])
        .update_columns(again)
        .value(C::Revision, Expr::col((Entity, C::Revision)).add(1))
        .value(C::Tries, Expr::val(0))
        .to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

fn ripe(now: DateTime<Utc>) -> SimpleExpr {
    Expr::cust("friend_write.state = 'QUEUED'")
        .and(C::NextTryAt.lte(now))
        .and(C::TakenUntil.is_null().or(C::TakenUntil.lte(now)))
}

/// Channels through which something is to be written.
pub async fn busy(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    channels::with_any::<Entity>(tx, C::ChannelId, ripe(now)).await
}

/// Something that is one's own to write.
pub struct Claim {
    /// What.
    pub row: Model,
    /// How to sign in.
    pub account: Account,
}

/// What has waited longest in a channel, or the one writing of a subject; nothing when as much was tried in the last
/// minute as may be.
pub async fn claim(
    tx: &Tx,
    channel_id: Uuid,
    subject: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Option<Claim>> {
    let Some((channel, account)) = channels::alone(tx, channel_id).await? else { return Ok(None) };
    let tried = Entity::find()
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::TriedAt.gt(now - TimeDelta::minutes(1)))
        .count(tx)
        .await?;
    if tried >= u64::from(channel.per_minute.unsigned_abs()) {
        return Ok(None);
    }
    let mut select = Entity::find().filter(ripe(now)).filter(C::ChannelId.eq(channel_id));
    if let Some(subject) = subject {
        select = select.filter(C::SubjectId.eq(subject));
    }
    let row = select
        .order_by_asc(C::NextTryAt)
        .order_by_asc(C::SubjectId)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Entity::update_many()
        .col_expr(C::TakenUntil, Expr::val(now + LEASE))
        .col_expr(C::TriedAt, Expr::val(now))
        .filter(this(&row))
        .exec(tx)
        .await?;
    Ok(Some(Claim { row, account }))
}

fn this(row: &Model) -> SimpleExpr {
    C::SubjectId.eq(row.subject_id).and(C::Kind.eq(row.kind))
}

/// Notes how a writing ended, unless it was asked for again meanwhile: then it is done again.
pub async fn end(
    tx: &Tx,
    row: &Model,
    state: State,
    api_error: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    let ended = ActiveModel {
        subject_id: NotSet,
        kind: NotSet,
        state: Set(state),
        api_error: Set(api_error),
        welcome_code: Set(None),
        settled_at: Set(Some(now)),
        taken_until: Set(None),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(ended)
        .filter(this(row))
        .filter(C::Revision.eq(row.revision))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        let free = Expr::val(None::<DateTime<Utc>>);
        Entity::update_many().col_expr(C::TakenUntil, free).filter(this(row)).exec(tx).await?;
    }
    Ok(())
}

/// Lets a writing wait for its next try.
pub async fn postpone(tx: &Tx, row: &Model, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::Tries, Expr::col(C::Tries).add(1))
        .col_expr(C::NextTryAt, Expr::val(until))
        .col_expr(C::TakenUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(this(row))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether something of this kind waits to be written of a friend.
pub async fn waits(tx: &Tx, friend_id: Uuid, kind: Kind) -> Result<bool> {
    let found = Entity::find_by_id((friend_id, kind)).one(tx).await?;
    Ok(found.is_some_and(|row| row.state == State::Queued))
}
