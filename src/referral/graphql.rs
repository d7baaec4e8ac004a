//! Referrals as the contract shows them, and how they are made and closed.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules::{self, NewReferral};
use crate::access::Act;
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::payload;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::{Date, DivisionCode};

/// To whom an inquiry is referred.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::referral::Office")]
pub enum ReferralOffice {
    /// 人民调解委员会: the people's mediation committee.
    MediationCommittee,
    /// 司法所: the township's justice office.
    JusticeOffice,
    /// 村（居）委会: the village committee.
    VillageCommittee,
    /// 12345热线: the government's hotline.
    #[graphql(name = "COUNTY_HOTLINE_12345")]
    CountyHotline12345,
    /// 人民法院: the court.
    Court,
    /// 其他公安部门: another unit of the police.
    OtherPoliceUnit,
    /// 其他单位: somebody else; the note says who.
    Other,
}

/// What came of a referral.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::referral::Outcome")]
pub enum ReferralOutcome {
    /// 达成协议: it is settled.
    Agreed,
    /// 部分达成: a part of it is settled.
    Partly,
    /// 未达成: it is not settled.
    Failed,
    /// 撤回: it was taken back.
    Withdrawn,
}

/// That somebody else is asked to settle an inquiry (转办).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Referral {
    /// Global id.
    pub id: GlobalId,
    /// To whom.
    pub referred_to: ReferralOffice,
    /// What that one should know; null for residents and for roles that may not see it.
    pub note: Option<String>,
    /// When it was referred.
    pub referred_at: DateTime<Utc>,
    /// The day on which to ask how it went (回访).
    pub follow_up_on: Date,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// What came of it; null while it is open.
    pub outcome: Option<ReferralOutcome>,
    /// What is to be said of that; null for residents and for roles that may not see it.
    pub outcome_note: Option<String>,
    /// When it was closed; null while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) inquiry_id: Uuid,
    #[graphql(skip)]
    pub(crate) referred_by: Uuid,
    #[graphql(skip)]
    pub(crate) closed_by: Option<Uuid>,
}

/// Which referrals a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReferralFilter {
    /// Of inquiries in this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// Those that are open (true), or closed (false).
    pub open: Option<bool>,
    /// To one of these.
    pub referred_to: Option<Vec<ReferralOffice>>,
    /// To be followed up on this day or earlier: give today, with `open`, for those that are due.
    pub follow_up_until: Option<Date>,
}

impl Filter for ReferralFilter {
    fn checked(self) -> Result<Self> {
        self.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
        Ok(self)
    }
}

/// In which order referrals come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReferralOrder {
    /// To be followed up first first.
    #[default]
    FollowUpAsc,
    /// Referred last first.
    ReferredAtDesc,
}

/// The input of `referInquiry`.
#[derive(InputObject)]
pub struct ReferInquiryInput {
    /// Chosen by the caller, new for each referral: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The inquiry, which is not resolved.
    pub inquiry_id: ID,
    /// To whom.
    pub referred_to: ReferralOffice,
    /// What that one should know: at most 1,000 characters.
    pub note: Option<String>,
    /// The day on which to ask how it went: from today, within a year. When left out, as many days from today as such
    /// an inquiry is to be resolved in; of disputes 1, 7 or 20, by priority, unless the county decided otherwise.
    pub follow_up_on: Option<Date>,
}

/// The input of `closeReferral`.
#[derive(InputObject)]
pub struct CloseReferralInput {
    /// The referral.
    pub referral_id: ID,
    /// The referral's `version` that the change is based on.
    pub expected_version: i32,
    /// What came of it.
    pub outcome: ReferralOutcome,
    /// What is to be said of that: at most 1,000 characters.
    pub note: Option<String>,
}

payload! {
    /// The answer of `referInquiry`.
    ReferInquiryPayload {
        /// The new referral.
        referral: Referral
    }
}
payload! {
    /// The answer of `closeReferral`.
    CloseReferralPayload {
        /// The referral, closed.
        referral: Referral
    }
}

/// How referrals are looked up.
#[derive(Default)]
pub struct ReferralQuery;

lists! {
    #[Object]
    impl ReferralQuery {
        /// Referrals of inquiries that the caller sees.
        referrals: Referral, filter ReferralFilter, order ReferralOrder => all(Act::ReadReferral);
        ---
    }
}

/// How inquiries are referred.
#[derive(Default)]
pub struct ReferralMutation;

#[Object]
impl ReferralMutation {
    /// Asks somebody else to settle an inquiry (转办), and notes when to ask how it went.
    async fn refer_inquiry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ReferInquiryInput,
    ) -> Result<ReferInquiryPayload> {
        let made = async {
            let once = Once::new("referInquiry", &input.idempotency_key, &input)?;
            let new = NewReferral {
                inquiry_id: GlobalId::expect_uuid(&input.inquiry_id, Kind::Inquiry)?,
                referred_to: input.referred_to,
                note: input.note,
                follow_up_on: input.follow_up_on.map(|day| day.0),
            };
            rules::refer(Request::of(context)?, new, once).await
        };
        ReferInquiryPayload::of(context, made.await)
    }

    /// Writes down what came of a referral. The inquiry remains as it is.
    async fn close_referral(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CloseReferralInput,
    ) -> Result<CloseReferralPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.referral_id, Kind::Referral)?;
            let (version, outcome) = (input.expected_version, input.outcome);
            rules::close(Request::of(context)?, id, version, outcome, input.note.as_deref()).await
        };
        CloseReferralPayload::of(context, made.await)
    }
}
