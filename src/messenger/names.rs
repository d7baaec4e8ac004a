//! Asks what those who write call themselves in WeChat, many at once. It holds nothing up: who is not known yet is heard
//! all the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::store;
use crate::error::Result;
use crate::service::Service;
use crate::wecom::kf::MOST_CUSTOMERS;

/// From how many accounts is asked at once.
const AT_ONCE: usize = 16;
/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// How long an account rests that had nothing, or failed.
const REST: Duration = Duration::from_secs(2);

/// Asks for everybody who can be asked for at this moment, and tells of how many something became known.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let asked = stream::iter(busy(service).await?)
        .map(|channel_id| async move {
            let mut asked = 0;
            while let Ok(some @ 1..) = next(service, channel_id).await {
                asked += some;
            }
            asked
        })
        .buffer_unordered(AT_ONCE);
    Ok(asked.fold(0, async |sum, one| sum + one).await)
}

/// The channels through which is to be asked.
pub async fn busy(service: &Service) -> Result<Vec<Uuid>> {
    store::with_nameless(&service.keep().await?, service.clock.now()).await
}

/// Asks through an account until there is nobody to ask for or the far side fails, and tells how long it should be left
/// alone then.
pub async fn lane(service: &Service, channel_id: Uuid) -> Duration {
    while !service.is_stopping() {
        match next(service, channel_id).await {
            Ok(1..) => {}
            Ok(0) => break,
            Err(error) => {
                tracing::warn!(?error, "what somebody calls themselves was not kept");
                break;
            }
        }
    }
    REST
}

/// Asks for some at once, and tells of how many that is settled.
async fn next(service: &Service, channel_id: Uuid) -> Result<usize> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let nameless = store::nameless(&tx, channel_id, MOST_CUSTOMERS as u64, now).await?;
    tx.commit().await?;
    let Some((account, people)) = nameless else { return Ok(0) };
    let ids: Vec<&str> = people.iter().map(|one| one.external_id.as_str()).collect();
    let answer = service.wecom.customers(&account, &ids).await;
    let tx = service.keep().await?;
    match &answer {
        Ok(known) => {
            let names: HashMap<&str, &str> =
                known.iter().map(|one| (&*one.external_userid, &*one.nickname)).collect();
            for one in &people {
                let name = names.get(&*one.external_id).copied();
                store::note_name(&tx, &one.row, name.filter(|name| !name.is_empty())).await?;
            }
        }
        Err(failure) => {
            tracing::warn!(%failure, channel = %channel_id, "nobody's name was to be had");
            for one in &people {
                let wait = TimeDelta::seconds(2 << one.row.nickname_tries.clamp(0, 14));
                store::name_later(&tx, &one.row, now + wait.min(LONGEST)).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(if answer.is_ok() { people.len() } else { 0 })
}
