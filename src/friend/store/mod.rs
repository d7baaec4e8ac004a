//! How friends are stored.

pub mod check;
mod link;
pub mod queue;
pub mod roster;
mod shown;
pub mod subject;
pub mod transfer;

pub use link::{LinkOf, NewLink, insert_link, lead, link_of, note_way, way};
pub use roster::forget_contact;
pub use shown::{Counts, WritingsOf};
