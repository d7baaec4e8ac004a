//! What can be done through a channel, by its kind.

use async_graphql::SimpleObject;

use super::ChannelKind;
use crate::wecom::official::NOTICES_A_DAY;

/// What can be done through a channel (渠道能力).
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelCapabilities {
    /// Whether what residents write there comes here by itself.
    pub hears: bool,
    /// Whether answers go there by themselves, as long as `windowMessages` and `windowHours` allow.
    pub answers: bool,
    /// How many notices that need no message of the resident's before may be sent in a day (模板消息); null where there are
    /// none of the kind.
    pub notices_per_day: Option<i32>,
}

/// What can be done through a channel of this kind.
pub fn capabilities(kind: ChannelKind) -> ChannelCapabilities {
    let (talks, notices_per_day) = match kind {
        ChannelKind::WechatKf => (true, None),
        ChannelKind::OfficialAccount => (true, Some(NOTICES_A_DAY)),
        // What officers and their friends write to each other is not for programs.
        ChannelKind::WecomContacts | ChannelKind::ByHand => (false, None),
    };
    ChannelCapabilities { hears: talks, answers: talks, notices_per_day }
}
