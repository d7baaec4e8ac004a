//! The numbers as the contract shows them.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::Tally;
use crate::scalar::Percent;

/// How many households are reached. A household never disappears from the denominator.
#[derive(SimpleObject, Clone, Debug)]
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
    /// Up to when changes are counted; null when nothing was ever counted.
    pub as_of: Option<DateTime<Utc>>,
}

impl From<&Tally> for Coverage {
    fn from(tally: &Tally) -> Self {
        let denominator = tally.households();
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
            as_of: tally.as_of,
        }
    }
}
