//! 咨询、线索、求助: one matter of one household.

use sea_orm::entity::prelude::*;

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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
