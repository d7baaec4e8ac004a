//! What came, as it came.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::wechat_message::{ActiveModel, Column as C, Entity, MediaState, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::Value;
use uuid::Uuid;

use crate::attachment;
use crate::crypt::Keyring;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::wecom::Item;

const PURPOSE: &str = "wechat message";
/// After so many failures it is left alone.
const MOST_TRIES: i32 = 5;

/// Something that came, and its row.
pub struct Kept {
    /// The row.
    pub row: Model,
    /// What it says.
    pub raw: Value,
}

/// Keeps what came, each once however often it comes. What concerns nobody is done with.
pub async fn keep(
    tx: &Tx,
    channel_id: Uuid,
    items: Vec<(Item, Value)>,
    customers: &HashMap<String, Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let rows = items.into_iter().map(|(item, raw)| {
        let raw = raw.to_string();
        let sealed = tx.keyring().seal(PURPOSE, raw.as_bytes()).map_err(Error::internal)?;
        let customer_id = item.external_userid.and_then(|id| customers.get(&id).copied());
        Ok(ActiveModel {
            sequence: NotSet,
            channel_id: Set(channel_id),
            msgid: Set(item.msgid),
            kind: Set(item.kind),
            customer_id: Set(customer_id),
            sent_at: Set(item.sent_at),
            received_at: Set(now),
            raw: Set(sealed),
            state: Set(if customer_id.is_some() { State::New } else { State::Done }),
            tries: Set(0),
            message_id: NotSet,
            answered_by: NotSet,
            file_id: NotSet,
            media_state: NotSet,
            media_next_try_at: NotSet,
            media_tries: NotSet,
        })
    });
    let rows: Vec<ActiveModel> = rows.collect::<Result<_>>()?;
    let known = OnConflict::columns([C::ChannelId, C::Msgid]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// The first of what somebody wrote of which nothing has come yet.
pub async fn first_new(tx: &Tx, customer_id: Uuid) -> Result<Option<Kept>> {
    let row = Entity::find()
        .filter(C::CustomerId.eq(customer_id))
        .filter(C::State.eq(State::New))
        .order_by_asc(C::Sequence)
        .one(tx)
        .await?;
    row.map(|row| Ok(Kept { raw: opened(tx.keyring(), &row.raw)?, row })).transpose()
}

/// What something said.
pub fn opened(keyring: &Keyring, sealed: &[u8]) -> Result<Value> {
    let raw = keyring.open(PURPOSE, sealed).map_err(Error::internal)?;
    serde_json::from_slice(&raw).map_err(Error::internal)
}

/// Lets be worked off what waited until it was known who wrote it, and tells how much that is.
pub async fn release_held(tx: &Tx, customer_id: Uuid) -> Result<u64> {
    let released = Entity::update_many()
        .col_expr(C::State, Expr::val(State::New))
        .filter(C::CustomerId.eq(customer_id))
        .filter(C::State.eq(State::Held))
        .exec(tx)
        .await?;
    Ok(released.rows_affected)
}

/// Notes what became of something. Words that have become a message are kept there only; a file is fetched, be it known or
/// not who sent it, and one that was fetched already comes into the message.
pub async fn settle(
    tx: &Tx,
    row: &Model,
    (state, message): (State, Option<(Uuid, Option<Uuid>)>),
    now: DateTime<Utc>,
) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(C::State, Expr::val(state))
        .col_expr(C::MessageId, Expr::val(message.map(|(id, _)| id)))
        .filter(C::Sequence.eq(row.sequence));
    if row.kind == "text" && message.is_some() {
        update = update.col_expr(C::Raw, Expr::val(Vec::<u8>::new()));
    }
    update.exec(tx).await?;
    let is_file = matches!(&*row.kind, "image" | "voice" | "video" | "file");
    if is_file && (message.is_some() || state == State::Held) {
        want_or_tie(tx, row.sequence, message, now).await?;
    }
    Ok(())
}

/// What was fetched meanwhile is seen, since the row is this change's own by now.
async fn want_or_tie(
    tx: &Tx,
    sequence: i64,
    message: Option<(Uuid, Option<Uuid>)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(row) = Entity::find_by_id(sequence).one(tx).await? else { return Ok(()) };
    let of_row = Entity::update_many().filter(C::Sequence.eq(sequence));
    match (row.media_state, row.file_id, message) {
        (None, ..) => {
            of_row
                .col_expr(C::MediaState, Expr::val(MediaState::Wanted))
                .col_expr(C::MediaNextTryAt, Expr::val(now))
                .exec(tx)
                .await?;
        }
        (Some(MediaState::Kept), Some(file), Some((message_id, Some(contact_id)))) => {
            let from = row.customer_id.unwrap_or_default();
            attachment::hand_on(tx, file, (from, contact_id), message_id).await?;
            of_row
                .col_expr(C::FileId, Expr::val(None::<Uuid>))
                .col_expr(C::Raw, Expr::val(Vec::<u8>::new()))
                .exec(tx)
                .await?;
        }
        _ => {}
    }
    Ok(())
}

/// Notes what was sent by itself when something was chosen.
pub async fn note_answered(tx: &Tx, sequence: i64, delivery_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(C::AnsweredBy, Expr::val(delivery_id))
        .filter(C::Sequence.eq(sequence))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets be worked off as a message what was chosen, since what was to answer it did not arrive.
pub async fn release_chosen(tx: &Tx, delivery_id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::New))
        .filter(C::AnsweredBy.eq(delivery_id))
        .filter(C::State.eq(State::Done))
        .filter(C::MessageId.is_null())
        .filter(C::Raw.ne(Vec::<u8>::new()))
        .exec(tx)
        .await?;
    Ok(())
}

/// How much waits to be worked off.
pub async fn waiting(tx: &Tx) -> Result<u64> {
    let new = Entity::find().filter(Expr::cust("wechat_message.state = 'NEW'"));
    Ok(new.count(tx).await?)
}

/// Forgets what came before a moment, at most `limit` at once, and tells how much that was. That it came is kept, so
/// that it is not taken for new when it comes again.
pub async fn forget_old(tx: &Tx, before: DateTime<Utc>, limit: u64) -> Result<u64> {
    let old = Entity::find()
        .select_only()
        .column(C::Sequence)
        .filter(C::ReceivedAt.lt(before))
        .filter(C::Raw.ne(Vec::<u8>::new()))
        .limit(limit)
        .into_query();
    let forgotten = Entity::update_many()
        .col_expr(C::Raw, Expr::val(Vec::<u8>::new()))
        .col_expr(C::State, Expr::val(State::Done))
        .filter(C::Sequence.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}

/// Notes that the first of what somebody wrote could not be worked off, and leaves it alone in the end.
pub async fn note_failure(tx: &Tx, sequence: i64) -> Result<()> {
    let tries = Expr::col(C::Tries).add(1);
    Entity::update_many()
        .col_expr(C::Tries, tries)
        .filter(C::Sequence.eq(sequence))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::Failed))
        .filter(C::Sequence.eq(sequence))
        .filter(C::Tries.gte(MOST_TRIES))
        .exec(tx)
        .await?;
    Ok(())
}

/// The message of an inquiry that something became.
pub async fn message_of(tx: &Tx, channel_id: Uuid, msgid: &str) -> Result<Option<Uuid>> {
    let found = Entity::find()
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::Msgid.eq(msgid))
        .one(tx)
        .await?;
    Ok(found.and_then(|row| row.message_id))
}

/// Drops what was taken back before it was known who wrote it.
pub async fn take_back(tx: &Tx, channel_id: Uuid, msgid: &str, now: DateTime<Utc>) -> Result<()> {
    let held = Entity::find()
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::Msgid.eq(msgid))
        .filter(C::State.eq(State::Held))
        .one(tx)
        .await?;
    if let Some(file) = held.and_then(|row| row.file_id) {
        attachment::drop_loose(tx, file, now).await?;
    }
    Entity::update_many()
        .col_expr(C::State, Expr::val(State::Recalled))
        .col_expr(C::Raw, Expr::val(Vec::<u8>::new()))
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::Msgid.eq(msgid))
        .filter(C::State.eq(State::Held))
        .exec(tx)
        .await?;
    Ok(())
}
