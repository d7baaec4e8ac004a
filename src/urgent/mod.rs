//! Urgent means 110 (紧急情况请拨打110). A message that tells of an emergency is answered at once with whom to
//! call, and an officer is alerted; the service never takes an alarm. Which words tell of one stands in
//! `words.json`, and `judge` says of any message whether and why. What is answered, and when, the inquiry knows.

mod advice;
pub mod graphql;
mod judge;
mod list;
pub mod mutation;
mod plain;
mod rules;
mod store;
pub mod subscription;

pub use advice::advice;
pub use graphql::{
    EmergencyKind, UrgentAlert, UrgentAlertFilter, UrgentAlertState, UrgentQuery, UrgentStatistics,
};
pub use judge::{Finding, Verdict, judge};
pub use list::Off;
pub use mutation::UrgentMutation;
pub use rules::{NewAlert, raise};
pub use store::{OfInquiry, OfMessage, alarming};
pub use subscription::UrgentSubscription;
