//! How appointments are booked and handled.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::appointment::Status;
use uuid::Uuid;

use super::Appointment;
use super::input::{
    AppointmentOutcome, BookAppointmentInput, CancelAppointmentInput, CheckAppointmentInput,
    MoveAppointmentsInput, RecordAttendanceInput, RescheduleAppointmentInput,
};
use super::move_all::{self, Moved, Moving, Times};
use super::moving::{self, NewTime};
use super::outcome::{self, Outcome};
use super::purpose::Purpose;
use super::rules::{self, NewAppointment};
use crate::db::Once;
use crate::error::Result;
use crate::guide::GuideAnswer;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::payload::{UserError, part};
use crate::request::Request;
use crate::scalar::check_moments;

payload! {
    /// The answer of `bookAppointment`.
    BookAppointmentPayload {
        /// The new appointment.
        appointment: Appointment
    }
}
payload! {
    /// The answer of `rescheduleAppointment`.
    RescheduleAppointmentPayload {
        /// The appointment at its new time.
        appointment: Appointment
    }
}
/// What became of one of the appointments of a window.
#[derive(SimpleObject)]
pub struct MovedAppointment {
    /// The appointment.
    pub appointment_id: ID,
    /// The appointment, at its new time unless it was left where it is; null when the household lives outside the
    /// caller's area by now.
    pub appointment: Option<Appointment>,
    /// Why it was left where it is; empty when it was moved.
    pub user_errors: Vec<UserError>,
}

/// The answer of `moveAppointments`.
#[derive(SimpleObject)]
pub struct MoveAppointmentsPayload {
    /// What became of each appointment, the earliest first; null when the input was refused as a whole.
    pub results: Option<Vec<MovedAppointment>>,
    /// Whether there are more than the 100 that are moved at once: call again with a new key, and with `startsSince`
    /// when some were left where they are.
    pub has_more: bool,
    /// Why it was refused as a whole; empty when it was not.
    pub user_errors: Vec<UserError>,
}

payload! {
    /// The answer of `cancelAppointment`.
    CancelAppointmentPayload {
        /// The appointment, cancelled.
        appointment: Appointment
    }
}
payload! {
    /// The answer of `checkAppointment`.
    CheckAppointmentPayload {
        /// The appointment with what was found.
        appointment: Appointment
    }
}
payload! {
    /// The answer of `recordAttendance`.
    RecordAttendancePayload {
        /// The appointment with what came of it.
        appointment: Appointment
    }
}

/// How appointments are booked and handled.
#[derive(Default)]
pub struct AppointmentMutation;

fn appointment_id(id: &ID) -> Result<Uuid> {
    GlobalId::expect_uuid(id, Kind::Appointment)
}

/// What an appointment is to be for.
pub(super) fn purpose(
    inquiry: Option<&ID>,
    guide_version: Option<&ID>,
    answers: Vec<GuideAnswer>,
) -> Result<Purpose> {
    let id = |id: Option<&ID>, kind| id.map(|id| GlobalId::expect_uuid(id, kind)).transpose();
    Ok(Purpose {
        inquiry_id: id(inquiry, Kind::Inquiry)?,
        guide_version_id: id(guide_version, Kind::GuideVersion)?,
        answers,
    })
}

fn moving(input: &MoveAppointmentsInput) -> Result<Moving> {
    let ends = [input.starts_since, input.starts_before, Some(input.to_since), input.to_before];
    check_moments(&ends)?;
    let window_id = GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?;
    let to = input.to_window_id.as_ref();
    let to = to.map(|id| GlobalId::expect_uuid(id, Kind::ServiceWindow)).transpose()?;
    Ok(Moving {
        window_id,
        times: Times { since: input.starts_since, before: input.starts_before },
        displaced_only: input.displaced_only,
        to_window_id: to.unwrap_or(window_id),
        to_times: Times { since: Some(input.to_since), before: input.to_before },
    })
}

#[Object]
impl AppointmentMutation {
    /// Books an appointment: by a resident for the own household, or by an officer on a household's behalf. A full
    /// slot is refused with TAKEN, one that does not exist or cannot be booked any more or yet with INVALID.
    async fn book_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: BookAppointmentInput,
    ) -> Result<BookAppointmentPayload> {
        let made = async {
            let once = Once::new("bookAppointment", &input.idempotency_key, &input)?;
            check_moments(&[Some(input.starts_at)])?;
            let (inquiry, guide) = (input.inquiry_id.as_ref(), input.guide_version_id.as_ref());
            let new = NewAppointment {
                window_id: GlobalId::expect_uuid(&input.window_id, Kind::ServiceWindow)?,
                starts_at: input.starts_at,
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                purpose: purpose(inquiry, guide, input.guide_answers)?,
            };
            rules::book(Request::of(context)?, new, once).await
        };
        BookAppointmentPayload::of(context, made.await)
    }

    /// Moves an appointment to another time, or to another window of the station. Until it is moved it keeps its
    /// place, whatever goes wrong.
    async fn reschedule_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RescheduleAppointmentInput,
    ) -> Result<RescheduleAppointmentPayload> {
        let made = async {
            let id = appointment_id(&input.appointment_id)?;
            check_moments(&[Some(input.starts_at)])?;
            let window = input.window_id.as_ref();
            let to = NewTime {
                starts_at: input.starts_at,
                window_id: window
                    .map(|id| GlobalId::expect_uuid(id, Kind::ServiceWindow))
                    .transpose()?,
            };
            moving::reschedule(Request::of(context)?, id, input.expected_version, to).await
        };
        RescheduleAppointmentPayload::of(context, made.await)
    }

    /// Moves the appointments of a window, at most 100 at once: when it is closed for a day, say, or no longer offers their
    /// times. The earliest comes first. Each gets a free place on its own day or the next one after it, or else on the
    /// first one, at the time of the day that is nearest to its own; its household is told in the inquiry that it
    /// belongs to. Each is moved, or left where it is, by itself, and has a result of its own.
    async fn move_appointments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: MoveAppointmentsInput,
    ) -> Result<MoveAppointmentsPayload> {
        let made = async {
            let once = Once::new("moveAppointments", &input.idempotency_key, &input)?;
            move_all::move_all(Request::of(context)?, moving(&input)?, once).await
        };
        let (moved, user_errors) = part(context, made.await)?;
        let Some(Moved { each, more: has_more }) = moved else {
            return Ok(MoveAppointmentsPayload { results: None, has_more: false, user_errors });
        };
        let results = each.into_iter().map(|one| {
            let (_, user_errors) =
                part(context, one.left.map_or(Ok(()), |left| Err(left.error())))?;
            let appointment_id = GlobalId::new(Kind::Appointment, one.id).into();
            Ok(MovedAppointment { appointment_id, appointment: one.appointment, user_errors })
        });
        let results = Some(results.collect::<Result<_>>()?);
        Ok(MoveAppointmentsPayload { results, has_more, user_errors })
    }

    /// Calls an appointment off before it begins: by the household or by an officer. Its place is free again.
    async fn cancel_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelAppointmentInput,
    ) -> Result<CancelAppointmentPayload> {
        let made = async {
            let id = appointment_id(&input.appointment_id)?;
            let (version, reason) = (input.expected_version, input.reason.as_deref());
            rules::cancel(Request::of(context)?, id, version, reason).await
        };
        CancelAppointmentPayload::of(context, made.await)
    }

    /// Writes down that an officer has looked at the papers before the appointment (预审), and which are missing.
    async fn check_appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CheckAppointmentInput,
    ) -> Result<CheckAppointmentPayload> {
        let made = async {
            let id = appointment_id(&input.appointment_id)?;
            let (version, missing) = (input.expected_version, &input.missing_papers);
            outcome::check(Request::of(context)?, id, version, missing).await
        };
        CheckAppointmentPayload::of(context, made.await)
    }

    /// Writes down whether the household came, and whether in vain.
    async fn record_attendance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RecordAttendanceInput,
    ) -> Result<RecordAttendancePayload> {
        let made = async {
            let id = appointment_id(&input.appointment_id)?;
            let outcome = Outcome {
                status: match input.outcome {
                    AppointmentOutcome::Attended => Status::Attended,
                    AppointmentOutcome::Missed => Status::Missed,
                    AppointmentOutcome::WastedTrip => Status::WastedTrip,
                },
                wasted_reason: input.wasted_reason.map(Into::into),
                note: input.note,
            };
            outcome::attend(Request::of(context)?, id, input.expected_version, outcome).await
        };
        RecordAttendancePayload::of(context, made.await)
    }
}
