//! 更正申请: a resident says that something is kept wrongly.

use sea_orm::entity::prelude::*;

/// Which value is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Value {
    Name,
    Phone,
    Address,
    Label,
    PeopleCount,
    Status,
    Other,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Open,
    Done,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "correction_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    /// The contact who asks, until that one leaves.
    pub contact_id: Option<Uuid>,
    #[sea_orm(unique)]
    pub receipt: String,
    pub value: Value,
    /// What is wrong and what is right, sealed, until the contact leaves.
    pub wrong: Option<Vec<u8>>,
    pub right: Option<Vec<u8>>,
    pub state: State,
    pub requested_at: DateTimeUtc,
    pub answered_at: Option<DateTimeUtc>,
    pub answerer_id: Option<Uuid>,
    /// Why it was refused, sealed.
    pub reason: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
