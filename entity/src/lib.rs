//! The tables of Huhutong, one file a table: columns and stored enums. No logic and no GraphQL.

use sea_orm::prelude::Date;

/// The day of what was so before anything was written down.
pub const BEGINNING: Date = match Date::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => Date::MIN,
};

pub mod access_log;
pub mod appointment;
pub mod attachment;
pub mod calendar;
pub mod calendar_day;
pub mod canned_reply;
pub mod canned_reply_version;
pub mod channel;
pub mod channel_customer;
pub mod channel_delivery;
pub mod checkpoint;
pub mod consent;
pub mod contact;
pub mod correction_request;
pub mod county;
pub mod deadline_target;
pub mod division_past;
pub mod draft_lock;
pub mod event;
pub mod export;
pub mod friend;
pub mod friend_check;
pub mod friend_difference;
pub mod friend_link;
pub mod friend_tag;
pub mod friend_transfer;
pub mod friend_write;
pub mod guide;
pub mod guide_term;
pub mod guide_version;
pub mod handover;
pub mod handover_check;
pub mod handover_inquiry;
pub mod handover_transfer;
pub mod handover_village;
pub mod household;
pub mod household_contact;
pub mod household_merge;
pub mod household_status_change;
pub mod idempotency;
pub mod import_batch;
pub mod import_part;
pub mod import_upload;
pub mod inquiry;
pub mod inquiry_ownership;
pub mod inquiry_exclusion;
pub mod inquiry_reader;
pub mod leave;
pub mod message;
pub mod message_delivery;
pub mod officer;
pub mod posting;
pub mod rating;
pub mod referral;
pub mod refresh_token;
pub mod rollout;
pub mod reorganisation;
pub mod service_window;
pub mod session;
pub mod shift;
pub mod shift_swap;
pub mod signing_key;
pub mod slot_place;
pub mod station;
pub mod tally_day;
pub mod township;
pub mod urgent_alert;
pub mod village;
pub mod village_group;
pub mod village_tally;
pub mod visit;
pub mod waiting_place;
pub mod wechat_message;
