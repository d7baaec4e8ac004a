//! What the far side of a channel has delivered at the door, until it is worked off.

use sea_orm::entity::prelude::*;

/// Who works it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// What residents write to customer service.
    CustomerService,
    /// Who is whose friend.
    Contacts,
    /// What happens in an Official Account.
    Account,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub topic: Topic,
    /// By which a delivery that comes again is known.
    pub digest: Vec<u8>,
    /// The decrypted message, sealed.
    pub body: Vec<u8>,
    pub received_at: DateTimeUtc,
    pub tries: i32,
    /// Until when one worker has it.
    pub taken_until: Option<DateTimeUtc>,
    pub done_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
