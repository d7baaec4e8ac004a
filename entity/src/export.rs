//! 导出: data that somebody took out, and why.

use sea_orm::entity::prelude::*;

/// What is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Content {
    Households,
    Inquiries,
    Visits,
    Coverage,
}

/// As what kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Format {
    Csv,
    Xlsx,
    JsonLines,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub officer_id: Uuid,
    pub content: Content,
    pub format: Format,
    pub area_code: Option<String>,
    /// Sealed: it may name people.
    pub purpose: Vec<u8>,
    pub requested_at: DateTimeUtc,
    /// How often the file was taken, whole or in part.
    pub downloads: i32,
    /// The rows of the last file that was taken whole.
    pub row_count: Option<i64>,
    pub downloaded_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
