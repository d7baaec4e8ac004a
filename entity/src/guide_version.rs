//! 指南版本: what a guide says, from one day to another.

use sea_orm::entity::prelude::*;

/// How far a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Draft,
    InReview,
    Published,
    Retired,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "guide_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub guide_id: Uuid,
    pub number: i32,
    pub status: Status,
    /// JSON.
    pub content: String,
    pub search_text: String,
    /// Who wrote it last; nobody when it came with the program.
    pub author_id: Option<Uuid>,
    pub reviewer_id: Option<Uuid>,
    pub review_note: Option<String>,
    pub valid_from: Option<Date>,
    /// The end that its publisher set.
    pub ends_on: Option<Date>,
    /// The end that counts: the publisher's, or when it was superseded or retired.
    pub valid_until: Option<Date>,
    pub superseded_by: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub published_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
