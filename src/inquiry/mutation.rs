//! How inquiries are handled.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::input::{
    AddInternalNoteInput, AssignInquiryInput, RecategorizeInquiryInput, ReopenInquiryInput,
    ReplyToInquiryInput, ResolveInquiryInput, SubmitInquiryInput,
};
use super::rules::{self, NewInquiry, NewReply};
use super::{Inquiry, Message, Move};
use crate::access::Act;
use crate::attachment;
use crate::category::InquiryCategory;
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::record::Record;
use crate::request::Request;

payload! {
    /// The answer of `submitInquiry`.
    SubmitInquiryPayload {
        /// The new inquiry.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `replyToInquiry`.
    ReplyToInquiryPayload {
        /// The new message.
        message: Message
    }
}
payload! {
    /// The answer of `addInternalNote`.
    AddInternalNotePayload {
        /// The note.
        message: Message
    }
}
payload! {
    /// The answer of `assignInquiry`.
    AssignInquiryPayload {
        /// The inquiry after the change.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `recategorizeInquiry`.
    RecategorizeInquiryPayload {
        /// The inquiry after the change.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `resolveInquiry`.
    ResolveInquiryPayload {
        /// The inquiry, resolved.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `reopenInquiry`.
    ReopenInquiryPayload {
        /// The inquiry, open again.
        inquiry: Inquiry
    }
}

/// How inquiries are handled.
#[derive(Default)]
pub struct InquiryMutation;

fn inquiry_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::Inquiry)
}

#[Object]
impl InquiryMutation {
    /// Opens an inquiry: by a resident for the own household, or by an officer on a household's
    /// behalf. Not for emergencies: urgent means 110.
    async fn submit_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SubmitInquiryInput,
    ) -> Result<SubmitInquiryPayload> {
        let made = async {
            let once = Once::new("submitInquiry", &input.idempotency_key, &input)?;
            let request = Request::of(context)?;
            let new = NewInquiry {
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                category: input.category.unwrap_or(InquiryCategory::Other).into(),
                subject: input.subject,
                text: input.text,
                attachments: attachment::named(input.attachment_ids.as_deref())?,
            };
            let wanted = context.look_ahead().field("inquiry");
            rules::submit(request, new, once, Inquiry::with(request, &wanted)).await
        };
        SubmitInquiryPayload::of(context, made.await)
    }

    /// Writes into an inquiry: an officer to the household, or a resident to the desk. A resolved
    /// inquiry has to be opened again first.
    async fn reply_to_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReplyToInquiryInput,
    ) -> Result<ReplyToInquiryPayload> {
        let made = async {
            let once = Once::new("replyToInquiry", &input.idempotency_key, &input)?;
            let id = inquiry_id(&input.inquiry_id)?;
            let guide = input.guide_version_id.as_ref();
            let guide_version_id =
                guide.map(|id| GlobalId::expect_uuid(id, Kind::GuideVersion)).transpose()?;
            let attachments = attachment::named(input.attachment_ids.as_deref())?;
            let new = NewReply { text: input.text, guide_version_id, attachments };
            rules::reply(Request::of(context)?, id, new, once).await
        };
        ReplyToInquiryPayload::of(context, made.await)
    }

    /// Writes a note that officers see and the household does not.
    async fn add_internal_note(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: AddInternalNoteInput,
    ) -> Result<AddInternalNotePayload> {
        let made = async {
            let once = Once::new("addInternalNote", &input.idempotency_key, &input)?;
            let id = inquiry_id(&input.inquiry_id)?;
            rules::note(Request::of(context)?, id, &input.text, once).await
        };
        AddInternalNotePayload::of(context, made.await)
    }

    /// Assigns an inquiry to an officer in whose area it lies, or gives it back to the desk.
    async fn assign_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: AssignInquiryInput,
    ) -> Result<AssignInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let assignee = input.assignee_id.as_ref();
            let assignee =
                assignee.map(|id| GlobalId::expect_uuid(id, Kind::Officer)).transpose()?;
            rules::assign(Request::of(context)?, id, input.expected_version, assignee).await
        };
        AssignInquiryPayload::of(context, made.await)
    }

    /// Says anew what an inquiry is about.
    async fn recategorize_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RecategorizeInquiryInput,
    ) -> Result<RecategorizeInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let category = input.category.into();
            rules::recategorize(Request::of(context)?, id, input.expected_version, category).await
        };
        RecategorizeInquiryPayload::of(context, made.await)
    }

    /// Closes an inquiry.
    async fn resolve_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ResolveInquiryInput,
    ) -> Result<ResolveInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let (act, made) = (Act::HandleInquiry, Move::Resolved);
            rules::change_state(Request::of(context)?, act, id, input.expected_version, made).await
        };
        ResolveInquiryPayload::of(context, made.await)
    }

    /// Opens a resolved inquiry again.
    async fn reopen_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReopenInquiryInput,
    ) -> Result<ReopenInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let (act, made) = (Act::ReopenInquiry, Move::Reopened);
            rules::change_state(Request::of(context)?, act, id, input.expected_version, made).await
        };
        ReopenInquiryPayload::of(context, made.await)
    }
}
