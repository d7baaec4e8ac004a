//! Somebody who wrote to a channel or came in there, before and after it is known who that is.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    /// The channel's name for them, sealed.
    pub external_id: Vec<u8>,
    /// A keyed hash, as that of a contact's WeChat identity.
    pub external_hash: Vec<u8>,
    /// The contact, once that is known.
    pub contact_id: Option<Uuid>,
    /// The link by which they came in first.
    pub scene: Option<String>,
    /// The village that the link is of, its group and the door there.
    pub village_code: Option<String>,
    pub group_code: Option<String>,
    pub door: Option<i32>,
    /// The township of the village, or that of the channel; none when it is the county's.
    pub township_code: Option<String>,
    pub first_seen_at: DateTimeUtc,
    /// When they wrote last: what may be sent to them follows from it.
    pub last_inbound_at: Option<DateTimeUtc>,
    /// How much was sent to them since then.
    pub sent_in_window: i32,
    /// Whether the service is known to have their session.
    pub session_ours: bool,
    /// When they were asked which household they are of.
    pub asked_at: Option<DateTimeUtc>,
    /// When an officer left aside what they had written.
    pub dismissed_at: Option<DateTimeUtc>,
    /// When they were told last that nobody is at work.
    pub told_closed_at: Option<DateTimeUtc>,
    pub version: i32,
    /// What they call themselves in WeChat, sealed.
    pub nickname: Option<Vec<u8>>,
    /// When that is to be asked for; none when it is known, or there is nothing to know.
    pub nickname_next_try_at: Option<DateTimeUtc>,
    pub nickname_tries: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
