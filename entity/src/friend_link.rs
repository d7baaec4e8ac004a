//! By which a household becomes the friend of its officer: a QR code of its own.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "friend_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    pub channel_id: Uuid,
    /// What comes back with whoever scans it.
    pub state: String,
    /// The member to whom it leads.
    pub user_id: Option<String>,
    /// The far side's name for it, which is told once.
    pub config_id: Option<String>,
    /// Where its picture is.
    pub qr_code: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
