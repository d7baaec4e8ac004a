//! What the mutations on the roster take.

use async_graphql::{ID, InputObject};

use super::ShiftDayKind;
use crate::scalar::{Date, DivisionCode, Weekday};

/// The input of `planShift`.
#[derive(InputObject)]
pub struct PlanShiftInput {
    /// Chosen by the caller, new for each shift: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The station.
    pub station_id: ID,
    /// The village that it is for; for the whole station when left out.
    pub village_code: Option<DivisionCode>,
    /// Who does it: an active officer, or the chief, of the station.
    pub officer_id: ID,
    /// The first day, today or later.
    pub valid_from: Date,
    /// The first day on which it no longer is; without end when left out.
    pub valid_until: Option<Date>,
    /// The weekdays on which it begins. Either this or `everyDays`.
    pub weekdays: Option<Vec<Weekday>>,
    /// It begins every so many days, counted from `validFrom`: 1 to 31. Either this or `weekdays`.
    pub every_days: Option<i32>,
    /// On which of these days.
    #[graphql(default)]
    pub day_kind: ShiftDayKind,
    /// When it begins, in minutes after midnight in China: 0 to 1439.
    pub start_minute: i32,
    /// How long it is: 1 to 1440 minutes.
    pub length_minutes: i32,
}

/// The input of `endShift`.
#[derive(InputObject)]
pub struct EndShiftInput {
    /// The shift.
    pub shift_id: ID,
    /// The shift's `version` that the change is based on.
    pub expected_version: i32,
    /// The first day on which it no longer begins, today or later; today when left out.
    pub valid_until: Option<Date>,
}

/// The input of `swapShift`.
#[derive(InputObject)]
pub struct SwapShiftInput {
    /// Chosen by the caller, new for each swap: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// The shift.
    pub shift_id: ID,
    /// The day on which it begins, today or later.
    pub day: Date,
    /// Who does it on that day: another active officer, or the chief, of the station.
    pub officer_id: ID,
}

/// The input of `cancelSwap`.
#[derive(InputObject)]
pub struct CancelSwapInput {
    /// The swap.
    pub shift_swap_id: ID,
    /// The swap's `version` that the change is based on.
    pub expected_version: i32,
}
