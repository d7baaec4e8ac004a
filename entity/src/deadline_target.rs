//! How soon inquiries are to be answered and resolved, where the county decided it otherwise than the program.

use sea_orm::entity::prelude::*;

use crate::inquiry::{Category, Priority};

/// Which hours count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Hours {
    Working,
    RoundTheClock,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deadline_target")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: Category,
    #[sea_orm(primary_key, auto_increment = false)]
    pub priority: Priority,
    pub first_reply_minutes: i32,
    pub resolution_minutes: i32,
    /// After how many more minutes the county is told of what the chief was told of.
    pub escalation_minutes: i32,
    pub hours: Hours,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
