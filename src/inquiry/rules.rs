//! The rules of inquiries.

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Status};
use entity::message::Direction;
use serde_json::json;
use uuid::Uuid;

use super::state::{self, Move, waiting_on};
use super::store::{self, InquiryWith};
use super::{Inquiry, Message};
use crate::access::Act;
use crate::actor::{Actor, Role};
use crate::attachment;
use crate::db::{Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::guide;
use crate::household::Household;
use crate::id::{self, GlobalId};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_SUBJECT: usize = 60;
const MAX_TEXT: usize = 4000;
/// Characters of the text that become the subject when none is given.
const SUBJECT_FROM_TEXT: usize = 30;

/// An inquiry to be opened.
pub struct NewInquiry {
    /// Whose matter it is.
    pub household_id: Uuid,
    /// What it is about.
    pub category: Category,
    /// What it is about, in a few words.
    pub subject: Option<String>,
    /// What the household asks.
    pub text: String,
    /// The files that come with it.
    pub attachments: Vec<Uuid>,
}

/// What is to be said.
pub struct NewReply {
    /// The words.
    pub text: String,
    /// The version of the guide that they were made from.
    pub guide_version_id: Option<Uuid>,
    /// The files that come with it.
    pub attachments: Vec<Uuid>,
}

/// Opens an inquiry. What is brought `with` it is read together with the household.
pub async fn submit(
    request: &Request,
    new: NewInquiry,
    once: Once,
    with: InquiryWith,
) -> Result<Inquiry> {
    let text = text::required("text", &new.text, MAX_TEXT)?;
    let subject = text::optional("subject", new.subject.as_deref(), MAX_SUBJECT)?;
    let subject = subject.unwrap_or_else(|| beginning(&text));
    let now = request.service().clock.now();
    let id = request.new_id();
    let reader = request.reader(Act::SubmitInquiry)?;
    let key = new.household_id.into();
    let look_up =
        || record::one_once::<Household>(&reader, &once, &key, with.household.unwrap_or_default());
    let made_before = async |first: Uuid| {
        expected(record::one(&reader, &first.into(), with).await?, "idempotencyKey")
    };
    let (first, household) = look_up().await?;
    if let Some(first) = first {
        return made_before(first).await;
    }
    let household = expected(household, "householdId")?;
    let message = written(request, Direction::Inbound, id, text, now);
    let message_id = message.id.uuid();
    let inquiry = Inquiry {
        id: GlobalId::new(id::Kind::Inquiry, id),
        category: new.category.into(),
        status: Status::Open.into(),
        waiting_on: waiting_on(Status::Open),
        subject,
        version: 1,
        opened_at: now,
        updated_at: now,
        resolved_at: None,
        household_id: new.household_id,
        village_code: household.village_code.clone(),
        township_code: household.township_code.clone(),
        assignee_id: None,
        last_message_id: Some(message_id),
        household: Some(household),
        last_message: Some(message),
    };
    let mut tx = request.begin(Act::SubmitInquiry).await?;
    once.take(&mut tx, id, now);
    store::insert(&mut tx, &inquiry);
    if let Some(message) = &inquiry.last_message {
        store::insert_message(&mut tx, message);
        tx.record(happened(Kind::InquirySubmitted, &inquiry, now, json!({ "status": "OPEN" })));
        tx.record(message_added(&inquiry, message, now));
    }
    if let Err(error) = commit_with(tx, message_id, &new.attachments).await {
        // Somebody may have been faster with the same key.
        let (first, _) = look_up().await?;
        return made_before(first.ok_or(error)?).await;
    }
    Ok(inquiry)
}

async fn commit_with(tx: Tx, message_id: Uuid, attachments: &[Uuid]) -> Result<()> {
    attachment::attach(&tx, message_id, attachments).await?;
    tx.commit().await
}

/// Writes into an inquiry: outbound by an officer, inbound by the household.
pub async fn reply(request: &Request, id: Uuid, new: NewReply, once: Once) -> Result<Message> {
    let text = text::required("text", &new.text, MAX_TEXT)?;
    let (direction, made) = match request.actor().role {
        Role::Resident | Role::Channel => (Direction::Inbound, Move::ResidentWrote),
        _ => (Direction::Outbound, Move::OfficerReplied),
    };
    if new.guide_version_id.is_some() && direction == Direction::Inbound {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "guideVersionId",
            "只有民警的答复可以引用指南。",
            "Only an officer's reply is made from a guide.",
        ));
    }
    let now = request.service().clock.now();
    let mut message = written(request, direction, id, text, now);
    message.guide_version_id = new.guide_version_id;
    let mut tx = request.begin(Act::ReplyToInquiry).await?;
    if let Some(first) = once.claim(&tx, message.id.uuid(), now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let before = locked(&tx, id).await?;
    if let Some(id) = new.guide_version_id {
        guide::citable(request, &tx, id, "guideVersionId").await?;
    }
    let status = moved(&before, made, "inquiryId")?;
    attachment::attach(&tx, message.id.uuid(), &new.attachments).await?;
    let change = store::Change {
        status: Some(status),
        last_message_id: Some(message.id.uuid()),
        ..Default::default()
    };
    store::insert_message(&mut tx, &message);
    store::update(&tx, &before, change, now).await?;
    tx.record(message_added(&before, &message, now));
    tx.record(status_changed(&before, status, now));
    tx.commit().await?;
    Ok(message)
}

/// Writes a note that the household does not see.
pub async fn note(request: &Request, id: Uuid, text: &str, once: Once) -> Result<Message> {
    let text = text::required("text", text, MAX_TEXT)?;
    let now = request.service().clock.now();
    let message = written(request, Direction::InternalNote, id, text, now);
    let mut tx = request.begin(Act::AddInternalNote).await?;
    if let Some(first) = once.claim(&tx, message.id.uuid(), now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let inquiry = locked(&tx, id).await?;
    store::insert_message(&mut tx, &message);
    tx.record(message_added(&inquiry, &message, now));
    tx.commit().await?;
    Ok(message)
}

/// Assigns an inquiry, or gives it back to the desk.
pub async fn assign(
    request: &Request,
    id: Uuid,
    version: i32,
    assignee_id: Option<Uuid>,
) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let tx = request.begin(Act::HandleInquiry).await?;
    let before = locked(&tx, id).await?;
    moved(&before, Move::OfficerReplied, "inquiryId")?;
    if let Some(assignee_id) = assignee_id
        && !store::reaches(&tx, assignee_id, &before, now).await?
    {
        return Err(Error::user(
            UserErrorCode::NotFound,
            "assigneeId",
            "没有找到负责该村的这位民警。",
            "No such officer looks after this village.",
        ));
    }
    let change = store::Change { assignee_id: Some(assignee_id), ..Default::default() };
    finish(tx, before, version, change, now).await
}

/// Says anew what an inquiry is about.
pub async fn recategorize(
    request: &Request,
    id: Uuid,
    version: i32,
    category: Category,
) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let tx = request.begin(Act::HandleInquiry).await?;
    let before = locked(&tx, id).await?;
    let change = store::Change { category: Some(category), ..Default::default() };
    finish(tx, before, version, change, now).await
}

/// Resolves an inquiry, or opens it again.
pub async fn change_state(
    request: &Request,
    act: Act,
    id: Uuid,
    version: i32,
    made: Move,
) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let tx = request.begin(act).await?;
    let before = locked(&tx, id).await?;
    let status = moved(&before, made, "inquiryId")?;
    let change = store::Change { status: Some(status), ..Default::default() };
    finish(tx, before, version, change, now).await
}

/// Writes a change of an inquiry of this version, tells of it, and gives the inquiry after it.
async fn finish(
    mut tx: Tx,
    before: Inquiry,
    version: i32,
    change: store::Change,
    now: DateTime<Utc>,
) -> Result<Inquiry> {
    if before.version != version {
        crate::db::changed_one(0)?;
    }
    let status = change.status.unwrap_or(before.status.into());
    tx.record(status_changed(&before, status, now));
    store::update(&tx, &before, change, now).await?;
    let after = record::one(&tx, &before.id.key, InquiryWith::default()).await?;
    let after = expected(after, "inquiryId")?;
    tx.commit().await?;
    Ok(after)
}

async fn locked(tx: &Tx, id: Uuid) -> Result<Inquiry> {
    expected(record::lock(tx, &id.into()).await?, "inquiryId")
}

fn moved(inquiry: &Inquiry, made: Move, field: &str) -> Result<Status> {
    let status = Status::from(inquiry.status);
    state::next(status, made).ok_or_else(|| match status {
        Status::Resolved => Error::user(
            UserErrorCode::WrongState,
            field,
            "该咨询已办结，请先重新打开。",
            "This inquiry is resolved. Open it again first.",
        ),
        _ => Error::user(
            UserErrorCode::WrongState,
            field,
            "该咨询尚未办结。",
            "This inquiry is not resolved.",
        ),
    })
}

fn written(
    request: &Request,
    direction: Direction,
    inquiry_id: Uuid,
    text: String,
    now: DateTime<Utc>,
) -> Message {
    let actor: &Actor = request.actor();
    Message {
        id: GlobalId::new(id::Kind::Message, request.new_id()),
        direction: direction.into(),
        text,
        sent_at: now,
        inquiry_id,
        officer_id: actor.role.of_staff().map(|_| actor.id),
        contact_id: (actor.role == Role::Resident).then_some(actor.id),
        guide_version_id: None,
    }
}

fn beginning(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut subject: String = line.chars().take(SUBJECT_FROM_TEXT).collect();
    if line.chars().count() > SUBJECT_FROM_TEXT {
        subject.push('…');
    }
    subject
}

fn happened(kind: Kind, inquiry: &Inquiry, at: DateTime<Utc>, detail: serde_json::Value) -> Draft {
    Draft {
        kind,
        at,
        place: Some((inquiry.village_code.clone(), inquiry.township_code.clone())),
        household_id: Some(inquiry.household_id),
        subject_id: inquiry.id.uuid(),
        detail,
    }
}

fn status_changed(before: &Inquiry, after: Status, now: DateTime<Utc>) -> Draft {
    let name = store::status_name;
    let detail = json!({ "before": name(before.status.into()), "after": name(after) });
    happened(Kind::InquiryChanged, before, now, detail)
}

fn message_added(inquiry: &Inquiry, message: &Message, now: DateTime<Utc>) -> Draft {
    let detail = json!({ "message": message.id.uuid() });
    happened(Kind::MessageAdded, inquiry, now, detail)
}
