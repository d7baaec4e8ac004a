//! Channels as the contract shows them: everything but their secrets.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::access::Act;
use crate::alone::Alone;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::{self, Filter, Found};

/// What kind of account a channel is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::channel::Kind")]
pub enum ChannelKind {
    /// 微信客服: residents write to an account of WeChat customer service, and the service answers them.
    WechatKf,
    /// 企业微信客户联系: residents are contacts of officers in WeCom. Its conversations cannot be read or answered by
    /// programs; it tells who was added and who left.
    WecomContacts,
    /// 公众号（服务号）: residents follow an Official Account.
    OfficialAccount,
    /// 人工登记: no account at all: officers write down what was said on the phone or at the door.
    ByHand,
}

/// An account through which households are reached (渠道账号). What it keeps secret is never shown: only whether it is
/// there.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Channel {
    /// Global id.
    pub id: GlobalId,
    /// What kind of account it is.
    pub kind: ChannelKind,
    /// What staff call it.
    pub name: String,
    /// The corporation's id at WeCom (企业ID), or the Official Account's (AppID); null for BY_HAND.
    pub corp_id: Option<String>,
    /// The id of the customer service account (`open_kfid`); null until it is known.
    pub open_kfid: Option<String>,
    /// Where the API of WeChat's side is.
    pub api_base_url: String,
    /// Messages that the household may be sent after each message of its own.
    pub window_messages: i32,
    /// For how many hours after it.
    pub window_hours: i32,
    /// Calls of the API that are made in a minute at most.
    pub per_minute: i32,
    /// Whether it is used. A disabled channel takes nothing in and sends nothing.
    pub enabled: bool,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When WeChat's side last checked the address of the callback with the present keys; null while it has not.
    pub verified_at: Option<DateTime<Utc>>,
    /// The number (`errcode`) with which WeChat's side last refused the service; null when it did not.
    pub api_error: Option<i32>,
    /// When `apiError` was looked at last; null while it never was.
    pub api_checked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) township_code: Option<String>,
    /// Whether the secret is there with which the service signs in at WeChat's side (Secret).
    pub has_secret: bool,
    /// Whether the keys of the callback are there (Token and EncodingAESKey).
    pub has_callback_keys: bool,
    /// Whether the keys before these are still good.
    pub has_old_callback_keys: bool,
}

/// Which channels a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelFilter {
    /// Of this kind.
    pub kind: Option<ChannelKind>,
    /// Those that are used (true), or that are not (false).
    pub enabled: Option<bool>,
}

impl Filter for ChannelFilter {}

/// How channels are looked up.
#[derive(Default)]
pub struct ChannelQuery;

lists! {
    #[Object]
    impl ChannelQuery {
        /// The channels, by name. A chief sees those of the own township and of the whole county.
        channels: Channel, filter ChannelFilter => all(Act::ReadChannel);
        ---
        /// The channel with this id.
        async fn channel(&self, context: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Found<Channel> {
            Alone::of(async { record::parent(context, GlobalId::expect(&id, Kind::Channel)?).await }).await
        }
    }
}
