//! The rules of households.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use entity::household_status_change::Cause;
use serde_json::json;
use uuid::Uuid;

use super::Household;
use super::history::NewStatusChange;
use super::limits::{MAX_ADDRESS, MAX_DOOR, MAX_LABEL, MAX_NUMBER, MAX_REASON};
use super::settle::{Happened, impossible, settle};
use super::state::{self, Move};
use super::store::{self, HouseholdWith};
use crate::access::Act;
use crate::clock;
use crate::db::{Key, Once, Tx, changed_one};
use crate::division::{VillageWith, ensure_group, living_group, lock_living};
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

/// What is to be changed of a household; `None` leaves it as it is.
pub struct HouseholdChange {
    /// The number of its group.
    pub group_number: Option<i32>,
    /// The place in the group.
    pub door: Option<i32>,
    /// How officers call it.
    pub label: Option<String>,
    /// Where it is, or the deletion of it.
    pub address: Option<Option<String>>,
    /// How many people live there.
    pub people_count: Option<i32>,
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

/// Changes a household.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: HouseholdChange,
) -> Result<Household> {
    let label = text::optional("label", change.label.as_deref(), MAX_LABEL)?;
    let address = match change.address {
        Some(Some(address)) => Some(Some(text::required("address", &address, MAX_ADDRESS)?)),
        other => other,
    };
    let number_of = |field, value: Option<i32>, least, most| {
        value.map(|value| number(field, value, least, most)).transpose()
    };
    let people_count = number_of("peopleCount", change.people_count, 0, MAX_NUMBER)?;
    let group_number = number_of("groupNumber", change.group_number, 1, MAX_NUMBER)?;
    let door = number_of("door", change.door, 0, MAX_DOOR)?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageHousehold).await?;
    let before = of_version(&tx, id, version).await?;
    let reason = reason(before.status, change.status, change.status_reason.as_deref())?;
    let group_code = match group_number {
        Some(number) => {
            let key = Key::from(before.village_code.as_str());
            let village = record::one(&tx, &key, VillageWith::default()).await?;
            Some(ensure_group(&tx, &expected(village, "householdId")?, number).await?)
        }
        None => None,
    };
    let address = match address {
        Some(address) => Some(store::sealed(&tx, address)?),
        None => None,
    };
    let made = change.status.map_or(Move::Stays, Move::ByHand);
    let happened = Happened { made, cause: Cause::ByHand, reason, at: now };
    settle(request, &mut tx, vec![before], happened, |household| {
        replace(&mut household.group_code, &group_code);
        replace(&mut household.door, &door);
        replace(&mut household.label, &label);
        replace(&mut household.address, &address);
        replace(&mut household.people_count, &people_count);
    })
    .await?;
    let after = find(&tx, id, "householdId").await?;
    tx.commit().await?;
    Ok(after)
}

fn replace<T: Clone>(value: &mut T, with: &Option<T>) {
    if let Some(with) = with {
        value.clone_from(with);
    }
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
fn reason(before: Status, wanted: Option<Status>, said: Option<&str>) -> Result<Option<String>> {
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
