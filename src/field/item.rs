//! Reads what an app hands in.

use async_graphql::ID;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::edit::{ContactEdit, ContactValues, HouseholdEdit, HouseholdValues, Target};
use super::input::{
    ContactEditInput, ContactValuesInput, FieldEnrolmentInput, FieldVisitInput, FieldWorkInput,
    FieldWorkItemInput, HouseholdEditInput, HouseholdValuesInput,
};
use crate::db::Once;
use crate::error::{Error, Result, UserErrorCode};
use crate::household::{Enrolment, Newcomer, Who};
use crate::id::{self, GlobalId};
use crate::visit::NewVisit;

/// A piece of work.
pub struct Item {
    /// That it must not be done twice.
    pub once: Once,
    /// When it was done, by the device's clock.
    pub made_at: DateTime<Utc>,
    /// Where the work stands in the item.
    pub place: &'static str,
    /// What was done.
    pub work: Work,
}

/// What was done.
pub enum Work {
    /// A visit.
    Visit(NewVisit),
    /// An enrolment.
    Enrolment(Box<Enrolment>),
    /// An edit of a household.
    Household(Box<HouseholdEdit>),
    /// An edit of a contact.
    Contact(ContactEdit),
}

impl Work {
    /// The household that it is about.
    pub fn household(&mut self) -> Option<&mut Uuid> {
        match self {
            Self::Visit(visit) => Some(&mut visit.household_id),
            Self::Enrolment(enrolment) => Some(&mut enrolment.household_id),
            Self::Household(edit) => Some(&mut edit.household_id),
            Self::Contact(_) => None,
        }
    }
}

/// Reads an item. What cannot be read is refused by itself, and does not stop the others.
pub fn read(input: FieldWorkItemInput) -> Result<Item> {
    let once = Once::new("syncFieldWork", &input.idempotency_key, &input)?;
    let (place, work) = match input.work {
        FieldWorkInput::Visit(input) => ("visit", visit(input).map(Work::Visit)),
        FieldWorkInput::Enrolment(input) => {
            ("enrolment", enrolment(input).map(Box::new).map(Work::Enrolment))
        }
        FieldWorkInput::HouseholdEdit(input) => {
            ("householdEdit", household_edit(input).map(Box::new).map(Work::Household))
        }
        FieldWorkInput::ContactEdit(input) => {
            ("contactEdit", contact_edit(input).map(Work::Contact))
        }
    };
    let work = work.map_err(|error| at(error, place))?;
    Ok(Item { once, made_at: input.made_at, place, work })
}

/// An error of a rule, whose path starts at the item. When a visit was is the item's own time.
pub fn at(error: Error, place: &str) -> Error {
    if error.is_at("idempotencyKey") || error.is_at("madeAt") {
        error
    } else if error.is_at("visitedAt") {
        error.of_field("madeAt")
    } else {
        error.below(place).below("work")
    }
}

fn uuid(id: &ID, kind: id::Kind, field: &str) -> Result<Uuid> {
    GlobalId::expect_uuid(id, kind).map_err(|error| error.about(UserErrorCode::Invalid, field))
}

fn visit(input: FieldVisitInput) -> Result<NewVisit> {
    Ok(NewVisit {
        household_id: uuid(&input.household_id, id::Kind::Household, "householdId")?,
        outcome: input.outcome.into(),
        note: input.note,
        visited_at: None,
        next_visit_on: input.next_visit_on.map(|day| day.0),
        people_count: input.people_count,
        of_merged: false,
    })
}

fn enrolment(input: FieldEnrolmentInput) -> Result<Enrolment> {
    let who = match &input.contact_id {
        Some(id) => Who::Known(uuid(id, id::Kind::Contact, "contactId")?),
        None => Who::New(Newcomer {
            name: input.name.unwrap_or_default(),
            phone: input.phone.map(|phone| phone.0),
            wechat_id: input.wechat_id,
        }),
    };
    Ok(Enrolment {
        household_id: uuid(&input.household_id, id::Kind::Household, "householdId")?,
        who,
        standing: input.standing.into(),
        consent: input.consent,
        made_at: None,
    })
}

fn household_edit(input: HouseholdEditInput) -> Result<HouseholdEdit> {
    let values = |input: HouseholdValuesInput| HouseholdValues {
        group_number: input.group_number,
        door: input.door,
        label: input.label,
        address: input.address.into(),
        people_count: input.people_count,
        status: input.status.map(Into::into),
    };
    Ok(HouseholdEdit {
        household_id: uuid(&input.household_id, id::Kind::Household, "householdId")?,
        base_version: input.base_version,
        base: values(input.base),
        mine: values(input.mine),
        status_reason: input.status_reason,
    })
}

fn contact_edit(input: ContactEditInput) -> Result<ContactEdit> {
    let values = |input: ContactValuesInput| ContactValues {
        name: input.name,
        phone: input.phone.map_value(|phone| phone.0).into(),
    };
    let target = match (input.contact_id, input.enrolled_by) {
        (Some(id), None) => Target::Id(uuid(&id, id::Kind::Contact, "contactId")?),
        (None, Some(key)) => Target::EnrolledBy(key),
        _ => {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "contactId",
                "contactId 和 enrolledBy 应填写其中一项。",
                "Give either contactId or enrolledBy.",
            ));
        }
    };
    let (base, mine) = (values(input.base), values(input.mine));
    Ok(ContactEdit { target, base_version: input.base_version, base, mine })
}
