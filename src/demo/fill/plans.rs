//! The rollout's plan: the pilot town is far along, and the others follow a week apart.

use chrono::{DateTime, Days, Utc};
use entity::rollout::{Model, Stage};

use super::{BEGAN, id_at};
use crate::clock;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::demo::content::divisions::{CHENJI, County};
use crate::demo::store;

/// Days that the pilot has been going on, and days that it has left.
const PILOT: (u64, u64) = (331, 60);
/// Days that any other township takes.
const TAKES: u64 = 180;

/// Adds a plan for every township.
pub async fn fill(tx: &Tx, county: &County, now: DateTime<Utc>) -> Result<(), DemoError> {
    let today = clock::day(now);
    let plans = (1..).zip(&county.townships).map(|(nth, township)| {
        let pilot = township.code == CHENJI;
        let (starts_on, target_on) = if pilot {
            (today - Days::new(PILOT.0), today + Days::new(PILOT.1))
        } else {
            (today + Days::new(7 * nth), today + Days::new(7 * nth + TAKES))
        };
        Model {
            id: id_at(now - BEGAN),
            township_code: township.code.clone(),
            stage: if pilot { Stage::Pilot } else { Stage::Planned },
            target_percent: if pilot { 90 } else { 80 },
            starts_on,
            target_on,
            version: 1,
            updated_at: now - BEGAN,
        }
    });
    Ok(store::add(tx, plans.collect()).await?)
}
