//! The numbers of an area, and how they add up.

use std::ops::{AddAssign, Sub};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The numbers of an area, or what is to be added to them.
#[derive(Serialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People.
    pub people: i64,
    /// Households of each status.
    pub unvisited: i64,
    /// 已走访
    pub visited: i64,
    /// 已建联
    pub enrolled: i64,
    /// 不愿加入
    pub declined: i64,
    /// 已迁出
    pub moved_away: i64,
    /// 无智能手机
    pub no_smartphone: i64,
    /// 空户
    pub vacant: i64,
    /// Households of which a contact may be messaged.
    pub reachable: i64,
    /// Inquiries that are not resolved.
    pub open_inquiries: i64,
    /// Those of them that are sealed.
    pub sealed_inquiries: i64,
    /// Households of which a contact was found to be right lately. It changes as days go by, so the
    /// present numbers do not have it and the numbers of a day do.
    pub recently_confirmed: i64,
    /// When it was last brought up to date.
    #[serde(skip)]
    pub as_of: Option<DateTime<Utc>>,
}

/// The columns of a day's numbers. The present numbers have all but the last.
pub const COUNTS: [&str; 12] = [
    "people",
    "unvisited",
    "visited",
    "enrolled",
    "declined",
    "moved_away",
    "no_smartphone",
    "vacant",
    "reachable",
    "open_inquiries",
    "sealed_inquiries",
    "recently_confirmed",
];

impl Tally {
    /// All households.
    pub fn households(&self) -> i64 {
        self.remaining()
            + self.enrolled
            + self.declined
            + self.moved_away
            + self.no_smartphone
            + self.vacant
    }

    /// The households that are still to be visited or enrolled.
    pub fn remaining(&self) -> i64 {
        self.unvisited + self.visited
    }

    /// The numbers in the order of [`COUNTS`].
    pub fn counts(&self) -> [i64; COUNTS.len()] {
        let mut copy = self.clone();
        copy.counts_mut().map(|count| *count)
    }

    /// The numbers in the order of [`COUNTS`], to be changed.
    pub fn counts_mut(&mut self) -> [&mut i64; COUNTS.len()] {
        [
            &mut self.people,
            &mut self.unvisited,
            &mut self.visited,
            &mut self.enrolled,
            &mut self.declined,
            &mut self.moved_away,
            &mut self.no_smartphone,
            &mut self.vacant,
            &mut self.reachable,
            &mut self.open_inquiries,
            &mut self.sealed_inquiries,
            &mut self.recently_confirmed,
        ]
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (count, more) in self.counts_mut().into_iter().zip(other.counts()) {
            *count += more;
        }
    }
}

impl Sub for &Tally {
    type Output = Tally;

    fn sub(self, other: Self) -> Tally {
        let mut difference = self.clone();
        for (count, less) in difference.counts_mut().into_iter().zip(other.counts()) {
            *count -= less;
        }
        difference
    }
}
