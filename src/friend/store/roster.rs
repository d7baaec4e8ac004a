//! Who is whose friend.

use chrono::{DateTime, Utc};
use entity::friend::{ActiveModel, Column as C, Entity, Model, State};
use entity::friend_write::Kind as Write;
use entity::{channel, friend_link, household, officer, posting};
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Value,
};
use serde_json::json;
use uuid::Uuid;

use super::queue::{Of, queue};
use crate::db::bulk::{self, Form};
use crate::db::{Tx, keys};
use crate::error::{Error, Result};
use crate::household::WECHAT;

/// A channel of this kind, which is used, of the corp of another channel.
pub async fn channel_of(tx: &Tx, delivered_at: Uuid) -> Result<Option<Uuid>> {
    let corp = channel::Entity::find_by_id(delivered_at).one(tx).await?.and_then(|row| row.corp_id);
    let Some(corp) = corp else { return Ok(None) };
    let found = channel::Entity::find()
        .filter(channel::Column::CorpId.eq(corp))
        .filter(channel::Column::Kind.eq(channel::Kind::WecomContacts))
        .filter(channel::Column::Enabled.eq(true))
        .order_by_asc(channel::Column::Id)
        .one(tx)
        .await?;
    Ok(found.map(|row| row.id))
}

/// Two of whom something is told.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    /// Through which channel.
    pub channel_id: Uuid,
    /// The member, in lower case.
    pub user_id: &'a str,
    /// The far side's name for the resident.
    pub external: &'a str,
}

/// The row of two people, which nobody else changes until the change is over; a new one that nothing is known of when
/// there is none.
pub async fn lock(tx: &Tx, pair: Pair<'_>, id: Uuid, now: DateTime<Utc>) -> Result<Model> {
    if let Some(row) = find(tx, pair).await? {
        return Ok(row);
    }
    let officer_id = officer_of(tx, pair.user_id).await?;
    let place = match officer_id {
        Some(id) => place_of_officer(tx, id, now).await?,
        None => (None, None),
    };
    let keyring = tx.keyring();
    let row = ActiveModel {
        id: Set(id),
        channel_id: Set(pair.channel_id),
        user_id: Set(pair.user_id.to_owned()),
        officer_id: Set(officer_id),
        external_id: Set(keyring
            .seal(WECHAT, pair.external.as_bytes())
            .map_err(Error::internal)?),
        external_hash: Set(keyring.hash(WECHAT, pair.external.as_bytes())),
        village_code: Set(place.0),
        township_code: Set(place.1),
        state: Set(State::Half),
        since: Set(now),
        ..Default::default()
    };
    Entity::insert(row)
        .on_conflict_do_nothing_on([C::ChannelId, C::UserId, C::ExternalHash])
        .exec_without_returning(tx)
        .await?;
    find(tx, pair).await?.ok_or_else(|| Error::internal("a friend was not kept"))
}

async fn find(tx: &Tx, pair: Pair<'_>) -> Result<Option<Model>> {
    let hashes = tx.keyring().hashes(WECHAT, pair.external.as_bytes());
    Ok(Entity::find()
        .filter(C::ChannelId.eq(pair.channel_id))
        .filter(C::UserId.eq(pair.user_id))
        .filter(keys::among_bytes(("friend", "external_hash"), hashes, tx.backend()))
        .lock(LockType::Update)
        .one(tx)
        .await?)
}

/// The row with this id, which nobody else changes until the change is over.
pub async fn lock_id(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).lock(LockType::Update).one(tx).await?)
}

/// The name of a state, in the table and in the event log.
pub fn name(state: State) -> String {
    state.to_value()
}

/// Writes a row that is locked.
pub async fn save(tx: &Tx, row: Model) -> Result<()> {
    let id = row.id;
    let row = ActiveModel { id: NotSet, ..row.into_active_model().reset_all() };
    Entity::update_many().set(row).filter(C::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Forgets who a contact is. Whom an officer has in WeCom stays there, as nobody in particular and under the household's
/// label; of others no name is left.
pub async fn forget_contact(tx: &Tx, contact_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let mut standing = Vec::new();
    for row in Entity::find().filter(C::ContactId.eq(contact_id)).all(tx).await? {
        let mut change = ActiveModel { contact_id: Set(None), ..Default::default() };
        change.version = Set(row.version.saturating_add(1));
        // A resident who deletes an officer stands in the officer's list still.
        if matches!(row.state, State::Friend | State::Half | State::DeletedByResident) {
            standing.push(row.id);
        } else {
            change.external_id = Set(Vec::new());
            // Nobody is called so.
            change.external_hash = Set(row.id.as_bytes().to_vec());
        }
        Entity::update_many().set(change).filter(C::Id.eq(row.id)).exec(tx).await?;
    }
    queue(tx, Of::Friends(&standing), Write::Remark, now).await
}

/// The far side's name for a friend; empty once it is forgotten.
pub fn external(tx: &Tx, row: &Model) -> Result<String> {
    if row.external_id.is_empty() {
        return Ok(String::new());
    }
    tx.keyring().open_text(WECHAT, &row.external_id).map_err(Error::internal)
}

/// All that are or were friends of a member.
pub async fn of_user(tx: &Tx, channel_id: Uuid, user_id: &str) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(C::ChannelId.eq(channel_id))
        .filter(C::UserId.eq(user_id))
        .all(tx)
        .await?)
}

/// The officer who has this account in WeCom.
async fn officer_of(tx: &Tx, user_id: &str) -> Result<Option<Uuid>> {
    let found =
        officer::Entity::find().filter(officer::Column::WecomUserId.eq(user_id)).one(tx).await?;
    Ok(found.map(|row| row.id))
}

type Codes = (Option<String>, Option<String>);

/// A village that an officer looks after, and its township.
async fn place_of_officer(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<Codes> {
    use posting::Column as P;
    let found = posting::Entity::find()
        .filter(P::OfficerId.eq(id))
        .filter(P::StartsAt.lte(now))
        .filter(P::EndsAt.is_null().or(P::EndsAt.gt(now)))
        .order_by_desc(P::Duty)
        .order_by_asc(P::VillageCode)
        .one(tx)
        .await?;
    Ok(found.map(|row| (row.village_code, row.township_code)).unzip())
}

/// The village and the township of a household.
pub async fn place_of_household(tx: &Tx, id: Uuid) -> Result<Codes> {
    let found = household::Entity::find_by_id(id).one(tx).await?;
    Ok(found.map(|row| (row.village_code, row.township_code)).unzip())
}

/// The household whose QR code has this state.
pub async fn household_of_link(tx: &Tx, channel_id: Uuid, state: &str) -> Result<Option<Uuid>> {
    let found = friend_link::Entity::find()
        .filter(friend_link::Column::State.eq(state))
        .filter(friend_link::Column::ChannelId.eq(channel_id))
        .one(tx)
        .await?;
    Ok(found.map(|row| row.household_id))
}

const PLACES: &str = "UPDATE friend SET village_code = household.village_code, \
    township_code = household.township_code FROM household \
    WHERE household.id = friend.household_id AND friend.village_code IS DISTINCT FROM household.village_code \
    AND friend.household_id IN (SELECT id FROM {given})";
/// Of a contact who becomes known by a WeChat identity.
const CONTACTS: &str = "UPDATE friend SET contact_id = contact.id, \
    household_id = coalesce(friend.household_id, (SELECT household_id FROM household_contact \
        WHERE contact_id = contact.id ORDER BY since, household_id LIMIT 1)) \
    FROM contact WHERE contact.wechat_hash = friend.external_hash AND friend.contact_id IS NULL \
    AND contact.id IN (SELECT id FROM {given})";
const OFFICERS: &str = "UPDATE friend SET officer_id = officer.id FROM officer \
    WHERE officer.wecom_user_id = friend.user_id AND friend.officer_id IS DISTINCT FROM officer.id \
    AND officer.id IN (SELECT id FROM {given})";
const MOVED: &str = "UPDATE friend SET village_code = household.village_code, \
    township_code = household.township_code FROM household \
    WHERE household.id = friend.household_id AND friend.village_code IS DISTINCT FROM household.village_code \
    AND friend.village_code IN (SELECT code FROM {given})";

/// What friends follow.
pub enum After<'a> {
    /// Where these households are.
    Households(&'a [Uuid]),
    /// Who these contacts are.
    Contacts(&'a [Uuid]),
    /// Who these officers are in WeCom.
    Officers(&'a [Uuid]),
    /// Where the households of these villages went.
    Villages(&'a [String]),
}

/// Lets friends follow what has changed, with one statement for any number of them.
pub async fn follow(tx: &Tx, after: After<'_>) -> Result<()> {
    let ids = |ids: &[Uuid]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let (sql, columns, given) = match after {
        After::Households(some) => (PLACES, ("id", Form::Id), ids(some)),
        After::Contacts(some) => (CONTACTS, ("id", Form::Id), ids(some)),
        After::Officers(some) => (OFFICERS, ("id", Form::Id), ids(some)),
        After::Villages(codes) => {
            let given = codes.iter().map(|code| json!({ "code": code })).collect();
            (MOVED, ("code", Form::Text), given)
        }
    };
    if given.is_empty() {
        return Ok(());
    }
    let none: [Value; 0] = [];
    tx.execute_raw(bulk::statement(tx.backend(), sql, &[columns], &given, none)?).await?;
    Ok(())
}
