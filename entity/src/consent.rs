//! 同意: what a contact agreed to, how, and until when. It has no personal data, and stays as proof when the
//! contact is erased.

use sea_orm::entity::prelude::*;

/// In which language the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Language {
    Chinese,
    English,
}

/// By which way it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    InPerson,
    Phone,
    #[sea_orm(string_value = "WECHAT")]
    Wechat,
}

/// On what the processing rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    Written,
    Spoken,
    Electronic,
    BeforeRecords,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact, who may be erased since.
    pub contact_id: Uuid,
    /// The household for which the contact joined.
    pub household_id: Uuid,
    pub text_version: Option<String>,
    pub language: Option<Language>,
    pub channel: Option<Channel>,
    pub basis: Basis,
    pub given_at: DateTimeUtc,
    pub recorded_at: DateTimeUtc,
    /// The officer who wrote it down; nobody when the service knew it already.
    pub officer_id: Option<Uuid>,
    pub withdrawn_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
