//! Asks what those who write call themselves in WeChat, many at once. It holds nothing up: who is not known yet is heard
//! all the same.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::lane::Next;
use super::store;
use crate::error::Result;
use crate::service::Service;
use crate::wecom::kf::MOST_CUSTOMERS;

/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// How long an account is left alone that failed.
const REST: Duration = Duration::from_secs(2);

/// The channels through which is to be asked.
pub async fn busy(service: &Service) -> Result<Vec<Uuid>> {
    store::with_nameless(&service.keep().await?, service.clock.now()).await
}

/// Asks for some at once.
pub async fn next(service: &Service, channel_id: Uuid) -> Result<Next> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let nameless = store::nameless(&tx, channel_id, MOST_CUSTOMERS as u64, now).await?;
    tx.commit().await?;
    let Some((account, people)) = nameless else { return Ok(Next::Nothing) };
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
    Ok(if answer.is_ok() { Next::Ended } else { Next::Later(REST) })
}
