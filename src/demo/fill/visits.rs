//! What officers found at the doors of the pilot town. In the first round they enrol contacts; lately they
//! have come again to confirm some, and to meet those whom they had not met.

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::consent::{self, Basis, Channel, Language};
use entity::household::{self, Status};
use entity::household_status_change::{self, Cause};
use entity::visit::{self, Outcome};
use serde_json::{Value, json};
use uuid::Uuid;

use super::households::{Rows, counted, sealed};
use super::{id_at, local};
use crate::clock;
use crate::db::Tx;
use crate::demo::DemoError;
use crate::event::{Draft, Kind};
use crate::household::REASON;
use crate::household::consent::texts;
use crate::visit::NOTE;

/// One enrolled household in so many was visited again.
const ONE_AGAIN_IN: usize = 3;
/// Minutes from midnight: doors are knocked at from nine.
const NINE: i64 = 9 * 60;

/// Who is at the door of a household, and now.
#[derive(Clone, Copy)]
pub struct Round {
    /// The officer.
    pub officer_id: Uuid,
    /// When the demo is filled.
    pub now: DateTime<Utc>,
    /// Which household of the village it is.
    pub nth: usize,
}

/// What came of the first visit, and what the officer wrote down.
fn found(status: Status, nth: usize) -> Option<(Outcome, Option<&'static str>, Cause)> {
    let odd = nth % 2 == 1;
    Some(match status {
        Status::Unvisited => return None,
        Status::Enrolled => (Outcome::Met, None, Cause::Enrolment),
        Status::Visited if odd => (Outcome::NobodyHome, None, Cause::Visit),
        Status::Visited => (Outcome::Met, Some("户主白天在地里，晚上再来加微信"), Cause::Visit),
        Status::Declined => {
            (Outcome::Declined, Some("暂时不愿加微信，说有事会打电话"), Cause::ByHand)
        }
        Status::MovedAway => {
            (Outcome::MovedAway, Some("全家在外打工，房子由邻居照看"), Cause::ByHand)
        }
        Status::NoSmartphone => {
            (Outcome::NoSmartphone, Some("老人只用老年机，子女在外"), Cause::Visit)
        }
        Status::Vacant => (Outcome::Vacant, Some("房屋无人居住，门窗封闭"), Cause::ByHand),
    })
}

impl Rows {
    /// The first visit, which made the household what it is.
    pub(super) fn first_visit(
        &mut self,
        tx: &Tx,
        household: &household::Model,
        round: Round,
        at: DateTime<Utc>,
    ) -> Result<(), DemoError> {
        let Some((outcome, note, cause)) = found(household.status, round.nth) else {
            return Ok(());
        };
        let reason = note.filter(|_| cause == Cause::ByHand);
        let reason = reason.map(|reason| tx.keyring().seal(REASON, reason.as_bytes()));
        self.changes.push(household_status_change::Model {
            id: id_at(at),
            household_id: household.id,
            from_status: Status::Unvisited,
            to_status: household.status,
            cause,
            reason: reason.map(sealed).transpose()?,
            officer_id: Some(round.officer_id),
            changed_at: at,
        });
        let told = self.visit(tx, household, (outcome, note), round, at)?;
        self.visited.push(told);
        Ok(())
    }

    /// The visit of the last weeks: the contacts of some are confirmed, and who was not met is to be
    /// visited again.
    pub(super) fn second_visit(
        &mut self,
        tx: &Tx,
        household: &mut household::Model,
        round: Round,
    ) -> Result<(), DemoError> {
        let days = 6 + i64::try_from(round.nth * 7 % 80).unwrap_or(6);
        let minute = i64::try_from(round.nth * 13 % 480).unwrap_or_default();
        let at = local(round.now, TimeDelta::days(days), NINE + minute);
        let before = counted(household);
        let outcome = match household.status {
            Status::Enrolled if round.nth.is_multiple_of(ONE_AGAIN_IN) => {
                household.confirmed_at = Some(at);
                for link in self.links.iter_mut().rev() {
                    if link.household_id != household.id {
                        break;
                    }
                    link.confirmed_at = Some(at);
                }
                Outcome::ContactConfirmed
            }
            Status::Visited => {
                let planned = clock::day(round.now) - Days::new(5);
                let later = u64::try_from(round.nth % 20).unwrap_or_default();
                household.next_visit_on = planned.checked_add_days(Days::new(later));
                Outcome::NobodyHome
            }
            _ => return Ok(()),
        };
        household.version += 1;
        household.updated_at = at;
        let told = self.visit(tx, household, (outcome, None), round, at)?;
        let detail = json!({ "before": before, "after": counted(household) });
        let changed = Draft {
            kind: Kind::HouseholdChanged,
            subject_id: household.id,
            detail,
            ..told.clone()
        };
        self.lately.extend([told, changed]);
        Ok(())
    }

    fn visit(
        &mut self,
        tx: &Tx,
        household: &household::Model,
        (outcome, note): (Outcome, Option<&str>),
        round: Round,
        at: DateTime<Utc>,
    ) -> Result<Draft, DemoError> {
        let id = id_at(at);
        let note = note.map(|note| tx.keyring().seal(NOTE, note.as_bytes()));
        self.visits.push(visit::Model {
            id,
            household_id: household.id,
            officer_id: round.officer_id,
            outcome,
            note: note.map(sealed).transpose()?,
            visited_at: at,
            recorded_at: at,
            next_visit_on: household.next_visit_on,
        });
        Ok(Draft {
            kind: Kind::VisitRecorded,
            at,
            place: Some((household.village_code.clone(), household.township_code.clone())),
            household_id: Some(household.id),
            subject_id: id,
            detail: Value::Null,
        })
    }

    /// What a contact agreed to; in the first villages nobody wrote it down yet.
    pub(super) fn consent(
        &mut self,
        contact_id: Uuid,
        household_id: Uuid,
        officer_id: Option<Uuid>,
        at: DateTime<Utc>,
    ) -> Uuid {
        let id = id_at(at);
        let text = texts().last().filter(|_| officer_id.is_some());
        self.consents.push(consent::Model {
            id,
            contact_id,
            household_id,
            text_version: text.map(|text| text.version.to_owned()),
            language: text.map(|_| Language::Chinese),
            channel: text.map(|_| Channel::InPerson),
            basis: text.map_or(Basis::BeforeRecords, |_| Basis::Spoken),
            given_at: at,
            recorded_at: at,
            officer_id,
            withdrawn_at: None,
        });
        id
    }
}
