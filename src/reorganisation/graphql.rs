//! Reorganisations as the contract shows them.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Act;
use crate::id::GlobalId;
use crate::officer::Officer;
use crate::page::lists;
use crate::record::{self, Related};
use crate::scalar::Date;

/// What was changed in the division tree.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::reorganisation::Kind")]
pub enum ReorganisationKind {
    /// 更名: a county, a township or a village got another name.
    DivisionRenamed,
    /// 划转: a village went to another township.
    VillageMoved,
    /// 合并: villages became part of another one.
    VillagesMerged,
    /// 拆分: some groups of a village became a village of their own.
    VillageSplit,
    /// 调户: households went to another group.
    HouseholdsMoved,
}

/// How many households a division counts before and after a change.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReorganisedDivision {
    /// Its code.
    pub code: String,
    /// Households before.
    pub households_before: i64,
    /// Households after.
    pub households_after: i64,
}

/// What moves along with a change. It is kept as it was, for ever.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Village groups.
    pub groups: i64,
    /// Households.
    pub households: i64,
    /// People in them.
    pub people: i64,
    /// Postings.
    pub postings: i64,
    /// Inquiries that are not resolved.
    pub open_inquiries: i64,
    /// Divisions whose numbers change.
    pub numbers: Vec<ReorganisedDivision>,
}

/// A change of the division tree (区划调整), or the preview of one.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Reorganisation {
    /// Global id. A preview's leads nowhere.
    pub id: GlobalId,
    /// What is changed.
    pub kind: ReorganisationKind,
    /// The first day on which it is so.
    pub effective_on: Date,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Whether it is only a preview: nothing was changed.
    pub dry_run: bool,
    #[graphql(skip)]
    pub(crate) summary: Summary,
    #[graphql(skip)]
    pub(crate) officer_id: Option<Uuid>,
}

#[ComplexObject]
impl Reorganisation {
    /// How many village groups move along.
    async fn group_count(&self) -> i64 {
        self.summary.groups
    }

    /// How many households move along.
    async fn household_count(&self) -> i64 {
        self.summary.households
    }

    /// How many people live in these households.
    async fn people_count(&self) -> i64 {
        self.summary.people
    }

    /// How many postings of officers move along.
    async fn posting_count(&self) -> i64 {
        self.summary.postings
    }

    /// How many unresolved inquiries move along. Resolved ones stay where they happened.
    async fn open_inquiry_count(&self) -> i64 {
        self.summary.open_inquiries
    }

    /// The villages and townships whose numbers change on dashboards, by code.
    async fn numbers(&self) -> &[ReorganisedDivision] {
        &self.summary.numbers
    }

    /// Who made it.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.officer_id).await
    }
}

/// In which order reorganisations come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReorganisationOrder {
    /// Made last first.
    #[default]
    MadeAtDesc,
    /// Made first first.
    MadeAtAsc,
}

/// How reorganisations are looked up.
#[derive(Default)]
pub struct ReorganisationQuery;

lists! {
    #[Object]
    impl ReorganisationQuery {
        /// What was changed in the division tree.
        reorganisations: Reorganisation, order ReorganisationOrder => all(Act::ReadReorganisation);
        ---
    }
}
