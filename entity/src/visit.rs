//! 走访: an officer was at the door.

use sea_orm::entity::prelude::*;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    Met,
    NobodyHome,
    ContactConfirmed,
    Declined,
    MovedAway,
    NoSmartphone,
    Vacant,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    pub officer_id: Uuid,
    pub outcome: Outcome,
    /// Sealed.
    pub note: Option<Vec<u8>>,
    pub visited_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    pub next_visit_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
