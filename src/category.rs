//! What people ask about: the closed list by which inquiries are sorted and guides are found.

use async_graphql::Enum;

/// What an inquiry is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry::Category")]
pub enum InquiryCategory {
    /// 户籍（出生）: registering a newborn.
    BirthRegistration,
    /// 户籍（迁移）: moving the registration.
    HouseholdMove,
    /// 户籍（分户）: dividing a household.
    HouseholdSplit,
    /// 户籍（更名）: changing a name.
    NameChange,
    /// 户籍（注销）: cancelling a registration.
    HouseholdCancellation,
    /// 身份证: first issue, renewal, loss.
    IdCard,
    /// 居住证: living here without being registered here.
    ResidencePermit,
    /// 出入境: passports and travel permits.
    EntryExit,
    /// 交管: violations, driving licences, inspections.
    Traffic,
    /// 无犯罪记录证明
    NoCriminalRecord,
    /// 矛盾纠纷: a dispute.
    Dispute,
    /// 求助（走失等）: help that is not urgent. Urgent means 110.
    HelpRequest,
    /// 治安、犯罪线索: something that the police should know.
    PublicSecurityLead,
    /// 反诈咨询: is this a fraud?
    FraudAdvice,
    /// 噪声扰民等转12345: belongs to the government's hotline.
    #[graphql(name = "TRANSFER_TO_12345")]
    TransferTo12345,
    /// 意见投诉: about the police.
    Complaint,
    /// 其他
    Other,
}

impl InquiryCategory {
    /// Whether it is sealed (密): seen by named people only, and never by an officer whom it concerns.
    pub fn is_sealed(self) -> bool {
        matches!(self, Self::Dispute | Self::PublicSecurityLead | Self::Complaint)
    }
}

/// How much an inquiry presses; its deadlines follow from it. An emergency is none of these: urgent means 110.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry::Priority")]
pub enum InquiryPriority {
    /// 缓办: may take longer; of disputes, the complicated ones.
    Low,
    /// 一般: the usual.
    Normal,
    /// 急办: before the others.
    High,
}
