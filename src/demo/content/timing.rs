//! When the lines of a made-up conversation are written: most are asked between 8 and 21 o'clock,
//! officers answer in working hours, an emergency at any hour. Local time throughout.

use chrono::{Duration, NaiveDateTime, NaiveTime, Timelike};

use super::random::Random;
use super::talks::{Speaker, Talk, Turn};

/// Minutes of a day.
pub(super) const DAY: u32 = 24 * 60;

/// A moment about `age` minutes before `now` at a likely hour, never after `now`.
pub(super) fn opening(
    random: &mut Random,
    now: NaiveDateTime,
    age: u32,
    at_night: bool,
) -> NaiveDateTime {
    const BY_DAY: [(u32, u32); 18] = [
        (6, 1),
        (7, 3),
        (8, 8),
        (9, 11),
        (10, 11),
        (11, 8),
        (12, 6),
        (13, 4),
        (14, 6),
        (15, 9),
        (16, 9),
        (17, 7),
        (18, 6),
        (19, 7),
        (20, 6),
        (21, 2),
        (22, 1),
        (0, 1),
    ];
    const BY_NIGHT: [(u32, u32); 4] = [(22, 5), (23, 3), (5, 1), (6, 1)];
    let hours: &[(u32, u32)] = if at_night { &BY_NIGHT } else { &BY_DAY };
    let hour = random.weighted(hours).copied().unwrap_or(12);
    let minute = hour * 60 + random.below(60);
    let day = (now - minutes(age)).date().and_time(NaiveTime::MIN);
    let likely = day + minutes(minute);
    if likely <= now { likely } else { likely - minutes(DAY) }
}

/// When each line is written, in minutes after the opening.
pub(super) fn schedule(random: &mut Random, opened: NaiveDateTime, talk: &Talk) -> Vec<u32> {
    let mut at = opened;
    let mut previous: Option<&Turn> = None;
    let mut written = Vec::with_capacity(talk.turns.len());
    for turn in &talk.turns {
        if let Some(previous) = previous {
            at += minutes(pause(random, talk, previous, turn));
            if !talk.urgent && !turn.is_automatic() {
                at = awake(random, at, turn.from);
            }
        }
        written.push(u32::try_from((at - opened).num_minutes()).unwrap_or_default());
        previous = Some(turn);
    }
    written
}

/// Minutes between two lines.
fn pause(random: &mut Random, talk: &Talk, previous: &Turn, turn: &Turn) -> u32 {
    match turn.from {
        _ if turn.is_automatic() => 0,
        _ if turn.later => random.between(DAY, 3 * DAY),
        _ if talk.urgent => random.between(1, 9),
        _ if turn.from == previous.from => random.between(1, 3),
        Speaker::Note => random.between(1, 20),
        Speaker::Resident if random.chance(75) => random.between(1, 25),
        Speaker::Resident => random.between(30, 600),
        Speaker::Officer => match random.below(100) {
            0..55 => random.between(2, 20),
            55..85 => random.between(20, 120),
            85..95 => random.between(120, 480),
            _ => random.between(DAY, 2 * DAY),
        },
    }
}

/// The same moment, or the next morning if nobody writes at that hour.
fn awake(random: &mut Random, at: NaiveDateTime, from: Speaker) -> NaiveDateTime {
    let (first, last) = match from {
        Speaker::Resident => (6, 23),
        Speaker::Officer | Speaker::Note => (8, 21),
    };
    let morning = at.date().and_time(NaiveTime::MIN) + minutes(first * 60 + random.below(50));
    match at.hour() {
        hour if hour < first => morning,
        hour if hour >= last => morning + minutes(DAY),
        _ => at,
    }
}

/// So many minutes.
pub(super) fn minutes(count: u32) -> Duration {
    Duration::minutes(i64::from(count))
}
