//! Which files are to be fetched.

use chrono::{DateTime, TimeDelta, Utc};
use entity::message;
use entity::wechat_message::{Column as C, Entity, MediaState, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::log;
use crate::channel as channels;
use crate::db::Tx;
use crate::error::Result;
use crate::wecom::{Account, Body, Item};

/// For how long a file is one instance's own to fetch.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// A file that is to be fetched.
pub struct Wanted {
    /// The row of what came.
    pub sequence: i64,
    /// The message that it belongs to, once there is one.
    pub message_id: Option<Uuid>,
    /// Who sent it: the contact, or who writes in WeChat while that is not known; none when that has been forgotten.
    pub sender_id: Option<Uuid>,
    /// The far side's name for the file; none when that has been forgotten.
    pub media_id: Option<String>,
    /// When it was sent, and when it came.
    pub sent_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// How often it was tried.
    pub tries: i32,
    /// How to sign in.
    pub account: Account,
    kind: String,
}

impl Wanted {
    /// What a file is called that has no name.
    pub fn name(&self) -> &'static str {
        match &*self.kind {
            "image" => "图片",
            "voice" => "语音",
            "video" => "视频",
            _ => "文件",
        }
    }
}

fn ripe(now: DateTime<Utc>) -> SimpleExpr {
    Expr::cust("wechat_message.media_state = 'WANTED'").and(C::MediaNextTryAt.lte(now))
}

/// Channels through which a file is to be fetched.
pub async fn wanting(tx: &Tx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    channels::with_any::<Entity>(tx, C::ChannelId, ripe(now)).await
}

/// The file that has waited longest, one's own for a while.
pub async fn want(tx: &Tx, channel_id: Uuid, now: DateTime<Utc>) -> Result<Option<Wanted>> {
    let Some(account) = channels::account(tx, channel_id).await? else { return Ok(None) };
    let row = Entity::find()
        .filter(ripe(now))
        .filter(C::ChannelId.eq(channel_id))
        .order_by_asc(C::MediaNextTryAt)
        .order_by_asc(C::Sequence)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    want_later(tx, row.sequence, now + LEASE).await?;
    let sender_id = match row.message_id {
        Some(id) => writer(tx, id).await?,
        None => row.customer_id,
    };
    let item = match row.raw.is_empty() {
        true => None,
        false => Item::read(&log::opened(tx.keyring(), &row.raw)?),
    };
    let media_id = item.and_then(|item| match item.body {
        Body::Image(id) | Body::Voice(id) | Body::Video(id) | Body::File(id) => Some(id),
        _ => None,
    });
    Ok(Some(Wanted {
        sequence: row.sequence,
        message_id: row.message_id,
        sender_id,
        media_id,
        sent_at: row.sent_at,
        received_at: row.received_at,
        tries: row.media_tries,
        account,
        kind: row.kind,
    }))
}

/// The contact who wrote a message; none when that has been forgotten.
pub async fn writer(tx: &Tx, message_id: Uuid) -> Result<Option<Uuid>> {
    let message = message::Entity::find_by_id(message_id).one(tx).await?;
    Ok(message.and_then(|message| message.contact_id))
}

/// Lets a file wait.
pub async fn want_later(tx: &Tx, sequence: i64, until: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::MediaNextTryAt, Expr::val(until))
        .col_expr(C::MediaTries, Expr::col(C::MediaTries).add(1))
        .filter(C::Sequence.eq(sequence))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what became of a file, unless it was noted before, and answers with the row when it was noted now. By what it is
/// had is forgotten, unless what is said of it is still to be heard.
pub async fn settle_media(tx: &Tx, sequence: i64, file: Option<Uuid>) -> Result<Option<Model>> {
    let state = if file.is_some() { MediaState::Kept } else { MediaState::Missing };
    let settled = Entity::update_many()
        .col_expr(C::MediaState, Expr::val(state))
        .filter(C::Sequence.eq(sequence))
        .filter(C::MediaState.eq(MediaState::Wanted))
        .exec(tx)
        .await?;
    if settled.rows_affected == 0 {
        return Ok(None);
    }
    let row = Entity::find_by_id(sequence).one(tx).await?;
    let of_row = Entity::update_many().filter(C::Sequence.eq(sequence));
    match &row {
        Some(row) if row.message_id.is_some() => {
            of_row.col_expr(C::Raw, Expr::val(Vec::<u8>::new())).exec(tx).await?;
        }
        Some(row) if waits(row) => {
            of_row.col_expr(C::FileId, Expr::val(file)).exec(tx).await?;
        }
        _ => {}
    }
    Ok(row)
}

/// Whether something may still become a message.
pub fn waits(row: &Model) -> bool {
    matches!(row.state, State::New | State::Held) && !row.raw.is_empty()
}
