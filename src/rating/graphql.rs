//! Ratings as the contract shows them, and how they are given.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// What a household thinks of how its inquiry was handled (评价).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Rating {
    /// Global id.
    pub id: GlobalId,
    /// How content the household is: from 1 (很不满意) to 5 (很满意).
    pub score: i32,
    /// What it says about it; null when nothing, or when who wrote it has left.
    pub text: Option<String>,
    /// When it was first given.
    pub rated_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) inquiry_id: Uuid,
}

/// The input of `rateInquiry`.
#[derive(InputObject)]
pub struct RateInquiryInput {
    /// The inquiry: resolved, and of the caller's own household.
    pub inquiry_id: ID,
    /// How content the household is: from 1 (很不满意) to 5 (很满意).
    pub score: i32,
    /// What else there is to say: at most 500 characters.
    pub text: Option<String>,
}

payload! {
    /// The answer of `rateInquiry`.
    RateInquiryPayload {
        /// The rating.
        rating: Rating
    }
}

/// How ratings are given.
#[derive(Default)]
pub struct RatingMutation;

#[Object]
impl RatingMutation {
    /// Says how content the household is with how a resolved inquiry was handled. An inquiry has one rating: doing
    /// it again within 7 days of the first time changes it, and later is refused.
    async fn rate_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RateInquiryInput,
    ) -> Result<RateInquiryPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.inquiry_id, Kind::Inquiry)?;
            let request = Request::of(context)?;
            rules::rate(request, id, input.score, input.text.as_deref()).await
        };
        RateInquiryPayload::of(context, made.await)
    }
}
