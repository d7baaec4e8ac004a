//! 消息: one line of an inquiry.

use sea_orm::entity::prelude::*;

/// Who speaks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    Inbound,
    Outbound,
    InternalNote,
}

/// Through what it was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Via {
    #[default]
    App,
    Wechat,
    Phone,
    AtTheDoor,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub inquiry_id: Uuid,
    pub direction: Direction,
    /// The officer who wrote it, or who wrote it down on the household's behalf.
    pub officer_id: Option<Uuid>,
    /// The contact who wrote it.
    pub contact_id: Option<Uuid>,
    pub text: String,
    pub sent_at: DateTimeUtc,
    pub via: Via,
    /// When who wrote it took it back.
    pub recalled_at: Option<DateTimeUtc>,
    /// The version of the guide that it was made from.
    pub guide_version_id: Option<Uuid>,
    /// Whether the service said it by itself.
    pub automatic: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
