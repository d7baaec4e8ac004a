//! The tables of Huhutong, one file a table: columns and stored enums. No logic and no GraphQL.

pub mod checkpoint;
pub mod contact;
pub mod county;
pub mod event;
pub mod household;
pub mod household_contact;
pub mod idempotency;
pub mod import_batch;
pub mod import_part;
pub mod import_upload;
pub mod inquiry;
pub mod message;
pub mod officer;
pub mod posting;
pub mod refresh_token;
pub mod session;
pub mod signing_key;
pub mod station;
pub mod township;
pub mod village;
pub mod village_group;
pub mod village_tally;
