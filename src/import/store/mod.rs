//! How imports are stored.

mod batch;
mod finding;
mod record;
mod rows;
mod undoing;
mod upload;
mod writing;

pub use batch::{
    Running, advance, claim, finish, insert_batch, request_roll_back, rolled_back, unfinished_lease,
};
pub use finding::{
    attended, contact_names, followed_groups, last_doors, lock_villages, matches, places,
};
pub use rows::{fates, id_of, insert_rows};
pub use undoing::{Undone, created, delete, forget_name, restore, restored, touched};
pub use upload::{NewUpload, drop_old_parts, drop_parts, insert_part, insert_upload, part, upload};
pub use writing::write;
