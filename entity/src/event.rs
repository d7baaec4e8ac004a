//! The append-only log of what happened. Readers go through it in the order of (transaction, sequence).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub sequence: i64,
    /// The writing transaction on PostgreSQL; always 0 on SQLite, which writes one at a time.
    pub transaction: i64,
    pub at: DateTimeUtc,
    pub kind: String,
    pub village_code: Option<String>,
    pub township_code: Option<String>,
    pub household_id: Option<Uuid>,
    /// The object that the event is about.
    pub subject_id: Uuid,
    /// What a reader must know besides, without personal data.
    pub detail: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
