//! Takes in what Official Accounts deliver, each thing once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::item::{Told, read};
use super::store;
use crate::channel::{self, Delivery, xml::Fields};
use crate::error::{Code, Kind, Result};
use crate::messenger;
use crate::service::Service;
use crate::wecom::Item;

/// How many deliveries are taken in hand at once.
const AT_ONCE: u64 = 200;
/// After so many failures a delivery is left alone.
const MOST_TRIES: i32 = 5;

/// Takes in everything that was delivered, and tells whether there was anything. What followers wrote is then heard
/// with everything else that comes from WeChat.
pub async fn work(service: &Arc<Service>) -> Result<bool> {
    let deliveries = channel::take(service, channel::Topic::Account, AT_ONCE).await?;
    for delivery in &deliveries {
        match one(service, delivery).await {
            Ok(()) => {}
            Err(error) if error.kind == Kind::Top(Code::Unavailable) => return Err(error),
            Err(error) if delivery.tries < MOST_TRIES => {
                tracing::warn!(?error, "what an account delivered is tried again");
            }
            Err(error) => {
                tracing::error!(?error, "what an account delivered was not taken in");
                let tx = service.keep().await?;
                channel::done(&tx, &[delivery.id], service.clock.now()).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(!deliveries.is_empty())
}

async fn one(service: &Service, delivery: &Delivery) -> Result<()> {
    let (now, channel_id) = (service.clock.now(), delivery.channel_id);
    let tx = service.keep().await?;
    let fields = Fields::read(&delivery.body).unwrap_or_default();
    match read(&fields, tx.keyring()) {
        Some((follower, Told::Item(raw))) => {
            let ids = BTreeSet::from([follower]);
            let customers = messenger::known(service, &tx, channel_id, &ids, now).await?;
            let items = Item::read(&raw).map(|item| (item, raw)).into_iter().collect();
            messenger::keep(&tx, channel_id, items, &customers, now).await?;
        }
        Some((follower, Told::Left)) => store::close_window(&tx, channel_id, follower).await?,
        Some((_, Told::Nothing)) | None => {}
    }
    channel::done(&tx, &[delivery.id], now).await?;
    tx.commit().await
}
