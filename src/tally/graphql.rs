//! The numbers as the contract shows them.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures_util::future::BoxFuture;

use super::{Level, Seen, Tallies, Tally};
use crate::alone::Alone;
use crate::clock;
use crate::db::Key;
use crate::error::{Code, Error, Result};
use crate::request::Request;
use crate::scalar::{Date, Percent};

/// How many households are reached. A household never disappears from the denominator: it is the sum
/// of `numerator`, `unvisited`, `visited`, `declined`, `movedAway`, `noSmartphone` and `vacant`. The
/// numbers of a county are the sums of its townships', and those the sums of their villages', unless
/// they are rounded. They are a moment behind what happens.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(complex)]
pub struct Coverage {
    /// Households with an enrolled contact (已建联).
    pub numerator: i64,
    /// All registered households, whatever their status.
    pub denominator: i64,
    /// The numerator in percent of the denominator; null when there are no households.
    pub percent: Option<Percent>,
    /// People in all these households.
    pub people_count: i64,
    /// Households that nobody has visited yet (未走访).
    pub unvisited: i64,
    /// Households visited, without an enrolled contact yet (已走访).
    pub visited: i64,
    /// Households that declined (不愿加入).
    pub declined: i64,
    /// Households that moved away (已迁出).
    pub moved_away: i64,
    /// Households without a smartphone (无智能手机).
    pub no_smartphone: i64,
    /// Houses where nobody lives (空户).
    pub vacant: i64,
    /// Households of which a contact may be messaged (可联系), whatever their status.
    pub reachable: i64,
    /// Households that are still to be visited or enrolled (待走访建联): `unvisited` and `visited`. The
    /// others are enrolled, or an officer noted why they cannot be.
    pub remaining: i64,
    /// What every number here is rounded to a multiple of, for roles that see no households (小数保护): 1 to
    /// 7 are all 5, and only 0 is 0, so that no single household can be read from it. The denominator is the
    /// sum of its rounded parts. Null when all numbers are exact.
    pub rounded_to: Option<i64>,
    /// Up to when changes are counted: the last count, or the end of the day that was asked for. Null
    /// when nothing had been counted by then; all numbers are 0 then.
    pub as_of: Option<DateTime<Utc>>,
    #[graphql(skip)]
    shown: Shown,
}

/// Whose numbers of which day they are.
#[derive(Clone, Debug)]
struct Shown {
    level: Level,
    key: Key,
    day: Option<NaiveDate>,
    tally: Seen,
}

impl Shown {
    /// The numbers at the end of a day.
    async fn on(&self, request: &Request, day: NaiveDate) -> Result<Seen> {
        let loaded = request.load(Tallies(self.level, Some(day)), self.key.clone()).await?;
        Ok(loaded.unwrap_or_default())
    }

    /// How many were recently confirmed: the present numbers do not tell, as it changes by itself.
    async fn recently_confirmed(&self, request: &Request) -> Result<i64> {
        match self.day {
            Some(_) => Ok(self.tally.recently_confirmed),
            None => Ok(self.on(request, request.service().clock.today()).await?.recently_confirmed),
        }
    }
}

#[ComplexObject]
impl Coverage {
    /// Households of which a contact was found to be right within the last days (近期已核实);
    /// `serviceInfo.confirmedDays` says how many.
    async fn recently_confirmed(&self, context: &Context<'_>) -> Alone<i64> {
        let found: BoxFuture<'_, Alone<i64>> =
            Alone::of(async move { self.shown.recently_confirmed(Request::of(context)?).await });
        found.await
    }

    /// How much each number has changed since the end of a day.
    async fn change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day, in China: not later than the day of these numbers.")]
        since: Date,
    ) -> Alone<CoverageChange> {
        let found: BoxFuture<'_, Alone<CoverageChange>> = Alone::of(async move {
            let request = Request::of(context)?;
            let today = request.service().clock.today();
            if since.0 > self.shown.day.unwrap_or(today) {
                return Err(Error::top(
                    Code::BadUserInput,
                    "起始日期不能晚于统计日期。",
                    "`since` must not be later than the day of the numbers.",
                ));
            }
            let before = self.shown.on(request, since.0).await?;
            let mut now: Tally = (*self.shown.tally).clone();
            now.recently_confirmed = self.shown.recently_confirmed(request).await?;
            Ok(CoverageChange::new(since, &(&now - &*before)))
        });
        found.await
    }
}

impl Coverage {
    /// The numbers of a division, now or at the end of a day.
    pub fn new(tally: Seen, level: Level, key: Key, day: Option<NaiveDate>) -> Self {
        let denominator = tally.households();
        let as_of = match day {
            Some(day) => tally.as_of.and_then(|_| end_of(day)),
            None => tally.as_of,
        };
        Self {
            numerator: tally.enrolled,
            denominator,
            percent: Percent::of(tally.enrolled, denominator),
            people_count: tally.people,
            unvisited: tally.unvisited,
            visited: tally.visited,
            declined: tally.declined,
            moved_away: tally.moved_away,
            no_smartphone: tally.no_smartphone,
            vacant: tally.vacant,
            reachable: tally.reachable,
            remaining: tally.remaining(),
            rounded_to: tally.rounded_to,
            as_of,
            shown: Shown { level, key, day, tally },
        }
    }
}

fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    day.checked_add_days(Days::new(1)).map(clock::midnight)
}

/// The day that numbers are asked for: nothing means now, and so does today. A day to come is refused.
pub fn past(request: &Request, as_of: Option<Date>) -> Result<Option<NaiveDate>> {
    let today = request.service().clock.today();
    match as_of {
        Some(Date(day)) if day > today => Err(Error::top(
            Code::BadUserInput,
            "统计日期不能晚于今天。",
            "`asOf` must not be later than today.",
        )),
        Some(Date(day)) if day < today => Ok(Some(day)),
        _ => Ok(None),
    }
}

/// How much each number of a coverage has changed since the end of a day; less than 0 where it fell.
#[derive(SimpleObject, Clone, Debug)]
pub struct CoverageChange {
    /// The day with whose end the numbers are compared.
    pub since: Date,
    /// Households with an enrolled contact (已建联).
    pub numerator: i64,
    /// Registered households.
    pub denominator: i64,
    /// People.
    pub people_count: i64,
    /// Households that nobody has visited yet (未走访).
    pub unvisited: i64,
    /// Households visited, without an enrolled contact yet (已走访).
    pub visited: i64,
    /// Households that declined (不愿加入).
    pub declined: i64,
    /// Households that moved away (已迁出).
    pub moved_away: i64,
    /// Households without a smartphone (无智能手机).
    pub no_smartphone: i64,
    /// Houses where nobody lives (空户).
    pub vacant: i64,
    /// Households of which a contact may be messaged (可联系).
    pub reachable: i64,
    /// Households of which a contact was recently found to be right (近期已核实).
    pub recently_confirmed: i64,
    /// Households that are still to be visited or enrolled (待走访建联).
    pub remaining: i64,
}

impl CoverageChange {
    fn new(since: Date, change: &Tally) -> Self {
        Self {
            since,
            numerator: change.enrolled,
            denominator: change.households(),
            people_count: change.people,
            unvisited: change.unvisited,
            visited: change.visited,
            declined: change.declined,
            moved_away: change.moved_away,
            no_smartphone: change.no_smartphone,
            vacant: change.vacant,
            reachable: change.reachable,
            recently_confirmed: change.recently_confirmed,
            remaining: change.remaining(),
        }
    }
}
