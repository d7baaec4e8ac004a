//! Who writes to channels.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::channel_customer::{ActiveModel, Column as C, Entity, Model};
use entity::{channel, village, wechat_message};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::attachment;
use crate::crypt::Keyring;
use crate::db::{Tx, keys};
use crate::error::{Error, Result};
use crate::household::WECHAT;
use crate::messenger::scene::Scene;
use crate::service::Service;

/// How many messages are looked through for somebody whom nobody else has in hand.
const LOOKED_THROUGH: u64 = 200;

/// Somebody who wrote.
pub struct Known {
    /// The row.
    pub row: Model,
    /// The channel's name for them.
    pub external_id: String,
}

/// The ids of those whom the far side calls so; who is new is written down.
pub async fn known(
    service: &Service,
    tx: &Tx,
    channel_id: Uuid,
    external_ids: &BTreeSet<&str>,
    now: DateTime<Utc>,
) -> Result<HashMap<String, Uuid>> {
    let mut found = look_up(tx, channel_id, external_ids).await?;
    if found.len() == external_ids.len() {
        return Ok(found);
    }
    let gone = || Error::internal("somebody writes to no channel");
    let channel = channel::Entity::find_by_id(channel_id).one(tx).await?.ok_or_else(gone)?;
    // Only customer service tells what its customers call themselves.
    let asked_at = (channel.kind == channel::Kind::WechatKf).then_some(now);
    let new: Vec<ActiveModel> = external_ids
        .iter()
        .filter(|id| !found.contains_key(**id))
        .map(|id| {
            let keyring = tx.keyring();
            Ok(ActiveModel {
                id: Set(service.new_id()),
                channel_id: Set(channel_id),
                external_id: Set(keyring.seal(WECHAT, id.as_bytes()).map_err(Error::internal)?),
                external_hash: Set(keyring.hash(WECHAT, id.as_bytes())),
                first_seen_at: Set(now),
                contact_id: NotSet,
                scene: NotSet,
                village_code: NotSet,
                group_code: NotSet,
                door: NotSet,
                township_code: Set(channel.township_code.clone()),
                last_inbound_at: NotSet,
                sent_in_window: NotSet,
                session_ours: NotSet,
                asked_at: NotSet,
                dismissed_at: NotSet,
                told_closed_at: NotSet,
                version: Set(1),
                nickname: NotSet,
                nickname_next_try_at: Set(asked_at),
                nickname_tries: NotSet,
            })
        })
        .collect::<Result<_>>()?;
    let known = OnConflict::columns([C::ChannelId, C::ExternalHash]).do_nothing().to_owned();
    Entity::insert_many(new).on_conflict(known).exec_without_returning(tx).await?;
    found = look_up(tx, channel_id, external_ids).await?;
    Ok(found)
}

async fn look_up(
    tx: &Tx,
    channel_id: Uuid,
    external_ids: &BTreeSet<&str>,
) -> Result<HashMap<String, Uuid>> {
    let mut of: HashMap<Vec<u8>, &str> = HashMap::new();
    for id in external_ids {
        of.extend(tx.keyring().hashes(WECHAT, id.as_bytes()).into_iter().map(|hash| (hash, *id)));
    }
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let hashes = of.keys().cloned().collect();
    let rows: Vec<(Uuid, Vec<u8>)> = Entity::find()
        .select_only()
        .columns([C::Id, C::ExternalHash])
        .filter(C::ChannelId.eq(channel_id))
        .filter(keys::among_bytes(("channel_customer", "external_hash"), hashes, tx.backend()))
        .into_tuple()
        .all(tx)
        .await?;
    let named = |(id, hash)| Some(((*of.get(&hash)?).to_owned(), id));
    Ok(rows.into_iter().filter_map(named).collect())
}

/// Somebody of whom there is something new, whom nobody else takes until the change is over.
pub async fn next(tx: &Tx) -> Result<Option<Known>> {
    let new = wechat_message::Entity::find()
        .select_only()
        .column(wechat_message::Column::CustomerId)
        .filter(Expr::cust("wechat_message.state = 'NEW'"))
        .order_by_asc(wechat_message::Column::Sequence)
        .limit(LOOKED_THROUGH)
        .into_query();
    let row = Entity::find()
        .filter(C::Id.in_subquery(new))
        .order_by_asc(C::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx)
        .await?;
    row.map(|row| opened(tx, row)).transpose()
}

pub(super) fn opened(tx: &Tx, row: Model) -> Result<Known> {
    let external_id = tx.keyring().open_text(WECHAT, &row.external_id).map_err(Error::internal)?;
    Ok(Known { row, external_id })
}

/// Notes when somebody wrote, and who that is, when it is known: from now on as much may be sent as one message allows.
pub async fn note_written(
    tx: &Tx,
    row: &Model,
    contact_id: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(C::ContactId, Expr::val(contact_id))
        .filter(C::Id.eq(row.id));
    if row.last_inbound_at.is_none_or(|last| last < at) {
        update = update
            .col_expr(C::LastInboundAt, Expr::val(at))
            .col_expr(C::SentInWindow, Expr::val(0));
    }
    update.exec(tx).await?;
    Ok(())
}

/// Notes who chose something from a menu, when it is known. As much may be sent to them as before.
pub async fn note_chosen(tx: &Tx, row: &Model, contact_id: Option<Uuid>) -> Result<()> {
    if row.contact_id != contact_id {
        Entity::update_many()
            .col_expr(C::ContactId, Expr::val(contact_id))
            .filter(C::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Notes that nothing may be sent to somebody before they write.
pub async fn note_closed(tx: &Tx, row: &Model) -> Result<()> {
    let channel = channel::Entity::find_by_id(row.channel_id).one(tx).await?;
    let most = channel.map_or(0, |channel| channel.window_messages);
    super::note_full(tx, row.id, most).await
}

/// Notes by which link somebody came in first. What it says of a village that there is not, is not believed.
pub async fn note_entry(tx: &Tx, id: Uuid, scene: &Scene<'_>) -> Result<()> {
    let mut update =
        Entity::update_many().col_expr(C::Scene, Expr::val(scene.text)).filter(C::Id.eq(id));
    let village = match scene.village {
        Some(code) => village::Entity::find_by_id(code).one(tx).await?,
        None => None,
    };
    if let Some(village) = village {
        update = update
            .col_expr(C::GroupCode, Expr::val(scene.group_code()))
            .col_expr(C::Door, Expr::val(scene.door))
            .col_expr(C::VillageCode, Expr::val(village.code))
            .col_expr(C::TownshipCode, Expr::val(village.township_code));
    }
    update.exec(tx).await?;
    Ok(())
}

/// Notes that somebody was asked which household they are of.
pub async fn note_asked(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::AskedAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether two sealed names at the far side are the same.
pub fn same(keyring: &Keyring, one: &[u8], other: &[u8]) -> Result<bool> {
    if other.is_empty() {
        return Ok(false);
    }
    let open = |sealed| keyring.open_text(WECHAT, sealed).map_err(Error::internal);
    Ok(open(one)? == open(other)?)
}

/// Forgets who a contact is at the far side, and what came from there. How far messages came remains.
pub async fn forget(tx: &Tx, contact_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let of_contact =
        Entity::find().select_only().column(C::Id).filter(C::ContactId.eq(contact_id)).into_query();
    wechat_message::Entity::update_many()
        .col_expr(wechat_message::Column::Raw, Expr::val(Vec::<u8>::new()))
        .col_expr(wechat_message::Column::State, Expr::val(wechat_message::State::Done))
        .filter(wechat_message::Column::CustomerId.in_subquery(of_contact))
        .exec(tx)
        .await?;
    for row in Entity::find().filter(C::ContactId.eq(contact_id)).all(tx).await? {
        attachment::forget(tx, row.id, now).await?;
        Entity::update_many()
            .col_expr(C::ExternalId, Expr::val(Vec::<u8>::new()))
            // Nobody is called so.
            .col_expr(C::ExternalHash, Expr::val(row.id.as_bytes().to_vec()))
            .col_expr(C::ContactId, Expr::val(None::<Uuid>))
            .col_expr(C::LastInboundAt, Expr::val(None::<DateTime<Utc>>))
            .col_expr(C::Nickname, Expr::val(None::<Vec<u8>>))
            .col_expr(C::NicknameNextTryAt, Expr::val(None::<DateTime<Utc>>))
            .filter(C::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Notes that somebody was told that nobody is at work.
pub async fn note_told_closed(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    Entity::update_many()
        .col_expr(C::ToldClosedAt, Expr::val(now))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
