//! Which type leads to which: the relations between the slices, in both directions, and the fields
//! that need more than one slice. A type has one such block, so parents and children share a room.

mod access_log;
mod appointment;
mod division;
mod canned;
mod channel;
mod guide;
mod field;
mod friend;
mod handover;
mod household;
mod import;
mod inquiry;
mod merge;
pub mod node;
mod officer;
mod privacy;
mod referral;
mod rollout;
mod sender;
mod urgent;
mod roster;
mod viewer;
mod visit;
