//! The rules of ratings.

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use super::{Rating, store};
use crate::access::Act;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::id::{self, GlobalId};
use crate::inquiry::{Inquiry, InquiryStatus};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

const MAX_TEXT: usize = 500;
/// For how long a rating can be changed.
const CHANGEABLE_FOR: TimeDelta = TimeDelta::days(7);

/// Rates an inquiry, or changes its rating.
pub async fn rate(
    request: &Request,
    inquiry_id: Uuid,
    score: i32,
    text: Option<&str>,
) -> Result<Rating> {
    if !(1..=5).contains(&score) {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "score",
            "评分应为1到5。",
            "A score lies between 1 and 5.",
        ));
    }
    let text = text::optional("text", text, MAX_TEXT)?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::RateInquiry).await?;
    // Locked, so that two ratings come one after the other.
    let inquiry: Inquiry = expected(record::lock(&tx, &inquiry_id.into()).await?, "inquiryId")?;
    let before = store::find(&tx, inquiry_id).await?;
    match &before {
        None if inquiry.status != InquiryStatus::Resolved => {
            return Err(refused("该咨询尚未办结。", "This inquiry is not resolved."));
        }
        Some(before) if before.rated_at + CHANGEABLE_FOR <= now => {
            return Err(refused(
                "评价已超过7天，不能再修改。",
                "This rating was given more than 7 days ago.",
            ));
        }
        _ => {}
    }
    let rating = Rating {
        id: match &before {
            Some(before) => before.id.clone(),
            None => GlobalId::new(id::Kind::Rating, request.new_id()),
        },
        score,
        text,
        rated_at: before.as_ref().map_or(now, |before| before.rated_at),
        updated_at: now,
        inquiry_id,
    };
    store::save(&tx, &rating, tx.scope().actor().id, before.is_none()).await?;
    tx.record(Draft {
        kind: Kind::InquiryRated,
        at: now,
        place: Some((inquiry.village_code, inquiry.township_code)),
        household_id: Some(inquiry.household_id),
        subject_id: inquiry_id,
        detail: Value::Null,
    });
    tx.commit().await?;
    Ok(rating)
}

fn refused(chinese: &'static str, english: &'static str) -> Error {
    Error::user(UserErrorCode::WrongState, "inquiryId", chinese, english)
}
