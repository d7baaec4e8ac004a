//! 导入批次: one run over an uploaded file.

use sea_orm::entity::prelude::*;

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Waiting,
    Running,
    Done,
    Failed,
    RollingBack,
    RolledBack,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub upload_id: Uuid,
    /// Who started it; nobody from the command line.
    pub officer_id: Option<Uuid>,
    /// In whose area it works: who started it, or who rolls it back.
    pub actor_id: Uuid,
    pub actor_role: String,
    pub state: State,
    pub dry_run: bool,
    /// Which column each field comes from.
    pub layout: Json,
    /// The last line that is done.
    pub line: i32,
    /// Why it failed.
    pub failure: Option<String>,
    pub created: i32,
    pub updated: i32,
    pub unchanged: i32,
    pub skipped: i32,
    pub failed: i32,
    /// How many of the created may be doubles, by what speaks for it most.
    pub strong_doubles: i32,
    pub weak_doubles: i32,
    /// How many households kept it from being rolled back.
    pub touched: i32,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// Until when a worker has it.
    pub leased_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
