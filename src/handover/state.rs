//! The state machines of a hand-over and of a household's transfer.

use entity::handover::Status;
use entity::handover_transfer::State;

/// What can happen to a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The last entry of the checklist was confirmed by the second side.
    Completed,
    /// It was undone.
    Cancelled,
}

/// Where a hand-over stands after a move; nothing when the move is not possible.
pub fn next(status: Status, made: Move) -> Option<Status> {
    match (status, made) {
        (Status::Open, Move::Completed) => Some(Status::Confirmed),
        (Status::Open, Move::Cancelled) => Some(Status::Cancelled),
        (Status::Confirmed | Status::Cancelled, _) => None,
    }
}

/// Whether a household's transfer can go from one state to another: the contact accepts or refuses,
/// and then somebody has seen to what follows from it.
pub fn can_advance(from: State, to: State) -> bool {
    matches!(
        (from, to),
        (State::Pending, State::Accepted | State::Refused)
            | (State::Accepted | State::Refused, State::Done)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    #[test]
    fn every_move_of_a_hand_over_is_as_written_here() {
        let table = [
            (Status::Open, Some(Status::Confirmed), Some(Status::Cancelled)),
            (Status::Confirmed, None, None),
            (Status::Cancelled, None, None),
        ];
        assert_eq!(table.len(), Status::iter().count());
        for (status, completed, cancelled) in table {
            assert_eq!(next(status, Move::Completed), completed, "{status:?}");
            assert_eq!(next(status, Move::Cancelled), cancelled, "{status:?}");
        }
    }

    #[test]
    fn every_step_of_a_transfer_is_as_written_here() {
        use State::{Accepted, Done, Pending, Refused};
        let table = [
            (Pending, vec![Accepted, Refused]),
            (Accepted, vec![Done]),
            (Refused, vec![Done]),
            (Done, vec![]),
        ];
        assert_eq!(table.len(), State::iter().count());
        for (from, steps) in table {
            let found: Vec<State> = State::iter().filter(|to| can_advance(from, *to)).collect();
            assert_eq!(found, steps, "{from:?}");
        }
    }
}
