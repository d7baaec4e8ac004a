//! The rules of deadlines.

use std::sync::Arc;

use async_graphql::resolver_utils::EnumType;
use serde_json::json;
use uuid::Uuid;

use super::graphql::DeadlineTarget;
use super::store;
use super::targets::{Policy, Targets};
use crate::access::Act;
use crate::calendar;
use crate::category::{InquiryCategory, InquiryPriority};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::request::Request;
use crate::service::Service;

/// A hundred days.
const MAX_MINUTES: i32 = 144_000;

/// By what deadlines are set now.
pub async fn policy(service: &Service) -> Result<Arc<Policy>> {
    let read = async {
        let tx = service.keep().await?;
        let calendar = calendar::current_in(&tx).await?;
        Ok(Policy { calendar, decided: store::decided(&tx).await? })
    };
    Box::pin(service.shelf.get(read)).await
}

/// What is aimed at, for every category and priority.
pub async fn targets(request: &Request) -> Result<Vec<DeadlineTarget>> {
    request.reader(Act::ReadDeadlineTarget)?;
    let policy = policy(request.service()).await?;
    let all = InquiryCategory::items().iter().flat_map(|category| {
        let priorities = InquiryPriority::items().iter();
        priorities.map(|priority| (category.value, priority.value))
    });
    Ok(all
        .map(|(category, priority)| {
            let targets = policy.targets(category.into(), priority.into());
            DeadlineTarget::of(category, priority, targets)
        })
        .collect())
}

/// Decides what is aimed at from now on.
pub async fn set(request: &Request, target: DeadlineTarget) -> Result<DeadlineTarget> {
    for (field, minutes) in [
        ("firstReplyMinutes", target.first_reply_minutes),
        ("resolutionMinutes", target.resolution_minutes),
        ("escalationMinutes", target.escalation_minutes),
    ] {
        if !(1..=MAX_MINUTES).contains(&minutes) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                field,
                "应为1到144000分钟。",
                "Must lie between 1 and 144,000 minutes.",
            ));
        }
    }
    let targets = Targets {
        first_reply_minutes: target.first_reply_minutes,
        resolution_minutes: target.resolution_minutes,
        escalation_minutes: target.escalation_minutes,
        hours: target.hours.into(),
    };
    let (category, priority) = (target.category.into(), target.priority.into());
    let mut tx = request.begin(Act::SetDeadlineTarget).await?;
    store::decide(&tx, category, priority, targets).await?;
    tx.record(Draft {
        kind: Kind::DeadlineTargetChanged,
        at: request.service().clock.now(),
        place: None,
        household_id: None,
        subject_id: Uuid::nil(),
        detail: json!({
            "category": store::category_name(category),
            "priority": store::priority_name(priority),
            "targets": targets,
        }),
    });
    tx.commit().await?;
    request.service().shelf.clear();
    Ok(target)
}
