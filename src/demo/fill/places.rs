//! The division tree, and a station for every township.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{BEGINNING, county, station, township, village, village_group};
use uuid::Uuid;

use super::{BEGAN, id_at};
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::content::divisions::{County, Township};
use crate::demo::content::{households, officers};
use crate::demo::store;
use crate::division::group_code;

/// Adds the tree. Answers with the station of each township, by the township's code.
pub async fn fill(
    tx: &Tx,
    tree: &County,
    now: DateTime<Utc>,
) -> Result<HashMap<String, Uuid>, DemoError> {
    let county =
        county::Model { code: tree.code.clone(), name: tree.name.clone(), valid_from: BEGINNING };
    store::add(tx, vec![county]).await?;
    let townships = tree.townships.iter().map(|township| township::Model {
        code: township.code.clone(),
        county_code: tree.code.clone(),
        name: township.name.clone(),
        kind: kind(township),
        valid_from: BEGINNING,
    });
    store::add(tx, townships.collect()).await?;
    let mut villages = Vec::new();
    let mut groups = Vec::new();
    for township in &tree.townships {
        for village in &township.villages {
            villages.push(village::Model {
                code: village.code.clone(),
                township_code: township.code.clone(),
                name: village.name.clone(),
                valid_from: BEGINNING,
                ended_on: None,
                successor_code: None,
            });
            groups.extend(households::groups(&village.code).map(|number| village_group::Model {
                code: group_code(&village.code, number.into()),
                village_code: village.code.clone(),
                township_code: township.code.clone(),
                number: number.into(),
                valid_from: BEGINNING,
                ended_on: None,
                successor_code: None,
            }));
        }
    }
    store::add(tx, villages).await?;
    store::add(tx, groups).await?;
    let stations: Vec<station::Model> = tree
        .townships
        .iter()
        .map(|township| station::Model {
            id: id_at(now - BEGAN),
            township_code: township.code.clone(),
            name: officers::station_name(tree, township),
            phone: None,
            version: 1,
        })
        .collect();
    let known = stations.iter().map(|one| (one.township_code.clone(), one.id)).collect();
    store::add(tx, stations).await?;
    Ok(known)
}

fn kind(township: &Township) -> township::Kind {
    match township.kind.as_str() {
        "街道" => township::Kind::Subdistrict,
        "镇" => township::Kind::Town,
        _ => township::Kind::Township,
    }
}
