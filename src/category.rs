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

/// Words by which a text is sorted when nobody has said what it is about; the first that is found decides. What is sealed
/// comes first, and only by words that leave no doubt: whoever complains of an officer must not be read by that officer,
/// while a dispute that is merely mentioned is sorted by a person. An officer may always sort anew.
const WORDS: [(InquiryCategory, &[&str]); 14] = {
    use InquiryCategory as C;
    [
        (C::Complaint, &["投诉", "我要举报民警", "举报民警"]),
        (C::PublicSecurityLead, &["举报", "检举", "提供线索", "反映线索"]),
        (C::FraudAdvice, &["诈骗", "骗子", "被骗", "刷单", "反诈"]),
        (
            C::BirthRegistration,
            &["新生儿", "出生证", "小孩上户", "孩子上户", "宝宝上户", "出生登记"],
        ),
        (C::HouseholdSplit, &["分户"]),
        (C::HouseholdMove, &["迁户", "户口迁", "迁移", "落户", "随迁"]),
        (C::NameChange, &["改名", "更名", "改姓"]),
        (C::HouseholdCancellation, &["注销户口", "销户", "户口注销", "死亡注销"]),
        (C::ResidencePermit, &["居住证", "暂住证"]),
        (C::IdCard, &["身份证"]),
        (C::EntryExit, &["护照", "通行证", "签注", "出入境"]),
        (C::Traffic, &["违章", "驾照", "驾驶证", "年检", "车牌", "电动车上牌"]),
        (C::NoCriminalRecord, &["无犯罪", "政审证明"]),
        (C::TransferTo12345, &["噪音", "噪声", "扰民"]),
    ]
};

/// What a text is most likely about, by its words: OTHER when they do not tell.
pub fn suggested(text: &str) -> InquiryCategory {
    let found = WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
    found.map_or(InquiryCategory::Other, |(category, _)| *category)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sorted_by_its_words_and_sealed_only_without_doubt() {
        use InquiryCategory as C;
        for (text, expected) in [
            ("新生儿上户口要带身份证吗", C::BirthRegistration),
            ("身份证丢了怎么办？", C::IdCard),
            ("我要投诉你们的民警", C::Complaint),
            ("举报有人聚众赌博", C::PublicSecurityLead),
            ("邻居和我家有纠纷", C::Other),
            ("有人冒充公安，是骗子吧", C::FraudAdvice),
            ("在吗", C::Other),
            ("", C::Other),
        ] {
            assert_eq!(suggested(text), expected, "{text}");
        }
        let sealed = WORDS.iter().filter(|(category, _)| category.is_sealed());
        assert_eq!(sealed.count(), 2);
    }
}
