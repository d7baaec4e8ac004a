//! Fetches the files that residents sent, each for the message that is there already: a file that is not to be had, or that
//! is not taken, holds nothing up.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use metrics::counter;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::lane::Next;
use super::store::{self, Wanted};
use crate::attachment;
use crate::error::{Code, Error, Kind, Result};
use crate::inquiry;
use crate::service::Service;
use crate::wecom::{Class, Media, Reason};

/// So many files are kept of somebody of whom it is not known who that is.
const MOST_OF_STRANGER: u64 = 20;
/// For so long the far side keeps a file.
const KEPT: TimeDelta = TimeDelta::days(3);
/// The longest that is waited for the next try.
const LONGEST: TimeDelta = TimeDelta::minutes(30);
/// How long an account is left alone that failed.
const REST: Duration = Duration::from_secs(2);

/// The channels through which a file is to be fetched.
pub async fn busy(service: &Service) -> Result<Vec<Uuid>> {
    store::wanting(&service.keep().await?, service.clock.now()).await
}

/// Fetches what is next.
pub async fn next(service: &Arc<Service>, channel_id: Uuid) -> Result<Next> {
    let now = service.clock.now();
    let tx = service.keep().await?;
    let wanted = store::want(&tx, channel_id, now).await?;
    tx.commit().await?;
    let Some(wanted) = wanted else { return Ok(Next::Nothing) };
    let (Some(media_id), Some(sender_id)) = (&wanted.media_id, wanted.sender_id) else {
        return settle(service, &wanted, None).await;
    };
    if wanted.message_id.is_none() && full(service, sender_id).await? {
        return settle(service, &wanted, None).await;
    }
    if wanted.sent_at + KEPT <= now {
        return settle(service, &wanted, None).await;
    }
    let after = match service.wecom.media(&wanted.account, media_id).await {
        Ok(media) => match keep(service, &wanted, sender_id, media).await {
            Ok(id) => return settle(service, &wanted, Some((sender_id, id))).await,
            // What the message says of it remains.
            Err(error) if is_refused(&error) => return settle(service, &wanted, None).await,
            Err(error) => {
                tracing::warn!(?error, "a file that came was not kept");
                Next::Ended
            }
        },
        Err(failure) if failure.class() == Class::Permanent(Reason::BadMedia) => {
            return settle(service, &wanted, None).await;
        }
        Err(failure) => {
            tracing::warn!(%failure, channel = %channel_id, "a file that came was not to be had");
            Next::Later(REST)
        }
    };
    let tx = service.keep().await?;
    let wait = TimeDelta::seconds(2 << wanted.tries.clamp(0, 12)).min(LONGEST);
    store::want_later(&tx, wanted.sequence, now + wait).await?;
    tx.commit().await?;
    Ok(after)
}

/// Whether a file is of a kind or a size that is not taken, or nobody's any more.
fn is_refused(error: &Error) -> bool {
    let refused = Kind::Top(Code::BadFile);
    let too_large = Kind::Top(Code::FileTooLarge);
    let nobodys = Kind::Top(Code::NotFound);
    [refused, too_large, nobodys].contains(&error.kind) || matches!(error.kind, Kind::User(..))
}

/// Keeps a file that belongs to no message yet.
async fn keep(
    service: &Arc<Service>,
    wanted: &Wanted,
    sender_id: Uuid,
    media: Media,
) -> Result<Uuid> {
    let written = spawn_blocking(move || -> std::io::Result<(File, Option<String>)> {
        let mut file = tempfile::tempfile()?;
        file.write_all(&media.bytes)?;
        Ok((file, media.name))
    });
    let (file, name) = written.await.map_err(Error::internal)?.map_err(Error::internal)?;
    let name = name.unwrap_or_else(|| wanted.name().to_owned());
    // As long as what they wrote.
    let kept_until = wanted.message_id.is_none().then_some(wanted.received_at + super::KEPT);
    attachment::bring(service, sender_id, (&name, file), kept_until).await
}

/// Whether as many files are kept of somebody as are while it is not known who that is.
async fn full(service: &Service, sender_id: Uuid) -> Result<bool> {
    Ok(attachment::kept(&service.keep().await?, sender_id).await? >= MOST_OF_STRANGER)
}

/// Ties a file to its message if there is one, or notes that there is none; once, however often it was fetched.
async fn settle(service: &Service, wanted: &Wanted, file: Option<(Uuid, Uuid)>) -> Result<Next> {
    let now = service.clock.now();
    let mut tx = service.keep().await?;
    let row = store::settle_media(&tx, wanted.sequence, file.map(|(_, id)| id)).await?;
    match (&row, file) {
        (Some(row), Some((sender_id, id))) => match row.message_id {
            Some(message_id) => match store::writer(&tx, message_id).await? {
                Some(contact_id) => {
                    attachment::hand_on(&tx, id, (sender_id, contact_id), message_id).await?;
                    inquiry::message_changed(&mut tx, message_id, now).await?;
                }
                None => attachment::drop_loose(&tx, id, now).await?,
            },
            // It was left aside, taken back or forgotten meanwhile.
            None if !store::waits(row) => attachment::drop_loose(&tx, id, now).await?,
            None => {}
        },
        (None, Some((_, id))) => attachment::drop_loose(&tx, id, now).await?,
        _ => {}
    }
    tx.commit().await?;
    let state = if file.is_some() { "kept" } else { "missing" };
    counter!("channel_files_total", "state" => state).increment(1);
    Ok(Next::Ended)
}
