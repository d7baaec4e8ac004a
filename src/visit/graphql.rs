//! Visits as the contract shows them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules::{self, NewVisit};
use crate::db::Once;
use crate::error::Result;
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::payload::expected;
use crate::request::Request;
use crate::scalar::Date;

/// What came of a visit.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::visit::Outcome")]
pub enum VisitOutcome {
    /// 已见面: somebody was met. An UNVISITED household is VISITED, and so is one that was thought to be
    /// MOVED_AWAY or VACANT.
    Met,
    /// 无人在家: nobody was at home. An UNVISITED household is VISITED.
    NobodyHome,
    /// 已核实联系人: the contacts are still right. Refused where nobody speaks for the household.
    ContactConfirmed,
    /// 不愿加入: the household is DECLINED and not messaged.
    Declined,
    /// 已迁出: the household is MOVED_AWAY and not messaged.
    MovedAway,
    /// 无智能手机: the household is NO_SMARTPHONE, reached by a caretaker or by hand.
    NoSmartphone,
    /// 空户: nobody lives there; the household is VACANT.
    Vacant,
}

/// An officer was at a household's door (走访).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Visit {
    /// Global id.
    pub id: GlobalId,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// What the officer noted; null when nothing, or for roles that may not see it.
    pub note: Option<String>,
    /// When the officer was there.
    #[graphql(name = "at")]
    pub visited_at: DateTime<Utc>,
    /// When it was written down here; later than `at` when there was no network.
    pub recorded_at: DateTime<Utc>,
    /// The day for which the officer planned the next visit; null when none is planned.
    pub next_visit_on: Option<Date>,
    #[graphql(skip)]
    pub(crate) household_id: Uuid,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
}

/// In which order visits come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VisitOrder {
    /// Last visit first.
    #[default]
    VisitedAtDesc,
    /// First visit first.
    VisitedAtAsc,
}

/// The input of `recordVisit`.
#[derive(InputObject)]
pub struct RecordVisitInput {
    /// Chosen by the caller, new for each visit: repeating a call with it records no second one.
    pub idempotency_key: String,
    /// The household.
    pub household_id: ID,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// What is worth knowing next time, at most 500 characters.
    pub note: Option<String>,
    /// When the officer was there: not in the future, and not before the household was registered. Now when
    /// left out.
    pub visited_at: Option<DateTime<Utc>>,
    /// The day for which the next visit is planned: not before the day of this one. None when left out.
    pub next_visit_on: Option<Date>,
    /// How many people live there, from 0 to 99, if that was asked.
    pub people_count: Option<i32>,
}

payload! {
    /// The answer of `recordVisit`.
    RecordVisitPayload {
        /// The visit; `visit.household` is the household as it is now.
        visit: Visit
    }
}

/// How visits are written down.
#[derive(Default)]
pub struct VisitMutation;

#[Object]
impl VisitMutation {
    /// Writes down that an officer was at a household's door, which may change the household's status,
    /// number of people and next visit. A visit that is told late is kept, and changes nothing of what was
    /// found out after it.
    async fn record_visit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RecordVisitInput,
    ) -> Result<RecordVisitPayload> {
        let made = async {
            let once = Once::new("recordVisit", &input.idempotency_key, &input)?;
            let new = NewVisit {
                household_id: GlobalId::expect_uuid(&input.household_id, Kind::Household)?,
                outcome: input.outcome.into(),
                note: input.note,
                visited_at: input.visited_at,
                next_visit_on: input.next_visit_on.map(|day| day.0),
                people_count: input.people_count,
                of_merged: false,
            };
            let made = rules::record(Request::of(context)?, new, once).await?;
            expected(made.object(), "idempotencyKey")
        };
        RecordVisitPayload::of(context, made.await)
    }
}
