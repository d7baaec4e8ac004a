//! The rules of hand-overs.

use chrono::{DateTime, Utc};
use entity::handover::Status;
use entity::handover_check::Item;
use entity::{handover, handover_village, posting};
use serde_json::json;
use uuid::Uuid;

use super::state::{Move, next};
use super::{Handover, checks, store};
use crate::access::Act;
use crate::db::{Key, Once, Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_NOTE: usize = 500;

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
    let overlap_until = checks::overlap(new.overlap_until, now)?;
    let villages = checks::distinct(new.villages)?;
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageHandover).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    checks::lock_sides(&tx, new.from_id, new.to_id).await?;
    let (villages, township_code) = checks::lock_villages(&tx, villages).await?;
    let given = checks::giving(&tx, new.from_id, &villages, now).await?;
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
    let inquiries = reassign(request, &mut tx, (new.from_id, new.to_id), lot, now).await?;
    store::packet::keep_inquiries(&tx, id, &inquiries).await?;
    store::packet::make_checklist(&tx, id).await?;
    store::transfer::make(&tx, id, &keys, now).await?;
    officer::check(&tx, &villages, now).await?;
    tx.record(changed(id, Status::Open, now));
    let made = expected(record::one(&tx, &id.into(), ()).await?, "fromOfficerId")?;
    tx.commit().await?;
    Ok(made)
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
    request: &Request,
    tx: &mut Tx,
    sides: (Uuid, Uuid),
    lot: store::packet::Lot<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let by_id = request.actor().id;
    let moved = store::packet::reassign(tx, sides, lot, by_id, now).await?;
    let ids = moved.iter().map(|inquiry| inquiry.id).collect();
    for inquiry in moved {
        let status = store::packet::status_name(&inquiry);
        tx.record(Draft {
            kind: Kind::InquiryChanged,
            at: now,
            place: Some((inquiry.village_code, inquiry.township_code)),
            household_id: Some(inquiry.household_id),
            subject_id: inquiry.id,
            detail: json!({ "before": status, "after": status, "assignee": inquiry.assignee_id,
                            "owner": inquiry.owner_id }),
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
    reassign(request, &mut tx, (before.to_id, before.from_id), lot, now).await?;
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
