//! What has to be known to say who is on duty.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::pattern::Pattern;
use crate::calendar::CalendarDay;

/// What has to be known of a village and its station from one moment to another, in the order in which the store gives it.
#[derive(Deserialize, Clone, Debug, Default)]
pub struct Facts {
    /// The active officers of the station, those posted to the village, the county administrators, and in any
    /// case somebody. One who is there for several of these reasons is there several times.
    pub officers: Vec<Known>,
    /// The shifts of the village and of the station.
    pub shifts: Vec<Planned>,
    /// The swaps of these days and the day before.
    pub swaps: Vec<Swapped>,
    /// The leaves.
    pub leaves: Vec<Away>,
    /// The postings to the village.
    pub postings: Vec<Posted>,
    /// The days and the day before, where they are not what their weekdays would make them.
    pub days: Vec<CalendarDay>,
}

impl Facts {
    /// The same without these officers: they are passed over wherever their turn would be.
    pub fn without(mut self, officers: &[Uuid]) -> Self {
        self.officers.retain(|known| !officers.contains(&known.id));
        self
    }
}

/// An active officer.
#[derive(Deserialize, Clone, Debug)]
pub struct Known {
    /// Who.
    pub id: Uuid,
    /// What the account is for.
    pub rank: Rank,
    /// Whether it is one of the station's: 1 or 0.
    pub at_station: u8,
}

/// The roles of those who may be on duty.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rank {
    /// 民警、辅警
    Officer,
    /// 所长
    StationChief,
    /// 县局管理员
    CountyAdmin,
}

/// A shift.
#[derive(Deserialize, Clone, Debug)]
pub struct Planned {
    /// Its id.
    pub id: Uuid,
    /// Whether it is for the village rather than the whole station: 1 or 0.
    pub of_village: u8,
    /// Who does it.
    pub officer_id: Uuid,
    /// When it is.
    pub pattern: Pattern,
}

/// A shift of one day that another officer does.
#[derive(Deserialize, Clone, Debug)]
pub struct Swapped {
    /// Its id.
    pub id: Uuid,
    /// Which shift.
    pub shift_id: Uuid,
    /// The day on which it begins.
    pub day: chrono::NaiveDate,
    /// Who does it.
    pub officer_id: Uuid,
}

/// A leave.
#[derive(Deserialize, Clone, Debug)]
pub struct Away {
    /// Its id.
    pub id: Uuid,
    /// Who is away.
    pub officer_id: Uuid,
    /// Who stands in.
    pub cover_id: Uuid,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub ends_at: DateTime<Utc>,
}

/// A posting to the village.
#[derive(Deserialize, Clone, Debug)]
pub struct Posted {
    /// Its id.
    pub id: Uuid,
    /// Who.
    pub officer_id: Uuid,
    /// In which standing.
    pub duty: Standing,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub ends_at: Option<DateTime<Utc>>,
}

/// In which standing somebody looks after a village, first choice first.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Standing {
    /// 包村民警
    Lead,
    /// 辅警
    Auxiliary,
    /// 顶岗
    Cover,
}
