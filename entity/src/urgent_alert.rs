//! 紧急提醒: a message of a household that tells of an emergency.

use sea_orm::entity::prelude::*;

/// What kind of emergency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    CallForHelp,
    Fight,
    Weapon,
    Fire,
    Suicide,
    Missing,
    Medical,
    Accident,
    Robbery,
    BreakIn,
    FraudInProgress,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Raised,
    Acknowledged,
    FalseAlarm,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "urgent_alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub inquiry_id: Uuid,
    #[sea_orm(unique)]
    pub message_id: Uuid,
    pub kind: Kind,
    /// The words of the list that were found, one a line.
    pub words: String,
    pub list_version: String,
    pub raised_at: DateTimeUtc,
    /// The officer whose turn it was.
    pub alerted_id: Option<Uuid>,
    pub state: State,
    pub handled_at: Option<DateTimeUtc>,
    pub handler_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
