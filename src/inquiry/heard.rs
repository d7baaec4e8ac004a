//! What was said through a channel, and is heard by this service only afterwards: it goes into the contact's open
//! inquiry, or opens one.

use chrono::{DateTime, TimeDelta, Utc};
use entity::inquiry::Status;
use entity::message::{Direction, Via};
use serde_json::json;
use uuid::Uuid;

use super::adding::{Opening, add, beginning, open};
use super::change::Changed;
use super::rules::{MAX_TEXT, happened, message_added};
use super::state::{self, Move};
use super::store::{self, InquiryWith};
use super::{Inquiry, Message};
use crate::category::suggested;
use crate::db::{Key, Tx};
use crate::deadline::Policy;
use crate::error::Result;
use crate::event::Kind;
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::roster;

/// Something that was said.
pub struct Heard {
    /// The contact who said it, or to whom it was said.
    pub contact_id: Uuid,
    /// The households that the contact speaks for; a new inquiry is the first one's.
    pub households: Vec<Uuid>,
    /// Whether the contact said it, or an officer did.
    pub by_contact: bool,
    /// What was said.
    pub text: String,
    /// What the service answers by itself: nobody's reply, so the inquiry still waits for an officer.
    pub answer: Option<Answer>,
}

/// What the service answers by itself.
pub struct Answer {
    /// While somebody is on a shift for the household's village.
    pub on_duty: String,
    /// While nobody is.
    pub otherwise: String,
}

/// Writes down what was said. It is part of the change, so it is heard once. The policy is read before the change
/// begins: there may be one connection for changes.
pub async fn hear(
    request: &Request,
    tx: &mut Tx,
    policy: &Policy,
    heard: Heard,
) -> Result<Message> {
    let now = request.service().clock.now();
    let text = fitting(&heard.text);
    let (direction, made, contact_id) = if heard.by_contact {
        (Direction::Inbound, Move::ResidentWrote, Some(heard.contact_id))
    } else {
        (Direction::Outbound, Move::OfficerReplied, None)
    };
    let message = |inquiry_id: Uuid, sent_at| Message {
        id: GlobalId::new(id::Kind::Message, request.new_id()),
        direction: direction.into(),
        text: text.clone(),
        sent_at,
        inquiry_id,
        officer_id: None,
        contact_id,
        guide_version_id: None,
        via: Via::Wechat.into(),
        recalled_at: None,
        automatic: false,
    };
    if let Some(before) = conversation(tx, &heard, now).await?
        && let Some(status) = state::next(Status::from(before.status), made)
    {
        let message = message(before.id.uuid(), behind(&before, now));
        add(request, tx, &before, &message, status, policy, now).await?;
        answer(request, tx, &before, &message, heard.answer);
        return Ok(message);
    }
    let household = expected(heard.households.first().copied(), "contactId")?;
    let household = store::household(tx, &household.into()).await?;
    let (household, version) = expected(household, "contactId")?;
    let code = &household.village_code;
    let roster = roster::of_village(request.service(), tx, code, version, now).await?;
    let id = request.new_id();
    let message = message(id, now);
    let opening = Opening {
        id,
        household,
        roster,
        category: suggested(&text).into(),
        concerns: None,
        subject: beginning(&text),
        message: message.clone(),
    };
    let opened = open(request, tx, Changed::opened(opening.inquiry(now), policy), None, now)?;
    answer(request, tx, &opened, &message, heard.answer);
    Ok(message)
}

/// Answers a message by itself, right behind it.
fn answer(request: &Request, tx: &mut Tx, inquiry: &Inquiry, to: &Message, answer: Option<Answer>) {
    let Some(Answer { on_duty, otherwise }) = answer else { return };
    let at = request.service().clock.now();
    let is_manned = inquiry.roster.as_ref().is_some_and(|roster| roster.is_manned(at));
    let text = if is_manned { on_duty } else { otherwise };
    let answer = Message {
        id: GlobalId::new(id::Kind::Message, request.new_id()),
        direction: Direction::Outbound.into(),
        text,
        sent_at: to.sent_at + TimeDelta::milliseconds(1),
        contact_id: None,
        automatic: true,
        ..to.clone()
    };
    store::insert_message(tx, &answer);
    tx.record(message_added(inquiry, &answer, to.sent_at));
}

/// What the service tells somebody by itself in an inquiry that there is.
pub struct Told {
    /// The contact.
    pub contact_id: Uuid,
    /// The households that the contact speaks for.
    pub households: Vec<Uuid>,
    /// What is told.
    pub text: String,
    /// The version of the guide that it is made from.
    pub guide_version_id: Uuid,
}

/// Tells somebody something in the inquiry that they are in the middle of, and answers with the message; nothing when
/// there is no such inquiry. It is nobody's reply, so the inquiry remains as it is.
pub async fn tell_there(request: &Request, tx: &mut Tx, told: Told) -> Result<Option<Uuid>> {
    let Some(id) = store::conversation(tx, &told.households, told.contact_id).await? else {
        return Ok(None);
    };
    let with = InquiryWith { last_message: true, ..Default::default() };
    let Some(inquiry) = record::one::<Inquiry>(tx, &id.into(), with).await? else {
        return Ok(None);
    };
    let now = request.service().clock.now();
    let message = Message {
        id: GlobalId::new(id::Kind::Message, request.new_id()),
        direction: Direction::Outbound.into(),
        text: told.text,
        sent_at: behind(&inquiry, now),
        inquiry_id: id,
        officer_id: None,
        contact_id: None,
        guide_version_id: Some(told.guide_version_id),
        via: Via::Wechat.into(),
        recalled_at: None,
        automatic: true,
    };
    store::insert_message_now(tx, &message).await?;
    tx.record(message_added(&inquiry, &message, now));
    Ok(Some(message.id.uuid()))
}

/// The inquiry that the contact is in the middle of, which nobody else changes until the change is over.
async fn conversation(tx: &Tx, heard: &Heard, now: DateTime<Utc>) -> Result<Option<Inquiry>> {
    let Some(id) = store::conversation(tx, &heard.households, heard.contact_id).await? else {
        return Ok(None);
    };
    let with = InquiryWith { stopwatch: true, last_message: true, ..Default::default() };
    let select = record::locking::<Inquiry>(tx, &[id.into()], with);
    Ok(store::with_roster(tx, select, with, None, now).await?.pop())
}

/// A moment after everything that was said before.
fn behind(inquiry: &Inquiry, now: DateTime<Utc>) -> DateTime<Utc> {
    let last = inquiry.last_message.as_ref().map(|last| last.sent_at);
    last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1)))
}

/// A text of a foreign program in a form that is kept here: without control characters, and not too long.
fn fitting(text: &str) -> String {
    let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
    let text: String = text.trim().chars().filter(kept).take(MAX_TEXT).collect();
    if text.trim().is_empty() { "[空白消息]".to_owned() } else { text.trim().to_owned() }
}

/// Notes that a message was taken back.
pub async fn recall(tx: &mut Tx, message_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    if store::recall(tx, message_id, now).await? {
        message_changed(tx, message_id, now).await?;
    }
    Ok(())
}

/// Tells that something became of a message after it was written.
pub async fn message_changed(tx: &mut Tx, message_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let message: Option<Message> = record::one(tx, &Key::from(message_id), ()).await?;
    let Some(message) = message else { return Ok(()) };
    let key = message.inquiry_id.into();
    if let Some(inquiry) = record::one::<Inquiry>(tx, &key, InquiryWith::default()).await? {
        let detail = json!({ "message": message_id });
        tx.record(happened(Kind::MessageChanged, &inquiry, now, detail));
    }
    Ok(())
}
