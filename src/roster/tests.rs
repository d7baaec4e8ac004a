//! Who is on duty, whatever is written down.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::ShiftDayKind;
use super::facts::{Away, Facts, Known, Planned, Posted, Rank, Standing, Swapped};
use super::graphql::DutyReasonKind as Because;
use super::pattern::Pattern;

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
        let away = |(who, cover_id)| Away { id: id(210), officer_id: id(who), cover_id };
        leaves.into_iter().map(away).collect()
    });
    let duty = prop_oneof![Just(Standing::Lead), Just(Standing::Auxiliary), Just(Standing::Cover)];
    let postings = proptest::collection::vec((ids(), duty), 0..4).prop_map(|postings| {
        let posted = |(officer_id, duty)| Posted { id: id(220), officer_id, duty };
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
    (0_i64..1440).prop_map(|minute| crate::clock::midnight(day()) + TimeDelta::minutes(minute))
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
            && !facts.is_there(found.officer_id)
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
}
