//! The numbers: how many households there are in a village and how far they are, and how many inquiries
//! are unresolved, now and at the end of each day. They are kept in two small tables, brought up to
//! date from the event log, so a dashboard costs the same however much there is to count.
//!
//! A day's row holds the sums of everything up to that day, so an event adds to its day and to those
//! after it, in whatever order events come, and a day without a change needs no row: the latest one
//! before it tells. That a confirmation lapses is written down for its day when it is confirmed, so
//! nothing has to run at night. This slice knows codes, not villages.

mod counted;
mod graphql;
mod numbers;
mod rules;
mod seen;
mod store;
mod verify;

pub use counted::Counted;
pub use graphql::{Coverage, past};
pub use numbers::Tally;
pub use rules::{BATCH, project, rebuild, waiting};
pub use seen::Seen;
pub use store::{Level, Tallies, join, lock_checkpoint, of_villages, set_checkpoint};
pub use verify::{Difference, Source, verify};
