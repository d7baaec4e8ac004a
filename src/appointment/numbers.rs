//! What came of appointments, in numbers: above all how many households came in vain, and why.

use async_graphql::resolver_utils::EnumType;
use async_graphql::{Context, Object, SimpleObject};
use chrono::TimeDelta;
use entity::appointment::Status;

use super::{AppointmentFilter, WastedTripReason, store};
use crate::access::Act;
use crate::alone::Alone;
use crate::clock;
use crate::error::{Code, Error, Result};
use crate::request::Request;
use crate::scalar::{Date, DivisionCode};

/// Days of which appointments are counted at once.
const MAX_DAYS: i64 = 366;

/// How many households came in vain for a reason (白跑原因).
#[derive(SimpleObject, Clone, Copy, Debug, PartialEq, Eq)]
pub struct WastedTripCount {
    /// Why they came in vain.
    pub reason: WastedTripReason,
    /// How many there were.
    pub count: i64,
}

/// What came of the appointments of some days (预约办理情况).
#[derive(SimpleObject, Clone, Debug, Default, PartialEq, Eq)]
pub struct AppointmentOutcomes {
    /// 已预约: still ahead, or nobody has written down yet what came of it.
    pub booked: i64,
    /// 已办结: came and were served.
    pub attended: i64,
    /// 未到: did not come.
    pub missed: i64,
    /// 已取消: called off before.
    pub cancelled: i64,
    /// 白跑一趟: came in vain.
    pub wasted_trips: i64,
    /// Those who came in vain by reason: every reason once, also when it was nobody's.
    pub wasted_trip_reasons: Vec<WastedTripCount>,
}

/// How appointments are counted.
#[derive(Default)]
pub struct AppointmentOutcomesQuery;

#[Object]
impl AppointmentOutcomesQuery {
    /// What came of the appointments of some days, so that it shows why people come in vain. By the place of the
    /// household; nothing is told of officers.
    async fn appointment_outcomes(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Of households in this county, township or village only: a code of 6, 9 or 12 digits."
        )]
        area_code: Option<DivisionCode>,
        #[graphql(desc = "The first day on which they begin.")] since: Date,
        #[graphql(desc = "The last day, at most 365 days after the first.")] until: Date,
    ) -> Alone<AppointmentOutcomes> {
        Alone::of(async {
            let request = Request::of(context)?;
            outcomes(request, area_code, since, until).await
        })
        .await
    }
}

async fn outcomes(
    request: &Request,
    area_code: Option<DivisionCode>,
    since: Date,
    until: Date,
) -> Result<AppointmentOutcomes> {
    area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
    if !(0..MAX_DAYS).contains(&(until.0 - since.0).num_days()) {
        return Err(Error::top(
            Code::BadUserInput,
            "统计范围应为1到366天。",
            "Ask for 1 to 366 days, the first one first.",
        ));
    }
    let reader = request.reader(Act::CountAppointments)?;
    let filter = AppointmentFilter {
        area_code,
        starts_since: Some(clock::midnight(since.0)),
        starts_before: Some(clock::midnight(until.0) + TimeDelta::days(1)),
        ..Default::default()
    };
    let counts = store::outcomes(&reader, &filter).await?;
    let of = |status| {
        let counts = counts.iter().filter(|(one, ..)| *one == status);
        counts.map(|(.., count)| count).sum()
    };
    let because = |reason: WastedTripReason| {
        let counts = counts.iter().filter(|(_, one, _)| *one == Some(reason.into()));
        WastedTripCount { reason, count: counts.map(|(.., count)| count).sum() }
    };
    Ok(AppointmentOutcomes {
        booked: of(Status::Booked),
        attended: of(Status::Attended),
        missed: of(Status::Missed),
        cancelled: of(Status::Cancelled),
        wasted_trips: of(Status::WastedTrip),
        wasted_trip_reasons: WastedTripReason::items()
            .iter()
            .map(|one| because(one.value))
            .collect(),
    })
}
