//! What two households were before they became one: enough to undo it. It is kept sealed.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use entity::household_contact::Standing;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::merge::graphql::{MergeChoice, MergeSide};

/// The values of a household that a merge may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    /// How officers call it.
    pub label: String,
    /// The number by which the register outside knows it.
    #[serde(default)]
    pub reference: Option<String>,
    /// Where it is, sealed as it is stored.
    pub address: Option<Vec<u8>>,
    /// How many people live there.
    pub people_count: i32,
    /// How far it is with us, in the words of the table.
    pub status: String,
    /// Its village.
    pub village_code: String,
    /// Its township.
    pub township_code: String,
    /// Its group.
    pub group_code: String,
    /// Its place in the group.
    pub door: i32,
    /// Whether one of its contacts may be messaged.
    pub reachable: bool,
    /// When a contact was last found to be right.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The day for which the next visit is planned.
    pub next_visit_on: Option<chrono::NaiveDate>,
}

impl From<&household::Model> for Values {
    fn from(row: &household::Model) -> Self {
        Self {
            label: row.label.clone(),
            reference: row.reference.clone(),
            address: row.address.clone(),
            people_count: row.people_count,
            status: row.status.to_value(),
            village_code: row.village_code.clone(),
            township_code: row.township_code.clone(),
            group_code: row.group_code.clone(),
            door: row.door,
            reachable: row.reachable,
            confirmed_at: row.confirmed_at,
            next_visit_on: row.next_visit_on,
        }
    }
}

impl Values {
    /// What the survivor has after the choice. With a contact of its own it is ENROLLED. Whether it can be
    /// reached, and when that was confirmed, follows from its contacts.
    pub fn chosen(&self, merged: &Self, take: MergeChoice, enrolled: bool) -> Self {
        let of = |side: MergeSide| if side == MergeSide::Merged { merged } else { self };
        let place = of(take.place);
        Self {
            label: of(take.label).label.clone(),
            reference: self.reference.clone().or_else(|| merged.reference.clone()),
            address: of(take.address).address.clone(),
            people_count: of(take.people_count).people_count,
            status: if enrolled {
                Status::Enrolled.to_value()
            } else {
                of(take.status).status.clone()
            },
            village_code: place.village_code.clone(),
            township_code: place.township_code.clone(),
            group_code: place.group_code.clone(),
            door: place.door,
            next_visit_on: self.next_visit_on.into_iter().chain(merged.next_visit_on).min(),
            ..self.clone()
        }
    }

    /// Puts the values that people choose, or that follow from their choice, into a household.
    pub fn put_into(&self, row: &mut household::Model) {
        row.label.clone_from(&self.label);
        row.reference.clone_from(&self.reference);
        row.address.clone_from(&self.address);
        row.people_count = self.people_count;
        row.status = self.status();
        row.village_code.clone_from(&self.village_code);
        row.township_code.clone_from(&self.township_code);
        row.group_code.clone_from(&self.group_code);
        row.door = self.door;
        row.next_visit_on = self.next_visit_on;
    }

    /// How far it is with us.
    pub fn status(&self) -> Status {
        Status::try_from_value(&self.status).unwrap_or(Status::Visited)
    }

    /// What of the values that people choose is another in `other`: the name of its field.
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        let place = |values: &Self| (values.group_code.clone(), values.door);
        [
            ("label", self.label != other.label),
            ("address", self.address != other.address),
            ("peopleCount", self.people_count != other.people_count),
            ("status", self.status != other.status),
            ("place", place(self) != place(other)),
        ]
        .into_iter()
        .find_map(|(name, differs)| differs.then_some(name))
    }
}

/// A contact's speaking for a household.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// The contact.
    pub contact_id: Uuid,
    /// In which standing, in the words of the table.
    pub standing: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the contact was last found to be right.
    #[serde(default)]
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl Link {
    /// In which standing.
    pub fn standing(&self) -> Standing {
        Standing::try_from_value(&self.standing).unwrap_or(Standing::Backup)
    }
}

/// What both were.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The survivor before.
    pub survivor: Values,
    /// The survivor right afterwards.
    pub after: Values,
    /// The merged one.
    pub merged: Values,
    /// When the merged one was registered.
    pub created_at: DateTime<Utc>,
    /// The version of the merged one.
    pub version: i32,
    /// The contacts of the merged one.
    pub links: Vec<Link>,
    /// Those of them who did not speak for the survivor before.
    pub moved_contacts: Vec<Uuid>,
    /// The rows that were the merged one's own, by table.
    pub moved_rows: Vec<(String, Vec<Uuid>)>,
}
