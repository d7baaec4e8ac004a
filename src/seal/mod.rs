//! Who sees a sealed inquiry (密件): the chief names officers and takes them off again, and keeps out whom it concerns.
//! That a sealed inquiry is found by these people only is no rule of this slice: it stands with the conditions of areas.
//! Nor does it keep what is written in one for long.

mod forgetting;
pub mod graphql;
mod rules;
mod store;

pub use forgetting::sweep;
pub use graphql::{InquiryReader, SealMutation};
pub use store::{ConcernedBy, ReadersOf};
