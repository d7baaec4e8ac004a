//! Takes a batch back in one transaction: all of it, or nothing when somebody has touched a household of
//! it meanwhile.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::chunk::ROWS;
use super::rules;
use super::store::{self, Running, Undone};
use super::work::begin;
use crate::db::Tx;
use crate::error::Result;
use crate::event::{Draft, Kind};
use crate::service::Service;
use crate::tally::Counted;

/// Takes a batch back.
pub async fn undo(service: &Arc<Service>, running: Running) -> Result<()> {
    let now = service.clock.now();
    let id = running.id;
    let mut tx = begin(service, &running.actor).await?;
    let touched = store::touched(&tx, id).await?;
    if touched > 0 {
        store::rolled_back(&tx, id, i32::try_from(touched).unwrap_or(i32::MAX), now).await?;
        return rules::commit(tx, id, "DONE", now).await;
    }
    let told = |household: &Undone, after: Option<Counted>| Draft {
        kind: Kind::HouseholdChanged,
        at: now,
        place: Some(household.place.clone()),
        household_id: Some(household.id),
        subject_id: household.id,
        detail: json!({ "before": household.now, "after": after.map_or(Value::Null, |after| json!(after)) }),
    };
    give_back(&mut tx, id, &told).await?;
    store::restore(&tx, id, now).await?;
    delete(&mut tx, id, &told).await?;
    store::drop_parts(&tx, running.upload_id).await?;
    store::rolled_back(&tx, id, 0, now).await?;
    rules::commit(tx, id, "ROLLED_BACK", now).await
}

/// Tells of the households that get their old values back.
async fn give_back(
    tx: &mut Tx,
    id: Uuid,
    told: &impl Fn(&Undone, Option<Counted>) -> Draft,
) -> Result<()> {
    let mut last = Uuid::nil();
    loop {
        let page = store::restored(tx, id, last, ROWS as u32).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.id;
        for household in &page {
            let after = Counted { people: household.people_before, ..household.now.clone() };
            tx.record(told(household, Some(after)));
        }
        tx.write_events().await?;
    }
}

/// Deletes the households that the batch has registered.
async fn delete(
    tx: &mut Tx,
    id: Uuid,
    told: &impl Fn(&Undone, Option<Counted>) -> Draft,
) -> Result<()> {
    let mut last = 0;
    loop {
        let page = store::created(tx, id, last, ROWS as u32).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.row;
        store::delete(tx, &page).await?;
        for household in &page {
            tx.record(told(household, None));
        }
        tx.write_events().await?;
    }
}
