//! Ratings (评价): what a household thinks of how its matter was handled, one question and a few words. They are
//! about the matter; nobody is ranked by them.

pub mod graphql;
mod rules;
mod store;

pub use graphql::{Rating, RatingMutation};
pub use store::{OfInquiry, forget_contact, forget_inquiries};
