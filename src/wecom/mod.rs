//! The far side of a WeChat customer-service account (微信客服): the API of WeCom (企业微信), spoken as it is
//! documented. It knows nothing of households or inquiries. What it is told decides by number only, never by a
//! text; nothing of what it sends or gets is logged, since addresses carry the access token.

mod call;
mod failure;
mod item;
pub mod kf;
mod media;
mod menu;
mod token;

use std::fmt;
use std::time::Duration;

pub use call::{Upload, Wecom};
pub use failure::{Class, Failure, Reason};
pub use item::{Body, Event, Item, Origin, Place};
pub use kf::{Customer, KfAccount, Page, SessionState, Sync};
pub use media::{FileKind, Media};
pub use menu::{MOST_BESIDE, MOST_CHOICES, MOST_LABEL, Menu, Words};

/// Where WeCom's API is, unless a proxy or the government's own edition is used.
pub const PUBLIC: &str = "https://qyapi.weixin.qq.com";

/// What is known of an app of a corp, to speak in its name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// Where the API is, such as [`PUBLIC`].
    pub base_url: String,
    /// The corp (企业ID).
    pub corp_id: String,
    /// The secret of the app.
    pub secret: String,
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
