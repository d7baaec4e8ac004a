//! How far a household was, and what changed it.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entity::household::Status;
use entity::household_status_change::Cause;
use uuid::Uuid;

use super::HouseholdStatus;
use crate::id::GlobalId;

/// What changed a household's status.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::household_status_change::Cause")]
pub enum StatusCause {
    /// 手工登记: an officer said so.
    ByHand,
    /// 走访: an officer was at the door.
    Visit,
    /// 登记联系人: a contact was enrolled.
    Enrolment,
    /// 联系人退出: its last own contact left, or withdrew the consent.
    ContactLeft,
    /// 合并: a double was merged into it, or that was undone.
    Merge,
}

/// A household's status became another one (状态变更).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct HouseholdStatusChange {
    /// Global id.
    pub id: GlobalId,
    /// How far it was before.
    pub from: HouseholdStatus,
    /// How far it was from then on.
    pub to: HouseholdStatus,
    /// What changed it.
    pub cause: StatusCause,
    /// Why, in the officer's words; null when nothing was said, or for roles that may not see it.
    pub reason: Option<String>,
    /// When.
    pub changed_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
}

/// A change of a status that is to be kept.
pub struct NewStatusChange {
    /// Its id.
    pub id: Uuid,
    /// The household.
    pub household_id: Uuid,
    /// How far it was.
    pub from: Status,
    /// How far it is.
    pub to: Status,
    /// What changed it.
    pub cause: Cause,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub changed_at: DateTime<Utc>,
}
