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
/// When an account is asked for again that another instance has in hand.
const SHORTLY: TimeDelta = TimeDelta::seconds(1);
/// How many accounts are fetched from at once.
pub const AT_ONCE: usize = 64;
/// How many calls are taken in hand at once.
const CALLS: u64 = 1000;

/// What called for an account to be fetched from.
#[derive(Default)]
pub struct Called {
    deliveries: Vec<Uuid>,
    /// The last call's token, with which the far side lets one ask more often.
    token: Option<String>,
}

impl Called {
    /// Puts what came later behind it.
    pub fn join(&mut self, later: Self) {
        self.deliveries.extend(later.deliveries);
        self.token = later.token.or(self.token.take());
    }
}

/// Fetches from all accounts that were called for or are due, and tells how much came.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let fetched = stream::iter(calls(service).await?)
        .map(|(channel_id, called)| one(service, channel_id, called))
        .buffer_unordered(AT_ONCE);
    Ok(fetched.fold(0, async |sum, one| sum + one).await)
}

/// Fetches from an account, and tells how much came.
pub async fn one(service: &Service, channel_id: Uuid, called: Called) -> usize {
    fetch(service, channel_id, &called).await.unwrap_or_else(|error| {
        tracing::warn!(?error, "what came to an account was not kept");
        0
    })
}

/// The accounts that were called for or are due.
pub async fn calls(service: &Service) -> Result<HashMap<Uuid, Called>> {
    let now = service.clock.now();
    let mut calls: HashMap<Uuid, Called> = HashMap::new();
    let mut accounts: HashMap<(Uuid, String), Option<Uuid>> = HashMap::new();
    let mut not_ours = Vec::new();
    let deliveries = channel::take(service, channel::Topic::CustomerService, CALLS).await?;
    let tx = service.keep().await?;
    for delivery in deliveries {
        let fields = Fields::read(&delivery.body).ok();
        let named = |name| fields.as_ref().and_then(|fields| fields.get(name)).map(str::to_owned);
        let account = match named("OpenKfId").map(|open_kfid| (delivery.channel_id, open_kfid)) {
            None => None,
            Some(key) => match accounts.get(&key) {
                Some(known) => *known,
                None => {
                    let account = store::named(&tx, key.0, &key.1).await?;
                    accounts.insert(key, account);
                    account
                }
            },
        };
        match account {
            Some(account) => calls
                .entry(account)
                .or_default()
                .join(Called { deliveries: vec![delivery.id], token: named("Token") }),
            // Of an account that we do not keep, or of something else that we do not follow.
            None => not_ours.push(delivery.id),
        }
    }
    channel::done(&tx, &not_ours, now).await?;
    for id in store::due(&tx, now - SWEEP, now, CALLS).await? {
        calls.entry(id).or_default();
    }
    tx.commit().await?;
    Ok(calls)
}

/// Fetches page after page. An account that another instance fetches from is left to it, and the calls for it are put
/// back: what called may have come after that one asked.
async fn fetch(service: &Service, channel_id: Uuid, called: &Called) -> Result<usize> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let held = store::hold(&tx, channel_id, service.new_id(), now).await?;
    if held.is_none() {
        channel::put_back(&tx, &called.deliveries, now + SHORTLY).await?;
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
    channel::done(&tx, done, now).await?;
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
    channel::put_back(&tx, &called.deliveries, now + AWAY).await?;
    store::release(&tx, held, Some(now + AWAY)).await?;
    tx.commit().await
}
