//! The rules of the rollout.

use std::collections::{BTreeMap, HashSet};

use chrono::{Days, NaiveDate};
use entity::rollout::{Model, Stage};
use serde_json::json;

use super::store;
use super::{Rollout, RolloutBoard, RolloutProgress};
use crate::access::Act;
use crate::actor::Role;
use crate::clock;
use crate::db::{Key, changed_one};
use crate::division::Township;
use crate::error::{Code, Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::{Date, Percent};
use crate::tally::{self, Coverage, Level, Tally};

/// The weeks over which the pace is taken.
const PACE: i32 = 4;
/// The longest time in which progress may be looked for.
const MAX_STALE: i32 = 365;

/// What is planned for a township.
pub struct Plan {
    /// How far it is.
    pub stage: Stage,
    /// The coverage to be reached.
    pub target_percent: i32,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub target_on: NaiveDate,
}

impl Plan {
    fn check(&self) -> Result<()> {
        if !(1..=100).contains(&self.target_percent) {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "targetPercent",
                "目标应在1到100之间。",
                "The target must lie between 1 and 100 percent.",
            ));
        }
        if self.target_on <= self.starts_on {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "targetOn",
                "目标日期应晚于启动日期。",
                "The target's day must come after the first day.",
            ));
        }
        Ok(())
    }
}

/// Plans the rollout of a township. `version` is 0 while there is no plan.
pub async fn plan(request: &Request, code: &str, version: i32, plan: Plan) -> Result<Rollout> {
    plan.check()?;
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::PlanRollout).await?;
    let township = record::lock::<Township>(&tx, &Key::from(code)).await?;
    expected(township, "townshipCode")?;
    let before = store::find(&tx, code).await?;
    changed_one(u64::from(before.as_ref().map_or(0, |before| before.version) == version))?;
    let after = Model {
        id: before.as_ref().map_or_else(|| request.new_id(), |before| before.id),
        township_code: code.to_owned(),
        stage: plan.stage,
        target_percent: plan.target_percent,
        starts_on: plan.starts_on,
        target_on: plan.target_on,
        version: version.saturating_add(1),
        updated_at: now,
    };
    store::save(&tx, after.clone()).await?;
    tx.record(Draft {
        kind: Kind::RolloutPlanned,
        at: now,
        place: None,
        household_id: None,
        subject_id: after.id,
        detail: json!({ "township": code, "before": before.as_ref().map(detail), "after": detail(&after) }),
    });
    tx.commit().await?;
    Ok(after.into())
}

fn detail(plan: &Model) -> serde_json::Value {
    json!({ "stage": store::stage_name(plan.stage), "targetPercent": plan.target_percent,
            "startsOn": plan.starts_on, "targetOn": plan.target_on })
}

/// How far each township is. Five statements, however many households there are.
pub async fn board(
    request: &Request,
    as_of: Option<Date>,
    stale_days: i32,
) -> Result<RolloutBoard> {
    let past = tally::past(request, as_of)?;
    let stale = u64::try_from(stale_days).ok().filter(|_| (1..=MAX_STALE).contains(&stale_days));
    let stale = stale.ok_or_else(|| {
        Error::top(
            Code::BadUserInput,
            "天数应在1到365之间。",
            "`staleDays` must lie between 1 and 365.",
        )
    })?;
    let day = past.unwrap_or_else(|| request.service().clock.today());
    let before = |days| day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    let end = day.checked_add_days(Days::new(1)).filter(|_| past.is_some()).map(clock::midnight);
    let reader = request.reader(Act::ReadRollout)?;
    let look = Look {
        role: request.actor().role,
        day,
        past,
        now: by_township(tally::of_villages(&reader, Some(day)).await?),
        weeks_ago: by_township(tally::of_villages(&reader, Some(before(7 * PACE as u64))).await?),
        earlier: by_township(tally::of_villages(&reader, Some(before(stale))).await?),
        looked_after: store::looked_after(&reader, end.unwrap_or_else(|| reader.scope().at()))
            .await?,
    };
    let plans = store::plans(&reader).await?;
    let townships = plans.into_iter().map(|(code, plan)| look.progress(code, plan)).collect();
    Ok(RolloutBoard { as_of: Date(day), stale_days, townships })
}

/// The numbers of villages, by township.
type Numbers = BTreeMap<String, BTreeMap<String, Tally>>;

fn by_township(villages: BTreeMap<(String, String), Tally>) -> Numbers {
    let mut townships = Numbers::new();
    for ((village, township), tally) in villages {
        townships.entry(township).or_default().insert(village, tally);
    }
    townships
}

/// What a board is made of.
struct Look {
    role: Role,
    day: NaiveDate,
    past: Option<NaiveDate>,
    now: Numbers,
    weeks_ago: Numbers,
    earlier: Numbers,
    looked_after: HashSet<String>,
}

impl Look {
    fn progress(&self, code: String, plan: Option<Model>) -> RolloutProgress {
        let now = sum(&self.now, &code).seen_by(self.role);
        let gained = now.enrolled - sum(&self.weeks_ago, &code).seen_by(self.role).enrolled;
        let stale = self.villages(&code, |village, tally| self.is_stale(&code, village, tally));
        let without_officer = self.villages(&code, |village, tally| {
            tally.households() > 0 && !self.looked_after.contains(village)
        });
        RolloutProgress {
            planned_percent: plan.as_ref().map(|plan| planned(plan, self.day)),
            needed_per_week: plan.as_ref().and_then(|plan| needed(plan, &now, self.day)),
            enrolled_per_week: per_week(gained, f64::from(PACE)),
            coverage: Coverage::new(now, Level::Township, Key::from(code.as_str()), self.past),
            rollout: plan.map(Rollout::from),
            stale_village_count: stale.len(),
            village_without_officer_count: without_officer.len(),
            township_code: code,
            stale,
            without_officer,
        }
    }

    /// The codes of a township's villages that meet a condition.
    fn villages(&self, code: &str, meets: impl Fn(&str, &Tally) -> bool) -> Vec<String> {
        let villages = self.now.get(code).into_iter().flatten();
        villages
            .filter(|(village, tally)| meets(village, tally))
            .map(|(code, _)| code.clone())
            .collect()
    }

    fn is_stale(&self, township: &str, village: &str, now: &Tally) -> bool {
        let then = self.earlier.get(township).and_then(|villages| villages.get(village));
        // What was registered only since then is new, not stale.
        let Some(then) = then.filter(|then| then.households() > 0) else { return false };
        now.remaining() > 0 && now.enrolled <= then.enrolled && now.unvisited >= then.unvisited
    }
}

fn sum(numbers: &Numbers, township: &str) -> Tally {
    let mut sum = Tally::default();
    for tally in numbers.get(township).into_iter().flat_map(BTreeMap::values) {
        sum += tally;
        sum.as_of = sum.as_of.max(tally.as_of);
    }
    sum
}

/// On a straight line from 0 on the first day to the target on the last.
fn planned(plan: &Model, day: NaiveDate) -> Percent {
    let whole = (plan.target_on - plan.starts_on).num_days().max(1);
    let gone = (day - plan.starts_on).num_days().clamp(0, whole);
    Percent::of(gone * i64::from(plan.target_percent), whole * 100).unwrap_or(Percent(0.0))
}

/// Households a week from this day on to the target.
fn needed(plan: &Model, now: &Tally, day: NaiveDate) -> Option<f64> {
    let target = (now.households() * i64::from(plan.target_percent) + 99) / 100;
    let missing = target - now.enrolled;
    if missing <= 0 {
        return Some(0.0);
    }
    let days = i32::try_from((plan.target_on - day).num_days()).ok().filter(|days| *days > 0)?;
    Some(per_week(missing, f64::from(days) / 7.0))
}

fn per_week(households: i64, weeks: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of households stay far below 2^52")]
    let households = households as f64;
    (households / weeks * 10.0).round() / 10.0
}
