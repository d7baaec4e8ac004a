//! How households and contacts are stored.

pub mod consents;
mod history;
mod house;
mod links;
pub mod people;
mod search;
mod writing;

pub use consents::{InForce, in_force};
pub use history::{REASON, insert_changes, status_changed_after};
pub use house::HouseholdWith;
pub use links::{
    Link, Speaker, confirm, demote_primary, households_of, link, links, set_standing, speaker,
    standing, unlink,
};
pub use people::{PHONE, Responsibilities, SPEAKS_FOR, WECHAT, erase_contact};
pub use search::search_text;
pub use writing::{
    ADDRESS, NewRow, insert, lock, names, next_door, refresh_search_text, sealed, status_name,
    write,
};
