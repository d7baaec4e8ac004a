//! Edits that were made without seeing what others did meanwhile. An edit says what its author saw of each
//! value: a value that only one side has changed is that side's, and one that both have changed to
//! different things is a conflict, which goes back to the author with both.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use uuid::Uuid;

use super::meeting::Meeting;
use super::mutation::{FieldWorkOutcome, FieldWorkValue as Value};
use super::work::Done;
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::division::parse_group;
use crate::error::{Error, Result};
use crate::household::{
    ADDRESS, Contact, ContactChange, HouseholdChange, change_contact, change_household, locked,
};
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// Values of a household, as far as they are given.
pub struct HouseholdValues {
    /// The number of its group.
    pub group_number: Option<i32>,
    /// The place in the group.
    pub door: Option<i32>,
    /// How officers call it.
    pub label: Option<String>,
    /// Where it is, or that this is unknown.
    pub address: Option<Option<String>>,
    /// How many people live there.
    pub people_count: Option<i32>,
    /// How far it is with us.
    pub status: Option<Status>,
}

/// Other values for a household.
pub struct HouseholdEdit {
    /// The household.
    pub household_id: Uuid,
    /// The version that the author saw.
    pub base_version: i32,
    /// What the author saw.
    pub base: HouseholdValues,
    /// What the author wants.
    pub mine: HouseholdValues,
    /// Why the status is another one.
    pub status_reason: Option<String>,
}

/// Values of a contact, as far as they are given.
pub struct ContactValues {
    /// The name.
    pub name: Option<String>,
    /// The phone number, or that it is unknown.
    pub phone: Option<Option<String>>,
}

/// Which contact is edited.
pub enum Target {
    /// The one with this id.
    Id(Uuid),
    /// The one whom the enrolment with this key has made.
    EnrolledBy(String),
}

/// Other values for a contact.
pub struct ContactEdit {
    /// The contact.
    pub target: Target,
    /// The version that the author saw.
    pub base_version: i32,
    /// What the author saw.
    pub base: ContactValues,
    /// What the author wants.
    pub mine: ContactValues,
}

/// Edits a household. The author did not see this one when it is one into which that was merged.
pub async fn household(
    request: &Request,
    edit: HouseholdEdit,
    merged: bool,
    at: DateTime<Utc>,
    once: Once,
) -> Result<Done> {
    let HouseholdEdit { household_id: id, base_version, base, mine, status_reason } = edit;
    let change = HouseholdChange {
        group_number: mine.group_number,
        door: mine.door,
        label: mine.label,
        address: mine.address,
        people_count: mine.people_count,
        status: mine.status,
        status_reason,
    };
    let mut change = change.checked().map_err(|error| error.below("mine"))?;
    let mut tx = request.begin(Act::ManageHousehold).await?;
    if once.claim(&tx, id, request.service().clock.now()).await?.is_some() {
        return Ok(Done::of(FieldWorkOutcome::AlreadyApplied));
    }
    let theirs = locked(&tx, id).await?;
    let mut meeting = Meeting::new(theirs.version == base_version && !merged);
    meet(&tx, &mut meeting, base, &mut change, &theirs)?;
    let changes = meeting.changes();
    let outcome = match meeting.end() {
        Ok(outcome) => outcome,
        Err(conflicts) => return Ok(Done { conflicts, ..Done::of(FieldWorkOutcome::Conflict) }),
    };
    if changes {
        let changed = change_household(request, &mut tx, theirs, change, at).await;
        changed.map_err(|error| if error.is_at("status") { error.below("mine") } else { error })?;
    }
    tx.commit().await?;
    Ok(Done::of(outcome))
}

/// Lets each value of a household meet the one that is there.
fn meet(
    tx: &Tx,
    meeting: &mut Meeting,
    base: HouseholdValues,
    mine: &mut HouseholdChange,
    theirs: &household::Model,
) -> Result<()> {
    let group = parse_group(&theirs.group_code);
    let (_, group) = group.ok_or_else(|| Error::internal("a group without a number"))?;
    let sealed = theirs.address.as_deref();
    let address = sealed.map(|sealed| tx.keyring().open_text(ADDRESS, sealed)).transpose();
    let address = address.map_err(Error::internal)?;
    meeting.meet(Value::GroupNumber, base.group_number, &mut mine.group_number, &group)?;
    meeting.meet(Value::Door, base.door, &mut mine.door, &theirs.door)?;
    meeting.meet(Value::Label, base.label, &mut mine.label, &theirs.label)?;
    meeting.meet(Value::Address, base.address, &mut mine.address, &address)?;
    let people = &theirs.people_count;
    meeting.meet(Value::PeopleCount, base.people_count, &mut mine.people_count, people)?;
    let asked_for = mine.status.is_some();
    meeting.meet(Value::Status, base.status, &mut mine.status, &theirs.status)?;
    if asked_for && mine.status.is_none() {
        // It is so already, so nobody has to be told why.
        mine.status_reason = None;
    }
    Ok(())
}

/// Edits a contact.
pub async fn contact(request: &Request, edit: ContactEdit, once: Once) -> Result<Done> {
    let ContactEdit { target, base_version, base, mine } = edit;
    let change = ContactChange { name: mine.name, phone: mine.phone, wechat_id: None };
    let mut change = change.checked().map_err(|error| error.below("mine"))?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    let (id, field) = match target {
        Target::Id(id) => (id, "contactId"),
        Target::EnrolledBy(key) => {
            (expected(Once::made_before(&tx, &key).await?, "enrolledBy")?, "enrolledBy")
        }
    };
    let of = |outcome| Done { contact_id: Some(id), ..Done::of(outcome) };
    if once.claim(&tx, id, now).await?.is_some() {
        return Ok(of(FieldWorkOutcome::AlreadyApplied));
    }
    let theirs: Contact = expected(record::lock(&tx, &id.into()).await?, field)?;
    let mut meeting = Meeting::new(theirs.version == base_version);
    meeting.meet(Value::Name, base.name, &mut change.name, &theirs.name)?;
    let phone = theirs.phone.map(|phone| phone.0);
    meeting.meet(Value::Phone, base.phone, &mut change.phone, &phone)?;
    let changes = meeting.changes();
    let outcome = match meeting.end() {
        Ok(outcome) => outcome,
        Err(conflicts) => return Ok(Done { conflicts, ..of(FieldWorkOutcome::Conflict) }),
    };
    if changes {
        change_contact(&mut tx, id, theirs.version, change, now).await?;
    }
    tx.commit().await?;
    Ok(of(outcome))
}
