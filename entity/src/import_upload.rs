//! A file that waits to be imported.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_upload")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who brought it; nobody from the command line.
    pub officer_id: Option<Uuid>,
    pub file_name: Option<String>,
    /// The line with the names of the columns.
    pub header_line: i32,
    pub columns: Json,
    pub rows: i32,
    pub blank_rows: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
