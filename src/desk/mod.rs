//! The desk (共享收件箱): the officers who answer together behind one household. What waits for whom, who takes an
//! inquiry on, who is writing just now, many inquiries at once, and who is told when time has run out.

pub mod graphql;
pub mod input;
pub mod mutation;
mod rules;
mod store;
mod timers;

pub use graphql::{Inbox, InboxCounts, InboxQuery, InboxTab};
pub use mutation::DeskMutation;
pub use rules::forget_drafts;
pub use timers::{fire, follow_calendar, plan};
