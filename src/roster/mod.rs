//! The roster (值班表): who is on duty for a village at a moment, and why. Shifts repeat by a pattern, a swap gives one
//! of them to somebody else for a day, leaves lead to who covers, and where no shift is on, postings and the chief
//! are there: somebody always is. This slice knows nothing of what there is to do on duty.

pub mod calendar;
mod duty;
mod facts;
pub mod graphql;
pub mod input;
mod kept;
pub mod mutation;
mod pattern;
mod plan;
mod resolve;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use calendar::{DutyCalendarQuery, DutyDay, DutySpan};
pub use facts::{Facts, Rank};
pub use graphql::{
    Duty, DutyReason, DutyReasonKind, RosterQuery, Shift, ShiftDayKind, ShiftFilter, ShiftSwap,
};
pub use kept::of_village;
pub use mutation::RosterMutation;
pub use resolve::{Reason, Resolved};
pub use store::{facts, read_facts, version};
