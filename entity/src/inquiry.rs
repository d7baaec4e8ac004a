//! 咨询、线索、求助: one matter of one household.

use sea_orm::entity::prelude::*;

use crate::inquiry_ownership;

/// Where a matter stands. Who has to move next follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Open,
    WaitingForResident,
    WaitingForOfficer,
    Resolved,
}

/// What a matter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    BirthRegistration,
    HouseholdMove,
    HouseholdSplit,
    NameChange,
    HouseholdCancellation,
    IdCard,
    ResidencePermit,
    EntryExit,
    Traffic,
    NoCriminalRecord,
    Dispute,
    HelpRequest,
    PublicSecurityLead,
    FraudAdvice,
    #[sea_orm(string_value = "TRANSFER_TO_12345")]
    TransferTo12345,
    Complaint,
    Other,
}

/// How much a matter presses; its deadlines follow from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

/// Who has to see to it that a matter goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Escalation {
    #[default]
    Desk,
    Chief,
    County,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inquiry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    pub village_code: String,
    pub township_code: String,
    pub category: Category,
    pub status: Status,
    pub subject: String,
    pub assignee_id: Option<Uuid>,
    pub last_message_id: Option<Uuid>,
    pub version: i32,
    pub opened_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub resolved_at: Option<DateTimeUtc>,
    pub priority: Priority,
    /// Since when the side that has to move next has been waited for.
    pub waiting_since: DateTimeUtc,
    /// When the next deadline runs out; none while its clock stands still.
    pub due_at: Option<DateTimeUtc>,
    /// When it is escalated next.
    pub timer_at: Option<DateTimeUtc>,
    pub escalation: Escalation,
    /// The stopwatch that `due_at` follows from.
    pub stopwatch: Option<Json>,
    /// The version of the working calendar that `due_at` was counted by, when it was.
    pub due_calendar: Option<i32>,
    /// Who answers for it.
    pub owner_id: Option<Uuid>,
    pub owner_reason: Option<inquiry_ownership::Reason>,
    pub owner_since: Option<DateTimeUtc>,
    /// The shift by which it is so.
    pub owner_shift_id: Option<Uuid>,
    /// Who is away.
    pub owner_covers_id: Option<Uuid>,
    /// Who decided it.
    pub owner_by_id: Option<Uuid>,
    /// Only named people see it.
    pub sealed: bool,
    /// When what was written in it was erased.
    pub erased_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
