//! The numbers: how many households there are in a village and how far they are, and how many inquiries
//! are unresolved. They are kept in one small table, brought up to date from the event log, so a
//! dashboard costs the same however much there is to count. This slice knows codes, not villages.

mod counted;
mod graphql;
mod rules;
mod store;

pub use counted::Counted;
pub use graphql::Coverage;
pub use rules::{BATCH, project, rebuild, waiting};
pub use store::{Level, Tallies, Tally, join};
