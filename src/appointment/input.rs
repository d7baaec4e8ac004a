//! What the mutations on appointments take.

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};

use super::WastedTripReason;
use crate::guide::GuideAnswer;

/// The input of `bookAppointment`.
#[derive(InputObject)]
pub struct BookAppointmentInput {
    /// Chosen by the caller, new for each appointment: repeating a call with it books no second one.
    pub idempotency_key: String,
    /// The window: of the station of the household's township.
    pub window_id: ID,
    /// When it begins: the `startsAt` of one of `availableSlots`.
    pub starts_at: DateTime<Utc>,
    /// The household that comes.
    pub household_id: ID,
    /// The inquiry of the household that it belongs to. Reminders are written into it.
    pub inquiry_id: Option<ID>,
    /// The version of the guide that says what to bring; it must be in force.
    pub guide_version_id: Option<ID>,
    /// What was answered to the guide's questions, to the end: the checklist that it leads to is kept.
    #[graphql(default)]
    pub guide_answers: Vec<GuideAnswer>,
}

/// The input of `rescheduleAppointment`.
#[derive(InputObject)]
pub struct RescheduleAppointmentInput {
    /// The appointment: booked, and not begun.
    pub appointment_id: ID,
    /// The appointment's `version` that the change is based on.
    pub expected_version: i32,
    /// When it is to begin: the `startsAt` of one of `availableSlots`.
    pub starts_at: DateTime<Utc>,
    /// The window, when it is to be another one.
    pub window_id: Option<ID>,
}

/// The input of `moveAppointments`.
#[derive(InputObject)]
pub struct MoveAppointmentsInput {
    /// Chosen by the caller, new for each call: repeating one with it moves nothing again, and gives the same results.
    pub idempotency_key: String,
    /// The window whose appointments are to be moved.
    pub window_id: ID,
    /// Only those that begin at this moment or later; all that are ahead when left out.
    pub starts_since: Option<DateTime<Utc>>,
    /// Only those that begin before this moment.
    pub starts_before: Option<DateTime<Utc>>,
    /// Only those that are `displaced`: whose time the window no longer offers.
    #[graphql(default)]
    pub displaced_only: bool,
    /// The window that they are moved to; the same one when left out.
    pub to_window_id: Option<ID>,
    /// They are moved to slots that begin at this moment or later. At the same window, and unless only the displaced
    /// ones are moved, these are other times than those that they leave.
    pub to_since: DateTime<Utc>,
    /// And before this moment; up to the last day that can be booked when left out.
    pub to_before: Option<DateTime<Utc>>,
}

/// The input of `cancelAppointment`.
#[derive(InputObject)]
pub struct CancelAppointmentInput {
    /// The appointment: booked, and not begun.
    pub appointment_id: ID,
    /// The appointment's `version` that the change is based on.
    pub expected_version: i32,
    /// Why: at most 500 characters. Household and officers see it.
    pub reason: Option<String>,
}

/// The input of `checkAppointment`.
#[derive(InputObject)]
pub struct CheckAppointmentInput {
    /// The appointment: booked.
    pub appointment_id: ID,
    /// The appointment's `version` that the change is based on.
    pub expected_version: i32,
    /// The papers that are missing: at most 20, each of at most 60 characters. Without any, everything is there.
    pub missing_papers: Vec<String>,
}

/// What came of an appointment.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppointmentOutcome {
    /// 已办理: the household came and was served.
    Attended,
    /// 未到: nobody came. Not before the appointment has begun.
    Missed,
    /// 白跑一趟: the household came in vain.
    WastedTrip,
}

/// The input of `recordAttendance`.
#[derive(InputObject)]
pub struct RecordAttendanceInput {
    /// The appointment: not cancelled, and not before its day.
    pub appointment_id: ID,
    /// The appointment's `version` that the change is based on.
    pub expected_version: i32,
    /// What came of it. Recorded again, it takes the place of what was recorded before.
    pub outcome: AppointmentOutcome,
    /// Why the household came in vain: with WASTED_TRIP, and only then.
    pub wasted_reason: Option<WastedTripReason>,
    /// What is worth knowing: at most 500 characters. The household sees it too.
    pub note: Option<String>,
}
