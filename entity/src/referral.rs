//! 转办、移交调解: an inquiry that somebody else is asked to settle.

use sea_orm::entity::prelude::*;

/// To whom an inquiry is referred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Office {
    MediationCommittee,
    JusticeOffice,
    VillageCommittee,
    #[sea_orm(string_value = "COUNTY_HOTLINE_12345")]
    CountyHotline12345,
    Court,
    OtherPoliceUnit,
    Other,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    Agreed,
    Partly,
    Failed,
    Withdrawn,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referral")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub inquiry_id: Uuid,
    pub referred_to: Office,
    /// Sealed.
    pub note: Option<Vec<u8>>,
    pub referred_at: DateTimeUtc,
    pub referred_by: Uuid,
    pub follow_up_on: Date,
    pub version: i32,
    pub outcome: Option<Outcome>,
    /// Sealed.
    pub outcome_note: Option<Vec<u8>>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
