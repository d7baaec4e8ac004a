//! The rules of contacts.

use chrono::{DateTime, Utc};
use entity::household::Status;
use entity::household_contact::Standing;
use uuid::Uuid;

use super::rules::{changed, find};
use super::store::{self, people};
use super::{Contact, Household};
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_NAME: usize = 40;
const MAX_WECHAT_ID: usize = 128;

/// Somebody whom we do not know yet.
pub struct Newcomer {
    /// The name.
    pub name: String,
    /// The phone number.
    pub phone: Option<String>,
    /// The WeChat identity.
    pub wechat_id: Option<String>,
}

/// Who is to speak for a household.
pub enum Who {
    /// A contact of another household.
    Known(Uuid),
    /// Somebody new.
    New(Newcomer),
}

/// Somebody is to speak for a household.
pub struct Enrolment {
    /// The household.
    pub household_id: Uuid,
    /// Who.
    pub who: Who,
    /// In which standing.
    pub standing: Standing,
}

/// What is to be changed of a contact; `None` leaves it as it is.
pub struct ContactChange {
    /// The name.
    pub name: Option<String>,
    /// The phone number, or its deletion.
    pub phone: Option<Option<String>>,
    /// The WeChat identity, or its deletion.
    pub wechat_id: Option<Option<String>>,
}

/// Lets a contact speak for a household.
pub async fn enrol(request: &Request, enrolment: Enrolment, once: Once) -> Result<Contact> {
    let Enrolment { household_id, who, standing } = enrolment;
    let who = match who {
        Who::New(person) => Who::New(checked(person)?),
        known @ Who::Known(_) => known,
    };
    let now = request.service().clock.now();
    let contact_id = match &who {
        Who::Known(id) => *id,
        Who::New(_) => request.new_id(),
    };
    let mut tx = request.begin(Act::ManageContact).await?;
    if let Some(first) = once.claim(&tx, contact_id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let before = find(&tx, household_id, "householdId").await?;
    match who {
        Who::New(person) => people::insert(&tx, contact_id, person, now).await?,
        Who::Known(_) => {
            let known: Option<Contact> = record::one(&tx, &contact_id.into(), ()).await?;
            expected(known, "contactId")?;
        }
    }
    if standing == Standing::Primary {
        people::demote_primary(&tx, household_id).await?;
    }
    people::link(&tx, household_id, contact_id, standing, now).await?;
    let enrolled = standing != Standing::Caretaker;
    let change = store::Change {
        status: enrolled.then_some(Status::Enrolled),
        reachable: enrolled.then_some(true),
        confirmed_at: enrolled.then_some(now),
        ..Default::default()
    };
    settle(&mut tx, &before, change, contact_id, now).await?;
    let contact = expected(record::one(&tx, &contact_id.into(), ()).await?, "contactId")?;
    tx.commit().await?;
    Ok(contact)
}

/// Changes a contact.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: ContactChange,
) -> Result<Contact> {
    let name = text::optional("name", change.name.as_deref(), MAX_NAME)?;
    let phone = match change.phone {
        Some(Some(phone)) => Some(Some(text::phone("phone", &phone)?)),
        other => other,
    };
    let wechat_id = match change.wechat_id {
        Some(Some(id)) => Some(Some(text::required("wechatId", &id, MAX_WECHAT_ID)?)),
        other => other,
    };
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    let known: Option<Contact> = record::one(&tx, &id.into(), ()).await?;
    expected(known, "contactId")?;
    people::update(&tx, id, version, name, phone, wechat_id, now).await?;
    let households = people::households_of(&tx, id).await?;
    store::refresh_search_text(&tx, &households).await?;
    for household_id in households {
        tx.record(contact_changed(id, household_id, None, now));
    }
    let contact = expected(record::one(&tx, &id.into(), ()).await?, "contactId")?;
    tx.commit().await?;
    Ok(contact)
}

/// Ends a contact's speaking for a household of this version.
pub async fn remove(
    request: &Request,
    household_id: Uuid,
    contact_id: Uuid,
    version: i32,
) -> Result<Household> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    let before = find(&tx, household_id, "householdId").await?;
    if before.version != version {
        crate::db::changed_one(0)?;
    }
    if !people::unlink(&tx, household_id, contact_id).await? {
        return Err(expected(None::<()>, "contactId").err().unwrap_or_else(Error::not_found));
    }
    people::promote_backup(&tx, household_id).await?;
    let enrolled = people::speaks_for_itself(&tx, household_id).await?;
    let left = Status::from(before.status) == Status::Enrolled && !enrolled;
    let change = store::Change {
        status: left.then_some(Status::Visited),
        reachable: left.then_some(false),
        ..Default::default()
    };
    if people::households_of(&tx, contact_id).await?.is_empty() {
        people::delete(&tx, contact_id).await?;
    }
    let after = settle(&mut tx, &before, change, contact_id, now).await?;
    tx.commit().await?;
    Ok(after)
}

/// Writes what a change of contacts means for the household, and tells of it.
async fn settle(
    tx: &mut Tx,
    before: &Household,
    change: store::Change,
    contact_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Household> {
    let id = before.id.uuid();
    store::update(tx, id, before.version, change, now).await?;
    store::refresh_search_text(tx, &[id]).await?;
    let after = find(tx, id, "householdId").await?;
    tx.record(changed(before, &after, now));
    let place = (after.village_code.clone(), after.township_code.clone());
    tx.record(contact_changed(contact_id, id, Some(place), now));
    Ok(after)
}

fn contact_changed(
    id: Uuid,
    household_id: Uuid,
    place: Option<(String, String)>,
    now: DateTime<Utc>,
) -> Draft {
    Draft {
        kind: Kind::ContactChanged,
        at: now,
        place,
        household_id: Some(household_id),
        subject_id: id,
        detail: serde_json::Value::Null,
    }
}

fn checked(person: Newcomer) -> Result<Newcomer> {
    let name = text::required("name", &person.name, MAX_NAME)?;
    let phone = person.phone.as_deref().map(|phone| text::phone("phone", phone)).transpose()?;
    let wechat_id = text::optional("wechatId", person.wechat_id.as_deref(), MAX_WECHAT_ID)?;
    Ok(Newcomer { name, phone, wechat_id })
}

/// Somebody else has this WeChat identity.
pub fn wechat_taken() -> Error {
    Error::user(
        UserErrorCode::Taken,
        "wechatId",
        "该微信身份已属于另一位联系人。",
        "This WeChat identity belongs to another contact.",
    )
}
