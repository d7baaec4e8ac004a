//! What the demo county consists of: the real division tree of Yongcheng and everything made up
//! to live in it – households of one pilot town, staff for every village, and conversations.
//! Pure data and arithmetic: it knows no database, no clock and no GraphQL, and the same seed
//! always gives the same county. No person in it exists; no phone number in it can be dialled.

pub mod divisions;
mod group;
pub mod households;
pub mod inquiries;
pub mod names;
pub mod officers;
pub mod random;
pub mod talks;
mod timing;

#[cfg(test)]
mod tests;
