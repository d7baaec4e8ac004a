//! What households are told of by themselves. Reminders (预约提醒): a day and two hours before an appointment begins, and
//! never after. When the next one is due stands with the appointment, so that moving or cancelling it moves or cancels
//! them in the same change. That somebody else has moved it: at once. And what is offered to who waits for a place.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entity::appointment::Model;
use serde_json::json;

use super::store;
use crate::clock::CHINA;
use crate::db::Tx;
use crate::error::Result;
use crate::event::{Draft, Kind};
use crate::inquiry;
use crate::service::Service;

/// How long before it begins.
const BEFORE: [TimeDelta; 2] = [TimeDelta::hours(24), TimeDelta::hours(2)];
/// A reminder that could not be sent for so long, because no instance ran, is not sent at all. Shorter than the
/// shortest time before, so none is ever sent when the appointment has begun.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);

/// When the next reminder is due of an appointment that begins then.
pub fn next(starts_at: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    BEFORE.iter().map(|before| starts_at - *before).filter(|due| *due > after).min()
}

/// Sends the reminders that are due, each in a change of its own: an instance that dies sends none twice, and
/// those that others are sending are passed over.
pub async fn send(service: &Service) -> Result<()> {
    loop {
        let now = service.clock.now();
        let mut tx = service.keep().await?;
        let Some(appointment) = store::due(&tx, now).await? else { return Ok(()) };
        let late = appointment.remind_at.is_none_or(|due| now >= due + GOOD_FOR);
        let holds = !appointment.displaced && now < appointment.starts_at;
        let (mut sent_at, mut moved_from) = (None, appointment.moved_from);
        if let Some(from) = moved_from.filter(|_| holds) {
            write(service, &mut tx, &appointment, |place| move_words(from, &appointment, place))
                .await?;
            moved_from = None;
        } else if holds && !late {
            remind(service, &mut tx, &appointment, now).await?;
            sent_at = Some(now);
        }
        let next = next(appointment.starts_at, now);
        store::reminded(&tx, &appointment, next, sent_at, moved_from).await?;
        tx.commit().await?;
    }
}

async fn remind(
    service: &Service,
    tx: &mut Tx,
    appointment: &Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let homes = store::homes(tx, &[appointment.household_id]).await?;
    tx.record(Draft {
        kind: Kind::AppointmentReminded,
        at: now,
        place: homes.get(&appointment.household_id).cloned(),
        household_id: Some(appointment.household_id),
        subject_id: appointment.id,
        detail: json!({ "startsAt": appointment.starts_at }),
    });
    write(service, tx, appointment, |place| words(appointment, place)).await
}

/// Writes into the inquiry that an appointment belongs to, if there is one.
async fn write(
    service: &Service,
    tx: &mut Tx,
    appointment: &Model,
    words: impl FnOnce(&(String, String)) -> String,
) -> Result<()> {
    let Some(inquiry_id) = appointment.inquiry_id else { return Ok(()) };
    let place = store::names(tx, appointment.window_id).await?;
    inquiry::tell(service, tx, inquiry_id, words(&place), service.clock.now()).await
}

/// Writes to those who wait that a place is offered, or no longer is, each in a change of its own.
pub async fn tell_offers(service: &Service) -> Result<()> {
    loop {
        let now = service.clock.now();
        let mut tx = service.keep().await?;
        let Some(waiting) = store::untold(&tx).await? else { return Ok(()) };
        let offered = waiting.offered_starts_at.zip(waiting.offer_expires_at);
        if let Some(inquiry_id) = waiting.inquiry_id {
            let place = store::names(&tx, waiting.window_id).await?;
            let text = offer_words(offered, &place);
            inquiry::tell(service, &mut tx, inquiry_id, text, now).await?;
        }
        store::told(&tx, waiting.id, offered.map(|_| now)).await?;
        tx.commit().await?;
    }
}

/// What is offered and until when, or that it no longer is, in words.
fn offer_words(
    offered: Option<(DateTime<Utc>, DateTime<Utc>)>,
    (station, window): &(String, String),
) -> String {
    match offered {
        Some((starts_at, expires_at)) => format!(
            "【候补到号】{station}{window}{}有空位，已为您保留。请在{}前确认，逾期将让给下一位。",
            moment(starts_at),
            moment(expires_at),
        ),
        None => format!(
            "【候补变更】{station}{window}的开放时间有调整，为您保留的空位已取消。您仍在候补，有空位会再通知。"
        ),
    }
}

/// The reminder in words. It names the day, so that it is right whenever it is read.
fn words(appointment: &Model, (station, window): &(String, String)) -> String {
    format!(
        "【预约提醒】您已预约{}到{station}{window}办理，序号{}。请带齐材料；不能来请及时取消或改约。",
        moment(appointment.starts_at),
        appointment.place,
    )
}

/// From when to when an appointment was moved, in words.
fn move_words(
    from: DateTime<Utc>,
    appointment: &Model,
    (station, window): &(String, String),
) -> String {
    format!(
        "【预约变更】您原定{}的预约已改为{}到{station}{window}办理，序号{}。不便前来请及时取消或改约。",
        moment(from),
        moment(appointment.starts_at),
        appointment.place,
    )
}

/// A day and a time in words.
fn moment(at: DateTime<Utc>) -> String {
    let at = at + CHINA;
    let weekday = ["一", "二", "三", "四", "五", "六", "日"]
        .get(at.weekday().num_days_from_monday() as usize)
        .unwrap_or(&"");
    format!("{}月{}日（周{weekday}）{}", at.month(), at.day(), at.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reminder_is_always_ahead_and_before_the_start(start in 0_i64..10_000_000, now in 0_i64..10_000_000) {
            let at = |seconds| Utc.timestamp_opt(seconds, 0).unwrap();
            let (start, now) = (at(start), at(now));
            match next(start, now) {
                Some(due) => {
                    prop_assert!(due > now && due + GOOD_FOR < start);
                    let following = next(start, due);
                    prop_assert!(following.is_none_or(|following| following > due));
                }
                None => prop_assert!(start - now <= TimeDelta::hours(2)),
            }
        }
    }
}
