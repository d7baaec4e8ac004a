//! Appointments as the contract shows them.

use async_graphql::{Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::Act;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::scalar::{Date, DivisionCode, check_moments};

/// Where an appointment stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::appointment::Status")]
pub enum AppointmentStatus {
    /// 已预约: the household is expected.
    Booked,
    /// 已取消: called off before it began; the place is free again.
    Cancelled,
    /// 已办理: the household came and was served.
    Attended,
    /// 未到: nobody came.
    Missed,
    /// 白跑一趟: the household came in vain; `wastedReason` says why.
    WastedTrip,
}

/// What an officer found who looked at the papers before the appointment (预审).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::appointment::Readiness")]
pub enum AppointmentReadiness {
    /// 材料齐全: nothing is missing.
    Ready,
    /// 缺材料: `missingPapers` says what.
    PapersMissing,
}

/// Why a household came in vain (白跑原因).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::appointment::WastedReason")]
pub enum WastedTripReason {
    /// 缺材料: papers were missing.
    PapersMissing,
    /// 窗口未开: the window was closed.
    WindowClosed,
    /// 系统故障: the computers were down.
    SystemDown,
    /// 走错地方: another office does this.
    WrongOffice,
    /// 其他: another reason; see `note`.
    Other,
}

/// A household comes to a service window at a time (预约).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Appointment {
    /// Global id.
    pub id: GlobalId,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Its number among those who come at the same time, from 1 (序号).
    pub place: i32,
    /// Whether the window no longer offers this time, because its hours or places were changed or it is closed then:
    /// the household has to be told, and the appointment moved. No reminder is sent meanwhile.
    pub displaced: bool,
    /// What an officer found who looked at the papers before; null while nobody has.
    pub readiness: Option<AppointmentReadiness>,
    /// The papers that the officer found missing; empty when none, and for roles that may not see them.
    pub missing_papers: Vec<String>,
    /// When an officer looked at the papers; null while nobody has.
    pub checked_at: Option<DateTime<Utc>>,
    /// Why the household came in vain; null unless it did.
    pub wasted_reason: Option<WastedTripReason>,
    /// Why it was cancelled, or what was noted of how it went. The household sees it too; null when nothing was
    /// written, and for roles that may not see it.
    pub note: Option<String>,
    /// When the household was last reminded of it; null when not yet.
    pub reminded_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) window_id: Uuid,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) inquiry_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) guide_version_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) checklist_key: Option<String>,
    #[graphql(skip)]
    pub(crate) checked_by: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) booked_by: Option<Uuid>,
}

/// Which appointments a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AppointmentFilter {
    /// Of households in this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// At this window.
    pub window_id: Option<ID>,
    /// Of this household.
    pub household_id: Option<ID>,
    /// In one of these statuses.
    pub statuses: Option<Vec<AppointmentStatus>>,
    /// That begin at this moment or later.
    pub starts_since: Option<DateTime<Utc>>,
    /// That begin before this moment.
    pub starts_before: Option<DateTime<Utc>>,
    /// Whose time the window no longer offers (true), or still does (false).
    pub displaced: Option<bool>,
    /// That were booked with a version of a guide that no longer holds on this day: the household may have to bring
    /// something else, and should be told anew.
    pub guide_outdated_on: Option<Date>,
}

impl Filter for AppointmentFilter {
    fn checked(self) -> Result<Self> {
        if let Some(code) = &self.area_code {
            code.expect_area()?;
        }
        for (id, kind) in
            [(&self.window_id, Kind::ServiceWindow), (&self.household_id, Kind::Household)]
        {
            id.as_ref().map(|id| GlobalId::expect(id, kind)).transpose()?;
        }
        check_moments(&[self.starts_since, self.starts_before])?;
        Ok(self)
    }
}

/// In which order appointments come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AppointmentOrder {
    /// Earliest first.
    #[default]
    StartsAtAsc,
    /// Latest first.
    StartsAtDesc,
}

/// How appointments are looked up.
#[derive(Default)]
pub struct AppointmentQuery;

lists! {
    #[Object]
    impl AppointmentQuery {
        /// The appointments of the households in the caller's area.
        appointments: Appointment, filter AppointmentFilter, order AppointmentOrder => all(Act::ReadAppointment);
        ---
    }
}
