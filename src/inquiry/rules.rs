//! The rules of inquiries.

use chrono::{DateTime, Utc};
use entity::inquiry::{Category, Status};
use entity::message::{Direction, Via};
use serde_json::json;
use uuid::Uuid;

use super::adding::{Opening, add, beginning, open};
use super::change::Changed;
use super::sealing::handled;
use super::state::{self, Move};
use super::store::{self, InquiryWith};
use super::{Inquiry, Message};
use crate::access::Act;
use crate::actor::{Actor, Role};
use crate::attachment;
use crate::category::suggested;
use crate::db::{Once, Tx};
use crate::deadline;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::guide;
use crate::id::{self, GlobalId};
use crate::officer::Officer;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::roster;
use crate::service::Service;
use crate::text;

const MAX_SUBJECT: usize = 60;
pub const MAX_TEXT: usize = 4000;

/// An inquiry to be opened.
pub struct NewInquiry {
    /// Whose matter it is.
    pub household_id: Uuid,
    /// What it is about.
    pub category: Option<Category>,
    /// What it is about, in a few words.
    pub subject: Option<String>,
    /// What the household asks.
    pub text: String,
    /// The files that come with it.
    pub attachments: Vec<Uuid>,
    /// How it was said.
    pub via: Via,
    /// The officer whom it concerns, who never sees it.
    pub concerns: Option<Uuid>,
}

/// What is to be said.
pub struct NewReply {
    /// The words.
    pub text: String,
    /// The version of the guide that they were made from.
    pub guide_version_id: Option<Uuid>,
    /// The files that come with it.
    pub attachments: Vec<Uuid>,
    /// The last message that its author has seen, when that was said.
    pub last_seen: Option<Uuid>,
    /// How it was said.
    pub via: Via,
}

/// How much of what an author has not seen is shown.
const MAX_UNSEEN: u64 = 20;

/// What became of a reply.
pub enum Said {
    /// It was written.
    Written(Message),
    /// It was held back, as its author has not seen these.
    HeldBack(Vec<Message>),
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
    let suggested = || suggested(&format!("{subject}\n{text}")).into();
    let category = new.category.unwrap_or_else(suggested);
    may_say(request.actor(), new.via)?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let reader = request.reader(Act::SubmitInquiry)?;
    let key = new.household_id.into();
    let place = with.household.unwrap_or_default().placed();
    let look_up = || store::household_once(&reader, &once, &key, place);
    let made_before = async |first: Uuid| {
        expected(record::one(&reader, &first.into(), with).await?, "idempotencyKey")
    };
    let (first, household) = look_up().await?;
    if let Some(first) = first {
        return made_before(first).await;
    }
    let (household, version) = expected(household, "householdId")?;
    let code = &household.village_code;
    let roster = roster::of_village(request.service(), &reader, code, version, now).await?;
    if let Some(officer) = new.concerns {
        let officers = request.reader(Act::ReadOfficer)?;
        let officer = record::one::<Officer>(&officers, &officer.into(), ()).await?;
        expected(officer, "concernsOfficerId")?;
    }
    let policy = deadline::policy(request.service()).await?;
    let mut message = written(request, Direction::Inbound, id, text, now);
    message.via = new.via.into();
    let message_id = message.id.uuid();
    let opening =
        Opening { id, household, roster, category, concerns: new.concerns, subject, message };
    let opened = Changed::opened(opening.inquiry(now), &policy);
    let mut tx = request.begin(Act::SubmitInquiry).await?;
    once.take(&mut tx, id, now);
    let inquiry = open(request, &mut tx, opened, new.concerns, now)?;
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
///
/// An officer who said what was seen last is told first when there is more: then nothing is written, nor is the
/// idempotency key used.
pub async fn reply(request: &Request, id: Uuid, new: NewReply, once: Once) -> Result<Said> {
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
    may_say(request.actor(), new.via)?;
    let now = request.service().clock.now();
    let mut message = written(request, direction, id, text, now);
    message.via = new.via.into();
    message.guide_version_id = new.guide_version_id;
    let policy = deadline::policy(request.service()).await?;
    let mut tx = request.begin(Act::ReplyToInquiry).await?;
    if let Some(first) = once.claim(&tx, message.id.uuid(), now).await? {
        let made = record::one(&tx, &first.into(), ()).await?;
        return expected(made, "idempotencyKey").map(Said::Written);
    }
    let before = to_change(&tx, id, now).await?;
    if let Some(seen) = new.last_seen
        && before.last_message_id != Some(seen)
    {
        let seen: Option<Message> = record::one(&tx, &seen.into(), ()).await?;
        let seen = seen.filter(|message| message.inquiry_id == id);
        let unseen = store::unseen(&tx, &expected(seen, "lastSeenMessageId")?, MAX_UNSEEN).await?;
        if !unseen.is_empty() {
            return Ok(Said::HeldBack(unseen));
        }
    }
    if let Some(id) = new.guide_version_id {
        guide::citable(request, &tx, id, "guideVersionId").await?;
    }
    let status = moved(&before, made, "inquiryId")?;
    attachment::attach(&tx, message.id.uuid(), &new.attachments).await?;
    add(request, &mut tx, &before, &message, status, &policy, now).await?;
    tx.commit().await?;
    Ok(Said::Written(message))
}

/// Why a reply was held back.
pub fn unseen() -> Error {
    Error::user(
        UserErrorCode::UnseenMessages,
        "lastSeenMessageId",
        "在您回复之前，又有新消息，请先查看。",
        "Something new was written before your reply. Read it first.",
    )
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
    handled(&tx, std::iter::once(&inquiry), now).await?;
    store::insert_message(&mut tx, &message);
    tx.record(message_added(&inquiry, &message, now));
    tx.commit().await?;
    Ok(message)
}

/// Writes a note into an inquiry, as a part of another change of it.
pub fn noted(request: &Request, tx: &mut Tx, inquiry: &Inquiry, text: String, now: DateTime<Utc>) {
    let message = written(request, Direction::InternalNote, inquiry.id.uuid(), text, now);
    store::insert_message(tx, &message);
    tx.record(message_added(inquiry, &message, now));
}

/// Writes to the household in the service's own name, such as a reminder. It answers nothing, so the inquiry remains
/// as it is.
pub async fn tell(
    service: &Service,
    tx: &mut Tx,
    id: Uuid,
    text: String,
    now: DateTime<Utc>,
) -> Result<()> {
    let inquiry =
        expected(record::one(tx, &id.into(), InquiryWith::default()).await?, "inquiryId")?;
    let message = Message {
        id: GlobalId::new(id::Kind::Message, service.new_id()),
        direction: Direction::Outbound.into(),
        text,
        sent_at: now,
        inquiry_id: id,
        officer_id: None,
        contact_id: None,
        guide_version_id: None,
        via: store::way(tx, id).await?.into(),
        recalled_at: None,
        automatic: true,
    };
    store::insert_message(tx, &message);
    tx.record(message_added(&inquiry, &message, now));
    Ok(())
}

/// The inquiry, which nobody else changes until the change is over.
pub async fn locked(tx: &Tx, id: Uuid) -> Result<Inquiry> {
    expected(record::lock(tx, &id.into()).await?, "inquiryId")
}

/// The inquiry as [`locked`] gives it, with what its change follows from: its clock, and the roster of this moment.
pub async fn to_change(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<Inquiry> {
    expected(store::lock_all(tx, &[id.into()], now).await?.pop(), "inquiryId")
}

/// Where an inquiry stands after a move.
pub fn moved(inquiry: &Inquiry, made: Move, field: &str) -> Result<Status> {
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
        via: Via::App.into(),
        recalled_at: None,
        automatic: false,
    }
}

/// What residents write themselves, they write in an app of the service.
fn may_say(actor: &Actor, via: Via) -> Result<()> {
    if actor.role != Role::Resident || via == Via::App {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "via",
        "只有民警可以登记电话或当面所说的内容。",
        "Only an officer writes down what was said elsewhere.",
    ))
}

pub fn happened(
    kind: Kind,
    inquiry: &Inquiry,
    at: DateTime<Utc>,
    detail: serde_json::Value,
) -> Draft {
    Draft {
        kind,
        at,
        place: Some((inquiry.village_code.clone(), inquiry.township_code.clone())),
        household_id: Some(inquiry.household_id),
        subject_id: inquiry.id.uuid(),
        detail,
    }
}

/// Tells that an inquiry was changed.
pub fn told(before: &Inquiry, after: &Inquiry, now: DateTime<Utc>) -> Draft {
    let name = |inquiry: &Inquiry| store::status_name(inquiry.status.into());
    let mut detail = json!({ "before": name(before), "after": name(after) });
    let sorted = sorted(after);
    if sorted != self::sorted(before) {
        detail["sorted"] = sorted;
    }
    if after.owner != before.owner {
        detail["owner"] = json!(owner_id(after));
    }
    if before.sealed || after.sealed {
        detail["sealed"] = json!({ "before": before.sealed, "after": after.sealed });
    }
    happened(Kind::InquiryChanged, after, now, detail)
}

/// Who answers for it.
pub fn owner_id(inquiry: &Inquiry) -> Option<Uuid> {
    inquiry.owner.as_ref().map(|owner| owner.officer_id)
}

/// What an inquiry is about, how much it presses, and what is aimed at therefore.
pub fn sorted(inquiry: &Inquiry) -> serde_json::Value {
    let clock = inquiry.stopwatch.as_ref().and_then(Option::as_ref);
    json!({
        "category": deadline::category_name(inquiry.category.into()),
        "priority": deadline::priority_name(inquiry.priority.into()),
        "targets": clock.map(|clock| clock.targets),
    })
}

/// Tells of a new message.
pub fn message_added(inquiry: &Inquiry, message: &Message, now: DateTime<Utc>) -> Draft {
    let detail = json!({ "message": message.id.uuid() });
    happened(Kind::MessageAdded, inquiry, now, detail)
}
