//! A friend who is to go along with a hand-over to another officer.

use sea_orm::entity::prelude::*;

/// How far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The far side was not asked yet.
    Queued,
    /// It was asked, and the resident may still refuse.
    Waiting,
    Done,
    Refused,
    /// The taker has as many friends as there may be.
    Full,
    /// It was done twice in 90 days already.
    TooOften,
    /// They are no friends any more.
    NoFriend,
    /// The hand-over was cancelled before the far side was asked.
    Cancelled,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "friend_transfer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub handover_id: Uuid,
    /// The giver's.
    pub friend_id: Uuid,
    /// The taker.
    pub to_id: Uuid,
    pub state: State,
    pub api_error: Option<i32>,
    pub tries: i32,
    pub created_at: DateTimeUtc,
    pub next_try_at: DateTimeUtc,
    pub asked_at: Option<DateTimeUtc>,
    pub taken_until: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
