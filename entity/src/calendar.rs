//! 工作日历: a version of the working calendar, with its working hours.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// JSON: in minutes after midnight.
    pub hours: String,
    pub changed_at: DateTimeUtc,
    /// The officer who changed it; nobody for what came with the program.
    pub officer_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
