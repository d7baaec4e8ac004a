//! What has to be so before villages are handed over.

use chrono::{DateTime, TimeDelta, Utc};
use entity::posting;
use uuid::Uuid;

use super::store;
use crate::db::Tx;
use crate::division::lock_living;
use crate::error::{Error, Result, UserErrorCode};
use crate::officer::{self, Officer, StaffRole};
use crate::payload::expected;
use crate::record;

const MAX_VILLAGES: usize = 50;
const USUAL_OVERLAP: TimeDelta = TimeDelta::days(7);
const MAX_OVERLAP: TimeDelta = TimeDelta::days(60);

/// Until when both look after the villages.
pub fn overlap(wanted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let until = wanted.unwrap_or(now + USUAL_OVERLAP);
    if (now..=now + MAX_OVERLAP).contains(&until) {
        return Ok(until);
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "overlapUntil",
        "交接重叠期应从现在起不超过60天。",
        "The overlap ends between now and 60 days from now.",
    ))
}

/// The villages' codes in order, each once.
pub fn distinct(mut villages: Vec<String>) -> Result<Vec<String>> {
    villages.sort();
    villages.dedup();
    match villages.len() {
        1..=MAX_VILLAGES => Ok(villages),
        _ => Err(Error::user(
            UserErrorCode::Invalid,
            "villageCodes",
            "请选择1到50个村。",
            "Choose from 1 to 50 villages.",
        )),
    }
}

/// Locks both officers, always in one order. Who gives may be on the way out; who receives is active.
pub async fn lock_sides(tx: &Tx, from_id: Uuid, to_id: Uuid) -> Result<()> {
    let mut found: Vec<Officer> = Vec::new();
    for id in [from_id.min(to_id), from_id.max(to_id)] {
        found.extend(record::lock(tx, &id.into()).await?);
    }
    let side = |id| found.iter().find(|one| one.id.uuid() == id);
    expected(side(from_id), "fromOfficerId")?;
    let receiver = expected(side(to_id), "toOfficerId")?;
    let able = from_id != to_id
        && receiver.role == StaffRole::Officer
        && receiver.deactivated_at.is_none();
    if able {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::WrongState,
        "toOfficerId",
        "接收人应为另一位在职民警。",
        "The receiver must be another active officer.",
    ))
}

/// Locks the villages, or those that followed them, which must lie in one township of the caller's area.
pub async fn lock_villages(tx: &Tx, codes: Vec<String>) -> Result<(Vec<String>, String)> {
    let mut townships = Vec::new();
    let mut villages = Vec::new();
    for code in codes {
        let village = expected(lock_living(tx, &code, true).await?, "villageCodes")?;
        townships.push(village.township_code);
        villages.push(village.code.0);
    }
    townships.dedup();
    let villages = distinct(villages)?;
    match <[String; 1]>::try_from(townships) {
        Ok([township]) => Ok((villages, township)),
        Err(_) => Err(Error::user(
            UserErrorCode::Invalid,
            "villageCodes",
            "一次交接的村应属同一乡镇。",
            "The villages of one hand-over belong to one township.",
        )),
    }
}

/// The giver's postings to these villages, one for each.
pub async fn giving(
    tx: &Tx,
    from_id: Uuid,
    villages: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    if store::is_being_given(tx, from_id, villages).await? {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "villageCodes",
            "其中有村正在交接。",
            "One of the villages is being handed over already.",
        ));
    }
    let mut postings = officer::postings_not_ended(tx, from_id, now).await?;
    postings.retain(|one| one.duty != posting::Duty::Cover && one.starts_at <= now);
    // Of several postings to one village the one that lasts longest is the one to hand over.
    postings.sort_by_key(|one| (one.ends_at.is_some(), std::cmp::Reverse(one.ends_at)));
    let mut given = Vec::new();
    for code in villages {
        let found = postings.iter().find(|one| &one.village_code == code).cloned();
        given.push(expected(found, "villageCodes")?);
    }
    Ok(given)
}
