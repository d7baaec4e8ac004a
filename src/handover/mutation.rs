//! How villages are handed over.

use async_graphql::{Context, Object};

use super::input::{
    CancelHandoverInput, ConfirmHandoverItemInput, HandOverInput, RecordTransferInput,
};
use super::rules::{self, NewHandover};
use super::transfers;
use super::{Handover, HandoverTransfer};
use crate::access::Act;
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::{Level, check_moments};

payload! {
    /// The answer of `handOver`.
    HandOverPayload {
        /// The new hand-over.
        handover: Handover
    }
}
payload! {
    /// The answer of `cancelHandover`.
    CancelHandoverPayload {
        /// The hand-over, cancelled.
        handover: Handover
    }
}
payload! {
    /// The answer of `confirmHandoverItem`.
    ConfirmHandoverItemPayload {
        /// The hand-over after the change.
        handover: Handover
    }
}
payload! {
    /// The answer of `recordTransfer`.
    RecordTransferPayload {
        /// The transfer after the change.
        transfer: HandoverTransfer
    }
}

/// How villages are handed over.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Hands villages over: the receiver looks after them from now on, in the giver's standing, and the
    /// giver until the overlap ends. The giver's open inquiries there are assigned to the receiver at
    /// once. A village that is being handed over by the giver already is refused with WRONG_STATE.
    async fn hand_over(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: HandOverInput,
    ) -> Result<HandOverPayload> {
        let made = async {
            let once = Once::new("handOver", &input.idempotency_key, &input)?;
            check_moments(&[input.overlap_until])?;
            let codes = input.village_codes.iter().map(|code| code.expect(Level::Village));
            let new = NewHandover {
                from_id: GlobalId::expect_uuid(&input.from_officer_id, Kind::Officer)?,
                to_id: GlobalId::expect_uuid(&input.to_officer_id, Kind::Officer)?,
                villages: codes.map(|code| code.map(str::to_owned)).collect::<Result<_>>()?,
                overlap_until: input.overlap_until,
                note: input.note,
            };
            rules::hand_over(Request::of(context)?, new, once).await
        };
        HandOverPayload::of(context, made.await)
    }

    /// Undoes an open hand-over before its overlap ends: the receiver's postings from it end now, the giver's go on as before,
    /// and inquiries that went along and are still open and the receiver's go back.
    async fn cancel_handover(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelHandoverInput,
    ) -> Result<CancelHandoverPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.handover_id, Kind::Handover)?;
            rules::cancel(Request::of(context)?, id, input.expected_version).await
        };
        CancelHandoverPayload::of(context, made.await)
    }

    /// Confirms an entry of the checklist for the caller's side. When both sides have confirmed every
    /// entry, the hand-over is CONFIRMED.
    async fn confirm_handover_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ConfirmHandoverItemInput,
    ) -> Result<ConfirmHandoverItemPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.handover_id, Kind::Handover)?;
            let (item, version) = (input.item.into(), input.expected_version);
            rules::confirm(Request::of(context)?, id, version, item).await
        };
        ConfirmHandoverItemPayload::of(context, made.await)
    }

    /// Writes down by hand how a household's transfer to the new officer's WeChat account goes on.
    async fn record_transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RecordTransferInput,
    ) -> Result<RecordTransferPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.transfer_id, Kind::HandoverTransfer)?;
            let request = Request::of(context)?;
            let now = request.service().clock.now();
            let mut tx = request.begin(Act::RecordTransfer).await?;
            let (to, version) = (input.state.into(), input.expected_version);
            let transfer = transfers::advance(&mut tx, id, version, to, now).await?;
            tx.commit().await?;
            Ok(transfer)
        };
        RecordTransferPayload::of(context, made.await)
    }
}
