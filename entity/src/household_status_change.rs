//! A household's status became another.

use sea_orm::entity::prelude::*;

use crate::household::Status;

/// What changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Cause {
    ByHand,
    Visit,
    Enrolment,
    ContactLeft,
    Merge,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_status_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    pub from_status: Status,
    pub to_status: Status,
    pub cause: Cause,
    /// Sealed: it may name people.
    pub reason: Option<Vec<u8>>,
    /// The officer who changed it; nobody when a contact did.
    pub officer_id: Option<Uuid>,
    pub changed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
