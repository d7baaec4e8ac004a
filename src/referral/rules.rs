//! The rules of referrals.

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use super::{Referral, graphql::ReferralOffice, graphql::ReferralOutcome, store};
use crate::access::Act;
use crate::db::{Once, changed_one};
use crate::deadline;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::Kind as EventKind;
use crate::id::{GlobalId, Kind};
use crate::inquiry::{Move, handled, happened, locked, moved};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::Date;
use crate::text;

const MAX_NOTE: usize = 1000;
const MAX_DAYS: i64 = 365;
const MINUTES_A_DAY: i32 = 1440;
/// How many referrals one inquiry can have.
const MOST: u64 = 50;

/// A referral to be made.
pub struct NewReferral {
    /// Of which inquiry.
    pub inquiry_id: Uuid,
    /// To whom.
    pub referred_to: ReferralOffice,
    /// What that one should know.
    pub note: Option<String>,
    /// When to ask how it went.
    pub follow_up_on: Option<NaiveDate>,
}

/// Refers an inquiry to somebody.
pub async fn refer(request: &Request, new: NewReferral, once: Once) -> Result<Referral> {
    let clock = &request.service().clock;
    let (now, today) = (clock.now(), clock.today());
    let note = text::optional("note", new.note.as_deref(), MAX_NOTE)?;
    let days = new.follow_up_on.map(|day| (day - today).num_days());
    if days.is_some_and(|days| !(0..=MAX_DAYS).contains(&days)) {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "followUpOn",
            "回访日期应在今天起一年之内。",
            "The follow-up lies between today and a year from now.",
        ));
    }
    let policy = deadline::policy(request.service()).await?;
    let id = request.new_id();
    let mut tx = request.begin(Act::HandleReferral).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let inquiry = locked(&tx, new.inquiry_id).await?;
    moved(&inquiry, Move::OfficerReplied, "inquiryId")?;
    if store::count(&tx, new.inquiry_id).await? >= MOST {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "inquiryId",
            "该咨询的转办已达50次。",
            "This inquiry was referred 50 times already.",
        ));
    }
    let usual = policy.targets(inquiry.category.into(), inquiry.priority.into());
    let usual = i64::from((usual.resolution_minutes / MINUTES_A_DAY).max(1));
    let referral = Referral {
        id: GlobalId::new(Kind::Referral, id),
        referred_to: new.referred_to,
        note,
        referred_at: now,
        follow_up_on: Date(new.follow_up_on.unwrap_or(today + TimeDelta::days(usual))),
        version: 1,
        outcome: None,
        outcome_note: None,
        closed_at: None,
        inquiry_id: new.inquiry_id,
        referred_by: request.actor().id,
        closed_by: None,
    };
    store::insert(&tx, &referral).await?;
    handled(&tx, std::iter::once(&inquiry), now).await?;
    tx.record(happened(EventKind::InquiryReferred, &inquiry, now, json!({ "referral": id })));
    tx.commit().await?;
    Ok(referral)
}

/// Writes down what came of a referral.
pub async fn close(
    request: &Request,
    id: Uuid,
    version: i32,
    outcome: ReferralOutcome,
    note: Option<&str>,
) -> Result<Referral> {
    let now = request.service().clock.now();
    let outcome_note = text::optional("note", note, MAX_NOTE)?;
    let mut tx = request.begin(Act::HandleReferral).await?;
    let before: Referral = expected(record::lock(&tx, &id.into()).await?, "referralId")?;
    changed_one(u64::from(before.version == version))?;
    if before.closed_at.is_some() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "referralId",
            "该转办已有结果。",
            "This referral is closed.",
        ));
    }
    let inquiry = locked(&tx, before.inquiry_id).await?;
    let after = Referral {
        version: version.saturating_add(1),
        outcome: Some(outcome),
        outcome_note,
        closed_at: Some(now),
        closed_by: Some(request.actor().id),
        ..before
    };
    store::close(&tx, &after).await?;
    handled(&tx, std::iter::once(&inquiry), now).await?;
    tx.record(happened(EventKind::InquiryReferred, &inquiry, now, json!({ "referral": id })));
    tx.commit().await?;
    Ok(after)
}
