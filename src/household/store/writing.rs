//! How households are written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::links::{Link, links};
use super::search::search_text;
use crate::db::{Key, Tx, keys};
use crate::error::{Error, Result};

/// What a sealed address is sealed for.
pub const ADDRESS: &str = "household address";
/// Rows of one INSERT.
const ROWS: usize = 500;

/// A row to be made.
pub struct NewRow {
    /// Its id.
    pub id: Uuid,
    /// Its group.
    pub group_code: String,
    /// Its place in the group.
    pub door: i32,
    /// How officers call it.
    pub label: String,
    /// Where it is, to be sealed.
    pub address: Option<String>,
    /// How many people live there.
    pub people_count: i32,
    /// How far it is with us.
    pub status: Status,
}

/// The name of a status, in the table and in the event log.
pub fn status_name(status: Status) -> String {
    status.to_value()
}

/// An address, sealed.
pub fn sealed(tx: &Tx, address: Option<String>) -> Result<Option<Vec<u8>>> {
    address
        .map(|address| tx.keyring().seal(ADDRESS, address.as_bytes()))
        .transpose()
        .map_err(Error::internal)
}

/// Adds a household in a village of a township.
pub async fn insert(
    tx: &Tx,
    new: NewRow,
    (village_code, township_code): &(String, String),
    now: DateTime<Utc>,
) -> Result<()> {
    let row = household::ActiveModel {
        id: Set(new.id),
        village_code: Set(village_code.clone()),
        township_code: Set(township_code.clone()),
        group_code: Set(new.group_code),
        door: Set(new.door),
        search_text: Set(search_text(&new.label, std::iter::empty())),
        label: Set(new.label),
        reference: Set(None),
        address: Set(sealed(tx, new.address)?),
        people_count: Set(new.people_count),
        status: Set(new.status),
        reachable: Set(false),
        confirmed_at: Set(None),
        next_visit_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    household::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The place after the last one in a group.
pub async fn next_door(tx: &Tx, group_code: &str) -> Result<i32> {
    let last: Option<Option<i32>> = household::Entity::find()
        .select_only()
        .column_as(household::Column::Door.max(), "last")
        .filter(household::Column::GroupCode.eq(group_code))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(last.flatten().unwrap_or(0).saturating_add(1))
}

/// The rows of these households, wherever they are, which nobody else changes until the change is over.
pub async fn lock(tx: &Tx, ids: &[Uuid]) -> Result<Vec<household::Model>> {
    Ok(household::Entity::find()
        .filter(among(tx, ids))
        .order_by_asc(household::Column::Id)
        .lock(LockType::Update)
        .all(tx)
        .await?)
}

fn among(tx: &Tx, ids: &[Uuid]) -> sea_orm::sea_query::SimpleExpr {
    let ids: Vec<Key> = ids.iter().copied().map(Key::Id).collect();
    keys::among(("household", "id"), &ids, tx.backend())
}

/// Writes rows that are locked.
pub async fn write(tx: &Tx, rows: &[household::Model]) -> Result<()> {
    let others =
        household::Column::iter().filter(|column| !matches!(column, household::Column::Id));
    let known = OnConflict::column(household::Column::Id).update_columns(others).to_owned();
    for some in rows.chunks(ROWS) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        household::Entity::insert_many(rows)
            .on_conflict(known.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes anew what is searched of these households.
pub async fn refresh_search_text(tx: &Tx, ids: &[Uuid]) -> Result<()> {
    let mut rows = lock(tx, ids).await?;
    let links = links(tx, ids).await?;
    for row in &mut rows {
        row.search_text = search_text(&row.label, names(&links, row.id));
    }
    write(tx, &rows).await
}

/// The names of a household's contacts.
pub fn names(links: &HashMap<Uuid, Vec<Link>>, id: Uuid) -> impl Iterator<Item = &str> {
    links.get(&id).into_iter().flatten().map(|link| link.name.as_str())
}
