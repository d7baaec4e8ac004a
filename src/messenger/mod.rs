//! What travels through channels (渠道消息): what residents write in WeChat becomes messages of inquiries, and what
//! the desk answers goes there. What came is kept before anything is done with it, and what is to go is written
//! down before anything is sent, so nothing is lost and nothing is done twice.

mod chosen;
mod fetch;
pub mod graphql;
mod inbound;
mod lane;
mod media;
mod menu;
mod names;
mod outbound;
mod parts;
mod run;
mod scene;
mod send;
pub mod sender;
mod store;
mod words;

pub use graphql::{MessageDelivery, WechatWindow};
pub use run::run;
pub use sender::{HeldMessage, HeldOf, ProposedFor, SenderMutation, SenderQuery, WechatSender};
pub use store::{OfInquiry, OfMessage, forget as forget_contact, keep, known};

use std::sync::Arc;

use chrono::TimeDelta;

use lane::Work;

use crate::Caller;
use crate::actor::Actor;
use crate::error::{Language, Result};
use crate::request::Request;
use crate::service::Service;

/// How long what came is kept as it came, for what can be made of it later.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How much is forgotten in one change.
const AT_ONCE: u64 = 1000;

/// Does everything that can be done at this moment, and tells whether there was anything.
pub async fn work(service: &Arc<Service>) -> Result<bool> {
    let fetched = fetch::all(service).await?;
    let heard = inbound::all(service).await?;
    let planned = outbound::plan(service).await?;
    let sent = Work::Sending.all(service).await?;
    let files = Work::Files.all(service).await?;
    let named = Work::Names.all(service).await?;
    Ok(fetched + heard + planned + sent + files + named > 0)
}

/// How much waits: what came and is not worked off, and what is not sent.
pub async fn waiting(service: &Service) -> Result<(u64, u64)> {
    let tx = service.keep().await?;
    Ok((store::waiting(&tx).await?, store::queued(&tx).await?))
}

/// Forgets what came long ago, as it came.
pub async fn sweep(service: &Service) -> Result<()> {
    let before = service.clock.now() - KEPT;
    loop {
        let tx = service.keep().await?;
        let forgotten = store::forget_old(&tx, before, AT_ONCE).await?;
        tx.commit().await?;
        if forgotten < AT_ONCE {
            return Ok(());
        }
    }
}

/// A request of the service's own, speaking for a channel.
fn of_channel(service: &Arc<Service>) -> Arc<Request> {
    let caller = Caller { actor: Arc::new(Actor::CHANNEL), language: Language::Chinese };
    Request::new(service.clone(), caller)
}
