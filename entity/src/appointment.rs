//! 预约: a household comes to a service window at a time.

use sea_orm::entity::prelude::*;

/// Where an appointment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Booked,
    Cancelled,
    Attended,
    Missed,
    WastedTrip,
}

/// What the officer found who looked at the papers before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Readiness {
    Ready,
    PapersMissing,
}

/// Why somebody came in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WastedReason {
    PapersMissing,
    WindowClosed,
    SystemDown,
    WrongOffice,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub window_id: Uuid,
    pub household_id: Uuid,
    pub inquiry_id: Option<Uuid>,
    pub guide_version_id: Option<Uuid>,
    /// Which of the guide's checklists.
    pub checklist_key: Option<String>,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    /// Its number among those who come at the same time.
    pub place: i32,
    pub status: Status,
    /// Whether the window no longer offers this time.
    pub displaced: bool,
    pub readiness: Option<Readiness>,
    /// JSON, sealed.
    pub missing_papers: Option<Vec<u8>>,
    pub checked_by: Option<Uuid>,
    pub checked_at: Option<DateTimeUtc>,
    pub wasted_reason: Option<WastedReason>,
    /// Why it was cancelled, or what was noted of its outcome; sealed.
    pub note: Option<Vec<u8>>,
    /// The officer who booked it on the household's behalf.
    pub booked_by: Option<Uuid>,
    /// When the next reminder is due.
    pub remind_at: Option<DateTimeUtc>,
    /// When the last one was sent.
    pub reminded_at: Option<DateTimeUtc>,
    /// When it was to begin before somebody else than the household moved it, until the household is told.
    pub moved_from: Option<DateTimeUtc>,
    pub version: i32,
    pub booked_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
