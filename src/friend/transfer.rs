//! Friends go along with hand-overs: the far side is asked in pieces, and then what became of each. A household whose
//! friend went along, or refused to, is on its way in the hand-over, too.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend::State as Friendship;
use entity::friend_transfer::State;

use super::rules::{Known, meet};
use super::state::Happened;
use super::store::roster::Pair;
use super::store::transfer::{self as store, Batch, Move};
use super::{words, write};
use crate::channel;
use crate::db::{Key, Tx};
use crate::error::Result;
use crate::handover;
use crate::household::WECHAT;
use crate::service::Service;
use crate::wecom::contact::MOST_MOVED;
use crate::wecom::{Class, Failure, Hands, Moved, Outcome, Reason};

/// How soon it is asked again what became of somebody.
const ASK_AGAIN: TimeDelta = TimeDelta::hours(1);
/// How long it may take until something is known.
const GIVE_UP: TimeDelta = TimeDelta::days(7);
/// How soon it is looked again whether the taker is known in WeCom.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(10);
/// So often somebody may go from one member to another, in so many days.
const MOST: i64 = 2;
const IN_DAYS: TimeDelta = TimeDelta::days(90);

/// Does everything that can be done at this moment, and tells how much that was.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let mut done = 0;
    loop {
        let now = service.clock.now();
        let tx = service.keep().await?;
        let batch = store::claim(&tx, MOST_MOVED, now).await?;
        tx.commit().await?;
        let Some(batch) = batch else { return Ok(done) };
        done += batch.moves.len();
        match (&batch.to, batch.state) {
            (None, _) => postpone(service, &batch, now + LOOK_AGAIN).await?,
            (Some(to), State::Queued) => ask(service, &batch, to).await?,
            (Some(to), _) => look(service, &batch, to).await?,
        }
    }
}

impl Batch {
    fn hands<'a>(&'a self, to: &'a str) -> Hands<'a> {
        Hands { from: &self.from, to, resigned: self.resigned }
    }

    fn ids(&self) -> Vec<Key> {
        self.moves.values().map(|one| one.row.id.into()).collect()
    }
}

async fn postpone(service: &Service, batch: &Batch, until: DateTime<Utc>) -> Result<()> {
    let tx = service.keep().await?;
    store::postpone(&tx, &batch.ids(), until).await?;
    tx.commit().await
}

/// Asks the far side for those who did not go from one member to another too often.
async fn ask(service: &Arc<Service>, batch: &Batch, to: &str) -> Result<()> {
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    let moved = store::moved_since(&tx, &batch.moves, now - IN_DAYS).await?;
    let mut people = Vec::new();
    for (external, one) in &batch.moves {
        if moved.get(&one.friend.external_hash).is_some_and(|times| *times >= MOST) {
            settle(&mut tx, one, State::TooOften, None, now).await?;
        } else {
            people.push(external.as_str());
        }
    }
    tx.commit().await?;
    if people.is_empty() {
        return Ok(());
    }
    let (account, hands) = (&batch.account, batch.hands(to));
    let asked = service.wecom.hand_over(account, hands, &people, words::HANDED_OVER).await;
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    match asked {
        Ok(taken) => taken_in(&mut tx, batch, taken, now).await?,
        Err(failure) => {
            channel::note_api(&tx, batch.channel_id, Err(failure), now).await?;
            let tries = batch.moves.values().map(|one| one.row.tries).max().unwrap_or_default();
            for one in batch.moves.values() {
                match write::later(failure, tries, now) {
                    Some(then) => store::postpone(&tx, &[one.row.id.into()], then).await?,
                    None => {
                        settle(&mut tx, one, refused(failure, false), failure.number(), now).await?
                    }
                }
            }
        }
    }
    tx.commit().await
}

/// Notes whom the far side has taken and whom it has refused. Of whom it says nothing it is asked again.
async fn taken_in(
    tx: &mut Tx,
    batch: &Batch,
    taken: Vec<(String, Result<(), Failure>)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (mut asked, mut again) = (Vec::new(), batch.ids());
    for (external, taken) in taken {
        let Some(one) = batch.moves.get(&external) else { continue };
        let id = Key::from(one.row.id);
        let failure = match taken {
            Ok(()) => {
                again.retain(|other| *other != id);
                asked.push(id);
                continue;
            }
            Err(failure) => failure,
        };
        match failure.class() {
            // An answer was lost: the far side was asked already.
            Class::Permanent(Reason::UnderWay) => asked.push(id.clone()),
            _ if write::later(failure, one.row.tries, now).is_some() => continue,
            _ => settle(tx, one, refused(failure, true), failure.number(), now).await?,
        }
        again.retain(|other| *other != id);
    }
    store::note_asked(tx, &asked, now, now + ASK_AGAIN).await?;
    store::postpone(tx, &again, now + TimeDelta::minutes(1)).await
}

/// What a refusal of one person, or of all, means.
fn refused(failure: Failure, of_one: bool) -> State {
    match failure.class() {
        Class::Permanent(Reason::TooOften) if of_one => State::TooOften,
        Class::Permanent(Reason::Full) => State::Full,
        Class::Permanent(Reason::UnknownCustomer) if of_one => State::NoFriend,
        _ => State::Failed,
    }
}

/// Looks what became of those for whom the far side was asked.
async fn look(service: &Arc<Service>, batch: &Batch, to: &str) -> Result<()> {
    let mut cursor = String::new();
    loop {
        let page = service.wecom.handed_over(&batch.account, batch.hands(to), &cursor).await;
        let now = service.clock.now();
        let mut tx = service.keep().await?;
        let (moved, next) = match page {
            Ok(page) => page,
            Err(failure) => {
                channel::note_api(&tx, batch.channel_id, Err(failure), now).await?;
                let then = write::later(failure, 0, now).unwrap_or(now + ASK_AGAIN);
                store::postpone(&tx, &batch.ids(), then).await?;
                return tx.commit().await;
            }
        };
        for one in moved {
            let known = batch.moves.get(&one.external_userid);
            let Some(known) = known.filter(|known| is_of(&one, known)) else { continue };
            match one.outcome {
                Some(Outcome::Done) => {
                    moved_to(service, &mut tx, known, (to, &one.external_userid), now).await?;
                }
                Some(Outcome::Refused) => settle(&mut tx, known, State::Refused, None, now).await?,
                Some(Outcome::Full) => settle(&mut tx, known, State::Full, None, now).await?,
                Some(Outcome::Waiting) | None => {}
            }
        }
        match next {
            Some(next) => cursor = next,
            None => {
                for one in batch.moves.values() {
                    if one.row.asked_at.is_some_and(|at| at + GIVE_UP <= now) {
                        settle(&mut tx, one, State::Failed, None, now).await?;
                    }
                }
                store::postpone(&tx, &batch.ids(), now + ASK_AGAIN).await?;
                return tx.commit().await;
            }
        }
        tx.commit().await?;
    }
}

/// Whether the far side speaks of this transfer, and not of one before it between the same.
fn is_of(told: &Moved, one: &Move) -> bool {
    let asked_at = one.row.asked_at.map(|at| at.timestamp());
    told.takeover_time.zip(asked_at).is_none_or(|(taken, asked)| taken >= asked)
}

/// A friend has gone along: the roster is told, since the far side tells nobody of what was done by its API.
async fn moved_to(
    service: &Service,
    tx: &mut Tx,
    one: &Move,
    (to, external): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    if !store::settle(tx, one.row.id, State::Done, None, now).await? {
        return Ok(());
    }
    let channel_id = one.friend.channel_id;
    let former = Pair { channel_id, user_id: &one.friend.user_id, external };
    let ended = (Happened::Ended(Friendship::Transferred), now);
    let (former, _) = meet(service, tx, former, ended, Known::Nothing).await?;
    let pair = Pair { channel_id, user_id: to, external };
    meet(service, tx, pair, (Happened::Added, now), Known::Same(&former)).await?;
    household(tx, one, true, now).await
}

async fn settle(
    tx: &mut Tx,
    one: &Move,
    state: State,
    number: Option<i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let number = number.and_then(|number| i32::try_from(number).ok());
    if store::settle(tx, one.row.id, state, number, now).await? && state == State::Refused {
        household(tx, one, false, now).await?;
    }
    Ok(())
}

async fn household(tx: &mut Tx, one: &Move, accepted: bool, now: DateTime<Utc>) -> Result<()> {
    match one.friend.household_id {
        Some(id) => handover::answered(tx, one.row.handover_id, id, accepted, now).await,
        None => Ok(()),
    }
}

/// The far side tells that somebody does not go along.
pub async fn failed(tx: &mut Tx, pair: Pair<'_>, full: bool, now: DateTime<Utc>) -> Result<()> {
    let hashes = tx.keyring().hashes(WECHAT, pair.external.as_bytes());
    let state = if full { State::Full } else { State::Refused };
    for one in store::waiting(tx, pair.channel_id, pair.user_id, hashes).await? {
        settle(tx, &one, state, None, now).await?;
    }
    Ok(())
}
