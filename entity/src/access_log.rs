//! Who looked at what is kept about a household. Rows are added and never changed.

use sea_orm::entity::prelude::*;

use crate::officer;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LookedAt {
    Inquiry,
    Messages,
    Contact,
    Export,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub officer_id: Uuid,
    /// The officer's role then.
    pub role: officer::Role,
    pub looked_at: LookedAt,
    pub household_id: Uuid,
    /// The sealed inquiry, when it was one.
    pub inquiry_id: Option<Uuid>,
    /// The hour for which the row stands, when it stands for one.
    pub slot: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
