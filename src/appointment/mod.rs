//! Appointments (预约): a household comes to a service window of its station at a time. A window's hours are cut into
//! slots of so many places; a place is a row of a table of its own, and the database lets nobody take it twice.
//! Reminders go out before, never after, and who waits is offered what becomes free. What has to be brought, the
//! guide says; this slice knows only which of its checklists it is.

mod besides;
mod displace;
pub mod graphql;
pub mod input;
mod line;
mod move_all;
mod moving;
pub mod mutation;
mod numbers;
mod outcome;
mod purpose;
mod reminder;
mod rules;
mod schedule;
mod slots;
mod store;
pub mod waiting;
mod waiting_rules;
pub mod window;
pub mod window_mutation;
mod window_rules;

pub use graphql::{
    Appointment, AppointmentFilter, AppointmentOrder, AppointmentQuery, AppointmentReadiness,
    AppointmentStatus, WastedTripReason,
};
pub use line::give_up;
pub use mutation::AppointmentMutation;
pub use numbers::AppointmentOutcomesQuery;
pub use reminder::next as next_reminder;
pub use store::place_of;
pub use waiting::{WaitingMutation, WaitingPlace, WaitingPlaceStatus};
pub use window::{
    AvailableSlot, OpeningHours, ServiceWindow, ServiceWindowFilter, ServiceWindowQuery,
    WindowClosure, WindowOpening,
};
pub use window_mutation::ServiceWindowMutation;

use crate::error::Result;
use crate::service::Service;

/// Sends the reminders that are due, ends what has waited too long, and tells those to whom places are offered.
pub async fn work(service: &Service) -> Result<()> {
    let sent = reminder::send(service).await;
    let passed_on = line::expire(service).await;
    reminder::tell_offers(service).await.and(passed_on).and(sent)
}

/// How the database looks for what is due: by an index each, or as much as is not due would be read each time.
pub async fn plans(service: &Service) -> Result<Vec<String>> {
    let (tx, now) = (service.keep().await?, service.clock.now());
    let mut plans = store::plans_of_waiting(&tx, now).await?;
    plans.push(store::plan_of_reminders(&tx, now).await?);
    // What was found was locked.
    tx.commit().await?;
    Ok(plans)
}
