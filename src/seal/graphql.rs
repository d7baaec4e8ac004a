//! Readers of sealed inquiries as the contract shows them, and how they are named.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::inquiry::Inquiry;
use crate::payload;
use crate::request::Request;

/// Why an officer sees a sealed inquiry.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::inquiry_reader::Reason")]
pub enum InquiryReaderReason {
    /// 值班: was on duty when it came.
    OnDuty,
    /// 经办: wrote in it, changed it, or has taken it on.
    Handles,
    /// 指定: was named by the chief or the county office.
    Named,
}

/// An officer who is named to see a sealed inquiry.
#[derive(SimpleObject, Clone, Copy, Debug)]
#[graphql(complex)]
pub struct InquiryReader {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reason: InquiryReaderReason,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) named_by: Option<Uuid>,
}

/// The input of `nameInquiryReader`.
#[derive(InputObject)]
pub struct NameInquiryReaderInput {
    /// The inquiry, which is sealed.
    pub inquiry_id: ID,
    /// The officer who is to see it: one in whose area it lies, and whom it does not concern.
    pub officer_id: ID,
}

/// The input of `removeInquiryReader`.
#[derive(InputObject)]
pub struct RemoveInquiryReaderInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The officer who is to see it no longer.
    pub officer_id: ID,
}

/// The input of `excludeOfficer`.
#[derive(InputObject)]
pub struct ExcludeOfficerInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The officer whom it concerns. One may exclude oneself.
    pub officer_id: ID,
}

payload! {
    /// The answer of `nameInquiryReader`.
    NameInquiryReaderPayload {
        /// The inquiry.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `removeInquiryReader`.
    RemoveInquiryReaderPayload {
        /// The inquiry.
        inquiry: Inquiry
    }
}
payload! {
    /// The answer of `excludeOfficer`.
    ExcludeOfficerPayload {
        /// The inquiry after the change.
        inquiry: Inquiry
    }
}

/// How it is decided who sees sealed inquiries.
#[derive(Default)]
pub struct SealMutation;

/// The keys of an inquiry and of an officer.
fn both(inquiry: &ID, officer: &ID) -> Result<(Uuid, Uuid)> {
    let inquiry = GlobalId::expect_uuid(inquiry, Kind::Inquiry)?;
    Ok((inquiry, GlobalId::expect_uuid(officer, Kind::Officer)?))
}

#[Object]
impl SealMutation {
    /// Lets an officer see a sealed inquiry (指定查看人). Naming somebody twice changes nothing.
    async fn name_inquiry_reader(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: NameInquiryReaderInput,
    ) -> Result<NameInquiryReaderPayload> {
        let made = async {
            let (inquiry, officer) = both(&input.inquiry_id, &input.officer_id)?;
            rules::name(Request::of(context)?, inquiry, officer).await
        };
        NameInquiryReaderPayload::of(context, made.await)
    }

    /// Lets a named officer see a sealed inquiry no longer, and gives it back to the desk when that officer has it.
    async fn remove_inquiry_reader(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RemoveInquiryReaderInput,
    ) -> Result<RemoveInquiryReaderPayload> {
        let made = async {
            let (inquiry, officer) = both(&input.inquiry_id, &input.officer_id)?;
            rules::remove(Request::of(context)?, inquiry, officer).await
        };
        RemoveInquiryReaderPayload::of(context, made.await)
    }

    /// Keeps an officer out whom an inquiry concerns (回避): it is sealed, and that officer does not find it any more,
    /// of whatever rank. Where that leaves no chief, the county office sees it. It cannot be undone.
    async fn exclude_officer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ExcludeOfficerInput,
    ) -> Result<ExcludeOfficerPayload> {
        let made = async {
            let (inquiry, officer) = both(&input.inquiry_id, &input.officer_id)?;
            rules::exclude(Request::of(context)?, inquiry, officer).await
        };
        ExcludeOfficerPayload::of(context, made.await)
    }
}
