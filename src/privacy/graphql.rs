//! Requests for correction as the contract shows them, and what is kept.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::kept::{KeptItem, kept};
use crate::access::Act;
use crate::error::Result;
use crate::id::GlobalId;
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::DivisionCode;

/// Which value is kept wrongly.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::correction_request::Value")]
pub enum CorrectableValue {
    /// 姓名: the contact's name.
    Name,
    /// 电话: the contact's phone number.
    Phone,
    /// 住址: where the household is.
    Address,
    /// 户名: how officers call the household.
    Label,
    /// 人数: how many people live there.
    PeopleCount,
    /// 状态: how far the household is with us.
    Status,
    /// 其他: something else; the texts say what.
    Other,
}

/// What became of a request for correction.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::correction_request::State")]
pub enum CorrectionState {
    /// 待处理: nobody has answered yet.
    Open,
    /// 已更正: it was corrected.
    Done,
    /// 不予更正: it was not, and `reason` says why.
    Refused,
}

/// A resident says that something is kept wrongly (更正申请).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CorrectionRequest {
    /// Global id.
    pub id: GlobalId,
    /// The number of its receipt (回执号), by which it can be asked for at the station.
    pub receipt: String,
    /// Which value is wrong.
    pub value: CorrectableValue,
    /// What is kept, as the resident has it; null when nothing was said, or when the resident has left.
    pub wrong: Option<String>,
    /// What is right; null when the resident has left.
    pub right: Option<String>,
    /// What became of it.
    pub state: CorrectionState,
    /// When it was made.
    pub requested_at: DateTime<Utc>,
    /// When it was answered; null before.
    pub answered_at: Option<DateTime<Utc>>,
    /// Why it was refused; null when it was not.
    pub reason: Option<String>,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) contact_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) answerer_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) village_code: String,
    #[graphql(skip)]
    pub(crate) township_code: String,
}

/// Which requests for correction a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CorrectionRequestFilter {
    /// Of households in this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// In one of these states.
    pub states: Option<Vec<CorrectionState>>,
    /// With this receipt.
    pub receipt: Option<String>,
}

impl Filter for CorrectionRequestFilter {
    fn checked(self) -> Result<Self> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        let receipt = self.receipt.map(|receipt| receipt.trim().to_uppercase());
        Ok(Self { receipt, ..self })
    }
}

/// In which order requests for correction come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CorrectionRequestOrder {
    /// Made last first.
    #[default]
    RequestedAtDesc,
    /// Made first first: who has waited longest.
    RequestedAtAsc,
}

/// What residents are owed.
#[derive(Default)]
pub struct PrivacyQuery;

lists! {
    #[Object]
    impl PrivacyQuery {
        /// Requests for correction: a resident's own households', an officer's area's.
        correction_requests: CorrectionRequest, filter CorrectionRequestFilter, order CorrectionRequestOrder
            => all(Act::ReadCorrection);
        ---
        /// What may be kept about a resident who is signed in, what for, on which legal basis and for how long
        /// (个人信息保护法第十七条). For the values themselves follow `readAt`.
        async fn kept_about_me(&self, context: &Context<'_>) -> Result<Vec<KeptItem>> {
            let request = Request::of(context)?;
            request.reader(Act::ReadKept)?;
            Ok(kept(request.language()))
        }
    }
}
