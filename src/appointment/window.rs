//! Service windows as the contract shows them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::slots;
use crate::access::Act;
use crate::alone::Alone;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, TimeOfDay, Weekday};

/// From when to when a window is open on one day of the week. A day may have several.
#[derive(SimpleObject, InputObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[graphql(input_name = "OpeningHoursInput")]
pub struct OpeningHours {
    /// On this day of each week.
    pub weekday: Weekday,
    /// From when.
    pub opens: TimeOfDay,
    /// Until when: the last slot has ended by then.
    pub closes: TimeOfDay,
}

/// A time in which a window is closed although it would be open, such as a holiday.
#[derive(SimpleObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct WindowClosure {
    /// From when. It names the closure: no two of a window begin at the same moment.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub ends_at: DateTime<Utc>,
    /// Why, as residents read it.
    pub reason: String,
}

/// A time in which a window is open besides its hours, such as a Saturday that is worked (加开、调休).
#[derive(SimpleObject, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct WindowOpening {
    /// From when. It names the opening: no two of a window begin at the same moment.
    pub starts_at: DateTime<Utc>,
    /// Until when, on the same day: the last slot has ended by then.
    pub ends_at: DateTime<Utc>,
    /// Why, as residents read it.
    pub reason: String,
}

/// Where appointments are booked at a station (服务窗口): its hours are cut into slots of equal length, and each
/// slot has so many places.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(complex)]
pub struct ServiceWindow {
    /// Global id.
    pub id: GlobalId,
    /// What it is called, such as 户籍窗口.
    pub name: String,
    /// Minutes of a slot. Slots follow each other from the beginning of each opening.
    pub slot_minutes: i32,
    /// How many households can come to the same slot.
    pub capacity: i32,
    /// So many days ahead may be booked: 0 is today only.
    pub bookable_days: i32,
    /// So many minutes before its start at the latest must a slot be booked.
    pub lead_minutes: i32,
    /// When it is open, in the order of the week.
    pub hours: Vec<OpeningHours>,
    /// When it is closed besides, in the order of time. What ended more than a year ago is left out.
    pub closures: Vec<WindowClosure>,
    /// When it is open besides, in the order of time. What ended more than a year ago is left out.
    pub openings: Vec<WindowOpening>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was taken out of use; null while it is in use.
    pub retired_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) station_id: Uuid,
    #[graphql(skip)]
    pub(crate) township_code: String,
}

/// A time that can be booked, or could be if it were not full.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct AvailableSlot {
    /// When it begins: the `startsAt` to book.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How many places are free. With 0 it is full: `joinWaitingList`.
    pub free: i32,
}

/// Which service windows a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServiceWindowFilter {
    /// Of the stations in this county, or of this township's: a code of 6 or 9 digits.
    pub area_code: Option<DivisionCode>,
    /// Out of use (true) or in use (false).
    #[graphql(default)]
    pub retired: bool,
}

impl Filter for ServiceWindowFilter {
    fn checked(self) -> Result<Self> {
        if let Some(code) = &self.area_code {
            code.expect_area()?;
        }
        Ok(self)
    }
}

/// How service windows are looked up.
#[derive(Default)]
pub struct ServiceWindowQuery;

lists! {
    #[Object]
    impl ServiceWindowQuery {
        /// The service windows of all stations, by name.
        service_windows: ServiceWindow, filter ServiceWindowFilter => all(Act::ReadServiceWindow);
        ---
        /// The slots of a window that can be booked now, in the order of time, with their free places. Full ones are
        /// among them with 0 free places; what is closed, past, too soon or too far ahead is not.
        async fn available_slots(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The window.")] window_id: ID,
            #[graphql(desc = "The first day; today when left out.")] from: Option<Date>,
            #[graphql(desc = "The last day, at most 30 days after the first; six days after it when left out.")]
            to: Option<Date>,
        ) -> Alone<Vec<AvailableSlot>> {
            Alone::of(async move {
                let id = GlobalId::expect(&window_id, Kind::ServiceWindow)?;
                slots::available(Request::of(context)?, &id, from, to).await
            })
            .await
        }
    }
}
