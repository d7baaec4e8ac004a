//! The division tree, a station for every township, and the groups of the pilot town's villages.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{BEGINNING, village_group};
use uuid::Uuid;

use super::BEGAN;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::content::divisions::County;
use crate::demo::content::households;
use crate::demo::store;
use crate::division::{adding, group_code, table};

/// Adds the tree. Answers with the station of each township, by the township's code.
pub async fn fill(
    tx: &Tx,
    tree: &County,
    now: DateTime<Utc>,
) -> Result<HashMap<String, Uuid>, DemoError> {
    adding::add(tx, &table::shipped(), now - BEGAN).await?;
    let villages = tree.townships.iter().flat_map(|township| {
        township.villages.iter().map(|village| (&township.code, &village.code))
    });
    let groups = villages.flat_map(|(township_code, code)| {
        households::groups(code).map(|number| village_group::Model {
            code: group_code(code, number.into()),
            village_code: code.clone(),
            township_code: township_code.clone(),
            number: number.into(),
            valid_from: BEGINNING,
            ended_on: None,
            successor_code: None,
        })
    });
    store::add(tx, groups.collect()).await?;
    Ok(store::stations(tx).await?)
}
