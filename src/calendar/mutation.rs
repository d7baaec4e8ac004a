//! How the working calendar is kept.

use async_graphql::{Context, Object};

use super::Calendar;
use super::graphql::CalendarImport;
use super::input::{ImportCalendarInput, UpdateWorkingHoursInput};
use super::rules;
use crate::error::Result;
use crate::payload;
use crate::request::Request;

payload! {
    /// The answer of `importCalendar`.
    ImportCalendarPayload {
        /// What became of the file.
        calendar_import: CalendarImport
    }
}
payload! {
    /// The answer of `updateWorkingHours`.
    UpdateWorkingHoursPayload {
        /// The calendar after the change, with all its days.
        calendar: Calendar
    }
}

/// How the working calendar is kept.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Takes the holidays and the days worked in exchange from a file. The file says all there is to say from its
    /// first to its last day: a day between them that it does not name is a usual one. Other days stay.
    async fn import_calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: ImportCalendarInput,
    ) -> Result<ImportCalendarPayload> {
        let request = Request::of(context)?;
        let made = rules::import(request, &input.ics, input.expected_version, input.dry_run);
        ImportCalendarPayload::of(context, made.await)
    }

    /// Sets the working hours.
    async fn update_working_hours(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: UpdateWorkingHoursInput,
    ) -> Result<UpdateWorkingHoursPayload> {
        let made = rules::set_hours(Request::of(context)?, input.expected_version, input.hours);
        UpdateWorkingHoursPayload::of(context, made.await)
    }
}
