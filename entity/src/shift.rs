//! 值班: an officer is on duty for a station or a village, again and again.

use sea_orm::entity::prelude::*;

/// On which of the days of its pattern it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DayKind {
    Any,
    Workday,
    Holiday,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shift")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub station_id: Uuid,
    pub township_code: String,
    /// None for the whole station.
    pub village_code: Option<String>,
    pub officer_id: Uuid,
    pub valid_from: Date,
    /// Exclusive.
    pub valid_until: Option<Date>,
    /// A bit a weekday, Monday's is 1. Either this or `every_days`.
    pub weekdays: Option<i32>,
    /// Counted from `valid_from`.
    pub every_days: Option<i32>,
    pub day_kind: DayKind,
    pub start_minute: i32,
    pub length_minutes: i32,
    pub version: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
