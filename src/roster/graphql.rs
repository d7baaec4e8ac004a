//! The roster as the contract shows it.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::duty;
use super::resolve::{Reason, Resolved};
use crate::access::Act;
use crate::alone::Alone;
use crate::clock::CHINA;
use crate::error::{Language, Result, Text};
use crate::id::{GlobalId, Kind};
use crate::page::lists;
use crate::record::Filter;
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, Level, Weekday, check_moments};

/// On which of the days of its pattern a shift is.
#[derive(Enum, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::shift::DayKind")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShiftDayKind {
    /// On all of them.
    #[default]
    Any,
    /// 工作日: on those that are worked by the `calendar`: Monday to Friday and days worked in exchange, without
    /// holidays.
    Workday,
    /// 休息日: on those that are not: Saturdays, Sundays and holidays, without days worked in exchange.
    Holiday,
}

/// An officer is on duty (值班) for a village or for a whole station, again and again. Several shifts on one day make a
/// split one.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Shift {
    /// Global id.
    pub id: GlobalId,
    /// The first day on which it may begin.
    pub valid_from: Date,
    /// The first day on which it no longer does; null while no end is known.
    pub valid_until: Option<Date>,
    /// The weekdays on which it begins; null when it is counted in days.
    pub weekdays: Option<Vec<Weekday>>,
    /// It begins every so many days, counted from `validFrom`; null when it goes by weekdays.
    pub every_days: Option<i32>,
    /// On which of these days.
    pub day_kind: ShiftDayKind,
    /// When it begins, in minutes after midnight in China: 510 is 08:30.
    pub start_minute: i32,
    /// How long it is, in minutes. It may go past midnight.
    pub length_minutes: i32,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) station_id: Uuid,
    #[graphql(skip)]
    pub(crate) village_code: Option<String>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) township_code: String,
}

/// On one day, another officer does a shift (调班).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ShiftSwap {
    /// Global id.
    pub id: GlobalId,
    /// The day on which the shift begins.
    pub day: Date,
    /// When it was cancelled; null while it stands.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was agreed.
    pub created_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) shift_id: Uuid,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
}

/// What a step on the way to who is on duty is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DutyReasonKind {
    /// 本村值班: a shift of the village is on.
    VillageShift,
    /// 派出所值班: a shift of the station is on.
    StationShift,
    /// 调班: another officer does the shift on this day.
    Swap,
    /// 请假顶岗: the officer is on leave, and another one covers.
    Leave,
    /// 包村民警: the officer answers for the village.
    LeadPosting,
    /// 辅警: the officer helps in the village.
    AuxiliaryPosting,
    /// 顶岗包村: the officer covers for somebody who looks after the village.
    CoverPosting,
    /// 所长: the officer is the station's chief.
    Chief,
    /// 县局管理员: the officer keeps the county's desk.
    CountyAdmin,
    /// There is nobody else.
    Anybody,
    /// The officer is passed over: deactivated, of another station by now, or away without anybody who covers.
    PassedOver,
}

/// A step on the way to who is on duty.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DutyReason {
    /// What it is.
    pub kind: DutyReasonKind,
    /// The same in words, in the language of `Accept-Language`.
    pub text: String,
    /// From when the shift is; null for other steps.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when the shift is, exclusive; null for other steps.
    pub ends_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) shift_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) swap_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) leave_id: Option<Uuid>,
    #[graphql(skip)]
    pub(crate) posting_id: Option<Uuid>,
}

/// Who is on duty for a village at a moment, and why.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Duty {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Each step that led to the officer, first step first: the last one did.
    pub reasons: Vec<DutyReason>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
}

impl Duty {
    /// What was worked out, in words.
    pub fn new(resolved: Resolved, at: DateTime<Utc>, language: Language) -> Self {
        let told = |reason: &Reason| DutyReason::new(reason, language);
        let reasons = resolved.reasons.iter().map(told).collect();
        Self { at, reasons, officer_id: resolved.officer_id }
    }
}

impl DutyReason {
    /// A step, in words.
    pub fn new(reason: &Reason, language: Language) -> Self {
        Self {
            kind: reason.because,
            text: words(reason).say(language).to_owned(),
            starts_at: reason.time.map(|time| time.0),
            ends_at: reason.time.map(|time| time.1),
            officer_id: reason.officer_id,
            shift_id: reason.shift_id,
            swap_id: reason.swap_id,
            leave_id: reason.leave_id,
            posting_id: reason.posting_id,
        }
    }
}

fn words(reason: &Reason) -> Text {
    let hour = |at: Option<DateTime<Utc>>| {
        at.map(|at| (at + CHINA).format("%H:%M").to_string()).unwrap_or_default()
    };
    let (from, to) = (hour(reason.time.map(|time| time.0)), hour(reason.time.map(|time| time.1)));
    match reason.because {
        DutyReasonKind::VillageShift => Text::new(
            format!("本村值班，{from}至{to}。"),
            format!("On the village's shift, from {from} to {to}."),
        ),
        DutyReasonKind::StationShift => Text::new(
            format!("派出所值班，{from}至{to}。"),
            format!("On the station's shift, from {from} to {to}."),
        ),
        DutyReasonKind::Swap => Text::new("当日已调班。", "Does the shift on this day by a swap."),
        DutyReasonKind::Leave => {
            Text::new("前者请假，由其顶岗。", "Covers for the one before, who is on leave.")
        }
        DutyReasonKind::LeadPosting => Text::new("包村民警。", "Answers for the village."),
        DutyReasonKind::AuxiliaryPosting => Text::new("本村辅警。", "Helps in the village."),
        DutyReasonKind::CoverPosting => {
            Text::new("本村顶岗。", "Covers for who looks after the village.")
        }
        DutyReasonKind::Chief => Text::new("派出所所长。", "Is the station's chief."),
        DutyReasonKind::CountyAdmin => Text::new("县局管理员。", "Keeps the county's desk."),
        DutyReasonKind::Anybody => Text::new("没有其他人员。", "There is nobody else."),
        DutyReasonKind::PassedOver => Text::new(
            "已停用、已调离，或不在岗且无人顶岗，跳过。",
            "Passed over: deactivated, of another station by now, or away without anybody who covers.",
        ),
    }
}

/// Which shifts a list keeps. All conditions must hold.
#[derive(InputObject, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShiftFilter {
    /// Of this station, with those of its villages.
    pub station_id: Option<async_graphql::ID>,
    /// Of this village only.
    pub village_code: Option<DivisionCode>,
    /// Of this officer, swaps aside.
    pub officer_id: Option<async_graphql::ID>,
    /// Whose time of validity holds on this day; whether the pattern meets the day is another matter.
    pub valid_on: Option<Date>,
}

impl Filter for ShiftFilter {
    fn checked(self) -> Result<Self> {
        self.village_code.as_ref().map(|code| code.expect(Level::Village)).transpose()?;
        for (id, kind) in [(&self.station_id, Kind::Station), (&self.officer_id, Kind::Officer)] {
            id.as_ref().map(|id| GlobalId::expect(id, kind)).transpose()?;
        }
        Ok(self)
    }
}

/// How the roster is looked at.
#[derive(Default)]
pub struct RosterQuery;

lists! {
    #[Object]
    impl RosterQuery {
        /// The shifts in the caller's area, oldest first.
        shifts: Shift, filter ShiftFilter => all(Act::ReadShift);
        ---
        /// Who is on duty for a village (谁在岗), and why: by a shift of the village, by one of its station, as who
        /// looks after the village, as the station's chief, as the county's desk. Who is on leave is replaced by who
        /// covers. Null when the village lies outside of the caller's area.
        async fn on_duty(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The village.")] village_code: DivisionCode,
            #[graphql(desc = "When; now when left out. The past and the future are worked out by what is written down today.")]
            at: Option<DateTime<Utc>>,
        ) -> Alone<Duty> {
            Alone::of(async move {
                let request = Request::of(context)?;
                check_moments(&[at])?;
                duty::on_duty(request, village_code.expect(Level::Village)?, at).await
            })
            .await
        }
    }
}
