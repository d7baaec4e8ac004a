//! The state machine of a household, and what follows from its status.

use entity::household::Status;
use entity::visit::Outcome;

/// What can happen to a household's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// An officer says how far it is.
    ByHand(Status),
    /// An officer was at the door.
    Visited(Outcome),
    /// A contact of its own was enrolled.
    Enrolled,
    /// Its last own contact left.
    Left,
    /// Something else happened that leaves it as it is.
    Stays,
}

/// How far a household is after a move; nothing when the move is not possible. Nothing leads back to
/// UNVISITED, and nothing but an enrolment leads to ENROLLED.
pub fn next(status: Status, made: Move) -> Option<Status> {
    use Status::{Enrolled, Unvisited, Visited};
    match made {
        Move::Stays => Some(status),
        Move::Enrolled => Some(Enrolled),
        Move::Left if status == Enrolled => Some(Visited),
        Move::Left => Some(status),
        Move::Visited(outcome) => Some(visited(status, outcome)),
        Move::ByHand(same) if same == status => Some(status),
        Move::ByHand(Unvisited | Enrolled) => None,
        // An enrolled household is visited again only when its contacts leave.
        Move::ByHand(Visited) if status == Enrolled => None,
        Move::ByHand(wanted) => Some(wanted),
    }
}

/// What an officer finds at the door counts, except that meeting somebody undoes no decision: who has
/// declined still declines, and who is enrolled stays so.
fn visited(status: Status, outcome: Outcome) -> Status {
    use Status::{Declined, MovedAway, NoSmartphone, Unvisited, Vacant, Visited};
    match outcome {
        Outcome::Met | Outcome::ContactConfirmed => match status {
            // Somebody lives there.
            Unvisited | MovedAway | Vacant => Visited,
            other => other,
        },
        Outcome::NobodyHome if status == Unvisited => Visited,
        Outcome::NobodyHome => status,
        Outcome::Declined => Declined,
        Outcome::MovedAway => MovedAway,
        Outcome::NoSmartphone => NoSmartphone,
        Outcome::Vacant => Vacant,
    }
}

/// Whether an officer who sets this status by hand has to say why.
pub fn needs_reason(status: Status) -> bool {
    use Status::{Declined, MovedAway, NoSmartphone, Vacant};
    matches!(status, Declined | MovedAway | NoSmartphone | Vacant)
}

/// Whether a household may be messaged: an enrolled one through a contact of its own, one without a
/// smartphone also through its caretaker, and each only through somebody whose consent is in force.
pub fn reachable(status: Status, own_contact: bool, caretaker: bool) -> bool {
    match status {
        Status::Enrolled => own_contact,
        Status::NoSmartphone => own_contact || caretaker,
        Status::Unvisited
        | Status::Visited
        | Status::Declined
        | Status::MovedAway
        | Status::Vacant => false,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;
    use Status::{Declined, Enrolled, MovedAway, NoSmartphone, Unvisited, Vacant, Visited};

    /// In the order of the tables below.
    const STATUSES: [Status; 7] =
        [Unvisited, Visited, Enrolled, Declined, MovedAway, NoSmartphone, Vacant];

    fn moves() -> Vec<Move> {
        let mut moves = vec![Move::Stays, Move::Enrolled, Move::Left];
        moves.extend(Outcome::iter().map(Move::Visited));
        moves.extend(Status::iter().map(Move::ByHand));
        moves
    }

    #[test]
    fn every_outcome_of_a_visit_leads_where_it_is_written_here() {
        let table = [
            (Outcome::Met, [Visited, Visited, Enrolled, Declined, Visited, NoSmartphone, Visited]),
            (
                Outcome::ContactConfirmed,
                [Visited, Visited, Enrolled, Declined, Visited, NoSmartphone, Visited],
            ),
            (
                Outcome::NobodyHome,
                [Visited, Visited, Enrolled, Declined, MovedAway, NoSmartphone, Vacant],
            ),
            (Outcome::Declined, [Declined; 7]),
            (Outcome::MovedAway, [MovedAway; 7]),
            (Outcome::NoSmartphone, [NoSmartphone; 7]),
            (Outcome::Vacant, [Vacant; 7]),
        ];
        assert_eq!(table.len(), Outcome::iter().count());
        assert_eq!(STATUSES.len(), Status::iter().count());
        for (outcome, after) in table {
            for (status, after) in STATUSES.into_iter().zip(after) {
                assert_eq!(
                    next(status, Move::Visited(outcome)),
                    Some(after),
                    "{status:?} {outcome:?}"
                );
            }
        }
    }

    #[test]
    fn an_officer_may_correct_what_is_not_said_by_contacts() {
        for status in Status::iter() {
            for wanted in Status::iter() {
                let possible = match (status, wanted) {
                    (from, to) if from == to => true,
                    (_, Unvisited | Enrolled) | (Enrolled, Visited) => false,
                    _ => true,
                };
                let expected = possible.then_some(wanted);
                assert_eq!(next(status, Move::ByHand(wanted)), expected, "{status:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn contacts_come_and_go() {
        for status in Status::iter() {
            assert_eq!(next(status, Move::Enrolled), Some(Enrolled));
            let left = if status == Enrolled { Visited } else { status };
            assert_eq!(next(status, Move::Left), Some(left));
            assert_eq!(next(status, Move::Stays), Some(status));
        }
    }

    #[test]
    fn nothing_leads_back_to_unvisited_and_only_an_enrolment_to_enrolled() {
        for status in Status::iter() {
            for made in moves() {
                let after = next(status, made);
                assert!(status == Unvisited || after != Some(Unvisited), "{status:?} {made:?}");
                assert!(
                    status == Enrolled || made == Move::Enrolled || after != Some(Enrolled),
                    "{status:?} {made:?}"
                );
            }
        }
    }

    #[test]
    fn who_declined_moved_away_or_is_not_there_is_never_messaged() {
        for status in Status::iter() {
            let ways = [(true, true), (true, false), (false, true), (false, false)];
            let reached = ways.map(|(own, caretaker)| reachable(status, own, caretaker));
            let expected = match status {
                Enrolled => [true, true, false, false],
                NoSmartphone => [true, true, true, false],
                _ => [false; 4],
            };
            assert_eq!(reached, expected, "{status:?}");
        }
    }
}
