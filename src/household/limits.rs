//! How much a household may be, whoever says it: an officer or a file.

/// The most characters of a label.
pub const MAX_LABEL: usize = 60;
/// The most characters of an address.
pub const MAX_ADDRESS: usize = 200;
/// The most people of a household, and the highest number of a group.
pub const MAX_NUMBER: i32 = 99;
/// The highest place in a group.
pub const MAX_DOOR: i32 = 9999;
/// The most characters of the reason for a status.
pub const MAX_REASON: usize = 200;
