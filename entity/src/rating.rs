//! 评价: what a household thinks of how its matter was handled.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rating")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub inquiry_id: Uuid,
    /// The contact who gave it, until that one leaves.
    pub contact_id: Option<Uuid>,
    /// From 1 to 5.
    pub score: i32,
    /// Sealed: people may be named.
    pub text: Option<Vec<u8>>,
    pub rated_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
