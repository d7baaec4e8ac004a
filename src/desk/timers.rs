//! What happens when time runs out: an inquiry goes from the desk to the station's chief, and from the chief to
//! the county. A timer is a column with an index of its own, so only those are read whose time has come; the
//! step and its event are one transaction, so a step that was cut off is taken again, and none is taken twice.

use serde_json::json;

use super::store;
use crate::deadline;
use crate::error::Result;
use crate::event::Kind;
use crate::inquiry::{Changed, EscalationLevel, handled, happened, owner_id, update_all};
use crate::service::Service;

/// How many inquiries are taken in one change.
const AT_ONCE: u64 = 200;

/// Escalates inquiries whose timer has run out: as many as fit into one change. Answers with how many.
pub async fn fire(service: &Service) -> Result<usize> {
    let now = service.clock.now();
    let policy = deadline::policy(service).await?;
    let mut tx = service.keep().await?;
    let ripe = store::locked_timers(&tx, now, AT_ONCE).await?;
    let mut changed = Vec::with_capacity(ripe.len());
    for before in &ripe {
        let escalated = Changed::escalated(before, now, &policy);
        let name = |level: EscalationLevel| store::level_name(level.into());
        let after = escalated.after.escalation;
        let owner = owner_id(&escalated.after);
        let detail =
            json!({ "before": name(before.escalation), "after": name(after), "owner": owner });
        tx.record(happened(Kind::InquiryEscalated, &escalated.after, now, detail));
        changed.push(escalated);
    }
    update_all(&mut tx, &changed).await?;
    handled(&tx, changed.iter().map(|one| &one.after), now).await?;
    tx.commit().await?;
    Ok(changed.len())
}

/// How the database looks for timers that have run out, and for what is due by an older calendar: by an index each, or as
/// many as there are would be read each time.
pub async fn plans(service: &Service) -> Result<[String; 2]> {
    let tx = service.keep().await?;
    let timers = store::plan_of_timers(&tx, service.clock.now(), AT_ONCE).await?;
    let older = store::plan_of_older_calendar(&tx, 1, AT_ONCE).await?;
    // What was found was locked.
    tx.commit().await?;
    Ok([timers, older])
}

/// Goes by the calendar that holds now in what is due by an older one: as much as fits into one change. Answers
/// with how many inquiries that were.
pub async fn follow_calendar(service: &Service) -> Result<usize> {
    let policy = deadline::policy(service).await?;
    let mut tx = service.keep().await?;
    let older = store::locked_by_older_calendar(&tx, policy.calendar.version, AT_ONCE).await?;
    let changed: Vec<Changed> =
        older.iter().map(|before| Changed::by_calendar(before, &policy)).collect();
    update_all(&mut tx, &changed).await?;
    tx.commit().await?;
    Ok(changed.len())
}
