//! Two households that were found to be one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub survivor_id: Uuid,
    /// The household that was merged into the survivor. Its row is gone.
    pub merged_id: Uuid,
    pub village_code: String,
    pub township_code: String,
    pub officer_id: Uuid,
    pub made_at: DateTimeUtc,
    pub undone_at: Option<DateTimeUtc>,
    pub contacts_moved: i64,
    pub inquiries_moved: i64,
    /// Sealed: what both were, to undo it with. Erased after thirty days.
    pub snapshot: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
