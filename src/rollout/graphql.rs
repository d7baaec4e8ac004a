//! The types of the rollout, and how it is planned and looked at.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::rules::{self, Plan};
use crate::alone::Alone;
use crate::error::Result;
use crate::payload;
use crate::request::Request;
use crate::scalar::{Date, DivisionCode, Level, Percent};
use crate::tally::Coverage;

/// How far the rollout of a township is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::rollout::Stage")]
pub enum RolloutStage {
    /// 计划中: it has not begun.
    Planned,
    /// 试点: tried out before the others.
    Pilot,
    /// 推广中: officers go from door to door.
    Rolling,
    /// 已完成: the county office has closed it.
    Complete,
}

/// What is planned for the rollout (推广) of a township.
#[derive(SimpleObject, Clone, Debug)]
pub struct Rollout {
    /// How far it is, as the county office says.
    pub stage: RolloutStage,
    /// The coverage that is to be reached, in whole percent of the households (目标建联率).
    pub target_percent: i32,
    /// The day on which it begins (启动日期).
    pub starts_on: Date,
    /// The day by whose end the target is to be reached (目标日期).
    pub target_on: Date,
    /// Counts the changes; `planRollout` names the one that it is based on.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How far the rollout of a township is, beside its plan.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(complex)]
pub struct RolloutProgress {
    /// The plan; null while there is none.
    pub rollout: Option<Rollout>,
    /// The coverage that the plan foresees for this day, on a straight line from 0 on its first day to
    /// the target on its last; null without a plan.
    pub planned_percent: Option<Percent>,
    /// The coverage that there is.
    pub coverage: Coverage,
    /// Households that have to be enrolled a week to reach the target in time, rounded to one decimal
    /// place: 0 when it is reached, null without a plan or when the day has passed.
    pub needed_per_week: Option<f64>,
    /// By how many enrolled households a week coverage grew in the last 4 weeks; less than 0 where it fell.
    pub enrolled_per_week: f64,
    /// How many villages have something left to do and made no progress within `staleDays`: no more
    /// enrolled and no fewer unvisited households than then.
    pub stale_village_count: usize,
    /// How many villages have households and no officer (无民警包村). It must be 0.
    pub village_without_officer_count: usize,
    #[graphql(skip)]
    pub(crate) township_code: String,
    #[graphql(skip)]
    pub(crate) stale: Vec<String>,
    #[graphql(skip)]
    pub(crate) without_officer: Vec<String>,
}

/// The rollout of all townships in the caller's area.
#[derive(SimpleObject, Clone, Debug)]
pub struct RolloutBoard {
    /// The day whose end it shows; today means now.
    pub as_of: Date,
    /// Within how many days a village should have made progress.
    pub stale_days: i32,
    /// The townships, by code.
    pub townships: Vec<RolloutProgress>,
}

/// How the rollout is looked at.
#[derive(Default)]
pub struct RolloutQuery;

#[Object]
impl RolloutQuery {
    /// How far the rollout of each township is, beside its plan. Null for roles that see no plans.
    async fn rollout_board(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At the end of this day, in China; now when left out.")] as_of: Option<
            Date,
        >,
        #[graphql(
            default = 14,
            desc = "A village should make progress within so many days, from 1 to 365."
        )]
        stale_days: i32,
    ) -> Alone<RolloutBoard> {
        Alone::of(async move { rules::board(Request::of(context)?, as_of, stale_days).await }).await
    }
}

/// The input of `planRollout`.
#[derive(InputObject)]
pub struct PlanRolloutInput {
    /// The township.
    pub township_code: DivisionCode,
    /// The rollout's `version` that the change is based on; 0 while there is no plan.
    pub expected_version: i32,
    /// How far it is.
    pub stage: RolloutStage,
    /// The coverage to be reached, from 1 to 100 percent.
    pub target_percent: i32,
    /// The day on which it begins.
    pub starts_on: Date,
    /// The day by whose end the target is to be reached, after `startsOn`.
    pub target_on: Date,
}

payload! {
    /// The answer of `planRollout`.
    PlanRolloutPayload {
        /// The plan after the change.
        rollout: Rollout
    }
}

/// How the rollout is planned.
#[derive(Default)]
pub struct RolloutMutation;

#[Object]
impl RolloutMutation {
    /// Plans the rollout of a township, or changes its plan.
    async fn plan_rollout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PlanRolloutInput,
    ) -> Result<PlanRolloutPayload> {
        let made = async {
            let code = input.township_code.expect(Level::Township)?;
            let plan = Plan {
                stage: input.stage.into(),
                target_percent: input.target_percent,
                starts_on: input.starts_on.0,
                target_on: input.target_on.0,
            };
            rules::plan(Request::of(context)?, code, input.expected_version, plan).await
        };
        PlanRolloutPayload::of(context, made.await)
    }
}
