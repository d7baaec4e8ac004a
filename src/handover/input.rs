//! What the mutations on hand-overs take.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};

use super::graphql::HandoverItem;
use super::transfers::HandoverTransferState;
use crate::scalar::DivisionCode;

/// The input of `handOver`.
#[derive(InputObject)]
pub struct HandOverInput {
    /// Chosen by the caller, new for each hand-over: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// Who gives the villages away.
    pub from_officer_id: ID,
    /// Who receives them: an active officer.
    pub to_officer_id: ID,
    /// The villages, from 1 to 50, all of one township; the giver looks after each of them.
    pub village_codes: Vec<DivisionCode>,
    /// Until when both look after them, at most 60 days from now; in 7 days when left out.
    pub overlap_until: Option<DateTime<Utc>>,
    /// What both should know, at most 500 characters. Write nothing here about a person.
    pub note: Option<String>,
}

/// The input of `cancelHandover`.
#[derive(InputObject)]
pub struct CancelHandoverInput {
    /// The hand-over.
    pub handover_id: ID,
    /// The hand-over's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `confirmHandoverItem`.
#[derive(InputObject)]
pub struct ConfirmHandoverItemInput {
    /// The hand-over.
    pub handover_id: ID,
    /// The entry of the checklist.
    pub item: HandoverItem,
    /// The hand-over's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `recordTransfer`.
#[derive(InputObject)]
pub struct RecordTransferInput {
    /// The household's transfer.
    pub transfer_id: ID,
    /// The transfer's `version` that the change is based on.
    pub expected_version: i32,
    /// How far it has come now.
    pub state: HandoverTransferState,
}
