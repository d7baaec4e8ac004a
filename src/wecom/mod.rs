//! The far side of a WeChat customer-service account (微信客服): the API of WeCom (企业微信), spoken as it is
//! documented. It knows nothing of households or inquiries. What it is told decides by number only, never by a
//! text; nothing of what it sends or gets is logged, since addresses carry the access token.

mod call;
pub mod contact;
mod failure;
mod item;
pub mod kf;
mod media;
pub mod official;
mod menu;
mod token;

use std::fmt;
use std::time::Duration;

pub use call::{Upload, Wecom};
pub use contact::{Follow, Follows, Hands, Moved, Outcome, Way};
pub use failure::{Class, Failure, Reason};
pub use item::{Body, Event, Item, Origin, Place};
pub use kf::{Customer, KfAccount, Page, SessionState, Sync};
pub use media::{FileKind, Media};
pub use menu::{MOST_BESIDE, MOST_CHOICES, MOST_LABEL, Menu, Words};
pub use official::Notice;

/// Where WeCom's API is, unless a proxy or the government's own edition is used.
pub const PUBLIC: &str = "https://qyapi.weixin.qq.com";

/// What is known of an app of a corp, to speak in its name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// Where the API is, such as [`PUBLIC`].
    pub base_url: String,
    /// The corp (企业ID), or the Official Account (AppID).
    pub corp_id: String,
    /// The secret of the app.
    pub secret: String,
    /// Who gives it its tokens.
    pub issuer: Issuer,
}

/// Who gives an app its tokens, and in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// WeCom, to an app of a corp.
    #[default]
    Corp,
    /// WeChat, to an Official Account (公众号): with stable tokens, of which a new one does not end the others at once.
    OfficialAccount,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Account").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// How long the far side may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To take a connection.
    pub connect: Duration,
    /// To answer wholly.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(30) }
    }
}
