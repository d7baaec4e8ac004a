//! What the desk's mutations take.

use async_graphql::{ID, InputObject, OneofObject};

use crate::category::{InquiryCategory, InquiryPriority};

/// The input of `claimInquiry`.
#[derive(InputObject)]
pub struct ClaimInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
}

/// The input of `lockDraft`.
#[derive(InputObject)]
pub struct LockDraftInput {
    /// The inquiry.
    pub inquiry_id: ID,
}

/// The input of `unlockDraft`.
#[derive(InputObject)]
pub struct UnlockDraftInput {
    /// The inquiry.
    pub inquiry_id: ID,
}

/// The input of `changeInquiries`.
#[derive(InputObject)]
pub struct ChangeInquiriesInput {
    /// The inquiries, each once: from 1 to 100.
    pub items: Vec<InquiryVersionInput>,
    /// What is to be done with each of them.
    pub change: InquiryChangeInput,
}

/// An inquiry as the caller knows it.
#[derive(InputObject)]
pub struct InquiryVersionInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
}

/// What is to be done with inquiries: one of these.
#[derive(OneofObject)]
pub enum InquiryChangeInput {
    /// They are given to an officer, or back to the desk.
    Assign(InquiryAssignmentInput),
    /// They are about this.
    Category(InquiryCategory),
    /// They press so much.
    Priority(InquiryPriority),
    /// They are closed, or opened again.
    Step(InquiryStep),
}

/// Who takes inquiries on.
#[derive(InputObject)]
pub struct InquiryAssignmentInput {
    /// The officer; null gives them back to the desk.
    pub assignee_id: Option<ID>,
}

/// What can be done with an inquiry besides writing.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquiryStep {
    /// It is closed (办结).
    Resolve,
    /// It is opened again (重新打开).
    Reopen,
}
