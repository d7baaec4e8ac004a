//! Finding doubles (查重): households that may be one and the same. It only suggests; people decide, and merge
//! them or do not.

pub mod graphql;
mod names;
mod store;

pub use graphql::{DuplicateReason, DuplicateStrength, PossibleDuplicate};
pub use names::Name;
pub use store::{Doubles, GROUPS, households, names_in_groups, spoken_for_by};

/// How much the strongest of `reasons` says.
pub fn strength<'a>(
    reasons: impl IntoIterator<Item = &'a DuplicateReason>,
) -> Option<DuplicateStrength> {
    reasons.into_iter().map(|reason| reason.strength()).min()
}
