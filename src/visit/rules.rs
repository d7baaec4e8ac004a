//! The rules of visits.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use entity::household;
use entity::household_status_change::Cause;
use entity::visit::{self, Outcome};
use uuid::Uuid;

use super::{Visit, store};
use crate::access::Act;
use crate::clock;
use crate::db::{Made, Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::limits::MAX_NUMBER;
use crate::household::state::Move;
use crate::household::{Happened, confirm, links, locked, number, settle, status_changed_after};
use crate::payload::expected;
use crate::request::Request;
use crate::{record, text};

const MAX_NOTE: usize = 500;

/// A visit to be written down.
pub struct NewVisit {
    /// The household.
    pub household_id: Uuid,
    /// What came of it.
    pub outcome: Outcome,
    /// What is worth knowing next time.
    pub note: Option<String>,
    /// When the officer was there; now when left out.
    pub visited_at: Option<DateTime<Utc>>,
    /// The day for which the next visit is planned.
    pub next_visit_on: Option<NaiveDate>,
    /// How many people live there.
    pub people_count: Option<i32>,
    /// Whether it was the visit of a household that has been merged into this one, which may be younger.
    pub of_merged: bool,
}

/// Writes down that the caller was at a household's door.
pub async fn record(request: &Request, new: NewVisit, once: Once) -> Result<Made<Visit>> {
    let note = text::optional("note", new.note.as_deref(), MAX_NOTE)?;
    let people = new.people_count.map(|people| number("peopleCount", people, 0, MAX_NUMBER));
    let people = people.transpose()?;
    let now = request.service().clock.now();
    let at = new.visited_at.unwrap_or(now).trunc_subsecs(6);
    if new.next_visit_on.is_some_and(|day| day < clock::day(at)) {
        return Err(refused(
            "nextVisitOn",
            "下次走访不能早于本次走访。",
            "The next visit is not before this one.",
        ));
    }
    let id = request.new_id();
    let mut tx = request.begin(Act::RecordVisit).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return Ok(Made::Before(record::one(&tx, &first.into(), ()).await?));
    }
    let household = locked(&tx, new.household_id).await?;
    if at > now || (at < household.created_at && !new.of_merged) {
        return Err(refused(
            "visitedAt",
            "走访时间不能晚于现在，也不能早于该户登记之时。",
            "The visit was neither in the future nor before the household was registered.",
        ));
    }
    let row = visit::Model {
        id,
        household_id: new.household_id,
        officer_id: tx.scope().actor().id,
        outcome: new.outcome,
        note: note.map(|note| store::sealed(&tx, &note)).transpose()?,
        visited_at: at,
        recorded_at: now,
        next_visit_on: new.next_visit_on,
    };
    tx.record(told(&row, &household));
    if new.outcome == Outcome::ContactConfirmed {
        confirmed(&tx, household.id, at).await?;
    }
    follow(request, &mut tx, household, &row, people).await?;
    store::insert(&tx, row).await?;
    let visit = expected(record::one(&tx, &id.into(), ()).await?, "householdId")?;
    tx.commit().await?;
    Ok(Made::Now(visit))
}

/// All who speak for the household were found to be right.
async fn confirmed(tx: &Tx, household_id: Uuid, at: DateTime<Utc>) -> Result<()> {
    let speaking = links(tx, &[household_id]).await?.remove(&household_id).unwrap_or_default();
    if speaking.is_empty() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "outcome",
            "该户还没有联系人，无从核实。",
            "Nobody speaks for this household, so there is nobody to confirm.",
        ));
    }
    let contacts: Vec<Uuid> = speaking.iter().map(|link| link.contact_id).collect();
    confirm(tx, household_id, &contacts, at).await
}

/// What the visit changes of the household, unless more is known from later.
async fn follow(
    request: &Request,
    tx: &mut Tx,
    household: household::Model,
    visit: &visit::Model,
    people: Option<i32>,
) -> Result<()> {
    let at = visit.visited_at;
    let newest = !store::visited_after(tx, household.id, at).await?;
    let settled = status_changed_after(tx, household.id, at).await?;
    let confirms = visit.outcome == Outcome::ContactConfirmed;
    if !newest && !confirms {
        return Ok(());
    }
    let made = if newest && !settled { Move::Visited(visit.outcome) } else { Move::Stays };
    let happened = Happened { made, cause: Cause::Visit, reason: None, at };
    settle(request, tx, vec![household], happened, |household| {
        if newest {
            household.next_visit_on = visit.next_visit_on;
            household.people_count = people.unwrap_or(household.people_count);
        }
    })
    .await
}

fn told(visit: &visit::Model, household: &household::Model) -> Draft {
    Draft {
        kind: Kind::VisitRecorded,
        at: visit.recorded_at,
        place: Some((household.village_code.clone(), household.township_code.clone())),
        household_id: Some(household.id),
        subject_id: visit.id,
        detail: serde_json::Value::Null,
    }
}

fn refused(field: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, field, chinese, english)
}
