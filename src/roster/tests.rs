//! Who is on duty, whatever is written down.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::ShiftDayKind;
use super::facts::{Away, Facts, Known, Planned, Posted, Rank, Standing, Swapped};
use super::graphql::DutyReasonKind as Because;
use super::pattern::Pattern;
use super::resolve::Reason;
use crate::clock::midnight;

fn id(number: u8) -> Uuid {
    Uuid::from_u128(number.into())
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()
}

fn ids() -> impl Strategy<Value = Uuid> {
    (0_u8..8).prop_map(id)
}

fn officers() -> impl Strategy<Value = Vec<Known>> {
    let rank = prop_oneof![Just(Rank::Officer), Just(Rank::StationChief), Just(Rank::CountyAdmin)];
    proptest::collection::btree_map(0_u8..8, (rank, 0_u8..=1), 0..6).prop_map(|officers| {
        let known = |(number, (rank, at_station))| Known { id: id(number), rank, at_station };
        officers.into_iter().map(known).collect()
    })
}

fn shifts() -> impl Strategy<Value = Vec<Planned>> {
    let shift = (0_u8..=1, ids(), 0_i32..1440, 1_i32..=1440);
    proptest::collection::vec(shift, 0..5).prop_map(|shifts| {
        let planned = |(number, (of_village, officer_id, start_minute, length_minutes))| Planned {
            id: id(number),
            of_village,
            officer_id,
            pattern: Pattern {
                valid_from: day() - TimeDelta::days(9),
                valid_until: None,
                weekdays: None,
                every_days: Some(1),
                day_kind: ShiftDayKind::Any,
                start_minute,
                length_minutes,
            },
        };
        (100..).zip(shifts).map(planned).collect()
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let swaps = proptest::collection::vec((100_u8..105, ids()), 0..3).prop_map(|swaps| {
        let swapped = |(shift, officer_id)| Swapped {
            id: id(200),
            shift_id: id(shift),
            day: day(),
            officer_id,
        };
        swaps.into_iter().map(swapped).collect()
    });
    let leaves = proptest::collection::btree_map(0_u8..8, ids(), 0..8).prop_map(|leaves| {
        let (starts_at, ends_at) = (midnight(day()), midnight(day()) + TimeDelta::days(1));
        let away = |(who, cover_id)| Away {
            id: id(210),
            officer_id: id(who),
            cover_id,
            starts_at,
            ends_at,
        };
        leaves.into_iter().map(away).collect()
    });
    let duty = prop_oneof![Just(Standing::Lead), Just(Standing::Auxiliary), Just(Standing::Cover)];
    let ends = proptest::option::of(
        (1_i64..24).prop_map(|hours| midnight(day()) + TimeDelta::hours(hours)),
    );
    let postings = proptest::collection::vec((ids(), duty, ends), 0..4).prop_map(|postings| {
        let starts_at = midnight(day());
        let posted = |(officer_id, duty, ends_at)| Posted {
            id: id(220),
            officer_id,
            duty,
            starts_at,
            ends_at,
        };
        postings.into_iter().map(posted).collect()
    });
    (officers(), shifts(), swaps, leaves, postings).prop_map(
        |(officers, shifts, swaps, leaves, postings)| Facts {
            officers,
            shifts,
            swaps,
            leaves,
            postings,
            days: Vec::new(),
        },
    )
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..1440).prop_map(|minute| midnight(day()) + TimeDelta::minutes(minute))
}

proptest! {
    #[test]
    fn somebody_active_is_on_duty_while_anybody_is_active(facts in facts(), at in moments()) {
        let found = facts.on_duty(at);
        prop_assert_eq!(found.is_some(), !facts.officers.is_empty());
        if let Some(found) = found {
            prop_assert!(facts.officers.iter().any(|known| known.id == found.officer_id));
            // The last step is the one that led there.
            let last = found.reasons.last().unwrap();
            prop_assert_eq!(last.officer_id, found.officer_id);
            prop_assert!(last.because != Because::PassedOver);
        }
    }

    #[test]
    fn who_is_away_is_on_duty_only_when_nobody_else_could_be(facts in facts(), at in moments()) {
        if let Some(found) = facts.on_duty(at)
            && !facts.is_there(found.officer_id, at)
        {
            let last = found.reasons.last().unwrap().because;
            prop_assert!(matches!(last, Because::Chief | Because::CountyAdmin | Because::Anybody));
        }
    }

    #[test]
    fn the_order_in_which_facts_are_read_does_not_matter(facts in facts(), at in moments()) {
        let mut other = facts.clone();
        other.officers.reverse();
        other.shifts.reverse();
        prop_assert_eq!(facts.on_duty(at), other.on_duty(at));
    }

    #[test]
    fn a_plan_says_of_every_moment_what_the_roster_says(facts in facts(), at in moments()) {
        let days = facts.plan(day(), day());
        let spans = &days[0].spans;
        prop_assert_eq!(spans.first().map(|one| one.time.0), Some(midnight(day())));
        prop_assert_eq!(spans.last().map(|one| one.time.1), Some(midnight(day()) + TimeDelta::days(1)));
        prop_assert!(spans.windows(2).all(|two| two[0].time.1 == two[1].time.0));
        let span = spans.iter().find(|one| one.time.0 <= at && at < one.time.1).unwrap();
        let planned = span.on_duty.as_ref().map(|one| one.officer_id);
        let found = facts.on_duty(at).filter(|one| one.reasons.iter().all(is_of_shift));
        prop_assert_eq!(planned, found.map(|one| one.officer_id));
    }
}

fn is_of_shift(reason: &Reason) -> bool {
    use Because::{Leave, PassedOver, StationShift, Swap, VillageShift};
    matches!(reason.because, VillageShift | StationShift | Swap | Leave | PassedOver)
}
