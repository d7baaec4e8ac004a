//! What many new households are compared with, before they are there.

use std::collections::HashMap;

use sea_orm::{DbErr, TryGetable};
use uuid::Uuid;

use super::{MAX_NAMES, id, names, spoken_for, text};
use crate::db::{Key, Reader, keys};
use crate::duplicate::Name;
use crate::error::Result;
use crate::household::Household;
use crate::record::{self, Record};

/// The most groups of which the names are read together, so that they fit.
pub const GROUPS: usize = 200;

/// The names of the households in some groups, with the codes of these: as many as are compared at once.
pub async fn names_in_groups(
    reader: &Reader,
    groups: &[Key],
) -> Result<Vec<(String, Uuid, Vec<Name>)>> {
    let select = record::from("household", &["group_code", "id", "search_text"]);
    let mut select = reader.select(select, Household::PLACE);
    select.and_where(keys::among(("household", "group_code"), groups, reader.backend()));
    let rows = reader.first_rows(&select, MAX_NAMES).await?;
    rows.iter().map(|row| Ok((text(row, 0)?, id(row, 1)?, names(&text(row, 2)?)))).collect()
}

/// The households for which somebody with one of these numbers, given as hashes, speaks as an own contact.
pub async fn spoken_for_by(
    reader: &Reader,
    hashes: Vec<Vec<u8>>,
) -> Result<HashMap<Vec<u8>, Vec<Uuid>>> {
    let mut found: HashMap<Vec<u8>, Vec<Uuid>> = HashMap::new();
    if hashes.is_empty() {
        return Ok(found);
    }
    let mut select = spoken_for();
    select.column(("contact", "phone_hash"));
    let mut select = reader.select(select, Household::PLACE);
    select.and_where(keys::among_bytes(("contact", "phone_hash"), hashes, reader.backend()));
    for row in &reader.first_rows(&select, MAX_NAMES).await? {
        let hash = Vec::<u8>::try_get_by(row, 2).map_err(DbErr::from)?;
        found.entry(hash).or_default().push(id(row, 0)?);
    }
    Ok(found)
}
