//! How a message comes into an inquiry, whoever brings it: with everything that follows at once.

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Escalation, Priority, Status};
use serde_json::json;
use uuid::Uuid;

use super::change::{Change, Changed};
use super::emergency;
use super::rules::{happened, message_added, sorted, told};
use super::state::waiting_on;
use super::store;
use super::{Inquiry, Message, MessageDirection};
use crate::db::Tx;
use crate::deadline::Policy;
use crate::error::Result;
use crate::event::Kind;
use crate::household::Household;
use crate::id::{self, GlobalId};
use crate::request::Request;

/// Characters of the text that become the subject when none is given.
const SUBJECT_FROM_TEXT: usize = 30;

/// A new inquiry of a household with its first message.
pub fn opening(
    id: Uuid,
    household: Household,
    category: Category,
    subject: String,
    message: Message,
    now: DateTime<Utc>,
) -> Inquiry {
    Inquiry {
        id: GlobalId::new(id::Kind::Inquiry, id),
        category: category.into(),
        status: Status::Open.into(),
        waiting_on: waiting_on(Status::Open),
        subject,
        version: 1,
        opened_at: now,
        updated_at: now,
        resolved_at: None,
        household_id: household.id.uuid(),
        village_code: household.village_code.clone(),
        township_code: household.township_code.clone(),
        assignee_id: None,
        last_message_id: Some(message.id.uuid()),
        priority: Priority::Normal.into(),
        waiting_since: now,
        due_at: None,
        escalation: Escalation::Desk.into(),
        stopwatch: None,
        draft_lock: Some(None),
        household: Some(household),
        last_message: Some(message),
    }
}

/// Writes a new inquiry and its message.
pub async fn open(
    request: &Request,
    tx: &mut Tx,
    opened: Changed,
    now: DateTime<Utc>,
) -> Result<Inquiry> {
    store::insert(tx, &opened)?;
    let inquiry = opened.after;
    if let Some(message) = &inquiry.last_message {
        store::insert_message(tx, message);
        let sorted = sorted(&inquiry);
        let detail = json!({ "status": "OPEN", "sorted": sorted });
        tx.record(happened(Kind::InquirySubmitted, &inquiry, now, detail));
        tx.record(message_added(&inquiry, message, now));
        emergency::look_for(request, tx, &inquiry, message).await?;
    }
    Ok(inquiry)
}

/// Writes a message into an inquiry, which thereby comes to stand there.
pub async fn add(
    request: &Request,
    tx: &mut Tx,
    before: &Inquiry,
    message: &Message,
    status: Status,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<()> {
    let change = Change {
        status: Some(status),
        last_message_id: Some(message.id.uuid()),
        ..Default::default()
    };
    let changed = Changed::by(change, before, now, policy);
    store::insert_message(tx, message);
    store::update(tx, &changed).await?;
    if let Some(officer_id) = message.officer_id
        && message.direction == MessageDirection::Outbound
    {
        store::let_go(tx, before.id.uuid(), officer_id).await?;
    }
    tx.record(message_added(before, message, now));
    tx.record(told(before, &changed.after, now));
    if message.direction == MessageDirection::Inbound {
        emergency::look_for(request, tx, before, message).await?;
    }
    Ok(())
}

/// The subject of a text.
pub fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut subject: String = line.chars().take(SUBJECT_FROM_TEXT).collect();
    if line.chars().count() > SUBJECT_FROM_TEXT {
        subject.push('…');
    }
    subject
}
