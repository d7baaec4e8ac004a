//! 联系人: the person who speaks for one household or several.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    /// Sealed.
    pub phone: Option<Vec<u8>>,
    /// A keyed hash, to find an equal number without opening any.
    pub phone_hash: Option<Vec<u8>>,
    /// Sealed.
    pub wechat_id: Option<Vec<u8>>,
    /// A keyed hash, to find an equal identity without opening any.
    pub wechat_hash: Option<Vec<u8>>,
    /// The consent in force; without one the contact is not messaged.
    pub consent_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
