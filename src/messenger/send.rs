//! Sends what is queued: to each customer in order, to many at once, each part under a name by which the far side knows
//! it again. What the far side does not take now waits in the table, longer each time.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::message_delivery::{Automatic, Reason, State};
use metrics::counter;
use uuid::Uuid;

use super::lane::Next;
use super::menu::Said;
use super::parts;
use super::store::{self, Loaded};
use crate::attachment;
use crate::channel;
use crate::error::Result;
use crate::inquiry;
use crate::service::Service;
use crate::wecom::{Class, Failure, FileKind, Reason as Why, SessionState, Upload, Words, kf};

/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// How long a channel is left alone that refuses its secret or this address.
const NOT_SET_UP: Duration = Duration::from_secs(60);

/// The channels through which something is to be sent.
pub async fn busy(service: &Service) -> Result<Vec<Uuid>> {
    store::busy(&service.keep().await?, service.clock.now()).await
}

/// Why a delivery goes no further for now.
enum Stopped {
    /// It has ended.
    Ended(State, Reason),
    /// The far side failed.
    Failed(Failure),
}

/// Sends what is next.
pub async fn next(service: &Arc<Service>, channel_id: Uuid) -> Result<Next> {
    let tx = service.keep().await?;
    let claim = store::claim(&tx, channel_id, service.clock.now()).await?;
    tx.commit().await?;
    let Some(claim) = claim else { return Ok(Next::Nothing) };
    let mut claim = store::load(&service.keep().await?, claim, service.clock.now()).await?;
    let stopped = send(service, &mut claim).await?;
    // Then the far side has counted otherwise than we have.
    let over_limit =
        matches!(&stopped, Some(Stopped::Failed(failure)) if failure.class() == Class::OverLimit);
    let (state, reason) = match stopped {
        None => (State::Sent, None),
        Some(Stopped::Ended(state, reason)) => (state, Some(reason)),
        Some(Stopped::Failed(failure)) => match judge(failure) {
            Judged::Ended(state, reason) => (state, Some(reason)),
            Judged::Later(after) => {
                postpone(service, &claim, failure, after).await?;
                return Ok(Next::Later(after));
            }
        },
    };
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    if over_limit {
        store::note_full(&tx, claim.customer.id, claim.window.0).await?;
    }
    let ended = store::end(&tx, claim.row.id, state, reason, now).await?;
    if ended && state != State::Sent {
        store::release_chosen(&tx, claim.row.id).await?;
    }
    if ended && let Some(message_id) = claim.row.message_id {
        inquiry::message_changed(&mut tx, message_id, now).await?;
    }
    tx.commit().await?;
    counter!("channel_messages_total", "state" => word(state)).increment(1);
    Ok(Next::Ended)
}

/// A state in one word, for counting.
fn word(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Sent => "sent",
        State::Failed => "failed",
        State::Expired => "expired",
    }
}

/// What follows from a failure.
enum Judged {
    /// An end.
    Ended(State, Reason),
    /// Another try, not sooner than after this time.
    Later(Duration),
}

fn judge(failure: Failure) -> Judged {
    match failure.class() {
        Class::WindowClosed => Judged::Ended(State::Expired, Reason::WindowClosed),
        Class::OverLimit => Judged::Ended(State::Expired, Reason::LimitReached),
        Class::SessionState => Judged::Ended(State::Failed, Reason::SessionElsewhere),
        Class::Permanent(Why::UnknownCustomer) => Judged::Ended(State::Failed, Reason::Refused),
        Class::Permanent(Why::Other | Why::BadMedia | Why::Full | Why::BadCallbackToken) => {
            Judged::Ended(State::Failed, Reason::Other)
        }
        Class::Retry { after } => Judged::Later(after),
        // The channel is not set up well: an administrator may mend it.
        Class::RefreshToken | Class::Permanent(_) => Judged::Later(NOT_SET_UP),
    }
}

/// Notes a try in vain: each time it is waited longer.
async fn postpone(
    service: &Service,
    claim: &Loaded,
    failure: Failure,
    after: Duration,
) -> Result<()> {
    let channel_id = claim.row.channel_id;
    tracing::warn!(%failure, channel = %channel_id, "the far side did not take a message");
    counter!("channel_retries_total").increment(1);
    let now = service.clock.now();
    let tx = service.keep().await?;
    channel::note_api(&tx, channel_id, Err(failure), now).await?;
    let after = TimeDelta::from_std(after).unwrap_or(LONGEST);
    let longer = TimeDelta::seconds(1 << claim.row.tries.clamp(0, 16));
    store::postpone(&tx, claim.row.id, now + after.max(longer).min(LONGEST)).await?;
    tx.commit().await
}

/// Sends the parts that have not been sent.
async fn send(service: &Arc<Service>, claim: &mut Loaded) -> Result<Option<Stopped>> {
    let Some(said) = claim.said.take() else {
        return Ok(Some(Stopped::Ended(State::Failed, Reason::Other)));
    };
    if !claim.consents {
        return Ok(Some(Stopped::Ended(State::Failed, Reason::NoConsent)));
    }
    let words = match &said {
        Said::Text(text) => {
            parts::split(text, kf::MOST_TEXT).into_iter().map(Words::Text).collect()
        }
        Said::Menu(menu) => vec![Words::Menu(menu)],
    };
    let words = words.into_iter().map(Part::Words);
    let parts: Vec<Part<'_>> =
        words.chain(claim.files.clone().into_iter().map(Part::File)).collect();
    let done = usize::try_from(claim.row.sent_parts).unwrap_or_default();
    for (number, part) in parts.iter().enumerate().skip(done) {
        let left = i32::try_from(parts.len() - number).unwrap_or(i32::MAX);
        if let Some(reason) = closed(claim, left, service.clock.now()) {
            return Ok(Some(Stopped::Ended(State::Expired, reason)));
        }
        if let Err(stopped) = send_part(service, claim, number, part).await? {
            return Ok(Some(stopped));
        }
        let tx = service.keep().await?;
        let part = i32::try_from(number).unwrap_or(i32::MAX);
        store::note_part(&tx, claim, part, service.clock.now()).await?;
        tx.commit().await?;
        claim.customer.sent_in_window += 1;
    }
    Ok(None)
}

/// A part of a message.
enum Part<'a> {
    Words(Words<'a>),
    File(Uuid),
}

/// Why the `left` parts may not be sent to the customer at this moment. Half a message is worse than none.
fn closed(claim: &Loaded, left: i32, now: DateTime<Utc>) -> Option<Reason> {
    if claim.row.welcome_code.is_some() {
        return None;
    }
    let (most, hours) = claim.window;
    match claim.customer.last_inbound_at {
        Some(last) if last + hours > now => {
            (claim.customer.sent_in_window + left > most).then_some(Reason::LimitReached)
        }
        // Whether what is chosen from a menu lets one answer is for the far side to say.
        _ if claim.row.automatic == Some(Automatic::Guide) => None,
        _ => Some(Reason::WindowClosed),
    }
}

async fn send_part(
    service: &Arc<Service>,
    claim: &mut Loaded,
    number: usize,
    part: &Part<'_>,
) -> Result<Result<(), Stopped>> {
    let name = parts::name(claim.row.id, number);
    if let (Some(code), Part::Words(words)) = (&claim.row.welcome_code, part) {
        let greeted = service.wecom.welcome(&claim.account, code, &name, *words).await;
        return Ok(greeted.map_err(Stopped::Failed));
    }
    let Some(kf) = claim.open_kfid.clone() else {
        return say_part(service, claim, part).await;
    };
    let file = match part {
        Part::Words(_) => None,
        Part::File(id) => match bring(service, claim, *id).await? {
            Ok(file) => Some(file),
            Err(stopped) => return Ok(Err(stopped)),
        },
    };
    // Once more when the session went elsewhere since it was looked at.
    for _ in 0..2 {
        if !claim.customer.session_ours {
            match take_session(service, claim, &kf).await {
                Ok(()) => note_session(service, claim, true).await?,
                Err(stopped) => return Ok(Err(stopped)),
            }
        }
        let (wecom, account) = (&service.wecom, &claim.account);
        let customer = &*claim.external_id;
        let sent = match (part, &file) {
            (Part::Words(words), _) => wecom.say(account, (&kf, customer), &name, *words).await,
            (Part::File(_), Some((kind, id))) => {
                wecom.send_file(account, (&kf, customer), &name, (*kind, id)).await
            }
            (Part::File(_), None) => Ok(()),
        };
        match sent {
            Err(failure) if failure.class() == Class::SessionState => {
                note_session(service, claim, false).await?;
            }
            sent => return Ok(sent.map_err(Stopped::Failed)),
        }
    }
    Ok(Err(Stopped::Ended(State::Failed, Reason::SessionElsewhere)))
}

/// Sends a part through an Official Account, which knows neither sessions nor names of parts, and of files pictures only.
async fn say_part(
    service: &Arc<Service>,
    claim: &Loaded,
    part: &Part<'_>,
) -> Result<Result<(), Stopped>> {
    let (wecom, account, follower) = (&service.wecom, &claim.account, &*claim.external_id);
    let said = match part {
        Part::Words(words) => wecom.tell(account, follower, *words).await,
        Part::File(id) => match bring(service, claim, *id).await? {
            Ok((FileKind::Image, media_id)) => wecom.show(account, follower, &media_id).await,
            Ok(_) => return Ok(Err(Stopped::Ended(State::Failed, Reason::Other))),
            Err(stopped) => return Ok(Err(stopped)),
        },
    };
    Ok(said.map_err(Stopped::Failed))
}

/// Brings a file to the far side.
async fn bring(
    service: &Arc<Service>,
    claim: &Loaded,
    id: Uuid,
) -> Result<Result<(FileKind, String), Stopped>> {
    let Some((file, bytes)) = attachment::read(service, id).await? else {
        return Ok(Err(Stopped::Ended(State::Failed, Reason::Other)));
    };
    let kind = FileKind::of(&file.media_type, bytes.len());
    let upload = Upload { name: &file.name, media_type: &file.media_type, bytes: &bytes };
    let brought = service.wecom.upload(&claim.account, kind, &upload).await;
    Ok(brought.map(|media_id| (kind, media_id)).map_err(Stopped::Failed))
}

async fn note_session(service: &Service, claim: &mut Loaded, ours: bool) -> Result<()> {
    let tx = service.keep().await?;
    store::note_session(&tx, claim.customer.id, ours).await?;
    tx.commit().await?;
    claim.customer.session_ours = ours;
    Ok(())
}

/// Makes the service the one who answers a customer, unless a person has the chat in the WeCom client.
async fn take_session(service: &Service, claim: &Loaded, kf: &str) -> Result<(), Stopped> {
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
