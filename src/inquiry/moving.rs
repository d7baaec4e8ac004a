//! Open inquiries go where their households go.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store;
use crate::db::Tx;
use crate::error::Result;
use crate::event::{Draft, Kind};

/// Moves the open inquiries of these villages whose households are elsewhere by now, and tells of it.
/// Answers with how many there were that are not sealed.
pub async fn follow_households(
    tx: &mut Tx,
    villages: &[String],
    now: DateTime<Utc>,
) -> Result<i64> {
    let moved = store::left_behind(tx, villages).await?;
    let open = moved.iter().filter(|inquiry| !inquiry.sealed).count();
    let count = i64::try_from(open).unwrap_or(i64::MAX);
    for inquiry in moved {
        tx.record(Draft {
            kind: Kind::InquiryChanged,
            at: now,
            place: Some(inquiry.to),
            household_id: Some(inquiry.household_id),
            subject_id: inquiry.id,
            detail: json!({
                "before": inquiry.status,
                "after": inquiry.status,
                "sealed": { "before": inquiry.sealed, "after": inquiry.sealed },
                "from": { "village": inquiry.from.0, "township": inquiry.from.1 },
            }),
        });
    }
    store::follow_households(tx, villages, now).await?;
    Ok(count)
}
