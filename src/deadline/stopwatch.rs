//! The clock of an inquiry, a pure function of what happened to it: it is opened, answered, written to,
//! resolved, opened again, and sorted anew. Nothing here asks what time it is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::deadline_target::Hours;
use entity::inquiry::Escalation;
use serde::{Deserialize, Serialize};

use super::Targets;
use crate::calendar::Calendar;

/// Who is told after this level, when a deadline runs out.
pub fn above(level: Escalation) -> Escalation {
    match level {
        Escalation::Desk => Escalation::Chief,
        Escalation::Chief | Escalation::County => Escalation::County,
    }
}

/// How many stretches are kept one by one; older ones are summed up, so that nothing grows without end.
const KEPT: usize = 50;

/// What happens to an inquiry, as far as its clock is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An officer answered: the household is waited for, and the clock stands still.
    Replied,
    /// The household wrote: the clock goes on.
    ResidentWrote,
    /// It was resolved.
    Resolved,
    /// It was opened again: the clock goes on.
    Reopened,
    /// It is about something else, or presses more or less.
    Sorted(Targets),
}

/// A time in which the clock ran or stood still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; none while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Whether the clock stood still because the household was waited for, or it was resolved.
    pub paused: bool,
    /// How much of it counts: seconds.
    pub counted: i64,
    /// The version of the working calendar that it was counted by; none round the clock.
    pub calendar: Option<i32>,
}

/// Which of an inquiry's two deadlines runs out next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// That of the first answer.
    FirstReply(DateTime<Utc>),
    /// That of the resolution.
    Resolution(DateTime<Utc>),
}

impl Due {
    /// When.
    pub fn at(self) -> DateTime<Utc> {
        match self {
            Self::FirstReply(at) | Self::Resolution(at) => at,
        }
    }
}

/// The clock of one inquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopwatch {
    /// What is aimed at.
    pub targets: Targets,
    /// When the inquiry was opened.
    pub opened_at: DateTime<Utc>,
    /// When it has to be answered at the latest.
    pub first_reply_due_at: DateTime<Utc>,
    /// When it was first answered, or resolved without an answer.
    pub first_replied_at: Option<DateTime<Utc>>,
    /// When its resolution is due; none while the clock stands still.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// The last stretches, one after the other; the last one lasts.
    pub stretches: Vec<Stretch>,
    /// What the stretches before those counted: seconds.
    pub counted_before: i64,
}

impl Stopwatch {
    /// The clock of an inquiry that is opened at this moment.
    pub fn start(targets: Targets, at: DateTime<Utc>, calendar: &Calendar) -> Self {
        let mut started = Self {
            targets,
            opened_at: at,
            first_reply_due_at: at,
            first_replied_at: None,
            resolution_due_at: None,
            resolved_at: None,
            stretches: Vec::new(),
            counted_before: 0,
        };
        started.begin(false, at, calendar);
        started.aim(calendar);
        started
    }

    /// The clock after a step at this moment; a moment before the last one counts as the last one.
    #[must_use]
    pub fn after(mut self, step: Step, at: DateTime<Utc>, calendar: &Calendar) -> Self {
        let at = self.stretches.last().map_or(at, |last| at.max(last.from));
        match step {
            Step::Replied => {
                self.first_replied_at.get_or_insert(at);
                self.turn(true, at, calendar);
            }
            Step::ResidentWrote => self.turn(false, at, calendar),
            Step::Resolved => {
                self.first_replied_at.get_or_insert(at);
                self.turn(true, at, calendar);
                self.resolved_at = Some(at);
            }
            Step::Reopened => {
                self.resolved_at = None;
                self.turn(false, at, calendar);
            }
            Step::Sorted(targets) => {
                let others = targets.hours != self.targets.hours;
                self.targets = targets;
                if others {
                    self.recount(calendar);
                }
            }
        }
        self.aim(calendar);
        self
    }

    /// The same clock, counted by another calendar from where it runs on.
    #[must_use]
    pub fn by(mut self, calendar: &Calendar) -> Self {
        if self.targets.hours == Hours::Working
            && let Some(last) = self.stretches.last_mut()
        {
            last.calendar = Some(calendar.version);
        }
        self.aim(calendar);
        self
    }

    /// What runs out next; nothing while the clock stands still.
    pub fn due(&self) -> Option<Due> {
        let resolution = self.resolution_due_at?;
        Some(match self.first_replied_at {
            None if self.first_reply_due_at <= resolution => {
                Due::FirstReply(self.first_reply_due_at)
            }
            _ => Due::Resolution(resolution),
        })
    }

    /// When who is above this level is told; never while the clock stands still, nor above the county.
    pub fn timer(&self, level: Escalation, calendar: &Calendar) -> Option<DateTime<Utc>> {
        let due_at = self.due()?.at();
        match level {
            Escalation::Desk => Some(due_at),
            Escalation::Chief => {
                let more = minutes(self.targets.escalation_minutes);
                Some(later(self.targets.hours, due_at, more, calendar))
            }
            Escalation::County => None,
        }
    }

    /// The version of the calendar that what is due was counted by; none round the clock, or when nothing is due.
    pub fn due_calendar(&self) -> Option<i32> {
        self.stretches.last().filter(|last| !last.paused)?.calendar
    }

    /// Whether no more time was used for the resolution than is given for it.
    pub fn within_resolution(&self) -> bool {
        self.counted() <= minutes(self.targets.resolution_minutes).num_seconds()
    }

    /// Whether it was opened, answered and resolved within what is aimed at.
    pub fn met(&self) -> bool {
        let answered = self.first_replied_at.is_none_or(|at| at <= self.first_reply_due_at);
        answered && self.within_resolution()
    }

    /// Whether the clock stands still.
    pub fn stands_still(&self) -> bool {
        self.stretches.last().is_some_and(|last| last.paused)
    }

    /// How much time was used in all stretches that are over: seconds.
    pub fn counted(&self) -> i64 {
        self.counted_before + self.stretches.iter().map(|stretch| stretch.counted).sum::<i64>()
    }

    /// Ends the stretch that lasts when the clock is to stand still and runs, or the other way round.
    fn turn(&mut self, pause: bool, at: DateTime<Utc>, calendar: &Calendar) {
        let hours = self.targets.hours;
        let Some(last) = self.stretches.last_mut() else { return };
        if last.paused == pause {
            return;
        }
        last.to = Some(at);
        if !last.paused {
            last.counted = between(hours, last.from, at, calendar);
            last.calendar = (hours == Hours::Working).then_some(calendar.version);
        }
        self.begin(pause, at, calendar);
    }

    fn begin(&mut self, paused: bool, at: DateTime<Utc>, calendar: &Calendar) {
        let working = self.targets.hours == Hours::Working;
        let calendar = working.then_some(calendar.version);
        self.stretches.push(Stretch { from: at, to: None, paused, counted: 0, calendar });
        if self.stretches.len() > KEPT {
            self.counted_before += self.stretches.remove(0).counted;
        }
    }

    /// Counts every stretch by the hours that hold now.
    fn recount(&mut self, calendar: &Calendar) {
        let hours = self.targets.hours;
        for stretch in &mut self.stretches {
            stretch.calendar = (hours == Hours::Working).then_some(calendar.version);
            if let (Some(to), false) = (stretch.to, stretch.paused) {
                stretch.counted = between(hours, stretch.from, to, calendar);
            }
        }
    }

    /// Says anew when what is due.
    fn aim(&mut self, calendar: &Calendar) {
        let Targets { hours, first_reply_minutes, resolution_minutes, .. } = self.targets;
        if self.first_replied_at.is_none() {
            self.first_reply_due_at =
                later(hours, self.opened_at, minutes(first_reply_minutes), calendar);
        }
        let left = minutes(resolution_minutes) - TimeDelta::seconds(self.counted());
        let running = self.stretches.last().filter(|last| !last.paused);
        self.resolution_due_at =
            running.map(|last| later(hours, last.from, left.max(TimeDelta::zero()), calendar));
    }
}

fn minutes(minutes: i32) -> TimeDelta {
    TimeDelta::minutes(minutes.into())
}

fn between(hours: Hours, from: DateTime<Utc>, to: DateTime<Utc>, calendar: &Calendar) -> i64 {
    match hours {
        Hours::RoundTheClock => (to - from).num_seconds(),
        Hours::Working => calendar.working_time_between(from, to).num_seconds(),
    }
}

/// The moment that is so much counted time after another one.
fn later(hours: Hours, from: DateTime<Utc>, by: TimeDelta, calendar: &Calendar) -> DateTime<Utc> {
    match hours {
        Hours::RoundTheClock => from + by,
        Hours::Working => calendar.add_working_time(from, by),
    }
}
