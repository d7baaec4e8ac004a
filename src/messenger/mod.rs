//! What travels through channels (渠道消息): what residents write in WeChat becomes messages of inquiries, and what
//! the desk answers goes there. What came is kept before anything is done with it, and what is to go is written
//! down before anything is sent, so nothing is lost and nothing is done twice.

mod fetch;
pub mod graphql;
mod inbound;
mod outbound;
mod parts;
mod send;
mod store;
mod words;

pub use graphql::{MessageDelivery, WechatWindow};
pub use store::{OfInquiry, OfMessage, keep, known};

use std::sync::Arc;

use crate::Caller;
use crate::actor::Actor;
use crate::error::{Language, Result};
use crate::request::Request;
use crate::service::Service;

/// Does everything that can be done at this moment, and tells whether there was anything.
pub async fn work(service: &Arc<Service>) -> Result<bool> {
    let fetched = fetch::all(service).await?;
    let heard = inbound::all(service).await?;
    let planned = outbound::plan(service).await?;
    let sent = send::all(service).await?;
    Ok(fetched + heard + planned + sent > 0)
}

/// A request of the service's own, speaking for a channel.
fn of_channel(service: &Arc<Service>) -> Arc<Request> {
    let caller = Caller { actor: Arc::new(Actor::CHANNEL), language: Language::Chinese };
    Request::new(service.clone(), caller)
}
