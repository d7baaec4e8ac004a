//! How the desk works on inquiries.

use std::collections::HashSet;

use async_graphql::{Context, ID, Object, SimpleObject};
use uuid::Uuid;

use super::input::{
    ChangeInquiriesInput, ClaimInquiryInput, InquiryChangeInput, InquiryStep, LockDraftInput,
    UnlockDraftInput,
};
use super::rules::{self, AT_ONCE, Taken};
use crate::error::{Error, Result, UserErrorCode};
use crate::id::{GlobalId, Kind};
use crate::inquiry::{Inquiry, Move, Wish};
use crate::officer::Officer;
use crate::payload;
use crate::payload::{UserError, part, told};
use crate::record;
use crate::request::Request;

/// The answer of `claimInquiry`.
#[derive(SimpleObject)]
pub struct ClaimInquiryPayload {
    /// The inquiry as it is now, also when somebody else has it.
    pub inquiry: Option<Inquiry>,
    /// The colleague who has it, when that is not the caller.
    pub taken_by: Option<Officer>,
    /// Why it was refused; empty when it is the caller's.
    pub user_errors: Vec<UserError>,
}

/// The answer of `lockDraft`.
#[derive(SimpleObject)]
pub struct LockDraftPayload {
    /// The inquiry as it is now, also when somebody else is writing.
    pub inquiry: Option<Inquiry>,
    /// The colleague who is writing, when that is not the caller.
    pub writer: Option<Officer>,
    /// Why it was refused; empty when the caller holds the lock.
    pub user_errors: Vec<UserError>,
}

payload! {
    /// The answer of `unlockDraft`.
    UnlockDraftPayload {
        /// The inquiry.
        inquiry: Inquiry
    }
}

/// What became of one of many inquiries.
#[derive(SimpleObject)]
pub struct InquiryResult {
    /// The inquiry that was named.
    pub inquiry_id: ID,
    /// The inquiry after the change; null when it was refused.
    pub inquiry: Option<Inquiry>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

payload! {
    /// The answer of `changeInquiries`.
    ChangeInquiriesPayload {
        /// What became of each inquiry, in the order of the input; null when the input was refused as a whole.
        results: Vec<InquiryResult>
    }
}

/// Parts what was taken, or not, into the inquiry, who has it, and why it was refused.
async fn parted(
    context: &Context<'_>,
    taken: Result<Taken>,
    refusal: fn() -> Error,
) -> Result<(Option<Inquiry>, Option<Officer>, Vec<UserError>)> {
    let (taken, mut user_errors) = part(context, taken)?;
    let Some(Taken { inquiry, by }) = taken else { return Ok((None, None, user_errors)) };
    let mut officer = None;
    if let Some(id) = by {
        let reader = Request::of(context)?.reader(crate::access::Act::ReadOfficer)?;
        officer = record::one(&reader, &id.into(), ()).await?;
        user_errors.push(told(refusal(), Request::of(context)?.language())?);
    }
    Ok((Some(inquiry), officer, user_errors))
}

/// How the desk works on inquiries.
#[derive(Default)]
pub struct DeskMutation;

fn inquiry_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::Inquiry)
}

#[Object]
impl DeskMutation {
    /// Takes an inquiry on (认领). Of several who try at once, one gets it; the others are told who. Repeating it
    /// changes nothing.
    async fn claim_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ClaimInquiryInput,
    ) -> Result<ClaimInquiryPayload> {
        let claimed =
            async { rules::claim(Request::of(context)?, inquiry_id(&input.inquiry_id)?).await };
        let (inquiry, taken_by, user_errors) =
            parted(context, claimed.await, rules::claimed).await?;
        Ok(ClaimInquiryPayload { inquiry, taken_by, user_errors })
    }

    /// Shows colleagues that the caller is writing an answer just now. It holds for 60 seconds and ends with the
    /// answer; call it again every 30 seconds while the officer types.
    async fn lock_draft(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: LockDraftInput,
    ) -> Result<LockDraftPayload> {
        let held = async {
            rules::lock_draft(Request::of(context)?, inquiry_id(&input.inquiry_id)?).await
        };
        let (inquiry, writer, user_errors) =
            parted(context, held.await, rules::being_answered).await?;
        Ok(LockDraftPayload { inquiry, writer, user_errors })
    }

    /// Shows that the caller is not writing any more. Of somebody else's lock nothing changes.
    async fn unlock_draft(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UnlockDraftInput,
    ) -> Result<UnlockDraftPayload> {
        let made = async {
            rules::unlock_draft(Request::of(context)?, inquiry_id(&input.inquiry_id)?).await
        };
        UnlockDraftPayload::of(context, made.await)
    }

    /// Does the same with many inquiries. Each is changed, or refused, by itself, and has a result of its own.
    async fn change_inquiries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ChangeInquiriesInput,
    ) -> Result<ChangeInquiriesPayload> {
        let request = Request::of(context)?;
        let made = async {
            let items = items(&input)?;
            let changed = rules::change_all(request, &items, wish(&input.change)?).await?;
            let results = input.items.iter().zip(changed).map(|(item, changed)| {
                let (inquiry, user_errors) = part(context, changed)?;
                Ok(InquiryResult { inquiry_id: item.inquiry_id.clone(), inquiry, user_errors })
            });
            results.collect::<Result<Vec<_>>>()
        };
        ChangeInquiriesPayload::of(context, made.await)
    }
}

fn wish(change: &InquiryChangeInput) -> Result<Wish> {
    Ok(match change {
        InquiryChangeInput::Assign(to) => {
            let id = to.assignee_id.as_ref();
            Wish::Assign(id.map(|id| GlobalId::expect_uuid(id, Kind::Officer)).transpose()?)
        }
        InquiryChangeInput::Category(category) => Wish::Recategorize((*category).into()),
        InquiryChangeInput::Priority(priority) => Wish::Prioritize((*priority).into()),
        InquiryChangeInput::Step(InquiryStep::Resolve) => Wish::Move(Move::Resolved),
        InquiryChangeInput::Step(InquiryStep::Reopen) => Wish::Move(Move::Reopened),
    })
}

fn items(input: &ChangeInquiriesInput) -> Result<Vec<(Uuid, i32)>> {
    let item = |item: &super::input::InquiryVersionInput| {
        Ok((inquiry_id(&item.inquiry_id)?, item.expected_version))
    };
    let items: Vec<(Uuid, i32)> = input.items.iter().map(item).collect::<Result<_>>()?;
    let different: HashSet<Uuid> = items.iter().map(|(id, _)| *id).collect();
    if items.is_empty() || items.len() > AT_ONCE || different.len() < items.len() {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "items",
            "应有1到100件咨询，且不重复。",
            "There must be from 1 to 100 inquiries, each once.",
        ));
    }
    Ok(items)
}
