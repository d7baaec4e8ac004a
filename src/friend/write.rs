//! Writes to the far side what is queued: what officers' WeCom calls their friends, the tags of villages, greetings, and
//! to whom the QR codes of households lead. What is written is looked up at the moment of writing, so the last wish
//! counts, and what stands there already is not written again.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::friend::State as Friendship;
use entity::friend_write::{Kind, State};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::store::queue::{self, Claim};
use super::store::subject::{self, Home, Subject, VillageTag};
use super::{store, words};
use crate::channel;
use crate::error::Result;
use crate::service::Service;
use crate::wecom::{Class, Failure, Reason};

/// Through how many channels is written at once, and how much through each.
const CHANNELS: usize = 16;
const LANES: usize = 4;
/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// How long a greeting's code is good.
const GREETED_WITHIN: TimeDelta = TimeDelta::seconds(20);
/// How the far side refuses one that is good no more.
const CODE_IS_OVER: i64 = 41050;

/// Writes everything that can be written at this moment, and tells how much that was.
pub async fn all(service: &Arc<Service>) -> Result<usize> {
    let tx = service.keep().await?;
    let channels = queue::busy(&tx, service.clock.now()).await?;
    drop(tx);
    let written = stream::iter(channels)
        .map(|channel_id| through(service, channel_id))
        .buffer_unordered(CHANNELS);
    Ok(written.fold(0, async |sum, one| sum + one).await)
}

async fn through(service: &Arc<Service>, channel_id: Uuid) -> usize {
    let lanes = stream::iter(0..LANES)
        .map(async |_| {
            let mut written = 0;
            loop {
                match next(service, channel_id, None).await {
                    Ok(true) => written += 1,
                    Ok(false) => return written,
                    Err(error) => {
                        tracing::warn!(?error, "what the far side took was not noted");
                        return written;
                    }
                }
            }
        })
        .buffer_unordered(LANES);
    lanes.fold(0, async |sum, one| sum + one).await
}

/// Writes what is queued of one subject, if it can be at this moment.
pub async fn at_once(service: &Arc<Service>, channel_id: Uuid, subject: Uuid) -> Result<()> {
    next(service, channel_id, Some(subject)).await.map(drop)
}

/// Writes what is next, and tells whether it has ended.
async fn next(service: &Arc<Service>, channel_id: Uuid, of: Option<Uuid>) -> Result<bool> {
    let tx = service.keep().await?;
    let claim = queue::claim(&tx, channel_id, of, service.clock.now()).await?;
    tx.commit().await?;
    let Some(claim) = claim else { return Ok(false) };
    let written = match claim.row.kind {
        Kind::Link => lead(service, &claim).await?,
        _ => write(service, &claim).await?,
    };
    let now = service.clock.now();
    let tx = service.keep().await?;
    let ended = match written {
        Ok(()) => Some((State::Done, None)),
        Err(failure) => match later(failure, claim.row.tries, now) {
            None => Some((State::Failed, failure.number())),
            Some(then) => {
                channel::note_api(&tx, channel_id, Err(failure), now).await?;
                queue::postpone(&tx, &claim.row, then).await?;
                None
            }
        },
    };
    if let Some((state, number)) = ended {
        let number = number.and_then(|number| i32::try_from(number).ok());
        queue::end(&tx, &claim.row, state, number, now).await?;
    }
    tx.commit().await?;
    Ok(ended.is_some())
}

/// When to try again after a failure; never when that does not help.
pub fn later(failure: Failure, tries: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let after = match failure.class() {
        Class::Retry { after } => TimeDelta::from_std(after).unwrap_or(LONGEST),
        // The channel is not set up well: an administrator may mend it.
        Class::RefreshToken
        | Class::Permanent(
            Reason::BadSecret
            | Reason::BadCorp
            | Reason::UntrustedAddress
            | Reason::NotPermitted
            | Reason::SwitchedOff,
        ) => TimeDelta::minutes(1),
        Class::Permanent(Reason::UnknownTag) if tries < 3 => TimeDelta::zero(),
        _ => return None,
    };
    tracing::warn!(%failure, "the far side did not take what is known of a friend");
    Some(now + after.max(TimeDelta::seconds(1 << tries.clamp(0, 16))).min(LONGEST))
}

type Written = Result<(), Failure>;

async fn write(service: &Service, claim: &Claim) -> Result<Written> {
    let tx = service.keep().await?;
    let subject = subject::subject(&tx, claim.row.subject_id).await?;
    drop(tx);
    let Some(subject) = subject.filter(|one| one.row.state == Friendship::Friend) else {
        return Ok(Ok(()));
    };
    match (claim.row.kind, &subject.home) {
        (Kind::Remark, Some(home)) => remark(service, claim, &subject, home).await,
        (Kind::Tag, Some(home)) => tag(service, claim, &subject, home).await,
        (Kind::Welcome, _) => Ok(greet(service, claim).await),
        _ => Ok(Ok(())),
    }
}

/// How an officer's WeCom is to call a friend.
pub fn called(subject: &Subject, home: &Home) -> String {
    match &subject.name {
        Some(name) => words::remark(&home.village, home.group, name),
        None => words::remark_of_household(&home.label),
    }
}

async fn remark(
    service: &Service,
    claim: &Claim,
    subject: &Subject,
    home: &Home,
) -> Result<Written> {
    let remark = called(subject, home);
    let tx = service.keep().await?;
    if subject::is_remark(&tx, &subject.row, &remark) {
        return Ok(Ok(()));
    }
    drop(tx);
    let pair = (subject.row.user_id.as_str(), subject.external.as_str());
    if let Err(failure) = service.wecom.remark(&claim.account, pair, &remark).await {
        return Ok(Err(failure));
    }
    let tx = service.keep().await?;
    subject::note_remark(&tx, subject.row.id, &remark).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn tag(service: &Service, claim: &Claim, subject: &Subject, home: &Home) -> Result<Written> {
    let (channel_id, code) = (claim.row.channel_id, home.village_code.as_str());
    let former = subject.row.tagged_village.as_deref();
    let tx = service.keep().await?;
    let known = subject::tag(&tx, channel_id, code).await?;
    let given = match former.filter(|former| *former != code) {
        Some(former) => subject::tag(&tx, channel_id, former).await?,
        None => None,
    };
    drop(tx);
    let tag = match village_tag(service, claim, home, known).await? {
        Ok(tag) => tag,
        Err(failure) => return forgetting(service, claim, code, failure).await,
    };
    if former == Some(code) {
        return Ok(Ok(()));
    }
    let pair = (subject.row.user_id.as_str(), subject.external.as_str());
    let given = given.as_ref().map(|tag| tag.id.as_str());
    match service.wecom.mark(&claim.account, pair, &tag.id, given).await {
        Err(failure) => forgetting(service, claim, code, failure).await,
        Ok(()) => {
            let tx = service.keep().await?;
            subject::note_tagged(&tx, subject.row.id, code).await?;
            tx.commit().await?;
            Ok(Ok(()))
        }
    }
}

/// Forgets the tag of a village that somebody has deleted in the console, so that it is made again.
async fn forgetting(
    service: &Service,
    claim: &Claim,
    village_code: &str,
    failure: Failure,
) -> Result<Written> {
    if failure.class() == Class::Permanent(Reason::UnknownTag) {
        let tx = service.keep().await?;
        subject::forget_tag(&tx, claim.row.channel_id, village_code).await?;
        tx.commit().await?;
    }
    Ok(Err(failure))
}

/// The tag of a village, by its present name, which is made when there is none. One whose making was not heard of is
/// found by its name.
async fn village_tag(
    service: &Service,
    claim: &Claim,
    home: &Home,
    known: Option<VillageTag>,
) -> Result<Result<VillageTag, Failure>> {
    let name = words::tag(&home.township, &home.village, &home.village_code);
    let (wecom, account) = (&service.wecom, &claim.account);
    let made = match known {
        Some(tag) if tag.name == name => return Ok(Ok(tag)),
        Some(tag) => wecom.rename_tag(account, &tag.id, &name).await.map(|()| tag.id),
        None => match wecom.add_tag(account, &name).await {
            Err(failure) if failure.class() == Class::Permanent(Reason::TagTaken) => {
                let found = wecom.tag(account, &name).await;
                found.and_then(|id| id.ok_or(failure))
            }
            made => made,
        },
    };
    let tag = match made {
        Ok(id) => VillageTag { id, name },
        Err(failure) => return Ok(Err(failure)),
    };
    let tx = service.keep().await?;
    subject::keep_tag(&tx, claim.row.channel_id, &home.village_code, &tag).await?;
    tx.commit().await?;
    Ok(Ok(tag))
}

async fn greet(service: &Service, claim: &Claim) -> Written {
    let row = &claim.row;
    match &row.welcome_code {
        Some(code) if service.clock.now() < row.queued_at + GREETED_WITHIN => {
            service.wecom.welcome_friend(&claim.account, code, words::WELCOME).await
        }
        _ => Err(Failure::Refused(CODE_IS_OVER)),
    }
}

/// Leads a household's QR code to the officer who answers for its village, and makes it first when there is none.
async fn lead(service: &Service, claim: &Claim) -> Result<Written> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let known = store::way(&tx, claim.row.subject_id, now).await?;
    drop(tx);
    let Some((link, Some(user))) = known else { return Ok(Ok(())) };
    let wecom = &service.wecom;
    let led = match &link.config_id {
        None => wecom.friend_way(&claim.account, &user, &link.state).await.map(Some),
        Some(_) if link.user_id.as_deref() == Some(&user) => return Ok(Ok(())),
        Some(config) => wecom.lead_way(&claim.account, config, &user).await.map(|()| None),
    };
    let made = match led {
        Ok(made) => made,
        Err(failure) => return Ok(Err(failure)),
    };
    let tx = service.keep().await?;
    store::note_way(&tx, link.id, &user, made.as_ref()).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
