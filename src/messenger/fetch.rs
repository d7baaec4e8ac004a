//! Fetches what came to the accounts: when the far side calls, and now and then anyhow, since calls get lost. What a
//! page brings and the place where it ends are one change, so nothing is passed over and nothing kept twice.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use uuid::Uuid;

use super::store::{self, Held};
use crate::channel::{self, xml::Fields};
use crate::error::Result;
use crate::service::Service;
use crate::wecom::{Class, Failure, Item, Page, Reason, Sync, kf};

/// So long without a call, and it is looked anyhow.
const SWEEP: TimeDelta = TimeDelta::seconds(60);
/// How long an account is left alone that cannot be fetched from.
const AWAY: TimeDelta = TimeDelta::seconds(15);
/// How many accounts are fetched from at once.
const AT_ONCE: usize = 16;
/// How many calls are taken in hand at once.
const CALLS: u64 = 200;

/// What called for an account to be fetched from.
#[derive(Default)]
struct Called {
    deliveries: Vec<Uuid>,
    /// The last call's token, with which the far side lets one ask more often.
    token: Option<String>,
}

/// Fetches from all accounts that were called for or are due, and tells how much came.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let called = called(service).await?;
    let fetched = stream::iter(called)
        .map(|(channel_id, called)| async move {
            let fetched = fetch(service, channel_id, &called).await;
            fetched.unwrap_or_else(|error| {
                tracing::warn!(?error, "what came to an account was not kept");
                0
            })
        })
        .buffer_unordered(AT_ONCE);
    Ok(fetched.fold(0, async |sum, one| sum + one).await)
}

async fn called(service: &Service) -> Result<HashMap<Uuid, Called>> {
    let now = service.clock.now();
    let mut called: HashMap<Uuid, Called> = HashMap::new();
    let deliveries = channel::take(service, channel::Topic::CustomerService, CALLS).await?;
    let tx = service.keep().await?;
    for delivery in deliveries {
        let fields = Fields::read(&delivery.body).ok();
        let named = |name| fields.as_ref().and_then(|fields| fields.get(name));
        let account = match named("OpenKfId") {
            Some(open_kfid) => store::named(&tx, delivery.channel_id, open_kfid).await?,
            None => None,
        };
        let Some(account) = account else {
            // Of an account that we do not keep, or of something else that we do not follow.
            channel::done(&tx, delivery.id, now).await?;
            continue;
        };
        let called = called.entry(account).or_default();
        called.deliveries.push(delivery.id);
        called.token = named("Token").map(str::to_owned);
    }
    for id in store::due(&tx, now - SWEEP, now, CALLS).await? {
        called.entry(id).or_default();
    }
    tx.commit().await?;
    Ok(called)
}

/// Fetches page after page. An account that another instance fetches from is left to it, and the calls for it are put
/// back: what called may have come after that one asked.
async fn fetch(service: &Arc<Service>, channel_id: Uuid, called: &Called) -> Result<usize> {
    let tx = service.keep().await?;
    let held = store::hold(&tx, channel_id, service.new_id(), service.clock.now()).await?;
    if held.is_none() {
        channel::put_back(&tx, &called.deliveries).await?;
    }
    tx.commit().await?;
    let Some(mut held) = held else { return Ok(0) };
    let mut token = called.token.as_deref();
    let mut came = 0;
    loop {
        let asked = Sync {
            open_kfid: &held.open_kfid,
            cursor: held.cursor.as_deref(),
            token,
            limit: kf::MOST_MESSAGES,
        };
        match service.wecom.sync(&held.account, &asked).await {
            Ok(page) => {
                let more = page.has_more != 0;
                came += page.msg_list.len();
                let done = if more { &[][..] } else { &called.deliveries[..] };
                if !keep(service, &mut held, page, done).await? || !more {
                    return Ok(came);
                }
            }
            Err(failure) => match failure.class() {
                Class::Permanent(Reason::BadCallbackToken) if token.is_some() => token = None,
                // A place in the log that is too old is none any more. What comes twice is kept once.
                Class::Permanent(Reason::Other) if held.cursor.is_some() => held.cursor = None,
                _ => {
                    give_up(service, &held, called, failure).await?;
                    return Ok(came);
                }
            },
        }
    }
}

/// Keeps a page, unless the account has become another's, and lets it go after the last one.
async fn keep(service: &Service, held: &mut Held, page: Page, done: &[Uuid]) -> Result<bool> {
    let now = service.clock.now();
    let read = |raw: Value| Item::read(&raw).map(|item| (item, raw));
    let items: Vec<(Item, Value)> = page.msg_list.into_iter().filter_map(read).collect();
    let ids: BTreeSet<&str> =
        items.iter().filter_map(|(item, _)| item.external_userid.as_deref()).collect();
    let tx = service.keep().await?;
    let customers = store::known(service, &tx, held.channel_id, &ids, now).await?;
    store::keep(&tx, held.channel_id, items, &customers, now).await?;
    if !page.next_cursor.is_empty() {
        held.cursor = Some(page.next_cursor);
    }
    if !store::save(&tx, held, held.cursor.as_deref(), now).await? {
        return Ok(false);
    }
    for id in done {
        channel::done(&tx, *id, now).await?;
    }
    if page.has_more == 0 {
        channel::note_api(&tx, held.channel_id, Ok(()), now).await?;
        store::release(&tx, held, None).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn give_up(service: &Service, held: &Held, called: &Called, failure: Failure) -> Result<()> {
    tracing::warn!(%failure, channel = %held.channel_id, "the far side of a channel gave nothing");
    let now = service.clock.now();
    let tx = service.keep().await?;
    channel::note_api(&tx, held.channel_id, Err(failure), now).await?;
    channel::put_back(&tx, &called.deliveries).await?;
    store::release(&tx, held, Some(now + AWAY)).await?;
    tx.commit().await
}
