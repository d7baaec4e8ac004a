//! How far messages are on their way, as the contract shows it.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use entity::message_delivery::{Model, Reason, State};

/// How far a message is on its way to the household in WeChat.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::message_delivery::State")]
pub enum DeliveryState {
    /// 待发送: it waits to be sent, and is sent by itself.
    Queued,
    /// 已发送: WeChat has taken it. Should WeChat find later that it did not arrive, it becomes FAILED.
    Sent,
    /// 发送失败: it did not arrive, and is not tried again.
    Failed,
    /// 已过期: WeChat allows no more messages to the household before it writes again; it is not sent later by itself.
    Expired,
}

/// Why a message did not arrive in WeChat.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::message_delivery::Reason")]
pub enum DeliveryFailure {
    /// 超过48小时: the household wrote too long ago.
    WindowClosed,
    /// 超过条数: as many messages were sent as one message of the household's allows.
    LimitReached,
    /// 会话不在本系统: a colleague has the chat in the WeCom client, or ended it there.
    SessionElsewhere,
    /// 未同意: the contact has not consented to being written to, or does so no more.
    NoConsent,
    /// 拒收: the contact does not take messages, or has left WeChat.
    Refused,
    /// 渠道故障: the channel did not work.
    ChannelDown,
    /// 其他: another reason.
    Other,
}

/// Another way to a household.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OtherWay {
    /// 打电话: call the contact.
    Phone,
    /// 上门: go there.
    AtTheDoor,
}

/// How far a message is on its way to the household in WeChat (送达情况).
#[derive(SimpleObject, Clone, Debug)]
pub struct MessageDelivery {
    /// How far.
    pub state: DeliveryState,
    /// Why it did not arrive; null unless it is FAILED or EXPIRED.
    pub reason: Option<DeliveryFailure>,
    /// Into how many messages it is split in WeChat, which takes 2048 bytes at once.
    pub parts: i32,
    /// How many of them WeChat has taken.
    pub sent_parts: i32,
    /// Since when it is on its way.
    pub queued_at: DateTime<Utc>,
    /// When it was sent, or came to nothing; null while it is QUEUED.
    pub settled_at: Option<DateTime<Utc>>,
    /// By which other ways the household can be reached, the best first; empty unless it did not arrive.
    pub instead: Vec<OtherWay>,
}

impl From<Model> for MessageDelivery {
    fn from(row: Model) -> Self {
        let reason = row.reason.filter(|_| matches!(row.state, State::Failed | State::Expired));
        Self {
            state: row.state.into(),
            reason: reason.map(Into::into),
            parts: row.parts,
            sent_parts: row.sent_parts,
            queued_at: row.created_at,
            settled_at: row.settled_at,
            instead: reason.map(instead).unwrap_or_default(),
        }
    }
}

/// What remains when WeChat does not go.
fn instead(reason: Reason) -> Vec<OtherWay> {
    use OtherWay::{AtTheDoor, Phone};
    match reason {
        Reason::NoConsent => vec![AtTheDoor],
        _ => vec![Phone, AtTheDoor],
    }
}

/// How much may be sent to the household in WeChat before it writes again (微信回复窗口).
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
pub struct WechatWindow {
    /// How many messages one message of the household's allows.
    pub of: i32,
    /// How many of them are left; 0 when the window is closed. A long message takes several.
    pub left: i32,
    /// Until when; null when the window is closed.
    pub until: Option<DateTime<Utc>>,
}
