//! How it is between an officer and a resident, whatever is told of it, how often and in whatever order: it follows
//! from the latest of each thing that was told.

use chrono::{DateTime, Utc};
use entity::friend::{Model, State};

/// Something that happened between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// They became friends.
    Added,
    /// One of them wants to.
    Half,
    /// It ended in this way.
    Ended(State),
}

/// Takes in what happened at some moment, and tells whether anything is new.
pub fn take_in(row: &mut Model, happened: Happened, at: DateTime<Utc>) -> bool {
    let before = (row.added_at, row.half_at, row.ended_at, row.ended_by);
    match happened {
        Happened::Added if row.added_at < Some(at) => {
            row.added_at = Some(at);
            // Remark and tags of an earlier friendship ended with it.
            (row.remark_hash, row.tagged_village) = (None, None);
        }
        Happened::Added => {}
        Happened::Half => row.half_at = row.half_at.max(Some(at)),
        Happened::Ended(by) => {
            (row.ended_at, row.ended_by) = (row.ended_at, row.ended_by).max((Some(at), Some(by)));
        }
    }
    (row.state, row.since) = follows(row, at);
    before != (row.added_at, row.half_at, row.ended_at, row.ended_by)
}

/// How it is, and since when. Of one second, which is all that is told, the end is the later.
fn follows(row: &Model, now: DateTime<Utc>) -> (State, DateTime<Utc>) {
    let begun = row.added_at.max(row.half_at);
    match (row.ended_at, row.ended_by) {
        (Some(at), Some(by)) if Some(at) >= begun => (by, at),
        _ if row.added_at >= row.half_at => (State::Friend, begun.unwrap_or(now)),
        _ => (State::Half, begun.unwrap_or(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn nobody() -> Model {
        let start = DateTime::UNIX_EPOCH;
        Model {
            id: Uuid::nil(),
            channel_id: Uuid::nil(),
            user_id: String::new(),
            officer_id: None,
            external_id: Vec::new(),
            external_hash: Vec::new(),
            contact_id: None,
            household_id: None,
            village_code: None,
            township_code: None,
            state: State::Half,
            since: start,
            added_at: None,
            half_at: None,
            ended_at: None,
            ended_by: None,
            remark_hash: None,
            tagged_village: None,
            version: 1,
        }
    }

    fn second(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(n, 0).unwrap()
    }

    fn happened() -> impl Strategy<Value = (Happened, i64)> {
        let what = prop_oneof![
            Just(Happened::Added),
            Just(Happened::Half),
            Just(Happened::Ended(State::DeletedByOfficer)),
            Just(Happened::Ended(State::DeletedByResident)),
            Just(Happened::Ended(State::Transferred)),
        ];
        (what, 0_i64..5)
    }

    proptest! {
        #[test]
        fn neither_the_order_nor_a_repetition_matters(
            (told, again) in prop::collection::vec(happened(), 1..8)
                .prop_flat_map(|told| {
                    let twice: Vec<_> = told.iter().chain(&told).copied().collect();
                    (Just(told), Just(twice).prop_shuffle())
                })
        ) {
            let (mut once, mut shuffled) = (nobody(), nobody());
            for (what, at) in told {
                take_in(&mut once, what, second(at));
            }
            for (what, at) in again {
                take_in(&mut shuffled, what, second(at));
            }
            prop_assert_eq!(once, shuffled);
        }
    }

    #[test]
    fn friends_who_parted_can_be_friends_again() {
        let mut row = nobody();
        for (what, at, state) in [
            (Happened::Half, 1, State::Half),
            (Happened::Added, 1, State::Friend),
            (Happened::Ended(State::DeletedByResident), 3, State::DeletedByResident),
            (Happened::Added, 2, State::DeletedByResident),
            (Happened::Added, 4, State::Friend),
        ] {
            take_in(&mut row, what, second(at));
            assert_eq!(row.state, state, "{what:?} at {at}");
        }
        assert_eq!(row.since, second(4));
        assert!(!take_in(&mut row, Happened::Added, second(4)));
    }
}
