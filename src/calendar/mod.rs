//! The working calendar (工作日历): which days are holidays or are worked in exchange (调休), and at what hours there
//! is work. It is data in versions: what was reckoned by an older one can be reckoned again. This slice knows
//! nothing of who works, nor what for.

pub mod graphql;
mod ics;
pub mod input;
pub mod mutation;
mod rules;
mod shipped;
mod store;
mod time;

pub use graphql::{Calendar, CalendarDay, CalendarDayKind, CalendarQuery, WorkingHours};
pub use mutation::CalendarMutation;
pub use rules::{current, current_in};
pub use shipped::ship;
