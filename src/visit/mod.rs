//! Visits (走访): an officer was at the door, and what came of it. Most visits are told later, from places
//! without a network, and in any order: an older one never undoes what a newer one found.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{Visit, VisitMutation, VisitOrder, VisitOutcome};
pub use rules::{NewVisit, record};
pub use store::NOTE;
