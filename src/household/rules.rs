//! The rules of households.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use entity::household_status_change::Cause;
use serde_json::json;
use uuid::Uuid;

use super::Household;
use super::history::NewStatusChange;
use super::limits::{MAX_ADDRESS, MAX_DOOR, MAX_LABEL, MAX_NUMBER, MAX_REASON};
use super::settle::impossible;
use super::state::{self, Move};
use super::store::{self, HouseholdWith};
use crate::access::Act;
use crate::clock;
use crate::db::{Once, Tx, changed_one};
use crate::division::{ensure_group, living_group, lock_living};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::officer::require_officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::tally::Counted;
use crate::text;

/// A household to be registered.
pub struct NewHousehold {
    /// The village.
    pub village_code: String,
    /// The number of its group.
    pub group_number: i32,
    /// The place in the group; the next one when left out.
    pub door: Option<i32>,
    /// How officers call it.
    pub label: String,
    /// Where it is.
    pub address: Option<String>,
    /// How many people live there.
    pub people_count: i32,
    /// How far it is with us.
    pub status: Option<Status>,
    /// Why it is not reached.
    pub status_reason: Option<String>,
}

/// Registers a household in a village that an officer looks after.
pub async fn register(request: &Request, new: NewHousehold, once: Once) -> Result<Household> {
    let label = text::required("label", &new.label, MAX_LABEL)?;
    let address = text::optional("address", new.address.as_deref(), MAX_ADDRESS)?;
    let people_count = number("peopleCount", new.people_count, 0, MAX_NUMBER)?;
    let group_number = number("groupNumber", new.group_number, 1, MAX_NUMBER)?;
    let door = new.door.map(|door| number("door", door, 0, MAX_DOOR)).transpose()?;
    let by_hand = Move::ByHand(new.status.unwrap_or(Status::Unvisited));
    let status = state::next(Status::Unvisited, by_hand).ok_or_else(|| impossible(by_hand))?;
    let reason = reason(Status::Unvisited, new.status, new.status_reason.as_deref())?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageHousehold).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return find(&tx, first, "idempotencyKey").await;
    }
    let (code, group_number) = living_group(&tx, &new.village_code, group_number).await?;
    let village = expected(lock_living(&tx, &code, false).await?, "villageCode")?;
    require_officer(&tx, &village.code.0, now).await?;
    let group_code = ensure_group(&tx, &village, group_number).await?;
    let door = match door {
        Some(door) => door,
        None => store::next_door(&tx, &group_code).await?,
    };
    let place = (village.code.0, village.township_code);
    let row = store::NewRow { id, group_code, door, label, address, people_count, status };
    store::insert(&tx, row, &place, now).await?;
    note(request, &tx, (id, Status::Unvisited, status), Cause::ByHand, reason).await?;
    let household = find(&tx, id, "villageCode").await?;
    tx.record(Draft {
        kind: Kind::HouseholdRegistered,
        at: now,
        place: Some(place),
        household_id: Some(id),
        subject_id: id,
        detail: json!(counted(&household)),
    });
    tx.commit().await?;
    Ok(household)
}

/// The household with this id in the area of the change.
pub async fn find(tx: &Tx, id: Uuid, field: &str) -> Result<Household> {
    expected(record::one(tx, &id.into(), HouseholdWith::default()).await?, field)
}

/// The row of a household in the area of the change, which nobody else changes until the change is over.
pub async fn locked(tx: &Tx, id: Uuid) -> Result<household::Model> {
    find(tx, id, "householdId").await?;
    expected(store::lock(tx, &[id]).await?.pop(), "householdId")
}

/// The same, if it still has the version that the change is based on.
pub async fn of_version(tx: &Tx, id: Uuid, version: i32) -> Result<household::Model> {
    let household = locked(tx, id).await?;
    changed_one(u64::from(household.version == version))?;
    Ok(household)
}

/// Tells that a household was changed.
pub fn changed(before: &Household, after: &Household, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::HouseholdChanged,
        at: now,
        place: Some((after.village_code.clone(), after.township_code.clone())),
        household_id: Some(after.id.uuid()),
        subject_id: after.id.uuid(),
        detail: json!({ "before": counted(before), "after": counted(after) }),
    }
}

/// What a household counts as.
pub fn counted(household: &Household) -> Counted {
    Counted {
        village: Some(household.village_code.clone()),
        township: Some(household.township_code.clone()),
        status: store::status_name(household.status.into()),
        people: household.people_count.into(),
        reachable: household.reachable,
        confirmed_on: household.confirmed_at.map(clock::day),
    }
}

/// Keeps that a household's status is another one now, if it is.
async fn note(
    request: &Request,
    tx: &Tx,
    (household_id, from, to): (Uuid, Status, Status),
    cause: Cause,
    reason: Option<String>,
) -> Result<()> {
    if from == to {
        return Ok(());
    }
    let (id, changed_at) = (request.new_id(), request.service().clock.now());
    let change = NewStatusChange { id, household_id, from, to, cause, reason, changed_at };
    store::insert_changes(tx, vec![change]).await
}

/// Why a status is set by hand: who ends the work at a door says so.
pub fn reason(
    before: Status,
    wanted: Option<Status>,
    said: Option<&str>,
) -> Result<Option<String>> {
    match (wanted, said) {
        (Some(status), None) if status != before && state::needs_reason(status) => {
            text::required("statusReason", "", MAX_REASON).map(Some)
        }
        (None, Some(_)) => Err(Error::user(
            UserErrorCode::Invalid,
            "statusReason",
            "只有变更状态时才填写原因。",
            "A reason goes with a status.",
        )),
        (_, said) => text::optional("statusReason", said, MAX_REASON),
    }
}

/// Checks that a number lies between two others.
pub fn number(field: &str, value: i32, least: i32, most: i32) -> Result<i32> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        field,
        format!("此项应在{least}到{most}之间。"),
        format!("This must lie between {least} and {most}."),
    ))
}
