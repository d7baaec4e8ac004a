//! Merging doubles (合并重复户): two households that were found to be one become one, and for thirty days that
//! can be undone. A merged double is not a household lost: it is counted once, as it should have been.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{HouseholdMerge, HouseholdMergeOrder, MergeMutation};
pub use rules::forget_old;
pub use store::{forget, survivors};
