//! The waiting list as the contract shows it.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Appointment;
use super::mutation::purpose;
use super::waiting_rules::{self, NewWaiting};
use crate::db::Once;
use crate::error::Result;
use crate::guide::GuideAnswer;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::Date;

/// How far a household's waiting for a place is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::waiting_place::Status")]
pub enum WaitingPlaceStatus {
    /// 候补中: in line.
    Waiting,
    /// 待确认: a place is offered and held until `offerExpiresAt`: for four hours between 8:00 and 21:00, and no longer
    /// than it can be booked.
    Offered,
    /// 已预约: the offer was accepted.
    Booked,
    /// 已退出: the household waits no longer.
    Left,
    /// 已失效: the offer was not accepted in time, or the last day that suits is over.
    Expired,
}

/// A household waits for a place at a service window (候补). Whoever came first is offered what becomes free.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct WaitingPlace {
    /// Global id.
    pub id: GlobalId,
    /// How far the waiting is.
    pub status: WaitingPlaceStatus,
    /// The first day that suits.
    pub from: Date,
    /// The last day that suits.
    pub until: Date,
    /// When the offered place begins; null while none is or was offered.
    pub offered_starts_at: Option<DateTime<Utc>>,
    /// When the offered place ends; null while none is or was offered.
    pub offered_ends_at: Option<DateTime<Utc>>,
    /// Until when the offer can be accepted; null while none is or was made.
    pub offer_expires_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// Since when the household waits.
    pub joined_at: DateTime<Utc>,
    /// When something last changed.
    pub updated_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) window_id: Uuid,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) inquiry_id: Option<Uuid>,
}

/// The input of `joinWaitingList`.
#[derive(InputObject)]
pub struct JoinWaitingListInput {
    /// Chosen by the caller, new for each waiting: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The window: of the station of the household's township.
    pub window_id: ID,
    /// The household that waits.
    pub household_id: ID,
    /// The inquiry of the household that it is about: what is offered is written there, too.
    pub inquiry_id: Option<ID>,
    /// The first day that suits.
    pub from: Date,
    /// The last day that suits: not past, and not further ahead than the window can be booked.
    pub until: Date,
}

/// The input of `leaveWaitingList`.
#[derive(InputObject)]
pub struct LeaveWaitingListInput {
    /// The place in the line: waiting or offered.
    pub waiting_place_id: ID,
    /// Its `version` that the change is based on.
    pub expected_version: i32,
}

/// The input of `acceptOffer`.
#[derive(InputObject)]
pub struct AcceptOfferInput {
    /// Chosen by the caller, new for each offer: repeating a call with it books no second time.
    pub idempotency_key: String,
    /// The place in the line: offered.
    pub waiting_place_id: ID,
    /// As for `bookAppointment`. That of the waiting when left out.
    pub inquiry_id: Option<ID>,
    /// As for `bookAppointment`.
    pub guide_version_id: Option<ID>,
    /// As for `bookAppointment`.
    #[graphql(default)]
    pub guide_answers: Vec<GuideAnswer>,
}

payload! {
    /// The answer of `joinWaitingList`.
    JoinWaitingListPayload {
        /// The place in the line.
        waiting_place: WaitingPlace
    }
}
payload! {
    /// The answer of `leaveWaitingList`.
    LeaveWaitingListPayload {
        /// The place in the line, left.
        waiting_place: WaitingPlace
    }
}
payload! {
    /// The answer of `acceptOffer`.
    AcceptOfferPayload {
        /// The new appointment.
        appointment: Appointment
    }
}

/// How households wait for a place.
#[derive(Default)]
pub struct WaitingMutation;

fn optional_inquiry(id: Option<&ID>) -> Result<Option<Uuid>> {
    id.map(|id| GlobalId::expect_uuid(id, Kind::Inquiry)).transpose()
}

fn waiting_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::WaitingPlace)
}

#[Object]
impl WaitingMutation {
    /// Waits for a place at a window on one of several days. Refused with WRONG_STATE while a place is free: book it.
    async fn join_waiting_list(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: JoinWaitingListInput,
    ) -> Result<JoinWaitingListPayload> {
        let made = async {
            let once = Once::new("joinWaitingList", &input.idempotency_key, &input)?;
            let new = NewWaiting {
                window_id: GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?,
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                inquiry_id: optional_inquiry(input.inquiry_id.as_ref())?,
                from: input.from.0,
                until: input.until.0,
            };
            waiting_rules::join(Request::of(context)?, new, once).await
        };
        JoinWaitingListPayload::of(context, made.await)
    }

    /// Waits no longer, or declines an offer: the next one in line is offered the place.
    async fn leave_waiting_list(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: LeaveWaitingListInput,
    ) -> Result<LeaveWaitingListPayload> {
        let made = async {
            let id = waiting_id(&input.waiting_place_id)?;
            waiting_rules::leave(Request::of(context)?, id, input.expected_version).await
        };
        LeaveWaitingListPayload::of(context, made.await)
    }

    /// Books the place that is offered.
    async fn accept_offer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: AcceptOfferInput,
    ) -> Result<AcceptOfferPayload> {
        let made = async {
            let once = Once::new("acceptOffer", &input.idempotency_key, &input)?;
            let id = waiting_id(&input.waiting_place_id)?;
            let (inquiry, guide) = (input.inquiry_id.as_ref(), input.guide_version_id.as_ref());
            let purpose = purpose(inquiry, guide, input.guide_answers)?;
            waiting_rules::accept(Request::of(context)?, id, purpose, once).await
        };
        AcceptOfferPayload::of(context, made.await)
    }
}
