//! What channels lead to.

use async_graphql::{ComplexObject, Context};

use crate::channel::capability::{ChannelCapabilities, capabilities};
use crate::channel::{Channel, ChannelKind, door};
use crate::division::Township;
use crate::error::Result;
use crate::record::{self, Related};
use crate::request::Request;

#[ComplexObject]
impl Channel {
    /// The township that it is for; null for the whole county.
    async fn township(&self, context: &Context<'_>) -> Related<Township> {
        record::related(context, self.township_code.as_deref()).await
    }

    /// What can be done through it.
    async fn capabilities(&self) -> ChannelCapabilities {
        capabilities(self.kind)
    }

    /// What is entered at WeChat's side as the address of the callback (接收消息服务器URL); null for BY_HAND. It is only a
    /// path while the operator has not said under which address the service is reached.
    async fn callback_url(&self, context: &Context<'_>) -> Result<Option<String>> {
        let public = Request::of(context)?.service().door.public_url.as_ref();
        let base = public.map_or("", |url| url.as_str().trim_end_matches('/'));
        let path = door::PATH.replace("{channel}", &self.id.to_string());
        Ok((self.kind != ChannelKind::ByHand).then(|| format!("{base}{path}")))
    }
}
