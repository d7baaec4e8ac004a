//! What the mutations on inquiries take.

use async_graphql::{ID, InputObject};

use super::MessageVia;
use crate::category::{InquiryCategory, InquiryPriority};

/// The input of `submitInquiry`.
#[derive(InputObject)]
pub struct SubmitInquiryInput {
    /// Chosen by the caller, new for each inquiry: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The household whose matter it is.
    pub household_id: ID,
    /// What it is about. When left out, it is told by the words of subject and text, and OTHER when they do not
    /// tell; a complaint (投诉) and a lead (举报) are sealed then as well.
    pub category: Option<InquiryCategory>,
    /// What it is about, in at most 60 characters; the beginning of the text when left out.
    pub subject: Option<String>,
    /// What the household asks: at most 4,000 characters.
    pub text: String,
    /// Files that the caller has sent before (`requestAttachmentUpload`) and that come with it, in this order: at
    /// most 9. Each can be in one message only.
    pub attachment_ids: Option<Vec<ID>>,
    /// How the household said it, when an officer writes it down on its behalf; APP when left out.
    pub via: Option<MessageVia>,
    /// The officer whom it concerns (涉及民警), when it is about one: the inquiry is sealed, and that officer never
    /// sees it, nor hears of it.
    pub concerns_officer_id: Option<ID>,
}

/// The input of `replyToInquiry`.
#[derive(InputObject)]
pub struct ReplyToInquiryInput {
    /// Chosen by the caller, new for each message: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The inquiry.
    pub inquiry_id: ID,
    /// What is to be said: at most 4,000 characters.
    pub text: String,
    /// The version of the guide that an officer's reply is made from; it must be in force. When a new version
    /// follows, the reply appears in `outdatedReplies`.
    pub guide_version_id: Option<ID>,
    /// Files that the caller has sent before (`requestAttachmentUpload`) and that come with it, in this order: at
    /// most 9. Each can be in one message only.
    pub attachment_ids: Option<Vec<ID>>,
    /// The last message that the caller has seen of this inquiry, internal notes aside. When something was written
    /// since, by the household or by a colleague, nothing is sent: `UNSEEN_MESSAGES`, with what is new in
    /// `unseenMessages`. Send it again with the last of those, and the same key if you like. Not checked when left out.
    pub last_seen_message_id: Option<ID>,
    /// How an officer has said it already: then it is written down, and not sent any more. APP when left out: it is
    /// said by sending it now.
    pub via: Option<MessageVia>,
}

/// The input of `addInternalNote`.
#[derive(InputObject)]
pub struct AddInternalNoteInput {
    /// Chosen by the caller, new for each note: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The inquiry.
    pub inquiry_id: ID,
    /// What officers should know: at most 4,000 characters.
    pub text: String,
}

/// The input of `assignInquiry`.
#[derive(InputObject)]
pub struct AssignInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
    /// The officer who is to take it on; null gives it back to the desk.
    pub assignee_id: Option<ID>,
}

/// The input of `recategorizeInquiry`.
#[derive(InputObject)]
pub struct RecategorizeInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
    /// What it is about.
    pub category: InquiryCategory,
}

/// The input of `prioritizeInquiry`.
#[derive(InputObject)]
pub struct PrioritizeInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
    /// How much it presses.
    pub priority: InquiryPriority,
}

/// The input of `resolveInquiry`.
#[derive(InputObject)]
pub struct ResolveInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `reopenInquiry`.
#[derive(InputObject)]
pub struct ReopenInquiryInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The inquiry's `version` that the change is based on.
    pub expected_version: i32,
}
