//! The rules of canned replies.

use chrono::{DateTime, Datelike, Utc};
use entity::inquiry::Category;
use serde_json::json;
use uuid::Uuid;

use super::graphql::RenderedReply;
use super::template::{self, CannedReplyVariable as Variable};
use super::{CannedReply, store};
use crate::access::{Act, Reach};
use crate::db::{Key, Once, Tx, changed_one};
use crate::division::{Station, Township, Village};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::{Contact, ContactFilter, ContactStanding, SPEAKS_FOR};
use crate::id::{self, GlobalId};
use crate::inquiry::{Inquiry, InquiryWith};
use crate::officer::Officer;
use crate::page;
use crate::payload::expected;
use crate::record::{self, Record};
use crate::request::Request;
use crate::text;

const MAX_TITLE: usize = 40;
const MAX_TEXT: usize = 1000;

/// A canned reply to be written.
pub struct NewReply {
    /// The station that it is for; nobody's for the whole county.
    pub station_id: Option<Uuid>,
    /// What inquiries it is for.
    pub category: Option<Category>,
    /// What officers find it by.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// What is to be changed; `None` leaves it as it is.
pub struct ReplyChange {
    /// What inquiries it is for.
    pub category: Option<Option<Category>>,
    /// What officers find it by.
    pub title: Option<String>,
    /// What it says.
    pub text: Option<String>,
}

/// Writes a canned reply.
pub async fn create(request: &Request, new: NewReply, once: Once) -> Result<CannedReply> {
    let title = text::required("title", &new.title, MAX_TITLE)?;
    let text = checked_text(&new.text)?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageCannedReply).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    match new.station_id {
        Some(id) => {
            expected(record::one::<Station>(&tx, &id.into(), ()).await?, "stationId")?;
        }
        None => may_keep(&tx, None, "stationId")?,
    }
    let reply = CannedReply {
        id: GlobalId::new(id::Kind::CannedReply, id),
        category: new.category.map(Into::into),
        variables: template::variables(&text),
        title,
        text,
        version: 1,
        created_at: now,
        updated_at: now,
        retired_at: None,
        station_id: new.station_id,
    };
    store::insert(&tx, &reply).await?;
    store::keep_version(&tx, request.new_id(), &reply).await?;
    tx.record(happened(&reply));
    tx.commit().await?;
    Ok(reply)
}

/// Changes a canned reply, and keeps what it said.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: ReplyChange,
) -> Result<CannedReply> {
    let title = text::optional("title", change.title.as_deref(), MAX_TITLE)?;
    let text = change.text.as_deref().map(checked_text).transpose()?;
    let now = request.service().clock.now();
    let (tx, before) = opened(request, id, version).await?;
    let mut after = changed(&before, now);
    if let Some(category) = change.category {
        after.category = category.map(Into::into);
    }
    after.title = title.unwrap_or(after.title);
    after.text = text.unwrap_or(after.text);
    after.variables = template::variables(&after.text);
    store::keep_version(&tx, request.new_id(), &after).await?;
    finish(tx, &before, after).await
}

/// Takes a canned reply out of use.
pub async fn retire(request: &Request, id: Uuid, version: i32) -> Result<CannedReply> {
    let now = request.service().clock.now();
    let (tx, before) = opened(request, id, version).await?;
    let after = CannedReply { retired_at: Some(now), ..changed(&before, now) };
    finish(tx, &before, after).await
}

fn changed(before: &CannedReply, now: DateTime<Utc>) -> CannedReply {
    CannedReply { version: before.version.saturating_add(1), updated_at: now, ..before.clone() }
}

async fn opened(request: &Request, id: Uuid, version: i32) -> Result<(Tx, CannedReply)> {
    let tx = request.begin(Act::ManageCannedReply).await?;
    let found: Option<CannedReply> = record::lock(&tx, &id.into()).await?;
    let before = expected(found, "cannedReplyId")?;
    may_keep(&tx, before.station_id, "cannedReplyId")?;
    if before.retired_at.is_some() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "cannedReplyId",
            "该快捷回复已停用。",
            "This canned reply is out of use.",
        ));
    }
    changed_one(u64::from(before.version == version))?;
    Ok((tx, before))
}

async fn finish(mut tx: Tx, before: &CannedReply, after: CannedReply) -> Result<CannedReply> {
    store::update(&tx, before, &after).await?;
    tx.record(happened(&after));
    tx.commit().await?;
    Ok(after)
}

/// Every station sees what holds for the whole county; only the county keeps it.
fn may_keep(tx: &Tx, station_id: Option<Uuid>, field: &str) -> Result<()> {
    if station_id.is_some() || tx.scope().reach() == Reach::County {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::WrongState,
        field,
        "全县通用的快捷回复由县局维护。",
        "Canned replies for the whole county are kept by county administrators.",
    ))
}

fn checked_text(text: &str) -> Result<String> {
    let text = text::required("text", text, MAX_TEXT)?;
    template::check("text", &text)?;
    Ok(text)
}

fn happened(reply: &CannedReply) -> Draft {
    Draft {
        kind: Kind::CannedReplyChanged,
        at: reply.updated_at,
        place: None,
        household_id: None,
        subject_id: reply.id.uuid(),
        detail: json!({ "version": reply.version, "retired": reply.retired_at.is_some() }),
    }
}

/// Fills a canned reply for an inquiry. Each variable takes one statement at most.
pub async fn render(request: &Request, reply: &Key, inquiry: &Key) -> Result<RenderedReply> {
    let reply: CannedReply = found(request, reply, ()).await?;
    if reply.retired_at.is_some() {
        return Err(Error::not_found());
    }
    let with = InquiryWith { household: Some(Default::default()), ..Default::default() };
    let inquiry: Inquiry = found(request, inquiry, with).await?;
    let (mut values, mut missing) = (Vec::new(), Vec::new());
    for variable in reply.variables {
        match value(request, &inquiry, variable).await? {
            Some(value) => values.push((variable, value)),
            None => missing.push(variable),
        }
    }
    Ok(RenderedReply { text: template::fill(&reply.text, &values), missing })
}

async fn found<R: Record>(request: &Request, key: &Key, with: R::With) -> Result<R> {
    record::one(&request.reader(R::READ)?, key, with).await?.ok_or_else(Error::not_found)
}

async fn value(request: &Request, inquiry: &Inquiry, variable: Variable) -> Result<Option<String>> {
    let village = Key::from(inquiry.village_code.as_str());
    let township = Key::from(inquiry.township_code.as_str());
    Ok(match variable {
        Variable::Household => inquiry.household.as_ref().map(|one| one.label.clone()),
        Variable::Contact => {
            let filter = ContactFilter { standing: Some(ContactStanding::Primary) };
            first::<Contact>(request, SPEAKS_FOR, inquiry.household_id.into(), filter)
                .await?
                .map(|contact| contact.name)
        }
        Variable::Officer => {
            let caller = request.actor().id.into();
            record::one::<Officer>(&request.reader(Officer::READ)?, &caller, ())
                .await?
                .map(|officer| officer.name)
        }
        Variable::Village => {
            Some(found::<Village>(request, &village, Default::default()).await?.name)
        }
        Variable::Township => {
            Some(found::<Township>(request, &township, Default::default()).await?.name)
        }
        Variable::Station => station(request, township).await?.map(|station| station.name),
        Variable::StationPhone => {
            station(request, township).await?.and_then(|station| station.phone).map(|phone| phone.0)
        }
        Variable::Date => {
            let today = request.service().clock.today();
            Some(format!("{}月{}日", today.month(), today.day()))
        }
    })
}

async fn station(request: &Request, township: Key) -> Result<Option<Station>> {
    first(request, ("station", "township_code"), township, ()).await
}

async fn first<R: Record>(
    request: &Request,
    parent: crate::db::Column,
    key: Key,
    filter: R::Filter,
) -> Result<Option<R>> {
    Ok(page::first_of_each::<R>(request, parent, &[key], filter).await?.into_values().next())
}
