//! The rules of hand-overs.

use chrono::{DateTime, TimeDelta, Utc};
use entity::handover::Status;
use entity::handover_check::Item;
use entity::{handover, handover_village, posting};
use serde_json::json;
use uuid::Uuid;

use super::state::{Move, next};
use super::{Handover, store};
use crate::access::Act;
use crate::db::{Key, Once, Tx, changed_one};
use crate::division::lock_living;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::officer::{self, Officer, StaffRole};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_VILLAGES: usize = 50;
const MAX_NOTE: usize = 500;
const USUAL_OVERLAP: TimeDelta = TimeDelta::days(7);
const MAX_OVERLAP: TimeDelta = TimeDelta::days(60);

/// A hand-over to be made.
pub struct NewHandover {
    /// Who gives.
    pub from_id: Uuid,
    /// Who receives.
    pub to_id: Uuid,
    /// The villages' codes.
    pub villages: Vec<String>,
    /// Until when both look after them.
    pub overlap_until: Option<DateTime<Utc>>,
    /// What both should know.
    pub note: Option<String>,
}

/// Hands villages over.
pub async fn hand_over(request: &Request, new: NewHandover, once: Once) -> Result<Handover> {
    let now = request.service().clock.now();
    let note = text::optional("note", new.note.as_deref(), MAX_NOTE)?;
    let overlap_until = overlap(new.overlap_until, now)?;
    let villages = distinct(new.villages)?;
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageHandover).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    lock_sides(&tx, new.from_id, new.to_id).await?;
    let (villages, township_code) = lock_villages(&tx, villages).await?;
    let given = giving(&tx, new.from_id, &villages, now).await?;
    let row = handover::Model {
        id,
        from_id: new.from_id,
        to_id: new.to_id,
        township_code,
        status: Status::Open,
        note,
        overlap_until,
        household_count: store::packet::count_households(&tx, &villages).await?,
        inquiry_count: 0,
        note_count: 0,
        version: 1,
        created_at: now,
        closed_at: None,
    };
    store::insert(&tx, row).await?;
    exchange(request, &mut tx, id, &given, (new.to_id, overlap_until), now).await?;
    let keys: Vec<Key> = villages.iter().map(|code| Key::from(code.as_str())).collect();
    let lot = store::packet::Lot::Villages(&keys);
    let inquiries = reassign(&mut tx, (new.from_id, new.to_id), lot, now).await?;
    store::packet::keep_inquiries(&tx, id, &inquiries).await?;
    store::packet::make_checklist(&tx, id).await?;
    store::transfer::make(&tx, id, &keys, now).await?;
    officer::check(&tx, &villages, now).await?;
    tx.record(changed(id, Status::Open, now));
    let made = expected(record::one(&tx, &id.into(), ()).await?, "fromOfficerId")?;
    tx.commit().await?;
    Ok(made)
}

fn overlap(wanted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
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

fn distinct(mut villages: Vec<String>) -> Result<Vec<String>> {
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
async fn lock_sides(tx: &Tx, from_id: Uuid, to_id: Uuid) -> Result<()> {
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
async fn lock_villages(tx: &Tx, codes: Vec<String>) -> Result<(Vec<String>, String)> {
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
async fn giving(
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

/// Posts the receiver, in the giver's standing, and lets the giver's postings end with the overlap.
async fn exchange(
    request: &Request,
    tx: &mut Tx,
    id: Uuid,
    given: &[posting::Model],
    (to_id, overlap_until): (Uuid, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    let new: Vec<posting::Model> = given
        .iter()
        .map(|old| posting::Model {
            id: request.new_id(),
            officer_id: to_id,
            starts_at: now,
            ends_at: None,
            version: 1,
            ..old.clone()
        })
        .collect();
    let villages = given.iter().zip(&new).map(|(old, new)| handover_village::Model {
        handover_id: id,
        village_code: old.village_code.clone(),
        from_posting_id: old.id,
        to_posting_id: new.id,
        ended_before: old.ends_at,
    });
    store::insert_villages(tx, villages.collect()).await?;
    officer::add(request, tx, new, now).await?;
    let ending = |one: &&posting::Model| one.ends_at.is_none_or(|end| end > overlap_until);
    let ending = given.iter().filter(ending).cloned().collect();
    officer::end(tx, ending, overlap_until, now).await
}

/// Assigns open inquiries of one officer to another, and tells of each.
async fn reassign(
    tx: &mut Tx,
    sides: (Uuid, Uuid),
    lot: store::packet::Lot<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let moved = store::packet::reassign(tx, sides, lot, now).await?;
    let ids = moved.iter().map(|inquiry| inquiry.id).collect();
    for inquiry in moved {
        let status = store::packet::status_name(&inquiry);
        tx.record(Draft {
            kind: Kind::InquiryChanged,
            at: now,
            place: Some((inquiry.village_code, inquiry.township_code)),
            household_id: Some(inquiry.household_id),
            subject_id: inquiry.id,
            detail: json!({ "before": status, "after": status, "assignee": inquiry.assignee_id }),
        });
    }
    Ok(ids)
}

/// Confirms an entry of the checklist for the caller's side.
pub async fn confirm(request: &Request, id: Uuid, version: i32, item: Item) -> Result<Handover> {
    let now = request.service().clock.now();
    let tx = request.begin(Act::ConfirmHandover).await?;
    let before = locked(&tx, id, version).await?;
    let completed = moved(&before, Move::Completed)?;
    let gives = before.from_id == request.actor().id;
    store::packet::confirm(&tx, id, item, gives, now).await?;
    let open = store::packet::unconfirmed(&tx, id).await?;
    let status = if open == 0 { completed } else { Status::Open };
    finish(tx, &before, status, now).await
}

/// Undoes a hand-over.
pub async fn cancel(request: &Request, id: Uuid, version: i32) -> Result<Handover> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageHandover).await?;
    let before = locked(&tx, id, version).await?;
    let status = moved(&before, Move::Cancelled)?;
    if before.overlap_until <= now {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "handoverId",
            "重叠期已过，请反向办理一次交接。",
            "The overlap is over. Hand the villages back instead.",
        ));
    }
    let villages = store::villages(&tx, id).await?;
    let codes = villages.iter().map(|one| one.village_code.clone());
    let codes = officer::lock(&tx, codes).await?;
    let received: Vec<Uuid> = villages.iter().map(|one| one.to_posting_id).collect();
    let mut received = officer::postings(&tx, &received).await?;
    received.retain(|one| one.ends_at.is_none_or(|end| end > now));
    officer::end(&mut tx, received, now, now).await?;
    let mut gained = store::restore_postings(&tx, id, before.overlap_until).await?;
    for posting in &mut gained {
        officer::tell(&mut tx, posting, now);
        // Who stands in for the giver does so for the time that the giver gains, too.
        posting.starts_at = before.overlap_until;
    }
    let again = officer::stand_ins(request, &tx, &gained, now).await?;
    officer::add(request, &mut tx, again, now).await?;
    let inquiries = store::packet::inquiries(&tx, id).await?;
    let lot = store::packet::Lot::Inquiries(&inquiries);
    reassign(&mut tx, (before.to_id, before.from_id), lot, now).await?;
    officer::check(&tx, &codes, now).await?;
    finish(tx, &before, status, now).await
}

async fn locked(tx: &Tx, id: Uuid, version: i32) -> Result<Handover> {
    let found: Handover = expected(record::lock(tx, &id.into()).await?, "handoverId")?;
    if found.version != version {
        changed_one(0)?;
    }
    Ok(found)
}

fn moved(before: &Handover, made: Move) -> Result<Status> {
    next(before.status.into(), made).ok_or_else(|| {
        Error::user(
            UserErrorCode::WrongState,
            "handoverId",
            "该交接已确认或已撤销。",
            "This hand-over was confirmed or cancelled.",
        )
    })
}

async fn finish(
    mut tx: Tx,
    before: &Handover,
    status: Status,
    now: DateTime<Utc>,
) -> Result<Handover> {
    let id = before.id.uuid();
    store::update(&tx, id, before.version, status, now).await?;
    tx.record(changed(id, status, now));
    let after = expected(record::one(&tx, &id.into(), ()).await?, "handoverId")?;
    tx.commit().await?;
    Ok(after)
}

fn changed(id: Uuid, status: Status, at: DateTime<Utc>) -> Draft {
    let detail = json!({ "status": store::status_name(status) });
    let kind = Kind::HandoverChanged;
    Draft { kind, at, place: None, household_id: None, subject_id: id, detail }
}
