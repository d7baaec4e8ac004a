//! Changes of the division tree (区划调整): villages are renamed, moved, merged and split, and households move
//! between groups. Households, postings and open inquiries move along in one transaction, and what was,
//! remains: the old codes, the old names, and the matters that were resolved where they happened.

mod graphql;
pub mod mutation;
mod rules;
mod store;
mod work;

pub use graphql::{
    Reorganisation, ReorganisationKind, ReorganisationOrder, ReorganisationQuery,
    ReorganisedDivision,
};
pub use mutation::ReorganisationMutation;
