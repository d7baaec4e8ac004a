//! That something is on its way through a channel, or how far it came.

use sea_orm::entity::prelude::*;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It waits to be sent.
    Queued,
    /// The far side has taken it.
    Sent,
    /// It did not arrive, and trying again does not help.
    Failed,
    /// It could not be sent in time.
    Expired,
}

/// Why it did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The household wrote too long ago.
    WindowClosed,
    /// As much was sent as one message of the household's allows.
    LimitReached,
    /// A person has the chat in the WeCom client, or it was ended there.
    SessionElsewhere,
    /// The contact has not consented, or no more.
    NoConsent,
    /// The contact does not want to be written to, or is no more.
    Refused,
    /// The channel does not work.
    ChannelDown,
    /// Something else.
    Other,
}

/// What the service says of itself to somebody who is no contact yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Automatic {
    Welcome,
    WhichHousehold,
    Emergency,
    Verification,
    /// The menu of guides.
    Menu,
    /// Where choices from it lead.
    Guide,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_delivery")]
pub struct Model {
    /// That of the message, when it carries one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order in which a customer is sent things.
    pub sequence: i64,
    pub channel_id: Uuid,
    pub customer_id: Uuid,
    pub message_id: Option<Uuid>,
    pub automatic: Option<Automatic>,
    /// The version of the guide, and the choices by which one came where it says something.
    pub guide_version_id: Option<Uuid>,
    pub choices: Option<String>,
    /// What allows a greeting within 20 seconds.
    pub welcome_code: Option<String>,
    pub state: State,
    pub reason: Option<Reason>,
    /// Into how many it is split for the far side, and how many of these it has taken.
    pub parts: i32,
    pub sent_parts: i32,
    pub tries: i32,
    pub created_at: DateTimeUtc,
    pub next_try_at: DateTimeUtc,
    pub tried_at: Option<DateTimeUtc>,
    /// Until when one instance has it in hand.
    pub taken_until: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
