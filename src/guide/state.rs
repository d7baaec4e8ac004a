//! The state machine of a version of a guide.

use entity::guide_version::Status;

/// What can happen to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Its author changed it.
    Written,
    /// Its author handed it in for review.
    HandedIn,
    /// The reviewer gave it back.
    SentBack,
    /// The reviewer published it.
    Published,
    /// It was taken out of use.
    Retired,
}

/// How far a version is after a move; nothing when the move is not possible.
pub fn next(status: Status, made: Move) -> Option<Status> {
    match (status, made) {
        (Status::Draft, Move::Written) => Some(Status::Draft),
        (Status::Draft, Move::HandedIn) => Some(Status::InReview),
        (Status::InReview, Move::SentBack) => Some(Status::Draft),
        (Status::InReview, Move::Published) => Some(Status::Published),
        (Status::Published, Move::Retired) => Some(Status::Retired),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    #[test]
    fn a_version_goes_from_draft_over_review_to_publication_and_retirement() {
        use Move::{HandedIn, Published, Retired, SentBack, Written};
        let way = [
            (Status::Draft, vec![(Written, Status::Draft), (HandedIn, Status::InReview)]),
            (Status::InReview, vec![(SentBack, Status::Draft), (Published, Status::Published)]),
            (Status::Published, vec![(Retired, Status::Retired)]),
            (Status::Retired, vec![]),
        ];
        assert_eq!(way.len(), Status::iter().count());
        for (status, possible) in way {
            for made in [Written, HandedIn, SentBack, Published, Retired] {
                let expected = possible.iter().find(|one| one.0 == made).map(|one| one.1);
                assert_eq!(next(status, made), expected, "{status:?} {made:?}");
            }
        }
    }
}
