//! Who stands in for whom (顶岗). While an officer is away, the cover has a posting of duty COVER for
//! each posting of the absent one; when the cover is away as well, the cover's own cover has it. Such
//! a posting begins, changes hands and ends with the one that it stands in for.

use chrono::{DateTime, Utc};
use entity::{leave, posting};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::db::Tx;
use crate::error::Result;
use crate::event::{Draft, Kind};
use crate::request::Request;

/// Adds postings, and those of the covers of who is away.
pub async fn add(
    request: &Request,
    tx: &mut Tx,
    mut new: Vec<posting::Model>,
    now: DateTime<Utc>,
) -> Result<()> {
    while !new.is_empty() {
        store::insert_postings(tx, &new).await?;
        for posting in &new {
            tell(tx, posting, now);
        }
        new = stand_ins(request, tx, &new, now).await?;
    }
    Ok(())
}

/// The postings of those who stand in for officers with these postings while they are away.
pub async fn stand_ins(
    request: &Request,
    tx: &Tx,
    postings: &[posting::Model],
    now: DateTime<Utc>,
) -> Result<Vec<posting::Model>> {
    let officers: Vec<Uuid> = postings.iter().map(|posting| posting.officer_id).collect();
    let leaves = store::leave::of_officers(tx, &officers, now).await?;
    let pairs = postings.iter().flat_map(|posting| {
        let own = leaves.iter().filter(|leave| leave.officer_id == posting.officer_id);
        own.filter_map(|leave| stand_in(request.new_id(), posting, leave, now))
    });
    Ok(pairs.collect())
}

/// The posting of who stands in during a leave, as far as posting and leave overlap.
pub fn stand_in(
    id: Uuid,
    posting: &posting::Model,
    leave: &leave::Model,
    now: DateTime<Utc>,
) -> Option<posting::Model> {
    let starts_at = posting.starts_at.max(leave.starts_at).max(now);
    let ends_at = posting.ends_at.map_or(leave.ends_at, |end| end.min(leave.ends_at));
    (starts_at < ends_at).then(|| posting::Model {
        id,
        officer_id: leave.cover_id,
        duty: posting::Duty::Cover,
        starts_at,
        ends_at: Some(ends_at),
        version: 1,
        leave_id: Some(leave.id),
        source_id: Some(posting.id),
        ..posting.clone()
    })
}

/// Ends postings at a moment, or as they begin when that is later, and with them those of the covers.
pub async fn end(
    tx: &mut Tx,
    mut postings: Vec<posting::Model>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    while !postings.is_empty() {
        let ids: Vec<Uuid> = postings.iter().map(|posting| posting.id).collect();
        store::end_postings(tx, &ids, at).await?;
        for posting in &postings {
            tell(tx, posting, now);
        }
        postings = store::stand_ins_of(tx, &ids, at).await?;
    }
    Ok(())
}

/// Tells that a posting was made or changed.
pub fn tell(tx: &mut Tx, posting: &posting::Model, now: DateTime<Utc>) {
    tx.record(Draft {
        kind: Kind::PostingChanged,
        at: now,
        place: Some((posting.village_code.clone(), posting.township_code.clone())),
        household_id: None,
        subject_id: posting.id,
        detail: json!({ "officer": posting.officer_id }),
    });
}
