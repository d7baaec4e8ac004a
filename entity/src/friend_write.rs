//! What is to be written to the far side, as it is at the moment of writing.

use sea_orm::entity::prelude::*;

/// What.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// How the officer's WeCom calls the friend.
    Remark,
    /// The tag of the friend's village.
    Tag,
    /// A greeting.
    Welcome,
    /// To whom a household's QR code leads.
    Link,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Queued,
    Done,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "friend_write")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    /// The friend, or the household's link.
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    pub channel_id: Uuid,
    pub state: State,
    /// The far side's number, when it refused for good.
    pub api_error: Option<i32>,
    /// What allows a greeting, within 20 seconds.
    pub welcome_code: Option<String>,
    /// How often it was asked for: whoever writes an older one has not written the newest.
    pub revision: i32,
    pub tries: i32,
    pub queued_at: DateTimeUtc,
    pub next_try_at: DateTimeUtc,
    pub tried_at: Option<DateTimeUtc>,
    /// Until when one instance has it in hand.
    pub taken_until: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
