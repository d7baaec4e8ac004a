//! What is kept about residents. A new column of personal data gets its row here.

use async_graphql::{Enum, SimpleObject};

use crate::error::Language;

/// Something that is kept about a resident.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeptData {
    /// 姓名: the contact's name.
    Name,
    /// 电话: the contact's phone number.
    Phone,
    /// 微信身份: how WeChat calls the contact.
    WechatIdentity,
    /// 企业微信好友: which officers have the contact as a friend in WeCom, and since when.
    WecomFriendship,
    /// 知情同意: what the contact agreed to, when and how.
    Consent,
    /// 所代表的住户: for which households the contact speaks.
    Households,
    /// 住址: where a household is.
    Address,
    /// 人数与状态: how many people live there, and how far the household is with us.
    HouseholdNumbers,
    /// 走访记录: when an officer was at the door, and what is worth knowing next time.
    Visits,
    /// 往来消息: what was written between the household and the desk.
    Messages,
    /// 附件: files that came with messages.
    Attachments,
    /// 评价: what the household thought of how it was helped.
    Ratings,
    /// 更正申请: what was asked to be corrected.
    CorrectionRequests,
    /// 转办记录: to whom an inquiry was referred, and what came of it.
    Referrals,
    /// 查看记录: when which station looked at what is kept.
    AccessHistory,
}

/// Why it may be kept.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegalBasis {
    /// 个人同意: the contact agreed (个人信息保护法, article 13, paragraph 1, item 1).
    Consent,
    /// 履行法定职责: the police need it for what the law charges them with (article 13, paragraph 1, item 3).
    StatutoryDuty,
}

/// Something that may be kept about the caller, why, and for how long.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct KeptItem {
    /// What it is.
    pub data: KeptData,
    /// What it is kept for, for people, in the language of `Accept-Language`.
    pub purpose: &'static str,
    /// Why it may be kept.
    pub legal_basis: LegalBasis,
    /// Until when it is kept, for people, in the language of `Accept-Language`.
    pub until: &'static str,
    /// Whether it is sealed (encrypted) in the database.
    pub sealed: bool,
    /// Where the caller reads it: the path of a field of this contract, from the root; null when it is not shown to
    /// residents.
    pub read_at: Option<&'static str>,
}

type Row = (KeptData, (&'static str, &'static str), LegalBasis, Until, bool, Option<&'static str>);

#[derive(Clone, Copy)]
enum Until {
    Leaving,
    Proof,
    Matter,
    Household,
}

impl Until {
    fn say(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Leaving => ("您退出时立即删除", "erased at once when you leave"),
            Self::Proof => (
                "您退出后保留，但不再含有您的个人信息",
                "kept after you leave, without anything that names you",
            ),
            Self::Matter => (
                "随该咨询保留；您退出后不再与您的姓名相连",
                "kept with the inquiry; no longer tied to your name once you have left",
            ),
            Self::Household => ("随住户登记保留", "kept as long as the household is registered"),
        };
        match language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

const ROWS: [Row; 15] = {
    use KeptData as D;
    use LegalBasis::{Consent, StatutoryDuty};
    [
        (
            D::Name,
            ("知道与谁联系", "to know whom to speak to"),
            Consent,
            Until::Leaving,
            false,
            Some("viewer.contact.name"),
        ),
        (
            D::Phone,
            ("联系不上微信时打电话", "to call when WeChat does not reach you"),
            Consent,
            Until::Leaving,
            true,
            Some("viewer.contact.phone"),
        ),
        (
            D::WechatIdentity,
            ("通过微信收发消息", "to exchange messages in WeChat"),
            Consent,
            Until::Leaving,
            true,
            Some("viewer.contact.hasWechat"),
        ),
        (
            D::WecomFriendship,
            (
                "民警的企业微信知道您属于哪一户",
                "so that the officer's WeCom shows to which household you belong",
            ),
            Consent,
            Until::Proof,
            true,
            None,
        ),
        (
            D::Consent,
            ("证明您同意过", "to prove that you agreed"),
            Consent,
            Until::Proof,
            false,
            Some("viewer.contact.consent"),
        ),
        (
            D::Households,
            ("知道您代表哪些住户", "to know for which households you speak"),
            Consent,
            Until::Leaving,
            false,
            Some("viewer.contact.responsibilities"),
        ),
        (
            D::Address,
            ("上门走访", "to find the door"),
            StatutoryDuty,
            Until::Household,
            true,
            Some("viewer.contact.responsibilities.household.address"),
        ),
        (
            D::HouseholdNumbers,
            ("了解还有哪些住户需要走访", "to know which households are still to be visited"),
            StatutoryDuty,
            Until::Household,
            false,
            Some("viewer.contact.responsibilities.household"),
        ),
        (
            D::Visits,
            ("下次走访时有所准备", "to be prepared for the next visit"),
            StatutoryDuty,
            Until::Household,
            true,
            None,
        ),
        (
            D::Messages,
            ("答复您的咨询，并能查证", "to answer you, and to be able to look it up"),
            StatutoryDuty,
            Until::Matter,
            false,
            Some("inquiries.edges.node.messages"),
        ),
        (
            D::Attachments,
            ("随消息一同查看", "to be read with the message"),
            Consent,
            Until::Leaving,
            true,
            Some("inquiries.edges.node.messages.edges.node.attachments"),
        ),
        (
            D::Ratings,
            ("改进服务", "to help better next time"),
            Consent,
            Until::Proof,
            true,
            Some("inquiries.edges.node.rating"),
        ),
        (
            D::CorrectionRequests,
            ("改正记录", "to put right what is kept"),
            StatutoryDuty,
            Until::Proof,
            true,
            Some("correctionRequests"),
        ),
        (
            D::Referrals,
            ("请他人协助处理，并回访结果", "to have others settle it, and to ask how it went"),
            StatutoryDuty,
            Until::Matter,
            true,
            Some("inquiries.edges.node.referrals"),
        ),
        (
            D::AccessHistory,
            ("您可以知道谁看过", "so that you can know who looked"),
            StatutoryDuty,
            Until::Proof,
            false,
            Some("accessHistory"),
        ),
    ]
};

/// Everything that may be kept about a resident.
pub fn kept(language: Language) -> Vec<KeptItem> {
    let item = |row: &Row| {
        let (data, (chinese, english), legal_basis, until, sealed, read_at) = *row;
        let purpose = match language {
            Language::Chinese => chinese,
            Language::English => english,
        };
        KeptItem { data, purpose, legal_basis, until: until.say(language), sealed, read_at }
    };
    ROWS.iter().map(item).collect()
}
