//! How a household is changed by hand.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use entity::household_status_change::Cause;
use uuid::Uuid;

use super::Household;
use super::limits::{MAX_ADDRESS, MAX_DOOR, MAX_LABEL, MAX_NUMBER};
use super::rules::{find, number, of_version, reason};
use super::settle::{Happened, settle};
use super::state::Move;
use super::store;
use crate::access::Act;
use crate::db::{Key, Tx};
use crate::division::{VillageWith, ensure_group};
use crate::error::Result;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

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

impl HouseholdChange {
    /// The same, in the form in which it is kept.
    pub fn checked(self) -> Result<Self> {
        let number_of = |field, value: Option<i32>, least, most| {
            value.map(|value| number(field, value, least, most)).transpose()
        };
        Ok(Self {
            label: text::optional("label", self.label.as_deref(), MAX_LABEL)?,
            address: match self.address {
                Some(Some(address)) => {
                    Some(Some(text::required("address", &address, MAX_ADDRESS)?))
                }
                other => other,
            },
            people_count: number_of("peopleCount", self.people_count, 0, MAX_NUMBER)?,
            group_number: number_of("groupNumber", self.group_number, 1, MAX_NUMBER)?,
            door: number_of("door", self.door, 0, MAX_DOOR)?,
            ..self
        })
    }
}

/// Changes a household of this version.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: HouseholdChange,
) -> Result<Household> {
    let change = change.checked()?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageHousehold).await?;
    let before = of_version(&tx, id, version).await?;
    change_household(request, &mut tx, before, change, now).await?;
    let after = find(&tx, id, "householdId").await?;
    tx.commit().await?;
    Ok(after)
}

/// Writes a checked change, which was made `at` some time, into a household that is locked.
pub async fn change_household(
    request: &Request,
    tx: &mut Tx,
    before: household::Model,
    change: HouseholdChange,
    at: DateTime<Utc>,
) -> Result<()> {
    let reason = reason(before.status, change.status, change.status_reason.as_deref())?;
    let group_code = match change.group_number {
        Some(number) => {
            let key = Key::from(before.village_code.as_str());
            let village = record::one(tx, &key, VillageWith::default()).await?;
            Some(ensure_group(tx, &expected(village, "householdId")?, number).await?)
        }
        None => None,
    };
    let address = match change.address {
        Some(address) => Some(store::sealed(tx, address)?),
        None => None,
    };
    let made = change.status.map_or(Move::Stays, Move::ByHand);
    let happened = Happened { made, cause: Cause::ByHand, reason, at };
    settle(request, tx, vec![before], happened, |household| {
        replace(&mut household.group_code, &group_code);
        replace(&mut household.door, &change.door);
        replace(&mut household.label, &change.label);
        replace(&mut household.address, &address);
        replace(&mut household.people_count, &change.people_count);
    })
    .await
}

fn replace<T: Clone>(value: &mut T, with: &Option<T>) {
    if let Some(with) = with {
        value.clone_from(with);
    }
}
