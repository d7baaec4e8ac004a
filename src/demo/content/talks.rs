//! Conversations between residents and officers, as templates: what people ask, what a good answer
//! says, and which category it belongs to. The texts name papers, fees and telephone numbers that
//! hold in Henan; they name no person and no document number. When each conversation takes
//! place is decided in `inquiries`.

use serde::Deserialize;

const TALKS: [&str; 7] = [
    include_str!("talks/household.json"),
    include_str!("talks/household_changes.json"),
    include_str!("talks/id_card.json"),
    include_str!("talks/permits.json"),
    include_str!("talks/traffic_fraud.json"),
    include_str!("talks/village_life.json"),
    include_str!("talks/elsewhere.json"),
];

/// What an inquiry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Category {
    /// 出生入户
    BirthRegistration,
    /// 户口迁移
    HouseholdMove,
    /// 分户
    HouseholdSplit,
    /// 更名
    NameChange,
    /// 注销
    HouseholdCancellation,
    /// 身份证
    IdCard,
    /// 居住证
    ResidencePermit,
    /// 出入境
    EntryExit,
    /// 交管
    Traffic,
    /// 无犯罪记录证明
    NoCriminalRecord,
    /// 矛盾纠纷
    Dispute,
    /// 求助
    HelpRequest,
    /// 治安线索
    PublicSecurityLead,
    /// 反诈咨询
    FraudAdvice,
    /// 转12345
    TransferTo12345,
    /// 意见投诉
    Complaint,
    /// 其他
    Other,
}

impl Category {
    /// Every category with how often it comes up, in a hundred inquiries.
    pub const BY_FREQUENCY: [(Self, u32); 17] = [
        (Self::IdCard, 19),
        (Self::NoCriminalRecord, 12),
        (Self::BirthRegistration, 11),
        (Self::HouseholdMove, 9),
        (Self::Traffic, 9),
        (Self::FraudAdvice, 6),
        (Self::HouseholdSplit, 5),
        (Self::EntryExit, 5),
        (Self::HouseholdCancellation, 4),
        (Self::ResidencePermit, 4),
        (Self::Other, 4),
        (Self::NameChange, 3),
        (Self::HelpRequest, 3),
        (Self::PublicSecurityLead, 2),
        (Self::TransferTo12345, 2),
        (Self::Dispute, 1),
        (Self::Complaint, 1),
    ];
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Speaker {
    /// The household's contact.
    Resident,
    /// An officer, or the automatic reply.
    Officer,
    /// An internal note the resident never sees.
    Note,
}

/// One line of a template, with `{name}`, `{village}`, `{label}`, `{date}` and `{time}` left open.
#[derive(Clone, Debug, Deserialize)]
pub struct Turn {
    /// Who wrote it.
    pub from: Speaker,
    /// Whether the officer needs an answer before going on.
    #[serde(default)]
    pub asks: bool,
    /// Whether it comes only after something outside the conversation, a day or more later.
    #[serde(default)]
    pub later: bool,
    /// What it says.
    pub text: String,
}

impl Turn {
    /// Whether the service wrote it by itself, outside working hours or at words of an emergency.
    pub fn is_automatic(&self) -> bool {
        self.text.starts_with("【自动回复】")
    }
}

/// One conversation.
#[derive(Clone, Debug, Deserialize)]
pub struct Talk {
    /// What it is about.
    pub category: Category,
    /// A title of at most 40 characters.
    pub subject: String,
    /// Whether the matter is settled after the last line.
    pub resolved: bool,
    /// Whether it is answered within minutes at any hour and so is never found unanswered.
    #[serde(default)]
    pub urgent: bool,
    /// The lines, a resident's first.
    pub turns: Vec<Turn>,
}

impl Talk {
    /// Whether it begins outside working hours: only then does an automatic reply make sense.
    pub fn at_night(&self) -> bool {
        !self.urgent && self.turns.iter().any(Turn::is_automatic)
    }
}

/// Every template.
///
/// # Errors
/// When a table built into the program is not what this module expects.
pub fn talks() -> Result<Vec<Talk>, serde_json::Error> {
    let files: Vec<Vec<Talk>> =
        TALKS.iter().map(|file| serde_json::from_str(file)).collect::<Result<_, _>>()?;
    Ok(files.into_iter().flatten().collect())
}
