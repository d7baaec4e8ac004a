//! How residents ask for corrections, and how officers answer.

use async_graphql::{Context, ID, InputObject, Object};

use super::rules::{self, Answer, NewRequest};
use super::{CorrectableValue, CorrectionRequest};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;

/// The input of `requestCorrection`.
#[derive(InputObject)]
pub struct RequestCorrectionInput {
    /// Chosen by the caller, new for each request: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The household of which, or of whose contact, something is wrong.
    pub household_id: ID,
    /// Which value is wrong.
    pub value: CorrectableValue,
    /// What is kept now: at most 200 characters.
    pub wrong: Option<String>,
    /// What is right: at most 200 characters.
    pub right: String,
}

/// The input of `answerCorrectionRequest`.
#[derive(InputObject)]
pub struct AnswerCorrectionRequestInput {
    /// The request.
    pub correction_request_id: ID,
    /// Whether the value was corrected (true) or is not going to be (false).
    pub corrected: bool,
    /// Why it is not going to be: at most 200 characters. Needed then, and only then.
    pub reason: Option<String>,
}

payload! {
    /// The answer of `requestCorrection`.
    RequestCorrectionPayload {
        /// The request, with its receipt.
        correction_request: CorrectionRequest
    }
}
payload! {
    /// The answer of `answerCorrectionRequest`.
    AnswerCorrectionRequestPayload {
        /// The request after the change.
        correction_request: CorrectionRequest
    }
}

/// How residents ask for corrections, and how officers answer.
#[derive(Default)]
pub struct PrivacyMutation;

#[Object]
impl PrivacyMutation {
    /// Asks the desk to correct what is kept (更正申请, 个人信息保护法第四十六条). The answer carries a receipt. To
    /// have everything erased, use `withdrawConsent`.
    async fn request_correction(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RequestCorrectionInput,
    ) -> Result<RequestCorrectionPayload> {
        let made = async {
            let once = Once::new("requestCorrection", &input.idempotency_key, &input)?;
            let new = NewRequest {
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                value: input.value,
                wrong: input.wrong,
                right: input.right,
            };
            rules::request(Request::of(context)?, new, once).await
        };
        RequestCorrectionPayload::of(context, made.await)
    }

    /// Answers a request for correction. It changes nothing else: correct the value first, with `updateContact` or
    /// `updateHousehold`.
    async fn answer_correction_request(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: AnswerCorrectionRequestInput,
    ) -> Result<AnswerCorrectionRequestPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.correction_request_id, Kind::CorrectionRequest)?;
            let answer = Answer { corrected: input.corrected, reason: input.reason };
            rules::answer(Request::of(context)?, id, answer).await
        };
        AnswerCorrectionRequestPayload::of(context, made.await)
    }
}
