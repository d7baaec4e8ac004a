//! The rules of writing and finding guides.

use chrono::{DateTime, Utc};
use entity::guide_version::Status;
use entity::inquiry::Category;
use serde_json::json;
use uuid::Uuid;

use super::content::GuideContent;
use super::state::{self, Move};
use super::store::{self, Change};
use super::{Guide, GuideVersion, check};
use crate::access::Act;
use crate::db::{Key, Once, Tx, changed_one};
use crate::error::{Code, Error, Result, UserErrorCode};
use crate::event::{self, Draft};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

/// The most guides that a search gives.
const MAX_FOUND: i32 = 20;
/// The most characters of what is searched for.
const MAX_SEARCH: usize = 200;

/// A guide to be begun.
pub struct NewGuide {
    /// Its name for programs.
    pub slug: String,
    /// What inquiries it belongs to.
    pub category: Category,
    /// What its first version says.
    pub content: GuideContent,
}

/// The guide with this id or this slug.
pub async fn find(request: &Request, id: Option<Key>, slug: Option<&str>) -> Result<Guide> {
    let reader = request.reader(Act::ReadGuide)?;
    let found = match (id, slug) {
        (Some(key), None) => record::one(&reader, &key, ()).await?,
        (None, Some(slug)) => store::by_slug(&reader, slug).await?,
        _ => {
            return Err(Error::top(
                Code::BadUserInput,
                "id 和 slug 二者给出一个。",
                "Give either id or slug.",
            ));
        }
    };
    found.ok_or_else(Error::not_found)
}

/// The guides in force today that share most pairs of letters with `asked`, the rarer ones counting more.
pub async fn search(request: &Request, asked: &str, first: i32) -> Result<Vec<Guide>> {
    let reader = request.reader(Act::ReadGuide)?;
    let grams: Vec<Key> = text::bigrams(asked).into_iter().map(Key::Code).collect();
    let limit = u64::try_from(first).ok().filter(|_| (1..=MAX_FOUND).contains(&first));
    let (Some(limit), false, ..=MAX_SEARCH) = (limit, grams.is_empty(), asked.chars().count())
    else {
        return Err(Error::top(
            Code::BadUserInput,
            "搜索词应为2到200个字符，至少有两个相连的字；first 在1到20之间。",
            "Search for 2 to 200 characters, two letters side by side among them; first lies between 1 and 20.",
        ));
    };
    store::search(&reader, &grams, request.service().clock.today(), limit).await
}

/// Whether a reply or an appointment may be made from this version now: it is in force. Everybody who may
/// do either may see it.
pub async fn citable(request: &Request, tx: &Tx, id: Uuid, field: &str) -> Result<()> {
    match store::in_force(tx, id, request.service().clock.today()).await? {
        None => expected(None, field),
        Some(true) => Ok(()),
        Some(false) => Err(Error::user(
            UserErrorCode::WrongState,
            field,
            "该版本指南现已失效，请使用现行版本。",
            "This version of the guide is not in force. Use the one that is.",
        )),
    }
}

/// Begins a guide.
pub async fn create(request: &Request, new: NewGuide, once: Once) -> Result<GuideVersion> {
    if !text::is_slug(&new.slug) {
        return Err(text::no_slug("slug"));
    }
    let content = check::checked(new.content)?;
    let now = request.service().clock.now();
    let (id, guide_id) = (request.new_id(), request.new_id());
    let tx = request.begin(Act::WriteGuide).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return found(&tx, first, "idempotencyKey").await;
    }
    if !store::insert_guide(&tx, guide_id, &new.slug, new.category, now).await? {
        return Err(Error::user(
            UserErrorCode::Taken,
            "slug",
            "该标识已被使用。",
            "There is a guide with this slug.",
        ));
    }
    begin(tx, (id, guide_id, 1), &content, now).await
}

/// Begins the next version of a guide.
pub async fn revise(
    request: &Request,
    guide_id: Uuid,
    content: GuideContent,
    once: Once,
) -> Result<GuideVersion> {
    let content = check::checked(content)?;
    let now = request.service().clock.now();
    let id = request.new_id();
    let tx = request.begin(Act::WriteGuide).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return found(&tx, first, "idempotencyKey").await;
    }
    expected(record::lock::<Guide>(&tx, &guide_id.into()).await?, "guideId")?;
    let last = store::last_version(&tx, guide_id).await?;
    if last.open {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "guideId",
            "该指南已有一份草稿在撰写或待审核，请在其上修改。",
            "A draft of this guide is being written or reviewed. Change that one.",
        ));
    }
    begin(tx, (id, guide_id, last.number + 1), &content, now).await
}

async fn begin(
    mut tx: Tx,
    (id, guide_id, number): (Uuid, Uuid, i32),
    content: &GuideContent,
    now: DateTime<Utc>,
) -> Result<GuideVersion> {
    let author_id = tx.scope().actor().id;
    store::insert_draft(&tx, (id, guide_id, number), content, author_id, now).await?;
    let made = found(&tx, id, "guideId").await?;
    tx.record(told(&made, None, now));
    tx.commit().await?;
    Ok(made)
}

/// Writes a draft anew.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    content: GuideContent,
) -> Result<GuideVersion> {
    let content = check::checked(content)?;
    let opened = open(request, Act::WriteGuide, id, version, Move::Written).await?;
    let author_id = Some(request.actor().id);
    finish(request, opened, Change { content: Some(content), author_id, ..Change::default() }).await
}

/// Hands a draft in for review.
pub async fn submit(request: &Request, id: Uuid, version: i32) -> Result<GuideVersion> {
    let opened = open(request, Act::WriteGuide, id, version, Move::HandedIn).await?;
    finish(request, opened, Change { review_note: Some(None), ..Change::default() }).await
}

/// A version that is being changed.
pub struct Opened {
    /// The change. Nobody else changes any version of the guide meanwhile.
    pub tx: Tx,
    /// The version as it was.
    pub before: GuideVersion,
    status: Status,
}

/// Opens a version for a move that its state allows.
pub async fn open(
    request: &Request,
    act: Act,
    id: Uuid,
    version: i32,
    made: Move,
) -> Result<Opened> {
    let tx = request.begin(act).await?;
    let guide_id = found(&tx, id, "guideVersionId").await?.guide_id;
    record::lock::<Guide>(&tx, &guide_id.into()).await?;
    let before = found(&tx, id, "guideVersionId").await?;
    changed_one(u64::from(before.version == version))?;
    let status = state::next(before.status.into(), made).ok_or_else(|| {
        Error::user(
            UserErrorCode::WrongState,
            "guideVersionId",
            "该版本目前的状态不允许此操作。",
            "The state of this version does not allow that.",
        )
    })?;
    Ok(Opened { tx, before, status })
}

/// Makes the move, with what it changes besides, and tells of it.
pub async fn finish(request: &Request, opened: Opened, change: Change) -> Result<GuideVersion> {
    let Opened { mut tx, before, status } = opened;
    let now = request.service().clock.now();
    store::update(&tx, &before, status, change, now).await?;
    let after = found(&tx, before.id.uuid(), "guideVersionId").await?;
    tx.record(told(&after, Some(before.status.into()), now));
    tx.commit().await?;
    Ok(after)
}

async fn found(tx: &Tx, id: Uuid, field: &str) -> Result<GuideVersion> {
    expected(record::one(tx, &id.into(), ()).await?, field)
}

fn told(version: &GuideVersion, before: Option<Status>, at: DateTime<Utc>) -> Draft {
    let keys = (version.id.uuid(), version.guide_id, version.number);
    happened(keys, before, version.status.into(), at)
}

/// What is told of a version: of which guide it is and which number it has, and how far it was and is.
pub fn happened(
    (id, guide_id, number): (Uuid, Uuid, i32),
    before: Option<Status>,
    after: Status,
    at: DateTime<Utc>,
) -> Draft {
    let name = store::status_name;
    let detail = json!({ "guide": guide_id, "number": number,
                         "before": before.map(name), "after": name(after) });
    Draft {
        kind: event::Kind::GuideChanged,
        at,
        place: None,
        household_id: None,
        subject_id: id,
        detail,
    }
}
