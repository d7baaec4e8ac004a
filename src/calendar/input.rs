//! What the mutations on the working calendar take.

use async_graphql::InputObject;

use super::WorkingHours;

/// The input of `importCalendar`.
#[derive(InputObject)]
pub struct ImportCalendarInput {
    /// An iCalendar file (.ics, RFC 5545) of at most 200 KiB. Its whole-day events are the days: those whose
    /// summary says 班 or "work" are worked, all others are holidays. In files that mark such events with
    /// X-APPLE-SPECIAL-DAY, only those count.
    pub ics: String,
    /// The calendar's `version` that the change is based on.
    pub expected_version: i32,
    /// Only say what would become of it.
    #[graphql(default)]
    pub dry_run: bool,
}

/// The input of `updateWorkingHours`.
#[derive(InputObject)]
pub struct UpdateWorkingHoursInput {
    /// The calendar's `version` that the change is based on.
    pub expected_version: i32,
    /// When there is work on a day that is worked: 1 to 4 spans in the order of the day, with a break between them.
    pub hours: Vec<WorkingHours>,
}
