//! 候补: a household waits for a place at a service window.

use sea_orm::entity::prelude::*;

/// How far the waiting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Waiting,
    Offered,
    Booked,
    Left,
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waiting_place")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub window_id: Uuid,
    pub household_id: Uuid,
    pub inquiry_id: Option<Uuid>,
    pub from_day: Date,
    /// The last day that suits.
    pub until_day: Date,
    pub status: Status,
    pub offered_starts_at: Option<DateTimeUtc>,
    pub offered_ends_at: Option<DateTimeUtc>,
    pub offer_expires_at: Option<DateTimeUtc>,
    /// When the household was written to about what is offered.
    pub told_at: Option<DateTimeUtc>,
    pub version: i32,
    pub joined_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
