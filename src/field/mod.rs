//! Work where there is no network (外勤): a village is taken along as a field book, which is brought up to
//! date by what has changed, and what was done at the doors is handed in later, in any order, as often as
//! the connection breaks. The rules are those of households, visits and contacts; here is only how two
//! sides that did not see each other come together.

mod book;
mod cursor;
mod edit;
pub mod graphql;
pub mod input;
mod item;
mod lost;
mod meeting;
pub mod mutation;
mod store;
mod work;

pub use graphql::{FieldBookQuery, FieldBookRemoval};
pub use mutation::{FieldWorkMutation, FieldWorkResult};
