//! Sends what is queued: to each customer in order, to many at once, each part under a name by which the far side knows
//! it again. What the far side does not take now waits in the table, longer each time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::{Reason, State};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::store::{self, Claim};
use super::{parts, words};
use crate::channel;
use crate::db::Tx;
use crate::error::Result;
use crate::inquiry;
use crate::service::Service;
use crate::wecom::{Class, Failure, Reason as Why, SessionState, kf};

/// Through how many channels is sent at once, and to how many customers through each.
const CHANNELS: usize = 16;
const CUSTOMERS: usize = 4;
/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::minutes(10);

/// Sends everything that can be sent at this moment, and tells how much that was.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let tx = service.keep().await?;
    let channels = store::busy(&tx, service.clock.now()).await?;
    drop(tx);
    let sent = stream::iter(channels)
        .map(|channel_id| through(service, channel_id))
        .buffer_unordered(CHANNELS);
    Ok(sent.fold(0, async |sum, one| sum + one).await)
}

/// Sends what can be sent through one channel.
pub async fn through(service: &Arc<Service>, channel_id: Uuid) -> usize {
    let lanes = stream::iter(0..CUSTOMERS)
        .map(async |_| {
            let mut sent = 0;
            loop {
                match next(service, channel_id).await {
                    Ok(true) => sent += 1,
                    Ok(false) => return sent,
                    Err(error) => {
                        tracing::warn!(?error, "what the far side took was not noted");
                        return sent;
                    }
                }
            }
        })
        .buffer_unordered(CUSTOMERS);
    lanes.fold(0, async |sum, one| sum + one).await
}

/// Why a delivery goes no further for now.
enum Stopped {
    /// It has ended.
    Ended(State, Reason),
    /// The far side failed.
    Failed(Failure),
}

/// Sends what is next, and tells whether it has ended: then something else may be sent.
async fn next(service: &Arc<Service>, channel_id: Uuid) -> Result<bool> {
    let tx = service.keep().await?;
    let claim = store::claim(&tx, channel_id, service.clock.now()).await?;
    tx.commit().await?;
    let Some(mut claim) = claim else { return Ok(false) };
    let stopped = send(service, &mut claim).await?;
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    let ended = match stopped {
        None => Some((State::Sent, None)),
        Some(Stopped::Ended(state, reason)) => Some((state, Some(reason))),
        Some(Stopped::Failed(failure)) => judge(&tx, &claim, failure, now).await?,
    };
    if let Some((state, reason)) = ended {
        let ended = store::end(&tx, claim.row.id, state, reason, now).await?;
        if ended && let Some(message_id) = claim.row.message_id {
            inquiry::message_changed(&mut tx, message_id, now).await?;
        }
    }
    tx.commit().await?;
    Ok(ended.is_some())
}

/// What follows from a failure: an end, or another try later.
async fn judge(
    tx: &Tx,
    claim: &Claim,
    failure: Failure,
    now: DateTime<Utc>,
) -> Result<Option<(State, Option<Reason>)>> {
    tracing::warn!(%failure, channel = %claim.row.channel_id, "the far side did not take a message");
    let after = match failure.class() {
        Class::WindowClosed => return Ok(Some((State::Expired, Some(Reason::WindowClosed)))),
        Class::OverLimit => {
            store::note_full(tx, claim.customer.id, claim.window.0).await?;
            return Ok(Some((State::Expired, Some(Reason::LimitReached))));
        }
        Class::SessionState => return Ok(Some((State::Failed, Some(Reason::SessionElsewhere)))),
        Class::Permanent(Why::UnknownCustomer) => {
            return Ok(Some((State::Failed, Some(Reason::Refused))));
        }
        Class::Permanent(Why::Other | Why::BadMedia | Why::Full | Why::BadCallbackToken) => {
            return Ok(Some((State::Failed, Some(Reason::Other))));
        }
        Class::Retry { after } => TimeDelta::from_std(after).unwrap_or(LONGEST),
        // The channel is not set up well: an administrator may mend it.
        Class::RefreshToken | Class::Permanent(_) => TimeDelta::minutes(1),
    };
    channel::note_api(tx, claim.row.channel_id, Err(failure), now).await?;
    let longer = TimeDelta::seconds(1 << claim.row.tries.clamp(0, 16));
    store::postpone(tx, claim.row.id, now + after.max(longer).min(LONGEST)).await?;
    Ok(None)
}

/// Sends the parts that have not been sent.
async fn send(service: &Service, claim: &mut Claim) -> Result<Option<Stopped>> {
    let text = match (claim.row.automatic, claim.text.take()) {
        (Some(automatic), _) => words::say(automatic).to_owned(),
        (None, Some(text)) => text,
        (None, None) => return Ok(Some(Stopped::Ended(State::Failed, Reason::Other))),
    };
    if !claim.consents {
        return Ok(Some(Stopped::Ended(State::Failed, Reason::NoConsent)));
    }
    let done = usize::try_from(claim.row.sent_parts).unwrap_or_default();
    for (number, part) in parts::split(&text, kf::MOST_TEXT).into_iter().enumerate().skip(done) {
        if let Some(reason) = closed(claim, service.clock.now()) {
            return Ok(Some(Stopped::Ended(State::Expired, reason)));
        }
        if let Err(stopped) = send_part(service, claim, number, part).await? {
            return Ok(Some(stopped));
        }
        let tx = service.keep().await?;
        store::note_part(&tx, claim, i32::try_from(number).unwrap_or(i32::MAX)).await?;
        tx.commit().await?;
        claim.customer.sent_in_window += 1;
    }
    Ok(None)
}

/// Why nothing may be sent to the customer at this moment.
fn closed(claim: &Claim, now: DateTime<Utc>) -> Option<Reason> {
    if claim.row.welcome_code.is_some() {
        return None;
    }
    let (most, hours) = claim.window;
    match claim.customer.last_inbound_at {
        Some(last) if last + hours > now => {
            (claim.customer.sent_in_window >= most).then_some(Reason::LimitReached)
        }
        _ => Some(Reason::WindowClosed),
    }
}

async fn send_part(
    service: &Service,
    claim: &mut Claim,
    number: usize,
    text: &str,
) -> Result<Result<(), Stopped>> {
    let (wecom, account) = (&service.wecom, &claim.account);
    let name = parts::name(claim.row.id, number);
    if let Some(code) = &claim.row.welcome_code {
        let greeted = wecom.welcome(account, code, &name, text).await;
        return Ok(greeted.map_err(Stopped::Failed));
    }
    let Some(open_kfid) = claim.open_kfid.clone() else {
        let said = wecom.say(account, &claim.external_id, text).await;
        return Ok(said.map_err(Stopped::Failed));
    };
    let customer_id = claim.customer.id;
    // Once more when the session went elsewhere since it was looked at.
    for _ in 0..2 {
        if !claim.customer.session_ours {
            match take_session(service, claim, &open_kfid).await {
                Ok(()) => {}
                Err(stopped) => return Ok(Err(stopped)),
            }
            let tx = service.keep().await?;
            store::note_session(&tx, customer_id, true).await?;
            tx.commit().await?;
            claim.customer.session_ours = true;
        }
        let sent =
            wecom.send_text(&claim.account, &open_kfid, &claim.external_id, &name, text).await;
        match sent {
            Err(failure) if failure.class() == Class::SessionState => {
                claim.customer.session_ours = false;
                let tx = service.keep().await?;
                store::note_session(&tx, customer_id, false).await?;
                tx.commit().await?;
            }
            sent => return Ok(sent.map_err(Stopped::Failed)),
        }
    }
    Ok(Err(Stopped::Ended(State::Failed, Reason::SessionElsewhere)))
}

/// Makes the service the one who answers a customer, unless a person has the chat in the WeCom client.
async fn take_session(service: &Service, claim: &Claim, kf: &str) -> Result<(), Stopped> {
    let (wecom, account) = (&service.wecom, &claim.account);
    let customer = &*claim.external_id;
    let state = wecom.session(account, kf, customer).await.map_err(Stopped::Failed)?;
    match state {
        SessionState::Assistant => Ok(()),
        SessionState::New | SessionState::Pool => {
            let to = SessionState::Assistant;
            wecom.move_session(account, kf, customer, to).await.map_err(Stopped::Failed)
        }
        SessionState::Person | SessionState::Ended => {
            Err(Stopped::Ended(State::Failed, Reason::SessionElsewhere))
        }
    }
}
