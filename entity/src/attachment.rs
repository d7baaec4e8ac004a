//! 附件: a file that comes with a message.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The officer or the contact who brings it; nil for the service itself.
    pub uploader_id: Uuid,
    pub created_at: DateTimeUtc,
    /// The keyed hash of the address to which it is sent.
    #[sea_orm(unique)]
    pub address_hash: Vec<u8>,
    pub address_expires_at: DateTimeUtc,
    /// Sealed: it may name people.
    pub name: Option<Vec<u8>>,
    /// How long it was said to be, and after it came how long it is.
    pub bytes: i64,
    /// Under which name it lies in the store of files.
    pub object: Option<String>,
    /// The key that opens it there, sealed.
    pub object_key: Option<Vec<u8>>,
    pub media_type: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub received_at: Option<DateTimeUtc>,
    /// Its place among the files of its message.
    pub place: Option<i32>,
    /// When its name and its key were destroyed.
    pub erased_at: Option<DateTimeUtc>,
    pub message_id: Option<Uuid>,
    /// Until when it is kept without a message; a day when nothing is said.
    pub kept_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
