//! Finding doubles (查重): households that may be one and the same. It only suggests; people decide, and merge
//! them or do not.

pub mod graphql;
mod names;
mod store;

pub use graphql::{DuplicateReason, DuplicateStrength, PossibleDuplicate};
pub use names::{Likeness, likeness};
pub use store::Doubles;
