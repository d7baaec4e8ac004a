//! How households and contacts are stored.

mod house;
pub mod people;

pub use house::{
    ADDRESS, Change, HouseholdWith, NewRow, insert, next_door, refresh_search_text, search_text,
    status_name, update,
};
pub use people::{PHONE, Responsibilities, SPEAKS_FOR, WECHAT, speaks_for_itself};
