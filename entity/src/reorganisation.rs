//! A change of the division tree, and what moved along with it.

use sea_orm::entity::prelude::*;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    DivisionRenamed,
    VillageMoved,
    VillagesMerged,
    VillageSplit,
    HouseholdsMoved,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reorganisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Kind,
    pub officer_id: Uuid,
    pub effective_on: Date,
    pub made_at: DateTimeUtc,
    /// What moved along: counts and codes, never people.
    #[sea_orm(column_type = "JsonBinary")]
    pub summary: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
