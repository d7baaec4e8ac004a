//! The rules of reviewing, publishing and retiring: what makes a text count, and from when to when.

use chrono::NaiveDate;
use uuid::Uuid;

use super::GuideVersion;
use super::rules::{finish, open};
use super::state::Move;
use super::store::{self, Change};
use crate::access::Act;
use crate::error::{Error, Result, UserErrorCode};
use crate::request::Request;
use crate::text;

/// The most characters of a reviewer's note.
const MAX_NOTE: usize = 500;

/// From when to when a version is to hold.
pub struct Validity {
    /// The first day; today when left out.
    pub from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub until: Option<NaiveDate>,
}

/// Gives a version in review back to be changed.
pub async fn send_back(
    request: &Request,
    id: Uuid,
    version: i32,
    note: &str,
) -> Result<GuideVersion> {
    let note = text::required("note", note, MAX_NOTE)?;
    let opened = open(request, Act::ReviewGuide, id, version, Move::SentBack).await?;
    let reviewer_id = Some(by_another(request, &opened.before)?);
    let change = Change { reviewer_id, review_note: Some(Some(note)), ..Change::default() };
    finish(request, opened, change).await
}

/// Publishes a version in review. The one that held until then ends where it begins.
pub async fn publish(
    request: &Request,
    id: Uuid,
    version: i32,
    validity: Validity,
) -> Result<GuideVersion> {
    let (now, today) = (request.service().clock.now(), request.service().clock.today());
    let from = validity.from.unwrap_or(today);
    if from < today {
        return Err(invalid(
            "validFrom",
            "生效日不能早于今天。",
            "It cannot hold from a day before today.",
        ));
    }
    if validity.until.is_some_and(|until| until <= from) {
        return Err(invalid("validUntil", "失效日应晚于生效日。", "It must end after it begins."));
    }
    let opened = open(request, Act::ReviewGuide, id, version, Move::Published).await?;
    let reviewer_id = Some(by_another(request, &opened.before)?);
    if store::begins_after(&opened.tx, opened.before.guide_id, from).await? {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "validFrom",
            "已有一个更晚生效的版本，请先停用它。",
            "Another version is to begin later. Retire that one first.",
        ));
    }
    let change = Change {
        reviewer_id,
        validity: Some((from, validity.until)),
        valid_until: Some(validity.until),
        published_at: Some(now),
        ..Change::default()
    };
    store::supersede(&opened.tx, &opened.before, from, now).await?;
    store::index(&opened.tx, id, &opened.before.content).await?;
    finish(request, opened, change).await
}

/// Takes a published version out of use.
pub async fn retire(request: &Request, id: Uuid, version: i32) -> Result<GuideVersion> {
    let (now, today) = (request.service().clock.now(), request.service().clock.today());
    let opened = open(request, Act::ReviewGuide, id, version, Move::Retired).await?;
    let begins = opened.before.valid_from.map_or(today, |day| day.0);
    let ends = opened.before.valid_until.map_or(today, |day| day.0.min(today)).max(begins);
    if begins > today {
        store::restore(&opened.tx, id, now).await?;
    }
    finish(request, opened, Change { valid_until: Some(Some(ends)), ..Change::default() }).await
}

/// The caller, who is not the author.
fn by_another(request: &Request, version: &GuideVersion) -> Result<Uuid> {
    let reviewer = request.actor().id;
    if version.author_id == Some(reviewer) {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "guideVersionId",
            "审核人不能是撰写人，请由他人审核。",
            "Its author cannot review it. Somebody else has to.",
        ));
    }
    Ok(reviewer)
}

fn invalid(field: &str, chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::Invalid, field, chinese, english)
}
