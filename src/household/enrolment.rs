//! How a contact comes to speak for a household.

use chrono::{DateTime, Utc};
use entity::household::{self, Status};
use entity::household_contact::Standing;
use entity::household_status_change::Cause;
use uuid::Uuid;

use super::Contact;
use super::consent::{ConsentInput, GivenConsent};
use super::contacts::{MAX_NAME, MAX_WECHAT_ID, contact_changed, find_contact};
use super::rules::locked;
use super::settle::{Happened, settle};
use super::state::{self, Move};
use super::store::{self, consents, people};
use crate::access::Act;
use crate::db::{Made, Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

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
    /// When the officer wrote it down, where that is told later; now when left out.
    pub made_at: Option<DateTime<Utc>>,
}

/// Lets a contact speak for a household. Somebody new joins only with a consent.
pub async fn enrol(request: &Request, enrolment: Enrolment, once: Once) -> Result<Made<Contact>> {
    let now = request.service().clock.now();
    let enrolment = enrolment.checked(now)?;
    let contact_id = match &enrolment.who {
        Who::Known(id) => *id,
        Who::New(_) => request.new_id(),
    };
    let mut tx = request.begin(Act::ManageContact).await?;
    if let Some(first) = once.claim(&tx, contact_id, now).await? {
        return Ok(Made::Before(record::one(&tx, &first.into(), ()).await?));
    }
    join(request, &mut tx, contact_id, enrolment, now).await?;
    let contact = find_contact(&tx, contact_id, "contactId").await?;
    tx.commit().await?;
    Ok(Made::Now(contact))
}

impl Enrolment {
    /// The same, when everything in it can be.
    pub fn checked(self, now: DateTime<Utc>) -> Result<Checked> {
        let Self { household_id, who, standing, consent, made_at } = self;
        let who = match who {
            Who::New(person) => Who::New(checked(person)?),
            known @ Who::Known(_) => known,
        };
        let consent = consent.map(|consent| consent.checked(now)).transpose()?;
        Ok(Checked { household_id, who, standing, consent, at: made_at.unwrap_or(now) })
    }
}

/// An enrolment in which everything can be.
pub struct Checked {
    household_id: Uuid,
    who: Who,
    standing: Standing,
    consent: Option<GivenConsent>,
    at: DateTime<Utc>,
}

/// Lets a contact speak for a household, as a part of the change.
pub async fn join(
    request: &Request,
    tx: &mut Tx,
    contact_id: Uuid,
    enrolment: Checked,
    now: DateTime<Utc>,
) -> Result<()> {
    let Checked { household_id, who, standing, consent, at } = enrolment;
    if let Who::Known(id) = who {
        // Whoever leaves meanwhile speaks for nobody new.
        expected(record::lock::<Contact>(tx, &id.into()).await?, "contactId")?;
    }
    let before = locked(tx, household_id).await?;
    let made = follows(tx, &before, standing, at).await?;
    let consent_id = match consent {
        Some(consent) => {
            let id = request.new_id();
            consents::insert(tx, id, contact_id, household_id, consent, now).await?;
            Some(id)
        }
        None => None,
    };
    introduce(tx, contact_id, who, consent_id, now).await?;
    if standing == Standing::Primary {
        store::demote_primary(tx, household_id).await?;
    }
    store::link(tx, household_id, contact_id, standing, at).await?;
    let happened = Happened { made, cause: Cause::Enrolment, reason: None, at };
    tx.record(contact_changed(contact_id, &before, now));
    settle(request, tx, vec![before], happened, |_| {}).await
}

/// Writes down somebody new, who needs a consent, or that a known contact has consented anew.
async fn introduce(
    tx: &Tx,
    contact_id: Uuid,
    who: Who,
    consent_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    match (who, consent_id) {
        (Who::New(_), None) => Err(without_consent()),
        (Who::New(person), Some(id)) => people::insert(tx, contact_id, person, id, now).await,
        (Who::Known(_), Some(id)) => people::set_consent(tx, contact_id, id).await,
        (Who::Known(_), None) => Ok(()),
    }
}

/// What an enrolment does to the status. One that is told late undoes nothing that was found out after it,
/// and nobody joins for a household that has declined since.
async fn follows(
    tx: &Tx,
    household: &household::Model,
    standing: Standing,
    at: DateTime<Utc>,
) -> Result<Move> {
    let final_word = state::needs_reason(household.status);
    let since = final_word && store::status_changed_after(tx, household.id, at).await?;
    match household.status {
        Status::Declined if since => Err(Error::user(
            UserErrorCode::WrongState,
            "householdId",
            "该户此后已表示不愿加入，请再次征求意见。",
            "The household has declined since: ask again.",
        )),
        _ if since || standing == Standing::Caretaker => Ok(Move::Stays),
        _ => Ok(Move::Enrolled),
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
