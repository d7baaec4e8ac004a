//! The rules of contacts.

use chrono::{DateTime, Utc};
use entity::household;
use entity::household_contact::Standing;
use entity::household_status_change::Cause;
use uuid::Uuid;

use super::consent::ConsentInput;
use super::rules::{find, locked, of_version};
use super::settle::{Happened, settle};
use super::state::Move;
use super::store::{self, consents, people};
use super::{Contact, Household};
use crate::access::Act;
use crate::clock;
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
    /// What the contact consented to.
    pub consent: Option<ConsentInput>,
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

/// Lets a contact speak for a household. Somebody new joins only with a consent.
pub async fn enrol(request: &Request, enrolment: Enrolment, once: Once) -> Result<Contact> {
    let Enrolment { household_id, who, standing, consent } = enrolment;
    let who = match who {
        Who::New(person) => Who::New(checked(person)?),
        known @ Who::Known(_) => known,
    };
    let now = request.service().clock.now();
    let consent = consent.map(|consent| consent.checked(now)).transpose()?;
    let contact_id = match &who {
        Who::Known(id) => *id,
        Who::New(_) => request.new_id(),
    };
    let mut tx = request.begin(Act::ManageContact).await?;
    if let Some(first) = once.claim(&tx, contact_id, now).await? {
        return find_contact(&tx, first, "idempotencyKey").await;
    }
    if let Who::Known(id) = who {
        // Whoever leaves meanwhile speaks for nobody new.
        expected(record::lock::<Contact>(&tx, &id.into()).await?, "contactId")?;
    }
    let before = locked(&tx, household_id).await?;
    let consent_id = match consent {
        Some(consent) => {
            let id = request.new_id();
            consents::insert(&tx, id, contact_id, household_id, consent, now).await?;
            Some(id)
        }
        None => None,
    };
    match who {
        Who::New(person) => {
            let id = consent_id.ok_or_else(without_consent)?;
            people::insert(&tx, contact_id, person, id, now).await?;
        }
        Who::Known(_) => {
            if let Some(id) = consent_id {
                people::set_consent(&tx, contact_id, id).await?;
            }
        }
    }
    if standing == Standing::Primary {
        store::demote_primary(&tx, household_id).await?;
    }
    store::link(&tx, household_id, contact_id, standing, now).await?;
    let own = standing != Standing::Caretaker;
    let made = if own { Move::Enrolled } else { Move::Stays };
    let happened = Happened { made, cause: Cause::Enrolment, reason: None, at: now };
    tx.record(contact_changed(contact_id, &before, now));
    settle(request, &mut tx, vec![before], happened, |_| {}).await?;
    let contact = find_contact(&tx, contact_id, "contactId").await?;
    tx.commit().await?;
    Ok(contact)
}

/// Changes how a contact stands to a household of this version. Where there is a new primary contact, the
/// former one becomes a backup.
pub async fn change_standing(
    request: &Request,
    household_id: Uuid,
    contact_id: Uuid,
    standing: Standing,
    version: i32,
) -> Result<Household> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    let before = of_version(&tx, household_id, version).await?;
    let former = expected(store::standing(&tx, household_id, contact_id).await?, "contactId")?;
    if standing == Standing::Primary {
        store::demote_primary(&tx, household_id).await?;
    }
    store::set_standing(&tx, &[(household_id, contact_id)], standing).await?;
    let (made, cause) = match (former, standing) {
        (Standing::Caretaker, Standing::Primary | Standing::Backup) => {
            store::confirm(&tx, household_id, &[contact_id], now).await?;
            (Move::Enrolled, Cause::Enrolment)
        }
        (_, Standing::Caretaker) => (Move::Left, Cause::ContactLeft),
        _ => (Move::Stays, Cause::ByHand),
    };
    tx.record(contact_changed(contact_id, &before, now));
    let happened = Happened { made, cause, reason: None, at: now };
    settle(request, &mut tx, vec![before], happened, |_| {}).await?;
    let after = find(&tx, household_id, "householdId").await?;
    tx.commit().await?;
    Ok(after)
}

/// Notes that a contact is still right for a household. More than once a day changes nothing.
pub async fn confirm(request: &Request, household_id: Uuid, contact_id: Uuid) -> Result<Household> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    let before = locked(&tx, household_id).await?;
    let links = store::links(&tx, &[household_id]).await?;
    let mut speaking = links.get(&household_id).into_iter().flatten();
    let link = expected(speaking.find(|link| link.contact_id == contact_id), "contactId")?;
    if link.confirmed_at.is_none_or(|at| clock::day(at) < clock::day(now)) {
        store::confirm(&tx, household_id, &[contact_id], now).await?;
        tx.record(contact_changed(contact_id, &before, now));
        let (made, cause) = (Move::Stays, Cause::ByHand);
        let happened = Happened { made, cause, reason: None, at: now };
        settle(request, &mut tx, vec![before], happened, |_| {}).await?;
    }
    let after = find(&tx, household_id, "householdId").await?;
    tx.commit().await?;
    Ok(after)
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
    find_contact(&tx, id, "contactId").await?;
    people::update(&tx, id, version, name, phone, wechat_id, now).await?;
    let households = store::households_of(&tx, id).await?;
    store::refresh_search_text(&tx, &households).await?;
    for household in store::lock(&tx, &households).await? {
        tx.record(contact_changed(id, &household, now));
    }
    let contact = find_contact(&tx, id, "contactId").await?;
    tx.commit().await?;
    Ok(contact)
}

async fn find_contact(tx: &Tx, id: Uuid, field: &str) -> Result<Contact> {
    expected(record::one(tx, &id.into(), ()).await?, field)
}

/// Tells that something about a contact of a household was changed.
pub fn contact_changed(id: Uuid, household: &household::Model, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::ContactChanged,
        at: now,
        place: Some((household.village_code.clone(), household.township_code.clone())),
        household_id: Some(household.id),
        subject_id: id,
        detail: serde_json::Value::Null,
    }
}

fn without_consent() -> Error {
    Error::user(
        UserErrorCode::Blank,
        "consent",
        "新联系人须先同意，请登记其同意。",
        "A new contact joins with a consent: write it down.",
    )
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
