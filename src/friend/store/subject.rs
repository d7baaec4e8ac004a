//! Of whom something is written, as it is at that moment.

use entity::friend::{Column as C, Entity, Model};
use entity::{contact, friend_tag};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult,
};
use uuid::Uuid;

use super::roster;
use crate::db::{Tx, area::column};
use crate::error::Result;
use crate::record;

const REMARK: &str = "friend remark";

/// The household of a friend.
pub struct Home {
    /// How officers call it.
    pub label: String,
    /// The number of its group.
    pub group: i32,
    /// The code of its village.
    pub village_code: String,
    /// The name of its village.
    pub village: String,
    /// The name of its township.
    pub township: String,
}

/// A friend, with what is written of them.
pub struct Subject {
    /// The row.
    pub row: Model,
    /// The far side's name for the friend.
    pub external: String,
    /// The household.
    pub home: Option<Home>,
    /// The contact's name.
    pub name: Option<String>,
}

/// A friend, with what is written of them.
pub async fn subject(tx: &Tx, id: Uuid) -> Result<Option<Subject>> {
    let Some(row) = Entity::find_by_id(id).one(tx).await? else { return Ok(None) };
    let home = match row.household_id {
        Some(id) => home(tx, id).await?,
        None => None,
    };
    let name = match row.contact_id {
        Some(id) => contact::Entity::find_by_id(id).one(tx).await?.map(|contact| contact.name),
        None => None,
    };
    Ok(Some(Subject { external: roster::external(tx, &row)?, row, home, name }))
}

async fn home(tx: &Tx, id: Uuid) -> Result<Option<Home>> {
    let mut select = record::from("household", &["label"]);
    record::join(&mut select, "village_group", "code", ("household", "group_code"));
    record::join(&mut select, "village", "code", ("household", "village_code"));
    record::join(&mut select, "township", "code", ("household", "township_code"));
    record::add(&mut select, "village_group", &["number"]);
    record::add(&mut select, "village", &["code", "name"]);
    record::add(&mut select, "township", &["name"]);
    select.and_where(column(("household", "id")).eq(id));
    let row = tx.query_one_raw(tx.backend().build(&select)).await?;
    let read = |row: QueryResult| {
        Ok::<_, DbErr>(Home {
            label: row.try_get_by_index(0)?,
            group: row.try_get_by_index(1)?,
            village_code: row.try_get_by_index(2)?,
            village: row.try_get_by_index(3)?,
            township: row.try_get_by_index(4)?,
        })
    };
    Ok(row.map(read).transpose()?)
}

/// Whether a remark is the one that was written last.
pub fn is_remark(tx: &Tx, row: &Model, remark: &str) -> bool {
    let hashes = tx.keyring().hashes(REMARK, remark.as_bytes());
    row.remark_hash.as_ref().is_some_and(|known| hashes.contains(known))
}

/// Notes the remark that was written.
pub async fn note_remark(tx: &Tx, id: Uuid, remark: &str) -> Result<()> {
    let hash = tx.keyring().hash(REMARK, remark.as_bytes());
    Entity::update_many()
        .col_expr(C::RemarkHash, Expr::val(hash))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes the village whose tag was given.
pub async fn note_tagged(tx: &Tx, id: Uuid, village_code: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(C::TaggedVillage, Expr::val(village_code))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A tag of a village.
pub struct VillageTag {
    /// The far side's name for it.
    pub id: String,
    /// What officers see.
    pub name: String,
}

/// The tag of a village.
pub async fn tag(tx: &Tx, channel_id: Uuid, village_code: &str) -> Result<Option<VillageTag>> {
    let key = (channel_id, village_code.to_owned());
    let found = friend_tag::Entity::find_by_id(key).one(tx).await?;
    Ok(found.map(|row| VillageTag { id: row.tag_id, name: row.name }))
}

/// Keeps the tag of a village.
pub async fn keep_tag(
    tx: &Tx,
    channel_id: Uuid,
    village_code: &str,
    tag: &VillageTag,
) -> Result<()> {
    use friend_tag::Column as T;
    let row = friend_tag::ActiveModel {
        channel_id: Set(channel_id),
        village_code: Set(village_code.to_owned()),
        tag_id: Set(tag.id.clone()),
        name: Set(tag.name.clone()),
    };
    let known = OnConflict::columns([T::ChannelId, T::VillageCode])
        .update_columns([T::TagId, T::Name])
        .to_owned();
    friend_tag::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets a tag that is no more.
pub async fn forget_tag(tx: &Tx, channel_id: Uuid, village_code: &str) -> Result<()> {
    friend_tag::Entity::delete_by_id((channel_id, village_code.to_owned())).exec(tx).await?;
    Ok(())
}
