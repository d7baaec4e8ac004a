//! Who answered for a matter before who does now.

use sea_orm::entity::prelude::*;

/// Why somebody answers for a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    VillageShift,
    StationShift,
    Swap,
    Covers,
    LeadPosting,
    AuxiliaryPosting,
    CoverPosting,
    Chief,
    CountyAdmin,
    Anybody,
    Assigned,
    Claimed,
    Returned,
    HandedOver,
    Escalated,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inquiry_ownership")]
pub struct Model {
    /// In the order in which they ended.
    #[sea_orm(primary_key)]
    pub id: i64,
    pub inquiry_id: Uuid,
    pub officer_id: Uuid,
    pub reason: Reason,
    pub since: DateTimeUtc,
    pub until: DateTimeUtc,
    /// The shift by which it was so.
    pub shift_id: Option<Uuid>,
    /// Who was away.
    pub covers_id: Option<Uuid>,
    /// Who decided it.
    pub by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
