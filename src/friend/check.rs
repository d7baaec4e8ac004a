//! Compares officers' friends with the far side's lists, every night: what is not the same is written down. What only
//! the far side knows is taken from it: who is a friend. An officer's own remark stays.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend::{Model, State};
use entity::friend_difference::Kind;
use entity::friend_write::Kind as Write;

use super::rules::{Known, meet};
use super::state::Happened;
use super::store::check::{self as store, Claim, Found};
use super::store::roster::{self, Pair};
use super::store::{queue, subject};
use crate::channel;
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::service::Service;
use crate::wecom::{Class, Failure, Follow, Reason};

/// At which hour of the night in China.
const HOUR: TimeDelta = TimeDelta::hours(3);
/// How soon a list is looked at again that could not be had.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// The next time at which lists are compared.
pub fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let tonight = clock::midnight(clock::day(now)) + HOUR;
    if tonight > now { tonight } else { tonight + TimeDelta::days(1) }
}

/// Compares every list that is due, and tells how many that were.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let mut compared = 0;
    loop {
        let now = service.clock.now();
        let tx = service.keep().await?;
        let claim = store::claim(&tx, now).await?;
        tx.commit().await?;
        let Some(claim) = claim else { return Ok(compared) };
        compared += 1;
        match list(service, &claim).await {
            Ok(far) => compare(service, &claim, far, now).await?,
            Err(failure) => give_up(service, &claim, failure).await?,
        }
    }
}

type Far = HashMap<String, Follow>;

async fn list(service: &Service, claim: &Claim) -> Result<Far, Failure> {
    let (mut far, mut cursor) = (Far::new(), String::new());
    loop {
        let page = service.wecom.friends_of(&claim.account, &claim.user_id, &cursor).await?;
        let friends = page.external_contact_list.into_iter();
        far.extend(friends.map(|one| (one.external_contact.external_userid.clone(), one)));
        if page.next_cursor.is_empty() {
            return Ok(far);
        }
        cursor = page.next_cursor;
    }
}

async fn give_up(service: &Service, claim: &Claim, failure: Failure) -> Result<()> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    if failure.class() == Class::Permanent(Reason::UnknownCustomer) {
        let found = [Found { kind: Kind::UnknownOfficer, friend_id: None }];
        store::keep(&tx, claim, &found, || service.new_id(), now).await?;
        store::release(&tx, claim, next_night(now), Some(now)).await?;
    } else {
        tracing::warn!(%failure, "an officer's friends were not compared");
        channel::note_api(&tx, claim.channel_id, Err(failure), now).await?;
        store::release(&tx, claim, now + AGAIN, None).await?;
    }
    tx.commit().await
}

/// Compares a list that was asked for at a moment: who became a friend since then may not stand in it.
async fn compare(
    service: &Arc<Service>,
    claim: &Claim,
    mut far: Far,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    let mut found = Vec::new();
    for row in roster::of_user(&tx, claim.channel_id, &claim.user_id).await? {
        let external = roster::external(&tx, &row)?;
        let there = far.remove(&external);
        let pair = pair(claim, &external);
        let kind = match (row.state, there) {
            (State::Friend, Some(there)) => {
                other_remark(&tx, &row, &there).await?.then_some(Kind::OtherRemark)
            }
            (State::Friend, None) if row.added_at.is_none_or(|at| at < asked_at) => {
                let gone = (Happened::Ended(State::Gone), asked_at);
                meet(service, &mut tx, pair, gone, Known::Nothing).await?;
                Some(Kind::MissingThere)
            }
            (_, Some(there)) => {
                let added = (Happened::Added, since(&there, now));
                let (row, _) = meet(service, &mut tx, pair, added, Known::Nothing).await?;
                (row.state == State::Friend).then_some(Kind::MissingHere)
            }
            _ => None,
        };
        found.extend(kind.map(|kind| Found { kind, friend_id: Some(row.id) }));
    }
    for (external, there) in far {
        let added = (Happened::Added, since(&there, now));
        let pair = pair(claim, &external);
        let (row, _) = meet(service, &mut tx, pair, added, Known::Nothing).await?;
        found.push(Found { kind: Kind::MissingHere, friend_id: Some(row.id) });
    }
    store::keep(&tx, claim, &found, || service.new_id(), now).await?;
    store::release(&tx, claim, next_night(now), Some(now)).await?;
    tx.commit().await
}

fn pair<'a>(claim: &'a Claim, external: &'a str) -> Pair<'a> {
    Pair { channel_id: claim.channel_id, user_id: &claim.user_id, external }
}

fn since(there: &Follow, now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(there.follow_info.createtime, 0).unwrap_or(now).min(now)
}

/// Whether the officer calls a friend otherwise than the service has written.
async fn other_remark(tx: &Tx, row: &Model, there: &Follow) -> Result<bool> {
    Ok(row.remark_hash.is_some()
        && !subject::is_remark(tx, row, &there.follow_info.remark)
        && !queue::waits(tx, row.id, Write::Remark).await?)
}
