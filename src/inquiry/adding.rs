//! How a message comes into an inquiry, whoever brings it: with everything that follows at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Escalation, Priority, Status};
use serde_json::json;
use uuid::Uuid;

use super::change::{Change, Changed};
use super::emergency;
use super::rules::{happened, message_added, owner_id, sorted, told};
use super::sealing::{self, handled};
use super::state::waiting_on;
use super::store::{self, seal};
use super::{Inquiry, Message, MessageDirection, Owning};
use crate::category::InquiryCategory;
use crate::db::Tx;
use crate::deadline::Policy;
use crate::error::Result;
use crate::event::Kind;
use crate::household::Household;
use crate::id::{self, GlobalId};
use crate::request::Request;
use crate::roster::Facts;

/// Characters of the text that become the subject when none is given.
const SUBJECT_FROM_TEXT: usize = 30;

/// A new inquiry of a household with its first message.
pub struct Opening {
    /// Its id.
    pub id: Uuid,
    /// Whose matter it is.
    pub household: Household,
    /// Who is on duty for that household.
    pub roster: Arc<Facts>,
    /// What it is about.
    pub category: Category,
    /// The officer whom it concerns, who never sees it.
    pub concerns: Option<Uuid>,
    /// What it is about, in a few words.
    pub subject: String,
    /// What was said first.
    pub message: Message,
}

impl Opening {
    /// The inquiry as it begins.
    pub fn inquiry(self, now: DateTime<Utc>) -> Inquiry {
        let Self { id, household, roster, category, concerns, subject, message } = self;
        let roster = match concerns {
            Some(officer_id) => Arc::new(Facts::clone(&roster).without(&[officer_id])),
            None => roster,
        };
        Inquiry {
            id: GlobalId::new(id::Kind::Inquiry, id),
            category: category.into(),
            sealed: concerns.is_some() || InquiryCategory::from(category).is_sealed(),
            status: Status::Open.into(),
            waiting_on: waiting_on(Status::Open),
            subject,
            version: 1,
            opened_at: now,
            updated_at: now,
            resolved_at: None,
            erased_at: None,
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
            owner: None,
            roster: Some(roster),
            household: Some(Arc::new(household)),
            last_message: Some(Arc::new(message)),
        }
    }
}

/// Writes a new inquiry and its message.
pub fn open(
    request: &Request,
    tx: &mut Tx,
    opened: Changed,
    concerns: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Inquiry> {
    store::insert(tx, &opened)?;
    let inquiry = opened.after;
    if let Some(message) = &inquiry.last_message {
        store::insert_message(tx, message);
        let sorted = sorted(&inquiry);
        let owner = owner_id(&inquiry);
        let detail = json!({
            "status": "OPEN", "sorted": sorted, "owner": owner, "sealed": inquiry.sealed,
        });
        tx.record(happened(Kind::InquirySubmitted, &inquiry, now, detail));
        tx.record(message_added(&inquiry, message, now));
        let alerted = emergency::look_for(request, tx, &inquiry, message);
        for one in sealing::first_readers(request.actor(), &inquiry, alerted, concerns) {
            seal::add(tx, one, now);
        }
    }
    if let Some(officer_id) = concerns {
        seal::add_exclusion(tx, inquiry.id.uuid(), officer_id, now);
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
    let inbound = message.direction == MessageDirection::Inbound;
    let change = Change {
        status: Some(status),
        last_message_id: Some(message.id.uuid()),
        owner: inbound.then_some(Owning::InTurn(None)),
        ..Default::default()
    };
    let changed = Changed::by(change, before, now, policy);
    store::insert_message(tx, message);
    store::update(tx, &changed).await?;
    if let Some(officer_id) = message.officer_id.filter(|_| !inbound) {
        store::let_go(tx, before.id.uuid(), officer_id).await?;
    }
    tx.record(message_added(before, message, now));
    tx.record(told(before, &changed.after, now));
    handled(tx, std::iter::once(&changed.after), now).await?;
    if inbound {
        let alerted = emergency::look_for(request, tx, before, message);
        let alerted = alerted.filter(|_| before.sealed).map(|id| sealing::handles(before, id));
        seal::name(tx, &Vec::from_iter(alerted), now).await?;
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
