//! The working calendar as the contract shows it.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rules;
use crate::alone::Alone;
use crate::request::Request;
use crate::scalar::Date;

/// What makes a day another one than its weekday would.
#[derive(Enum, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::calendar_day::Kind")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CalendarDayKind {
    /// 休: nobody works, although it may be a weekday.
    Holiday,
    /// 班（调休上班）: it is worked, although it may be a Saturday or a Sunday.
    Workday,
}

/// A day that is not what its weekday would make it (节假日、调休).
#[derive(SimpleObject, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// The day.
    pub day: Date,
    /// What it is.
    pub kind: CalendarDayKind,
    /// Why, such as 春节.
    pub name: String,
}

/// From when to when there is work, on a day that is worked. Minutes after midnight in China: 510 is 08:30.
#[derive(
    SimpleObject, InputObject, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash,
)]
#[graphql(input_name = "WorkingHoursInput")]
#[serde(deny_unknown_fields)]
pub struct WorkingHours {
    /// When it begins, from 0 to 1439.
    pub start: u16,
    /// When it ends, exclusive, from 1 to 1440.
    pub end: u16,
}

/// The working calendar (工作日历) of the county. Monday to Friday are worked, Saturday and Sunday are not, except for
/// the `days` that it names.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When there is work on a day that is worked, in the order of the day.
    pub hours: Vec<WorkingHours>,
    /// The days that are not what their weekday would make them, earliest first, as far as they were asked for.
    pub days: Vec<CalendarDay>,
    /// When it was last changed; null while nobody has set it up.
    pub changed_at: Option<DateTime<Utc>>,
}

/// What became of an imported calendar.
#[derive(SimpleObject, Clone, Debug)]
pub struct CalendarImport {
    /// Days that are named now and were not before.
    pub added: usize,
    /// Days that were something else, or had another name.
    pub changed: usize,
    /// Days between the first and the last of the file that are usual days again, as the file does not name them.
    pub removed: usize,
    /// Days that were so already.
    pub unchanged: usize,
    /// The calendar from the first to the last day of the file, as it is now, or would be.
    pub calendar: Calendar,
}

/// How the working calendar is looked at.
#[derive(Default)]
pub struct CalendarQuery;

#[Object]
impl CalendarQuery {
    /// The working calendar from one day to another.
    async fn calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day: at most 800 days after the first.")] to: Date,
        #[graphql(desc = "As it was in this version; as it is now when left out.")] version: Option<
            i32,
        >,
    ) -> Alone<Calendar> {
        Alone::of(async move { rules::read(Request::of(context)?, from, to, version).await }).await
    }
}
