//! The QR codes of households.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::friend_link::{ActiveModel, Column as C, Entity, Model};
use entity::{channel, officer, posting};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::roster::place_of_household;
use crate::access::Act;
use crate::db::{Key, Tx, keys};
use crate::error::Result;
use crate::friend::FriendLink;
use crate::household::Household;
use crate::record::{self, Cells, Record};
use crate::request::{Batch, Request};
use crate::wecom::Way;

/// The QR code of households.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LinkOf;

impl Batch for LinkOf {
    type Value = FriendLink;

    async fn fetch(&self, request: &Request, keys: &[Key]) -> Result<HashMap<Key, FriendLink>> {
        let reader = request.reader(Act::ReadFriend)?.below_parents();
        let columns = ["household_id", "state", "qr_code", "created_at"];
        let mut select = record::from("friend_link", &columns);
        record::join(&mut select, "household", "id", ("friend_link", "household_id"));
        let mut select = reader.select(select, Household::PLACE);
        select.and_where(keys::among(("friend_link", "household_id"), keys, reader.backend()));
        let mut found = HashMap::new();
        for row in &reader.rows(&select).await? {
            let mut cells = Cells::new(row, 0, &reader);
            let household: Uuid = cells.take()?;
            let link = FriendLink {
                state: cells.take()?,
                qr_code_url: cells.take()?,
                created_at: cells.take()?,
            };
            found.insert(household.into(), link);
        }
        Ok(found)
    }
}

/// The QR code of a household.
pub async fn link_of(tx: &Tx, household_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find().filter(C::HouseholdId.eq(household_id)).one(tx).await?)
}

/// A QR code to be made.
pub struct NewLink {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub household_id: Uuid,
    /// What comes back with whoever scans it.
    pub state: String,
    /// In which township that is.
    pub township_code: String,
}

/// Adds the QR code of a household, in the township's own channel or else the county's, unless there is one; nothing
/// when there is no channel.
pub async fn insert_link(tx: &Tx, new: NewLink, now: DateTime<Utc>) -> Result<Option<Model>> {
    use channel::Column as H;
    let own = H::TownshipCode.eq(new.township_code.as_str());
    let channel: Option<channel::Model> = channel::Entity::find()
        .filter(H::Kind.eq(channel::Kind::WecomContacts))
        .filter(H::Enabled.eq(true))
        .filter(H::Secret.is_not_null())
        .filter(own.or(H::TownshipCode.is_null()))
        .order_by_desc(Expr::cust("township_code IS NOT NULL"))
        .order_by_asc(H::Id)
        .one(tx)
        .await?;
    let Some(channel) = channel else { return Ok(None) };
    let row = ActiveModel {
        id: Set(new.id),
        household_id: Set(new.household_id),
        channel_id: Set(channel.id),
        state: Set(new.state),
        user_id: NotSet,
        config_id: NotSet,
        qr_code: NotSet,
        created_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict_do_nothing_on([C::HouseholdId])
        .exec_without_returning(tx)
        .await?;
    link_of(tx, new.household_id).await
}

/// The member to whom QR codes of a village lead: the officer who answers for it since the shortest time, and has an
/// account in WeCom.
pub async fn lead(tx: &Tx, village_code: &str, now: DateTime<Utc>) -> Result<Option<String>> {
    use posting::Column as P;
    let mut select = posting::Entity::find()
        .select_only()
        .column_as(Expr::col((officer::Entity, officer::Column::WecomUserId)), "user_id");
    let by =
        Expr::col((officer::Entity, officer::Column::Id)).equals((posting::Entity, P::OfficerId));
    QuerySelect::query(&mut select).inner_join(officer::Entity, by);
    let found: Option<Option<String>> = select
        .filter(P::VillageCode.eq(village_code))
        .filter(P::StartsAt.lte(now))
        .filter(P::EndsAt.is_null().or(P::EndsAt.gt(now)))
        .filter(P::Duty.ne(posting::Duty::Cover))
        .filter(officer::Column::WecomUserId.is_not_null())
        .filter(officer::Column::DeactivatedAt.is_null())
        .order_by_desc(P::Duty)
        .order_by_desc(P::StartsAt)
        .order_by_desc(P::Id)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.flatten())
}

/// A QR code, and the member to whom it is to lead; nothing when its household is no more.
pub async fn way(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<Option<(Model, Option<String>)>> {
    let Some(link) = Entity::find_by_id(id).one(tx).await? else { return Ok(None) };
    match place_of_household(tx, link.household_id).await?.0 {
        Some(code) => Ok(Some((link, lead(tx, &code, now).await?))),
        None => Ok(None),
    }
}

/// Notes to whom a QR code leads, and what the far side calls it when it has just made it.
pub async fn note_way(tx: &Tx, id: Uuid, user: &str, made: Option<&Way>) -> Result<()> {
    let mut row = ActiveModel { user_id: Set(Some(user.to_owned())), ..Default::default() };
    if let Some(way) = made {
        row.config_id = Set(Some(way.config_id.clone()));
        row.qr_code = Set(Some(way.qr_code.clone()).filter(|url| !url.is_empty()));
    }
    Entity::update_many().set(row).filter(C::Id.eq(id)).exec(tx).await?;
    Ok(())
}
