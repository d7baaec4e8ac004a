//! Deadlines (时限): how soon an inquiry is to be answered and resolved, and a clock that can tell why it is due
//! just then. This slice knows nothing of who answers, nor where inquiries are kept.

mod graphql;
mod rules;
mod stopwatch;
mod store;
mod targets;
#[cfg(test)]
mod tests;

pub use graphql::{
    Deadline, DeadlineHours, DeadlineKind, DeadlineMutation, DeadlineQuery, DeadlineReason,
    DeadlineState, DeadlineTarget, SetDeadlineTargetPayload,
};
pub use rules::policy;
pub use stopwatch::{Due, Step, Stopwatch, Stretch, above};
pub use store::{category_name, priority_name};
pub use targets::{Policy, Targets};
