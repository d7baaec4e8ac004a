//! The calendar of duties as the contract shows it.

use async_graphql::{Context, ID, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::duty::{self, Whose};
use super::plan::{PlannedDay, Span};
use super::{Duty, DutyReason};
use crate::alone::Alone;
use crate::error::Language;
use crate::id::{GlobalId, Kind};
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, Level};

/// Whose calendar is asked for: one of these.
#[derive(OneofObject)]
pub enum DutyCalendarOf {
    /// A village's: its own shifts go before those of its station.
    VillageCode(DivisionCode),
    /// A station's: only the shifts that are for the whole station.
    StationId(ID),
}

/// Who is on duty by shifts on a day.
#[derive(SimpleObject)]
pub struct DutyDay {
    /// The day.
    pub day: Date,
    /// Whether it is worked by the `calendar`.
    pub is_workday: bool,
    /// Whether there is a part of it in which nobody is on a shift.
    pub has_gap: bool,
    /// The whole day from midnight to midnight in China, in the order of time.
    pub spans: Vec<DutySpan>,
}

/// A part of a day.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct DutySpan {
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub ends_at: DateTime<Utc>,
    /// Each step that led to the officer, first step first; empty when nobody is on a shift.
    pub reasons: Vec<DutyReason>,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
}

impl DutyDay {
    /// A day of the plan, in words.
    pub fn new(planned: PlannedDay, language: Language) -> Self {
        let spans: Vec<_> =
            planned.spans.into_iter().map(|span| DutySpan::new(span, language)).collect();
        Self {
            day: Date(planned.day),
            is_workday: planned.is_workday,
            has_gap: spans.iter().any(|span| span.officer_id.is_none()),
            spans,
        }
    }
}

impl DutySpan {
    fn new(span: Span, language: Language) -> Self {
        let (starts_at, ends_at) = span.time;
        let duty = span.on_duty.map(|found| Duty::new(found, starts_at, language));
        let officer_id = duty.as_ref().map(|duty| duty.officer_id);
        let reasons = duty.map(|duty| duty.reasons).unwrap_or_default();
        Self { starts_at, ends_at, reasons, officer_id }
    }
}

/// How duties are planned ahead.
#[derive(Default)]
pub struct DutyCalendarQuery;

#[Object]
impl DutyCalendarQuery {
    /// Who is on duty by shifts, day by day (值班日历), with swaps and leaves, and when nobody is: what a chief has to
    /// fill. While nobody is, `onDuty` names whoever looks after the village. Null when the village or station lies
    /// outside of the caller's area.
    async fn duty_calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose calendar.")] of: DutyCalendarOf,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day: at most 61 days after the first.")] to: Date,
    ) -> Alone<Vec<DutyDay>> {
        Alone::of(async move {
            let whose = match &of {
                DutyCalendarOf::VillageCode(code) => Whose::Village(code.expect(Level::Village)?),
                DutyCalendarOf::StationId(id) => {
                    Whose::Station(GlobalId::expect_uuid(id, Kind::Station)?)
                }
            };
            duty::calendar_of(Request::of(context)?, whose, (from.0, to.0)).await
        })
        .await
    }
}
