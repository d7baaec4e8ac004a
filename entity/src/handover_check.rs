//! An entry of a hand-over's checklist, which both sides confirm.

use sea_orm::entity::prelude::*;

/// What is handed over in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Item {
    OpenInquiries,
    HouseholdsInNeed,
    CaretakerContacts,
    Disputes,
    KeysAndDocuments,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_check")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item: Item,
    pub place: i32,
    pub from_confirmed_at: Option<DateTimeUtc>,
    pub to_confirmed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
