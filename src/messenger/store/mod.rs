//! How what travels is stored.

mod account;
mod customer;
mod delivery;
mod log;

pub use account::{Held, due, hold, named, release, save};
pub use customer::{Known, known, next, note_asked, note_entry, note_written};
pub use delivery::{NewDelivery, queue};
pub use log::{Kept, first_new, keep, message_of, note_failure, settle, take_back};
