//! The state machine of an inquiry.

use entity::inquiry::Status;

use super::WaitingOn;

/// What can happen to an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The household wrote.
    ResidentWrote,
    /// An officer answered the household.
    OfficerReplied,
    /// An officer closed it.
    Resolved,
    /// Somebody opened it again.
    Reopened,
}

/// Where an inquiry stands after a move; nothing when the move is not possible.
pub fn next(status: Status, made: Move) -> Option<Status> {
    match (status, made) {
        (Status::Resolved, Move::Reopened) => Some(Status::WaitingForOfficer),
        (Status::Resolved, _) | (_, Move::Reopened) => None,
        (_, Move::Resolved) => Some(Status::Resolved),
        (_, Move::OfficerReplied) => Some(Status::WaitingForResident),
        (Status::Open, Move::ResidentWrote) => Some(Status::Open),
        (_, Move::ResidentWrote) => Some(Status::WaitingForOfficer),
    }
}

/// Who has to move next.
pub fn waiting_on(status: Status) -> WaitingOn {
    match status {
        Status::Open | Status::WaitingForOfficer => WaitingOn::Officer,
        Status::WaitingForResident => WaitingOn::Resident,
        Status::Resolved => WaitingOn::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    const MOVES: [Move; 4] =
        [Move::ResidentWrote, Move::OfficerReplied, Move::Resolved, Move::Reopened];

    #[test]
    fn every_move_from_every_status_is_as_written_here() {
        use Status::{Open, Resolved, WaitingForOfficer, WaitingForResident};
        let table = [
            (Open, [Some(Open), Some(WaitingForResident), Some(Resolved), None]),
            (
                WaitingForResident,
                [Some(WaitingForOfficer), Some(WaitingForResident), Some(Resolved), None],
            ),
            (
                WaitingForOfficer,
                [Some(WaitingForOfficer), Some(WaitingForResident), Some(Resolved), None],
            ),
            (Resolved, [None, None, None, Some(WaitingForOfficer)]),
        ];
        assert_eq!(table.len(), Status::iter().count());
        for (status, outcomes) in table {
            for (made, outcome) in MOVES.into_iter().zip(outcomes) {
                assert_eq!(next(status, made), outcome, "{status:?} {made:?}");
            }
        }
    }

    #[test]
    fn who_wrote_last_is_not_who_is_waited_for() {
        for status in Status::iter() {
            if let Some(after) = next(status, Move::ResidentWrote) {
                assert_eq!(waiting_on(after), WaitingOn::Officer);
            }
            if let Some(after) = next(status, Move::OfficerReplied) {
                assert_eq!(waiting_on(after), WaitingOn::Resident);
            }
            if let Some(after) = next(status, Move::Resolved) {
                assert_eq!(waiting_on(after), WaitingOn::Nobody);
            }
        }
    }
}
