//! Who answers for an inquiry, as the contract shows it.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::Text;

/// Why an officer answers for an inquiry.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry_ownership::Reason")]
pub enum OwnershipReason {
    /// 本村值班: a shift of the village was on.
    VillageShift,
    /// 派出所值班: a shift of the station was on.
    StationShift,
    /// 调班: did a shift in exchange for somebody else.
    Swap,
    /// 请假顶岗: covered for `covers`, who was on leave.
    Covers,
    /// 包村民警: answers for the village.
    LeadPosting,
    /// 辅警: helps in the village.
    AuxiliaryPosting,
    /// 顶岗包村: covers for somebody who looks after the village.
    CoverPosting,
    /// 所长: is the station's chief, and nobody else was there.
    Chief,
    /// 县局管理员: keeps the county's desk, and nobody else was there.
    CountyAdmin,
    /// There was nobody else.
    Anybody,
    /// 指派: a colleague gave it to the officer.
    Assigned,
    /// 认领: the officer took it on.
    Claimed,
    /// 回岗: the officer had it, was away, and was at work again when the household wrote.
    Returned,
    /// 交接: it came with a hand-over.
    HandedOver,
    /// 上报: a deadline ran out, and the officer is above the desk, or covers for who is.
    Escalated,
}

/// Who answers for an inquiry, since when, and why (责任人).
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
#[graphql(complex)]
pub struct InquiryOwnership {
    /// Why.
    pub reason: OwnershipReason,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when, exclusive; null while it lasts.
    pub until: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    /// The shift by which it is so.
    #[graphql(skip)]
    pub(crate) shift_id: Option<Uuid>,
    /// Who was away.
    #[graphql(skip)]
    pub(crate) covers_id: Option<Uuid>,
    /// Who decided it.
    #[graphql(skip)]
    pub(crate) by_id: Option<Uuid>,
}

impl InquiryOwnership {
    /// Why, in words.
    pub fn words(&self) -> Text {
        match self.reason {
            OwnershipReason::VillageShift => Text::new("本村值班。", "On the village's shift."),
            OwnershipReason::StationShift => Text::new("派出所值班。", "On the station's shift."),
            OwnershipReason::Swap => Text::new("当日调班。", "On a shift by a swap."),
            OwnershipReason::Covers => {
                Text::new("前者请假，由其顶岗。", "Covers for somebody on leave.")
            }
            OwnershipReason::LeadPosting => Text::new("包村民警。", "Answers for the village."),
            OwnershipReason::AuxiliaryPosting => Text::new("本村辅警。", "Helps in the village."),
            OwnershipReason::CoverPosting => {
                Text::new("本村顶岗。", "Covers for who looks after the village.")
            }
            OwnershipReason::Chief => Text::new("派出所所长。", "Is the station's chief."),
            OwnershipReason::CountyAdmin => Text::new("县局管理员。", "Keeps the county's desk."),
            OwnershipReason::Anybody => Text::new("没有其他人员。", "There was nobody else."),
            OwnershipReason::Assigned => Text::new("同事指派。", "A colleague assigned it."),
            OwnershipReason::Claimed => Text::new("本人认领。", "Took it on."),
            OwnershipReason::Returned => {
                Text::new("原承办人已回岗。", "Had taken it on, and is at work again.")
            }
            OwnershipReason::HandedOver => Text::new("工作交接。", "It came with a hand-over."),
            OwnershipReason::Escalated => {
                Text::new("超时上报。", "A deadline ran out, and it went up.")
            }
        }
    }
}
