//! What the mutations on guides take.

use async_graphql::{ID, InputObject};

use super::content::GuideContent;
use crate::category::InquiryCategory;
use crate::scalar::Date;

/// The input of `createGuide`.
#[derive(InputObject)]
pub struct CreateGuideInput {
    /// Chosen by the caller, new for each guide: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// Its name for programs, which never changes: 1 to 40 lower-case letters, digits and hyphens.
    pub slug: String,
    /// What inquiries it belongs to.
    pub category: InquiryCategory,
    /// What its first version says.
    pub content: GuideContent,
}

/// The input of `reviseGuide`.
#[derive(InputObject)]
pub struct ReviseGuideInput {
    /// Chosen by the caller, new for each version: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The guide.
    pub guide_id: ID,
    /// What its next version says.
    pub content: GuideContent,
}

/// The input of `updateGuideDraft`.
#[derive(InputObject)]
pub struct UpdateGuideDraftInput {
    /// The draft.
    pub guide_version_id: ID,
    /// The draft's `version` that the change is based on.
    pub expected_version: i32,
    /// What it says.
    pub content: GuideContent,
}

/// The input of `submitGuide`.
#[derive(InputObject)]
pub struct SubmitGuideInput {
    /// The draft.
    pub guide_version_id: ID,
    /// The draft's `version` that was looked at.
    pub expected_version: i32,
}

/// The input of `returnGuide`.
#[derive(InputObject)]
pub struct ReturnGuideInput {
    /// The version in review.
    pub guide_version_id: ID,
    /// The `version` that was looked at.
    pub expected_version: i32,
    /// What has to be changed: at most 500 characters.
    pub note: String,
}

/// The input of `publishGuide`.
#[derive(InputObject)]
pub struct PublishGuideInput {
    /// The version in review.
    pub guide_version_id: ID,
    /// The `version` that was looked at.
    pub expected_version: i32,
    /// The first day on which it holds, today or later; today when left out.
    pub valid_from: Option<Date>,
    /// The first day on which it no longer holds, after `validFrom`; without end when left out.
    pub valid_until: Option<Date>,
}

/// The input of `retireGuide`.
#[derive(InputObject)]
pub struct RetireGuideInput {
    /// The published version.
    pub guide_version_id: ID,
    /// The `version` that was looked at.
    pub expected_version: i32,
}
