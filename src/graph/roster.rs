//! What shifts and the answers of the roster lead to.

use async_graphql::{ComplexObject, Context};

use crate::division::{Station, Village};
use crate::error::Result;
use crate::officer::{Leave, Officer, Posting};
use crate::page::lists;
use crate::record::{self, Related};
use crate::roster::{Duty, DutyReason, DutySpan, Shift, ShiftSwap};
use crate::walk::Walked;

lists! {
    #[ComplexObject]
    impl Shift {
        /// The days on which another officer does it, or was to: latest day first.
        swaps: ShiftSwap => below("shift_swap", "shift_id");
        ---
        /// The station.
        async fn station(&self, context: &Context<'_>) -> Result<Walked<Station>> {
            record::parent(context, self.station_id).await
        }

        /// The village that it is for; null for the whole station.
        async fn village(&self, context: &Context<'_>) -> Related<Village> {
            record::related(context, self.village_code.as_deref()).await
        }

        /// Who does it.
        async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
            record::parent(context, self.officer_id).await
        }
    }
}

#[ComplexObject]
impl ShiftSwap {
    /// The shift.
    async fn shift(&self, context: &Context<'_>) -> Result<Walked<Shift>> {
        record::parent(context, self.shift_id).await
    }

    /// Who does it on that day.
    async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.officer_id).await
    }
}

#[ComplexObject]
impl Duty {
    /// Who is on duty.
    async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.officer_id).await
    }
}

#[ComplexObject]
impl DutySpan {
    /// Who is on duty; null when nobody is on a shift (无人值班).
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }
}

#[ComplexObject]
impl DutyReason {
    /// To whom the step led, or who was passed over.
    async fn officer(&self, context: &Context<'_>) -> Result<Walked<Officer>> {
        record::parent(context, self.officer_id).await
    }

    /// The shift, for shifts and swaps; null for roles that see no shifts.
    async fn shift(&self, context: &Context<'_>) -> Related<Shift> {
        record::related(context, self.shift_id).await
    }

    /// The swap; null for other steps, and for roles that see no shifts.
    async fn swap(&self, context: &Context<'_>) -> Related<ShiftSwap> {
        record::related(context, self.swap_id).await
    }

    /// The leave; null for other steps, and for roles that do not see it.
    async fn leave(&self, context: &Context<'_>) -> Related<Leave> {
        record::related(context, self.leave_id).await
    }

    /// The posting; null for other steps.
    async fn posting(&self, context: &Context<'_>) -> Related<Posting> {
        record::related(context, self.posting_id).await
    }
}
