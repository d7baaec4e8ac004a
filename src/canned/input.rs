//! What the mutations on canned replies take.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::category::InquiryCategory;

/// The input of `createCannedReply`.
#[derive(InputObject)]
pub struct CreateCannedReplyInput {
    /// Chosen by the caller, new for each reply: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The station that it is for; null for the whole county, which county administrators may say.
    pub station_id: Option<ID>,
    /// What inquiries it is for; all when left out.
    pub category: Option<InquiryCategory>,
    /// What officers find it by: at most 40 characters.
    pub title: String,
    /// What it says: at most 1,000 characters. Variables stand in braces; see `CannedReplyVariable`.
    pub text: String,
}

/// The input of `updateCannedReply`. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateCannedReplyInput {
    /// The canned reply.
    pub canned_reply_id: ID,
    /// The `version` that the change is based on.
    pub expected_version: i32,
    /// What inquiries it is for; null for all.
    #[graphql(default)]
    pub category: MaybeUndefined<InquiryCategory>,
    /// What officers find it by: at most 40 characters.
    pub title: Option<String>,
    /// What it says: at most 1,000 characters.
    pub text: Option<String>,
}

/// The input of `retireCannedReply`.
#[derive(InputObject)]
pub struct RetireCannedReplyInput {
    /// The canned reply.
    pub canned_reply_id: ID,
    /// The `version` that was looked at.
    pub expected_version: i32,
}
