//! What came from the far side of a channel, as it came.

use sea_orm::entity::prelude::*;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Nothing yet.
    New,
    /// Everything that follows from it.
    Done,
    /// It waits until it is known who wrote it.
    Held,
    /// It was taken back before that was known.
    Recalled,
    /// It could not be worked off.
    Failed,
}

/// What became of the file that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MediaState {
    /// It is to be fetched.
    Wanted,
    /// It is a file of the message.
    Kept,
    /// It was not to be had, or is not taken.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wechat_message")]
pub struct Model {
    /// The order in which they came.
    #[sea_orm(primary_key)]
    pub sequence: i64,
    pub channel_id: Uuid,
    /// The far side's name for it.
    pub msgid: String,
    /// The far side's name for its kind.
    pub kind: String,
    /// Who wrote it or whom it is about; what concerns nobody has none.
    pub customer_id: Option<Uuid>,
    pub sent_at: DateTimeUtc,
    pub received_at: DateTimeUtc,
    /// The JSON, sealed.
    pub raw: Vec<u8>,
    pub state: State,
    pub tries: i32,
    /// The message of an inquiry that it became.
    pub message_id: Option<Uuid>,
    /// What was sent by itself when it was chosen from a menu.
    pub answered_by: Option<Uuid>,
    /// The file, while it is not known who sent it.
    pub file_id: Option<Uuid>,
    /// What became of the file, when it is one.
    pub media_state: Option<MediaState>,
    pub media_next_try_at: Option<DateTimeUtc>,
    pub media_tries: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
