//! Sealed inquiries are not kept as long as others: some time after they were resolved, what was written in them is
//! erased. That there was an inquiry, when, and how it went remains, so the numbers stay.

use chrono::TimeDelta;
use serde_json::Value;

use super::store;
use crate::attachment;
use crate::error::Result;
use crate::event::{Draft, Kind};
use crate::rating;
use crate::referral;
use crate::service::Service;

/// How many inquiries are erased in one change.
const AT_ONCE: u64 = 100;

/// Erases sealed inquiries that were resolved long enough ago.
pub async fn sweep(service: &Service) -> Result<()> {
    let now = service.clock.now();
    let before = now - TimeDelta::days(service.sealed_days.into());
    loop {
        let mut tx = service.keep().await?;
        let erased = store::erase(&tx, before, AT_ONCE, now).await?;
        if erased.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = erased.iter().map(|one| one.id).collect();
        attachment::forget_inquiries(&tx, &ids, now).await?;
        rating::forget_inquiries(&tx, &ids).await?;
        referral::forget(&tx, &ids).await?;
        store::forget(&tx, &ids).await?;
        for one in erased {
            tx.record(Draft {
                kind: Kind::InquiryErased,
                at: now,
                place: Some(one.place),
                household_id: Some(one.household_id),
                subject_id: one.id,
                detail: Value::Null,
            });
        }
        tx.commit().await?;
    }
}
