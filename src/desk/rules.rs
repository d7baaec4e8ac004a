//! The rules of the desk.

use std::collections::HashMap;

use async_graphql::Context;
use chrono::TimeDelta;
use entity::inquiry_ownership::Reason;
use serde_json::json;
use uuid::Uuid;

use super::graphql::{InboxCounts, InboxTab};
use super::store;
use crate::access::Act;
use crate::db::Key;
use crate::deadline;
use crate::error::{Error, Result, UserErrorCode};
use crate::event::Kind;
use crate::inquiry::{
    Around, Change, Changed, DraftLock, EscalationLevel, Inquiry, InquiryFilter, InquiryStatus,
    InquiryWith, Move, Owning, WaitingOn, Wish, area_of, handled, happened, let_go, lock_all,
    locked, moved, of_version, to_change, told, update, update_all,
};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::DivisionCode;
use crate::service::Service;

/// Up to how many inquiries of a tab are counted.
const MOST: u64 = 1000;
/// How long a draft lock holds.
const DRAFT: TimeDelta = TimeDelta::seconds(60);
/// How many inquiries are changed at once.
pub const AT_ONCE: usize = 100;

/// Which inquiries belong to a tab, for the caller at this moment.
pub fn tab(request: &Request, tab: InboxTab, area_code: Option<DivisionCode>) -> InquiryFilter {
    let all = InquiryFilter { area_code, ..Default::default() };
    let waiting = |side| InquiryFilter { waiting_on: Some(side), ..all.clone() };
    match tab {
        InboxTab::Unanswered => waiting(WaitingOn::Officer),
        InboxTab::Mine => InquiryFilter {
            mine: Some((request.actor().id, request.service().clock.now())),
            statuses: Some(vec![
                InquiryStatus::Open,
                InquiryStatus::WaitingForOfficer,
                InquiryStatus::WaitingForResident,
            ]),
            ..all
        },
        InboxTab::Unassigned => {
            InquiryFilter { assigned: Some(false), ..waiting(WaitingOn::Officer) }
        }
        InboxTab::Overdue => {
            let due_before = Some(request.service().clock.now());
            InquiryFilter { due_before, ..waiting(WaitingOn::Officer) }
        }
        InboxTab::WaitingForResident => waiting(WaitingOn::Resident),
        InboxTab::Escalated => InquiryFilter {
            escalations: Some(vec![EscalationLevel::Chief, EscalationLevel::County]),
            ..waiting(WaitingOn::Officer)
        },
    }
}

/// How many inquiries there are to each tab.
pub async fn counts(context: &Context<'_>, area_code: Option<DivisionCode>) -> Result<InboxCounts> {
    let request = Request::of(context)?;
    let filters = [
        InboxTab::Unanswered,
        InboxTab::Mine,
        InboxTab::Unassigned,
        InboxTab::Overdue,
        InboxTab::WaitingForResident,
        InboxTab::Escalated,
    ]
    .map(|one| tab(request, one, area_code.clone()));
    let counts = store::count_tabs(request, &filters, MOST).await?;
    let [unanswered, mine, unassigned, overdue, waiting_for_resident, escalated] = counts[..]
    else {
        return Err(Error::internal("not every tab was counted"));
    };
    Ok(InboxCounts { unanswered, mine, unassigned, overdue, waiting_for_resident, escalated })
}

/// What became of a claim or of a draft lock.
pub struct Taken {
    /// The inquiry as it is now.
    pub inquiry: Inquiry,
    /// The other officer who has it.
    pub by: Option<Uuid>,
}

/// Takes an inquiry on for the caller, unless an officer has it who may still handle it.
pub async fn claim(request: &Request, id: Uuid) -> Result<Taken> {
    let now = request.service().clock.now();
    let me = request.actor().id;
    let policy = deadline::policy(request.service()).await?;
    let mut tx = request.begin(Act::HandleInquiry).await?;
    let before = to_change(&tx, id, now).await?;
    moved(&before, Move::OfficerReplied, "inquiryId")?;
    match before.assignee_id {
        Some(other) if other == me => return Ok(Taken { inquiry: before, by: None }),
        Some(other) if area_of(&tx, other, now).await?.holds(&before) => {
            return Ok(Taken { inquiry: before, by: Some(other) });
        }
        _ => {}
    }
    let owner = Owning::Decided { officer_id: me, reason: Reason::Claimed, by_id: me };
    let change = Change { assignee_id: Some(Some(me)), owner: Some(owner), ..Default::default() };
    let changed = Changed::by(change, &before, now, &policy);
    update(&mut tx, &changed).await?;
    handled(&tx, std::iter::once(&changed.after), now).await?;
    tx.record(told(&before, &changed.after, now));
    tx.commit().await?;
    Ok(Taken { inquiry: changed.after, by: None })
}

/// Shows for a minute that the caller is writing an answer, unless another officer is.
pub async fn lock_draft(request: &Request, id: Uuid) -> Result<Taken> {
    let now = request.service().clock.now();
    let me = request.actor().id;
    let mut tx = request.begin(Act::HoldDraft).await?;
    let mut inquiry = locked(&tx, id).await?;
    moved(&inquiry, Move::OfficerReplied, "inquiryId")?;
    let held = store::draft_lock(&tx, id).await?.filter(|lock| lock.until > now);
    if let Some(lock) = held
        && lock.officer_id != me
    {
        inquiry.draft_lock = Some(Some(lock));
        return Ok(Taken { inquiry, by: Some(lock.officer_id) });
    }
    let lock = DraftLock { until: now + DRAFT, officer_id: me };
    store::hold(&tx, id, lock).await?;
    if held.is_none() {
        tx.record(happened(Kind::DraftLockChanged, &inquiry, now, json!({ "held": true })));
    }
    tx.commit().await?;
    inquiry.draft_lock = Some(Some(lock));
    Ok(Taken { inquiry, by: None })
}

/// Shows that the caller is not writing any more.
pub async fn unlock_draft(request: &Request, id: Uuid) -> Result<Inquiry> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::HoldDraft).await?;
    let with = InquiryWith { draft_lock: true, ..Default::default() };
    let mut inquiry: Inquiry = expected(record::one(&tx, &id.into(), with).await?, "inquiryId")?;
    if let_go(&tx, id, request.actor().id).await? {
        tx.record(happened(Kind::DraftLockChanged, &inquiry, now, json!({ "held": false })));
        inquiry.draft_lock = Some(None);
        tx.commit().await?;
    }
    Ok(inquiry)
}

/// Changes many inquiries alike: each is changed, or refused, by itself. As many statements as for one.
pub async fn change_all(
    request: &Request,
    items: &[(Uuid, i32)],
    wish: Wish,
) -> Result<Vec<Result<Inquiry>>> {
    let now = request.service().clock.now();
    let policy = deadline::policy(request.service()).await?;
    let mut tx = request.begin(Act::HandleInquiry).await?;
    let keys: Vec<Key> = items.iter().map(|(id, _)| Key::from(*id)).collect();
    let found = lock_all(&tx, &keys, now).await?;
    let found: HashMap<Uuid, Inquiry> =
        found.into_iter().map(|inquiry| (inquiry.id.uuid(), inquiry)).collect();
    let around = Around::of(&tx, wish, found.values(), now).await?;
    let mut changed = Vec::new();
    let mut results = Vec::with_capacity(items.len());
    for (id, version) in items {
        let one = expected(found.get(id), "inquiryId").and_then(|before| {
            let change = wish.change(before, &around)?;
            Ok((before, of_version(before, *version, change, &policy, now)?))
        });
        results.push(one.map(|(before, one)| {
            tx.record(told(before, &one.after, now));
            changed.push(one.clone());
            one.after
        }));
    }
    update_all(&mut tx, &changed).await?;
    handled(&tx, changed.iter().map(|one| &one.after), now).await?;
    tx.commit().await?;
    Ok(results)
}

/// Forgets draft locks that are over.
pub async fn forget_drafts(service: &Service) -> Result<()> {
    let tx = service.keep().await?;
    store::forget_drafts(&tx, service.clock.now()).await?;
    tx.commit().await
}

/// Why a claim was lost.
pub fn claimed() -> Error {
    Error::user(
        UserErrorCode::AlreadyClaimed,
        "inquiryId",
        "该咨询已有同事认领。",
        "A colleague has taken this inquiry on.",
    )
}

/// Why a draft lock was not given.
pub fn being_answered() -> Error {
    Error::user(
        UserErrorCode::BeingAnswered,
        "inquiryId",
        "同事正在答复该咨询。",
        "A colleague is writing an answer just now.",
    )
}
