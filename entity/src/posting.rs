//! 包村: an officer looks after a village from one moment to another.

use sea_orm::entity::prelude::*;

/// In which standing the officer looks after the village.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Duty {
    Lead,
    Auxiliary,
    /// For the time of somebody's leave.
    Cover,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "posting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub officer_id: Uuid,
    pub village_code: String,
    pub township_code: String,
    pub duty: Duty,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub version: i32,
    /// The leave that it covers, and the absent officer's posting that it stands in for.
    pub leave_id: Option<Uuid>,
    pub source_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
