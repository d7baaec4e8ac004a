//! The rules of moving the appointments of a window: to whatever is free at another time, or at another window.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::appointment::Model;
use entity::household;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moving::{lock_windows, make, moved};
use super::rules::{elsewhere, still_ahead};
use super::schedule::Slot;
use super::{Appointment, ServiceWindow, line, store};
use crate::access::Act;
use crate::clock;
use crate::db::{Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::household::lock as lock_households;
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// How many appointments are moved at once.
const AT_ONCE: usize = 100;

/// The times from one moment on, until another one.
#[derive(Clone, Copy)]
pub struct Times {
    /// From when.
    pub since: Option<DateTime<Utc>>,
    /// Until when, exclusive.
    pub before: Option<DateTime<Utc>>,
}

impl Times {
    fn hold(&self, at: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| at >= since) && self.before.is_none_or(|before| at < before)
    }

    fn overlap(&self, other: &Self) -> bool {
        let ends_after = |one: &Self, since: Option<DateTime<Utc>>| {
            one.before.zip(since).is_none_or(|(before, since)| since < before)
        };
        ends_after(self, other.since) && ends_after(other, self.since)
    }

    fn check(&self, field: &str) -> Result<()> {
        if self.since.zip(self.before).is_none_or(|(since, before)| since < before) {
            return Ok(());
        }
        Err(Error::user(
            UserErrorCode::Invalid,
            field,
            "结束时间应晚于开始时间。",
            "The end has to come after the beginning.",
        ))
    }
}

/// Which appointments of a window are to be moved, and where to.
pub struct Moving {
    /// Those at this window.
    pub window_id: Uuid,
    /// Those that begin then.
    pub times: Times,
    /// Only those whose time the window no longer offers.
    pub displaced_only: bool,
    /// To this window.
    pub to_window_id: Uuid,
    /// To slots that begin then.
    pub to_times: Times,
}

/// What became of the appointments of a window.
pub struct Moved {
    /// What became of each that was looked at, the earliest first.
    pub each: Vec<MovedOne>,
    /// Whether there are more than are moved at once.
    pub more: bool,
}

/// What became of an appointment.
pub struct MovedOne {
    /// Which.
    pub id: Uuid,
    /// As it is now, as far as the caller may see it.
    pub appointment: Option<Appointment>,
    /// Why it was left where it is.
    pub left: Option<Left>,
}

/// The same, as it is remembered under the caller's key.
#[derive(Serialize, Deserialize)]
struct Outcome {
    each: Vec<(Uuid, Option<Left>)>,
    more: bool,
}

/// Why an appointment was left where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Left {
    /// The household goes to another station.
    Township,
    /// Nothing is free at which the household can come.
    Full,
}

impl Left {
    /// The same as the caller is told.
    pub fn error(self) -> Error {
        match self {
            Self::Township => elsewhere("toWindowId"),
            Self::Full => Error::user(
                UserErrorCode::Taken,
                "toSince",
                "该时间内没有适合本户的空位。",
                "In that time no place is free at which the household can come.",
            ),
        }
    }
}

/// Moves the appointments of a window, the earliest first, each to the free place that is nearest. As many statements as
/// for one.
pub async fn move_all(request: &Request, moving: Moving, once: Once) -> Result<Moved> {
    moving.check()?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageServiceWindow).await?;
    if once.claim(&tx, request.new_id(), now).await?.is_some() {
        let outcome = once.remembered(&tx).await?;
        return shown(&tx, outcome).await;
    }
    for (id, field) in [(moving.window_id, "windowId"), (moving.to_window_id, "toWindowId")] {
        expected(record::one::<ServiceWindow>(&tx, &id.into(), ()).await?, field)?;
    }
    let mut seen = store::to_move(&tx, &moving, AT_ONCE + 1, now).await?;
    let more = seen.len() > AT_ONCE;
    seen.truncate(AT_ONCE);
    let (ids, households): (Vec<Uuid>, Vec<Uuid>) = seen.into_iter().unzip();
    let households = lock_households(&tx, &households).await?;
    let (left, window) = lock_windows(&tx, moving.window_id, moving.to_window_id).await?;
    let (left, window) = (expected(left, "windowId")?, expected(window, "toWindowId")?);
    let mut befores = store::lock_all(&tx, &ids).await?;
    // What was moved, called off or begun until it was locked is no longer there to be moved.
    befores.retain(|one| moving.takes(one) && still_ahead(one, now).is_ok());
    let (each, moves) = assign(&tx, befores, &households, (&window, moving.to_times), now).await?;
    make(&mut tx, &moves, &households, now).await?;
    line::serve(&mut tx, &left, now).await?;
    let outcome = Outcome { each, more };
    once.remember(&tx, &outcome).await?;
    let moved = shown(&tx, outcome).await?;
    tx.commit().await?;
    Ok(moved)
}

impl Moving {
    fn check(&self) -> Result<()> {
        self.times.check("startsBefore")?;
        self.to_times.check("toBefore")?;
        let stays = self.to_window_id == self.window_id && !self.displaced_only;
        if stays && self.times.overlap(&self.to_times) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "toSince",
                "同一窗口改约时，新旧时间不能重叠。",
                "At the same window, appointments are moved to other times than those that they leave.",
            ));
        }
        Ok(())
    }

    fn takes(&self, one: &Model) -> bool {
        one.window_id == self.window_id
            && self.times.hold(one.starts_at)
            && (one.displaced || !self.displaced_only)
    }
}

type Assigned = (Vec<(Uuid, Option<Left>)>, Vec<(Model, Model)>);

/// Which appointment gets which place: none that is taken, and none while its household is elsewhere.
async fn assign(
    tx: &Tx,
    befores: Vec<Model>,
    households: &[household::Model],
    (window, times): (&ServiceWindow, Times),
    now: DateTime<Utc>,
) -> Result<Assigned> {
    let mut free = free_places(tx, window, times, now).await?;
    let townships: HashMap<Uuid, &str> =
        households.iter().map(|one| (one.id, one.township_code.as_str())).collect();
    let ids: Vec<Uuid> = townships.keys().copied().collect();
    let mut busy: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for one in store::booked_of(tx, &ids, now).await? {
        busy.entry(one.household_id).or_default().push(one);
    }
    let (mut each, mut moves) = (Vec::new(), Vec::new());
    for before in befores {
        if townships.get(&before.household_id) != Some(&window.township_code.as_str()) {
            each.push((before.id, Some(Left::Township)));
            continue;
        }
        let others = busy.entry(before.household_id).or_default();
        others.retain(|one| one.id != before.id);
        let at = (0..free.len())
            .filter(|at| {
                let (slot, numbers) = &free[*at];
                !numbers.is_empty() && !others.iter().any(|one| slot.overlaps(&one.into()))
            })
            .min_by_key(|at| farness(before.starts_at, free[*at].0.starts_at));
        let place = at.and_then(|at| Some((free[at].0, free[at].1.pop()?)));
        let after = place.map(|(slot, number)| moved(tx, &before, (window, &slot, number), now));
        others.push(after.clone().unwrap_or_else(|| before.clone()));
        each.push((before.id, after.is_none().then_some(Left::Full)));
        moves.extend(after.map(|after| (before, after)));
    }
    Ok((each, moves))
}

/// What is the smaller the better another time suits: the same day or the next one after it, or else the first one;
/// and the time of that day that is nearest.
fn farness(from: DateTime<Utc>, to: DateTime<Utc>) -> (bool, NaiveDate, TimeDelta, DateTime<Utc>) {
    let (own, day) = (clock::day(from), clock::day(to));
    let shifted = (to - clock::midnight(day)) - (from - clock::midnight(own));
    (day < own, day, shifted.abs(), to)
}

/// The slots that begin in this time and can be booked, and of each the numbers that are free, the lowest last.
async fn free_places(
    tx: &Tx,
    window: &ServiceWindow,
    times: Times,
    now: DateTime<Utc>,
) -> Result<Vec<(Slot, Vec<i32>)>> {
    let taken = line::taken(tx, window, now).await?;
    let slots = window.slots_ahead(now).filter(|slot| times.hold(slot.starts_at));
    let numbers = |slot: &Slot| {
        let free = |number: &i32| !taken.contains(&(slot.starts_at, *number));
        (1..=window.capacity).rev().filter(free).collect()
    };
    Ok(slots.map(|slot| (slot, numbers(&slot))).collect())
}

async fn shown(tx: &Tx, outcome: Outcome) -> Result<Moved> {
    let ids: Vec<Uuid> = outcome.each.iter().map(|(id, _)| *id).collect();
    let mut seen = store::seen(tx, &ids).await?;
    let one = |(id, left)| MovedOne { id, appointment: seen.remove(&id), left };
    Ok(Moved { each: outcome.each.into_iter().map(one).collect(), more: outcome.more })
}
