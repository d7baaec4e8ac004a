//! The clock as a pure function: examples with a calendar, and what holds for any order of steps.

use chrono::{DateTime, TimeDelta, Utc};
use entity::deadline_target::Hours;
use entity::inquiry::{Category, Escalation, Priority};
use proptest::prelude::*;

use super::{Due, Step, Stopwatch, Targets};
use crate::calendar::Calendar;

const SORTED: Targets = Targets {
    first_reply_minutes: 60,
    resolution_minutes: 600,
    escalation_minutes: 90,
    hours: Hours::RoundTheClock,
};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00+08:00").parse().unwrap()
}

fn start() -> DateTime<Utc> {
    at("2026-06-03T09:00")
}

fn run(targets: Targets, steps: &[(i64, Step)], calendar: &Calendar) -> (Stopwatch, DateTime<Utc>) {
    let mut now = start();
    let mut clock = Stopwatch::start(targets, now, calendar);
    for (minutes, step) in steps {
        now += TimeDelta::minutes(*minutes);
        clock = clock.after(*step, now, calendar);
    }
    (clock, now)
}

#[test]
fn a_dispute_has_1_7_or_20_days() {
    let days = [Priority::High, Priority::Normal, Priority::Low]
        .map(|priority| Targets::preset(Category::Dispute, priority).resolution_minutes / 1440);
    assert_eq!(days, [1, 7, 20]);
}

#[test]
fn working_hours_pass_over_the_night_and_the_weekend() {
    let calendar = Calendar::initial();
    let targets = Targets { hours: Hours::Working, ..SORTED };
    let friday = at("2026-06-05T17:30");
    let clock = Stopwatch::start(targets, friday, &calendar);
    assert_eq!(clock.due(), Some(Due::FirstReply(at("2026-06-08T09:00"))));
    let answered = clock.after(Step::Replied, at("2026-06-08T08:40"), &calendar);
    assert_eq!(answered.due(), None);
    assert_eq!(answered.stretches[0].counted, 40 * 60);
    assert_eq!(answered.stretches[0].calendar, Some(calendar.version));
    // 9 h 20 min are left: the rest of Tuesday (7 h), and 2 h 20 min of Wednesday.
    let again = answered.after(Step::ResidentWrote, at("2026-06-08T20:00"), &calendar);
    assert_eq!(again.due(), Some(Due::Resolution(at("2026-06-10T10:50"))));
}

#[test]
fn a_pause_moves_the_resolution_by_its_length() {
    let calendar = Calendar::initial();
    let (clock, _) = run(
        SORTED,
        &[(30, Step::Replied), (5000, Step::ResidentWrote), (10, Step::Replied)],
        &calendar,
    );
    assert_eq!(clock.counted(), 40 * 60);
    let (clock, now) = run(SORTED, &[(30, Step::Replied), (5000, Step::ResidentWrote)], &calendar);
    assert_eq!(clock.due(), Some(Due::Resolution(now + TimeDelta::minutes(570))));
}

#[test]
fn what_was_answered_late_is_missed_however_soon_it_was_resolved() {
    let calendar = Calendar::initial();
    let (in_time, _) = run(SORTED, &[(60, Step::Replied), (1, Step::Resolved)], &calendar);
    let (late, _) = run(SORTED, &[(61, Step::Replied), (1, Step::Resolved)], &calendar);
    assert!(in_time.met());
    assert!(!late.met());
}

#[test]
fn the_chief_is_told_when_it_is_due_and_the_county_later() {
    let calendar = Calendar::initial();
    let (clock, now) = run(SORTED, &[], &calendar);
    let timer = |level| clock.timer(level, &calendar);
    assert_eq!(timer(Escalation::Desk), Some(now + TimeDelta::minutes(60)));
    assert_eq!(timer(Escalation::Chief), Some(now + TimeDelta::minutes(150)));
    assert_eq!(timer(Escalation::County), None);
    let (waiting, _) = run(SORTED, &[(1, Step::Replied)], &calendar);
    assert_eq!(waiting.timer(Escalation::Desk, &calendar), None);
}

#[test]
fn old_stretches_are_summed_up() {
    let calendar = Calendar::initial();
    let steps = [(1, Step::Replied), (1, Step::ResidentWrote)].repeat(200);
    let (clock, _) = run(SORTED, &steps, &calendar);
    assert_eq!(clock.stretches.len(), 50);
    assert_eq!(clock.counted(), 200 * 60);
}

fn step() -> impl Strategy<Value = Step> {
    let targets =
        (1..500_i32, 1..5000_i32, prop::bool::ANY).prop_map(|(reply, resolution, working)| {
            Step::Sorted(Targets {
                first_reply_minutes: reply,
                resolution_minutes: resolution,
                escalation_minutes: 60,
                hours: if working { Hours::Working } else { Hours::RoundTheClock },
            })
        });
    prop_oneof![
        3 => Just(Step::Replied),
        3 => Just(Step::ResidentWrote),
        1 => Just(Step::Resolved),
        1 => Just(Step::Reopened),
        1 => targets,
    ]
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    prop::collection::vec((-60..3000_i64, step()), 0..40)
}

proptest! {
    #[test]
    fn stretches_follow_each_other_without_a_gap(steps in steps()) {
        let (clock, _) = run(SORTED, &steps, &Calendar::initial());
        prop_assert_eq!(clock.stretches[0].from, start());
        for pair in clock.stretches.windows(2) {
            prop_assert_eq!(pair[0].to, Some(pair[1].from));
            prop_assert!(pair[0].from <= pair[1].from);
            prop_assert_ne!(pair[0].paused, pair[1].paused);
        }
        prop_assert_eq!(clock.stretches.last().unwrap().to, None);
    }

    #[test]
    fn nothing_is_due_while_it_stands_still_and_something_is_while_it_runs(steps in steps()) {
        let (clock, _) = run(SORTED, &steps, &Calendar::initial());
        prop_assert_eq!(clock.due().is_none(), clock.stands_still());
        if let Some(due) = clock.due() {
            prop_assert!(due.at() >= clock.opened_at);
            prop_assert!(due.at() <= clock.resolution_due_at.unwrap());
        }
    }

    #[test]
    fn round_the_clock_all_time_is_counted_or_paused(steps in steps()) {
        let steps: Vec<_> = steps.into_iter()
            .filter(|(_, step)| !matches!(step, Step::Sorted(_)))
            .collect();
        let (clock, _) = run(SORTED, &steps, &Calendar::initial());
        let last = clock.stretches.last().unwrap();
        let paused: i64 = clock.stretches.iter().filter(|one| one.paused)
            .map(|one| (one.to.unwrap_or(one.from) - one.from).num_seconds()).sum();
        prop_assert_eq!(clock.counted() + paused, (last.from - start()).num_seconds());
    }

    #[test]
    fn a_longer_pause_never_brings_the_deadline_nearer(steps in steps(), more in 0..3000_i64) {
        let calendar = Calendar::initial();
        let (clock, now) = run(SORTED, &steps, &calendar);
        let later = now + TimeDelta::minutes(more);
        let resumed = |at| clock.clone()
            .after(Step::Replied, now, &calendar)
            .after(Step::ResidentWrote, at, &calendar)
            .resolution_due_at;
        prop_assert!(resumed(later) >= resumed(now));
    }

    #[test]
    fn it_is_kept_and_read_as_it_was(steps in steps()) {
        let (clock, _) = run(SORTED, &steps, &Calendar::initial());
        let kept = serde_json::to_string(&clock).unwrap();
        prop_assert_eq!(serde_json::from_str::<Stopwatch>(&kept).unwrap(), clock);
    }
}
