//! How the roster is planned.

use async_graphql::{Context, Object};

use super::input::{CancelSwapInput, EndShiftInput, PlanShiftInput, SwapShiftInput};
use super::rules::{self, NewShift, NewSwap};
use super::{Shift, ShiftSwap};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::request::Request;
use crate::scalar::Level;

payload! {
    /// The answer of `planShift`.
    PlanShiftPayload {
        /// The new shift.
        shift: Shift
    }
}
payload! {
    /// The answer of `endShift`.
    EndShiftPayload {
        /// The shift with its end.
        shift: Shift
    }
}
payload! {
    /// The answer of `swapShift`.
    SwapShiftPayload {
        /// The new swap.
        shift_swap: ShiftSwap
    }
}
payload! {
    /// The answer of `cancelSwap`.
    CancelSwapPayload {
        /// The swap, which does not count any more.
        shift_swap: ShiftSwap
    }
}

/// How the roster is planned.
#[derive(Default)]
pub struct RosterMutation;

#[Object]
impl RosterMutation {
    /// Plans a shift (排班). Several on one day make a split one.
    async fn plan_shift(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PlanShiftInput,
    ) -> Result<PlanShiftPayload> {
        let made = async {
            let once = Once::new("planShift", &input.idempotency_key, &input)?;
            let village = input.village_code.as_ref().map(|code| code.expect(Level::Village));
            let new = NewShift {
                station_id: GlobalId::expect_uuid(&input.station_id, Kind::Station)?,
                village_code: village.transpose()?.map(str::to_owned),
                officer_id: GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?,
                valid_from: input.valid_from.0,
                valid_until: input.valid_until.map(|day| day.0),
                weekdays: input.weekdays,
                every_days: input.every_days,
                day_kind: input.day_kind,
                start_minute: input.start_minute,
                length_minutes: input.length_minutes,
            };
            rules::plan(Request::of(context)?, new, once).await
        };
        PlanShiftPayload::of(context, made.await)
    }

    /// Ends a shift. What has begun by then goes on to its end; one that has not begun never will.
    async fn end_shift(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: EndShiftInput,
    ) -> Result<EndShiftPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.shift_id, Kind::Shift)?;
            let until = input.valid_until.map(|day| day.0);
            rules::end(Request::of(context)?, id, input.expected_version, until).await
        };
        EndShiftPayload::of(context, made.await)
    }

    /// Gives a shift to another officer for one day (调班). Refused with WRONG_STATE when the shift does not begin on
    /// that day, and with TAKEN while another swap of that day stands.
    async fn swap_shift(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: SwapShiftInput,
    ) -> Result<SwapShiftPayload> {
        let made = async {
            let once = Once::new("swapShift", &input.idempotency_key, &input)?;
            let new = NewSwap {
                shift_id: GlobalId::expect_uuid(&input.shift_id, Kind::Shift)?,
                day: input.day.0,
                officer_id: GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?,
            };
            rules::swap(Request::of(context)?, new, once).await
        };
        SwapShiftPayload::of(context, made.await)
    }

    /// Cancels a swap whose day has not passed: the shift is its own officer's again.
    async fn cancel_swap(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelSwapInput,
    ) -> Result<CancelSwapPayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.shift_swap_id, Kind::ShiftSwap)?;
            rules::cancel_swap(Request::of(context)?, id, input.expected_version).await
        };
        CancelSwapPayload::of(context, made.await)
    }
}
