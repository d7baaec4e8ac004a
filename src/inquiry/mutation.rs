//! How inquiries are handled.

use async_graphql::{Context, ID, Object, SimpleObject};
use uuid::Uuid;

use super::handling::{self, Wish};
use super::input::{
    AddInternalNoteInput, AssignInquiryInput, PrioritizeInquiryInput, RecategorizeInquiryInput,
    ReopenInquiryInput, ReplyToInquiryInput, ResolveInquiryInput, SubmitInquiryInput,
};
use super::rules::{self, NewInquiry, NewReply, Said};
use super::{Inquiry, Message, Move};
use crate::access::Act;
use crate::attachment;
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::payload::{UserError, part};
use crate::record::Record;
use crate::request::Request;

payload! {
    /// The answer of `submitInquiry`.
    SubmitInquiryPayload {
        /// The new inquiry.
        inquiry: Inquiry
    }
}
/// The answer of `replyToInquiry`.
#[derive(SimpleObject)]
pub struct ReplyToInquiryPayload {
    /// The new message.
    pub message: Option<Message>,
    /// What was written after `lastSeenMessageId`, earliest first: at most 20. Empty when the reply was written.
    pub unseen_messages: Vec<Message>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

impl ReplyToInquiryPayload {
    fn of(context: &Context<'_>, said: Result<Said>) -> Result<Self> {
        let (unseen_messages, result) = match said {
            Ok(Said::Written(message)) => (Vec::new(), Ok(message)),
            Ok(Said::HeldBack(unseen)) => (unseen, Err(rules::unseen())),
            Err(error) => (Vec::new(), Err(error)),
        };
        let (message, user_errors) = part(context, result)?;
        Ok(Self { message, unseen_messages, user_errors })
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
    /// The answer of `prioritizeInquiry`.
    PrioritizeInquiryPayload {
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
            let concerned = input.concerns_officer_id.as_ref();
            let new = NewInquiry {
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                category: input.category.map(Into::into),
                subject: input.subject,
                text: input.text,
                attachments: attachment::named(input.attachment_ids.as_deref())?,
                via: input.via.map(Into::into).unwrap_or_default(),
                concerns: concerned
                    .map(|id| GlobalId::expect_uuid(id, Kind::Officer))
                    .transpose()?,
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
            let seen = input.last_seen_message_id.as_ref();
            let last_seen = seen.map(|id| GlobalId::expect_uuid(id, Kind::Message)).transpose()?;
            let via = input.via.map(Into::into).unwrap_or_default();
            let new = NewReply { text: input.text, guide_version_id, attachments, last_seen, via };
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
            let request = Request::of(context)?;
            let (act, wish) = (Act::HandleInquiry, Wish::Assign(assignee));
            handling::change(request, act, id, input.expected_version, wish).await
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
            let wish = Wish::Recategorize(input.category.into());
            let (act, version) = (Act::HandleInquiry, input.expected_version);
            handling::change(Request::of(context)?, act, id, version, wish).await
        };
        RecategorizeInquiryPayload::of(context, made.await)
    }

    /// Says anew how much an inquiry presses.
    async fn prioritize_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PrioritizeInquiryInput,
    ) -> Result<PrioritizeInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let wish = Wish::Prioritize(input.priority.into());
            let (act, version) = (Act::HandleInquiry, input.expected_version);
            handling::change(Request::of(context)?, act, id, version, wish).await
        };
        PrioritizeInquiryPayload::of(context, made.await)
    }

    /// Closes an inquiry.
    async fn resolve_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ResolveInquiryInput,
    ) -> Result<ResolveInquiryPayload> {
        let made = async {
            let id = inquiry_id(&input.inquiry_id)?;
            let (act, wish) = (Act::HandleInquiry, Wish::Move(Move::Resolved));
            handling::change(Request::of(context)?, act, id, input.expected_version, wish).await
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
            let (act, wish) = (Act::ReopenInquiry, Wish::Move(Move::Reopened));
            handling::change(Request::of(context)?, act, id, input.expected_version, wish).await
        };
        ReopenInquiryPayload::of(context, made.await)
    }
}
