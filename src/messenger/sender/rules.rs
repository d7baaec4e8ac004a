//! The rules of unknown senders.

use chrono::{DateTime, Utc};
use entity::household_contact::Standing;
use serde_json::json;
use uuid::Uuid;

use super::WechatSender;
use super::store;
use crate::access::Act;
use crate::db::{Once, Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::consent::ConsentInput;
use crate::household::{
    Contact, ContactChange, Enrolment, Household, Who, change_contact, households_of, join,
};
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// Who a sender is.
pub struct Binding {
    /// The sender.
    pub sender_id: Uuid,
    /// The household that they are of.
    pub household_id: Uuid,
    /// The contact.
    pub who: Who,
    /// How a new contact stands to the household.
    pub standing: Standing,
    /// What a new contact agreed to.
    pub consent: Option<ConsentInput>,
}

/// Writes down who a sender is, and lets what they wrote be heard.
pub async fn bind(request: &Request, binding: Binding, once: Once) -> Result<WechatSender> {
    let Binding { sender_id, household_id, who, standing, consent } = binding;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::BindSender).await?;
    if let Some(first) = once.claim(&tx, sender_id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let sender = unknown(&tx, sender_id).await?;
    let name = expected(store::name(&tx, sender_id).await?, "senderId")?;
    let household: Household =
        expected(record::one(&tx, &household_id.into(), Default::default()).await?, "householdId")?;
    let contact_id = match who {
        Who::Known(id) => {
            let contact: Contact = expected(record::lock(&tx, &id.into()).await?, "contactId")?;
            let speaks = households_of(&tx, id).await?.contains(&household_id);
            expected(speaks.then_some(()), "contactId")?;
            let wechat_id = Some(Some(name));
            let change = ContactChange { name: None, phone: None, wechat_id };
            change_contact(&mut tx, id, contact.version, change, now).await?;
            id
        }
        Who::New(mut person) => {
            person.wechat_id = Some(name);
            let who = Who::New(person);
            let enrolment = Enrolment { household_id, who, standing, consent, made_at: None };
            let id = request.new_id();
            join(request, &mut tx, id, enrolment.checked(now)?, now).await?;
            id
        }
    };
    store::bind(&tx, sender_id, contact_id).await?;
    let place = Some((household.village_code.clone(), household.township_code.clone()));
    tx.record(Draft {
        kind: Kind::SenderBound,
        at: now,
        place,
        household_id: Some(household_id),
        subject_id: sender_id,
        detail: json!({ "contact": contact_id }),
    });
    tx.commit().await?;
    Ok(WechatSender { contact_id: Some(contact_id), version: sender.version + 1, ..sender })
}

/// Leaves aside what a sender wrote so far.
pub async fn dismiss(request: &Request, id: Uuid, version: i32) -> Result<WechatSender> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::BindSender).await?;
    let sender = unknown(&tx, id).await?;
    changed_one(u64::from(sender.version == version))?;
    store::dismiss(&tx, id, now).await?;
    tx.record(dismissed(&sender, now));
    tx.commit().await?;
    Ok(WechatSender { dismissed_at: Some(now), version: version.saturating_add(1), ..sender })
}

fn dismissed(sender: &WechatSender, now: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::SenderDismissed,
        at: now,
        place: None,
        household_id: None,
        subject_id: sender.id.uuid(),
        detail: serde_json::Value::Null,
    }
}

/// The sender in the caller's area, whom nobody else changes until the change is over.
async fn unknown(tx: &Tx, id: Uuid) -> Result<WechatSender> {
    let sender: WechatSender = expected(record::lock(tx, &id.into()).await?, "senderId")?;
    match sender.contact_id {
        None => Ok(sender),
        Some(_) => Err(Error::user(
            UserErrorCode::WrongState,
            "senderId",
            "已核实该来信人的身份。",
            "It is known already who that is.",
        )),
    }
}
