//! What the mutations on channels take.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::ChannelKind;
use crate::scalar::DivisionCode;

/// The keys of a callback, as WeChat's side shows them where the callback is set up (接收消息服务器配置).
#[derive(InputObject)]
pub struct CallbackKeysInput {
    /// Token: 1 to 32 letters and digits.
    pub token: String,
    /// EncodingAESKey: 43 characters. Only an OFFICIAL_ACCOUNT in plain mode (明文模式) has none; what it is sent is then
    /// signed no further than by time, so prefer its safe mode (安全模式).
    pub aes_key: Option<String>,
}

/// The input of `createChannel`. BY_HAND takes a name and nothing of an account.
#[derive(InputObject)]
pub struct CreateChannelInput {
    /// Chosen by the caller, new for each channel: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// What kind of account it is. It cannot be changed later.
    pub kind: ChannelKind,
    /// What staff call it: at most 40 characters.
    pub name: String,
    /// The township that it is for; the whole county when left out.
    pub township_code: Option<DivisionCode>,
    /// The corporation's id at WeCom (企业ID), or the Official Account's (AppID). Callbacks for anybody else are
    /// refused.
    pub corp_id: Option<String>,
    /// The id of the customer service account (`open_kfid`), for WECHAT_KF.
    pub open_kfid: Option<String>,
    /// The secret with which the service signs in at WeChat's side (Secret): at most 128 characters. It can never be read
    /// again.
    pub secret: Option<String>,
    /// The keys of the callback. They can never be read again.
    pub callback_keys: Option<CallbackKeysInput>,
    /// Where the API of WeChat's side is, for a proxy or another edition of WeCom: an https address. WeChat's own when
    /// left out.
    pub api_base_url: Option<String>,
    /// Messages that the household may be sent after each message of its own, from 1 to 100.
    #[graphql(default = 5)]
    pub window_messages: i32,
    /// For how many hours after it, from 1 to 720.
    #[graphql(default = 48)]
    pub window_hours: i32,
    /// Calls of the API that are made in a minute at most, from 1 to 10000.
    #[graphql(default = 1000)]
    pub per_minute: i32,
}

/// The input of `updateChannel`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateChannelInput {
    /// The channel.
    pub channel_id: ID,
    /// The channel's `version` that the change is based on.
    pub expected_version: i32,
    /// What staff call it: at most 40 characters.
    pub name: Option<String>,
    /// The township that it is for; null for the whole county.
    #[graphql(default)]
    pub township_code: MaybeUndefined<DivisionCode>,
    /// The corporation's id at WeCom (企业ID), or the Official Account's (AppID).
    pub corp_id: Option<String>,
    /// The id of the customer service account (`open_kfid`).
    pub open_kfid: Option<String>,
    /// Another secret in the place of the one before.
    pub secret: Option<String>,
    /// Where the API of WeChat's side is: an https address. The secret goes there, so it has to be given again when the
    /// address changes.
    pub api_base_url: Option<String>,
    /// Messages that the household may be sent after each message of its own, from 1 to 100.
    pub window_messages: Option<i32>,
    /// For how many hours after it, from 1 to 720.
    pub window_hours: Option<i32>,
    /// Calls of the API that are made in a minute at most, from 1 to 10000.
    pub per_minute: Option<i32>,
}

/// The input of `rotateChannelKeys`.
#[derive(InputObject)]
pub struct RotateChannelKeysInput {
    /// The channel.
    pub channel_id: ID,
    /// The channel's `version` that the change is based on.
    pub expected_version: i32,
    /// The new keys. They can never be read again.
    pub callback_keys: CallbackKeysInput,
}

/// The input of `retireOldChannelKeys`.
#[derive(InputObject)]
pub struct RetireOldChannelKeysInput {
    /// The channel.
    pub channel_id: ID,
    /// The channel's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `disableChannel`.
#[derive(InputObject)]
pub struct DisableChannelInput {
    /// The channel.
    pub channel_id: ID,
    /// The channel's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `enableChannel`.
#[derive(InputObject)]
pub struct EnableChannelInput {
    /// The channel.
    pub channel_id: ID,
    /// The channel's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `checkChannel`.
#[derive(InputObject)]
pub struct CheckChannelInput {
    /// The channel.
    pub channel_id: ID,
}
