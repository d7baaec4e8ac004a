//! The rules of contacts.

use chrono::{DateTime, Utc};
use entity::household;
use entity::household_contact::Standing;
use entity::household_status_change::Cause;
use uuid::Uuid;

use super::rules::{find, locked, of_version};
use super::settle::{Happened, settle};
use super::state::Move;
use super::store::{self, people};
use super::{Contact, Household};
use crate::access::Act;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

/// The most characters of a contact's name.
pub const MAX_NAME: usize = 40;
/// The most characters of a WeChat identity.
pub const MAX_WECHAT_ID: usize = 128;

/// What is to be changed of a contact; `None` leaves it as it is.
pub struct ContactChange {
    /// The name.
    pub name: Option<String>,
    /// The phone number, or its deletion.
    pub phone: Option<Option<String>>,
    /// The WeChat identity, or its deletion.
    pub wechat_id: Option<Option<String>>,
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

impl ContactChange {
    /// The same, in the form in which it is kept.
    pub fn checked(self) -> Result<Self> {
        let name = text::optional("name", self.name.as_deref(), MAX_NAME)?;
        let phone = match self.phone {
            Some(Some(phone)) => Some(Some(text::phone("phone", &phone)?)),
            other => other,
        };
        let wechat_id = match self.wechat_id {
            Some(Some(id)) => Some(Some(text::required("wechatId", &id, MAX_WECHAT_ID)?)),
            other => other,
        };
        Ok(Self { name, phone, wechat_id })
    }
}

/// Changes a contact of this version.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: ContactChange,
) -> Result<Contact> {
    let change = change.checked()?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    find_contact(&tx, id, "contactId").await?;
    change_contact(&mut tx, id, version, change, now).await?;
    let contact = find_contact(&tx, id, "contactId").await?;
    tx.commit().await?;
    Ok(contact)
}

/// Writes a checked change into a contact of this version that is in the area of the change.
pub async fn change_contact(
    tx: &mut Tx,
    id: Uuid,
    version: i32,
    change: ContactChange,
    now: DateTime<Utc>,
) -> Result<()> {
    people::update(tx, id, version, change, now).await?;
    let households = store::households_of(tx, id).await?;
    store::refresh_search_text(tx, &households).await?;
    for household in store::lock(tx, &households).await? {
        tx.record(contact_changed(id, &household, now));
    }
    Ok(())
}

/// The contact with this id in the area of the change.
pub async fn find_contact(tx: &Tx, id: Uuid, field: &str) -> Result<Contact> {
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

/// Somebody else has this WeChat identity.
pub fn wechat_taken() -> Error {
    Error::user(
        UserErrorCode::Taken,
        "wechatId",
        "该微信身份已属于另一位联系人。",
        "This WeChat identity belongs to another contact.",
    )
}
