//! The rules of friends.

use chrono::{DateTime, Utc};
use entity::friend::{Model, State};
use entity::friend_write::Kind as Write;
use serde_json::json;
use uuid::Uuid;

use super::state::{Happened, take_in};
use super::store::queue::{Of, queue};
use super::store::roster::{self, Pair};
use super::store::{NewLink, insert_link, lead, link_of};
use super::{Friend, FriendLink, write};
use crate::access::Act;
use crate::crypt::random;
use crate::db::{Once, Tx, changed_one};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::household::{self, WECHAT, locked};
use crate::merge;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::service::Service;

/// The letters of a state, which is not to be guessed: 24 of them hold 120 bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Makes a household's QR code, unless there is one.
pub async fn create_link(request: &Request, household_id: Uuid, once: Once) -> Result<FriendLink> {
    let service = request.service();
    let now = service.clock.now();
    let id = request.new_id();
    let tx = request.begin(Act::ManageFriend).await?;
    once.claim(&tx, id, now).await?;
    let household = locked(&tx, household_id).await?;
    let known = link_of(&tx, household_id).await?;
    if known.is_none() && lead(&tx, &household.village_code, now).await?.is_none() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "householdId",
            "该村的包村民警没有登记企业微信账号。",
            "No officer of the village is known in WeCom.",
        ));
    }
    let link = match known {
        Some(link) => link,
        None => {
            let state = state()?;
            let new = NewLink { id, household_id, state, township_code: household.township_code };
            insert_link(&tx, new, now).await?.ok_or_else(no_channel)?
        }
    };
    queue(&tx, Of::Links(&[household_id]), Write::Link, now).await?;
    tx.commit().await?;
    // When WeChat's side is away it is tried again later.
    if let Err(error) = write::at_once(service, link.channel_id, link.id).await {
        tracing::warn!(?error, "a household's QR code was not made at once");
    }
    let tx = service.keep().await?;
    let link = expected(link_of(&tx, household_id).await?, "householdId")?;
    Ok(FriendLink { qr_code_url: link.qr_code, state: link.state, created_at: link.created_at })
}

fn state() -> Result<String> {
    let bytes: [u8; 24] = random().map_err(Error::internal)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
}

fn no_channel() -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "householdId",
        "没有可用的企业微信客户联系渠道。",
        "There is no channel of WeCom contacts for this township.",
    )
}

/// Who a friend is.
pub struct Match {
    /// The friend.
    pub friend_id: Uuid,
    /// The version that was seen.
    pub version: i32,
    /// The household.
    pub household_id: Uuid,
    /// Who of its contacts it is.
    pub contact_id: Option<Uuid>,
}

/// Says who a friend is.
pub async fn match_friend(request: &Request, wanted: Match) -> Result<Friend> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageFriend).await?;
    let key = wanted.friend_id.into();
    let before: Friend = expected(record::lock(&tx, &key).await?, "friendId")?;
    changed_one(u64::from(before.version == wanted.version))?;
    let household = locked(&tx, wanted.household_id).await?;
    if let Some(id) = wanted.contact_id {
        let links = household::links(&tx, &[household.id]).await?;
        let mut speaking = links.get(&household.id).into_iter().flatten();
        expected(speaking.find(|link| link.contact_id == id), "contactId")?;
    }
    let mut row = expected(roster::lock_id(&tx, wanted.friend_id).await?, "friendId")?;
    row.household_id = Some(household.id);
    row.contact_id = wanted.contact_id;
    (row.village_code, row.township_code) =
        (Some(household.village_code), Some(household.township_code));
    let state = Some(row.state);
    save(&mut tx, &mut row, state, now).await?;
    let after = expected(record::one(&tx, &key, ()).await?, "friendId")?;
    tx.commit().await?;
    Ok(after)
}

/// Takes in what happened between two people. Answers with what is known of them after it, and whether it was news.
pub async fn meet(
    service: &Service,
    tx: &mut Tx,
    pair: Pair<'_>,
    (happened, at): (Happened, DateTime<Utc>),
    known: Known<'_>,
) -> Result<(Model, bool)> {
    let now = service.clock.now();
    let mut row = roster::lock(tx, pair, service.new_id(), now).await?;
    let known_before = row.added_at.or(row.half_at).or(row.ended_at);
    let before = known_before.map(|_| row.state);
    if !take_in(&mut row, happened, at) {
        return Ok((row, false));
    }
    who(tx, pair, &mut row, known).await?;
    save(tx, &mut row, before, now).await?;
    Ok((row, true))
}

/// What is known of a friend besides what happened.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// Nothing.
    Nothing,
    /// By which QR code they came.
    Link(&'a str),
    /// Who they are, known from another officer's friend.
    Same(&'a Model),
}

/// Finds out who a friend is.
async fn who(tx: &Tx, pair: Pair<'_>, row: &mut Model, known: Known<'_>) -> Result<()> {
    let household = match known {
        Known::Same(other) => {
            row.contact_id = row.contact_id.or(other.contact_id);
            other.household_id
        }
        Known::Link(state) => match roster::household_of_link(tx, pair.channel_id, state).await? {
            Some(id) => {
                Some(merge::survivors(tx, [id].into()).await?.get(&id).copied().unwrap_or(id))
            }
            None => None,
        },
        Known::Nothing => None,
    };
    row.household_id = household.or(row.household_id);
    if row.contact_id.is_none() {
        let hashes = tx.keyring().hashes(WECHAT, pair.external.as_bytes());
        if let Some(speaker) = household::speaker(tx, hashes).await? {
            row.contact_id = Some(speaker.contact_id);
            row.household_id = row.household_id.or(speaker.households.first().copied());
        }
    }
    if let Some(id) = row.household_id
        && let (Some(village), township) = roster::place_of_household(tx, id).await?
    {
        (row.village_code, row.township_code) = (Some(village), township);
    }
    Ok(())
}

/// Writes a changed row, tells of it, and queues what follows from it.
async fn save(
    tx: &mut Tx,
    row: &mut Model,
    before: Option<State>,
    now: DateTime<Utc>,
) -> Result<()> {
    row.version = row.version.saturating_add(1);
    roster::save(tx, row.clone()).await?;
    tx.record(changed(row, before, now));
    if row.state == State::Friend && row.household_id.is_some() {
        for kind in [Write::Remark, Write::Tag] {
            queue(tx, Of::Friends(&[row.id]), kind, now).await?;
        }
    }
    Ok(())
}

fn changed(row: &Model, before: Option<State>, at: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::FriendChanged,
        at,
        place: row.village_code.clone().zip(row.township_code.clone()),
        household_id: row.household_id,
        subject_id: row.id,
        detail: json!({ "before": before.map(roster::name), "after": roster::name(row.state) }),
    }
}
