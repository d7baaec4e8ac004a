//! Turns the made-up content into rows and events, in the order in which it would have happened: the
//! county and its staff, the households of the pilot town village by village, then what they asked.
//! All of it is one transaction, so an interrupted filling leaves nothing behind.

mod appointments;
mod canned;
mod households;
mod inquiries;
mod places;
mod plans;
mod roster;
mod staff;
mod visits;
mod windows;

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use indicatif::ProgressBar;
use uuid::Uuid;

use super::content::divisions::{self, CHENJI};
use super::{DemoError, PASSWORD};
use crate::config::Counting;
use crate::db::{Database, Tx, id_at};
use crate::password;
use crate::tally;

/// The same seed gives the same county.
const SEED: u64 = 411_481_109;
/// How long ago the county began. The pilot town follows, and then the first inquiry.
const BEGAN: TimeDelta = TimeDelta::days(400);
/// China's time, in seconds east of UTC.
const CHINA: i32 = 8 * 3600;

/// How much is made up.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// So many villages of the pilot town have households.
    pub villages: usize,
    /// So many inquiries.
    pub inquiries: usize,
}

impl Extent {
    /// The whole pilot town.
    pub const WHOLE: Self = Self { villages: usize::MAX, inquiries: 3000 };
}

/// Who leads in which village.
type Leads = HashMap<String, Uuid>;

/// A household that may ask, and who asks for it.
struct Asking {
    household_id: Uuid,
    contact_id: Uuid,
    village_code: String,
}

/// Fills an empty database of this program's version.
pub async fn fill(
    tx: &Tx,
    now: DateTime<Utc>,
    extent: Extent,
    progress: &ProgressBar,
) -> Result<(), DemoError> {
    let county = divisions::county();
    progress.set_length(extent.villages.min(34) as u64 + 12);
    progress.set_message("the county and its officers");
    let password_hash = password::hash("password", PASSWORD.to_owned()).await?;
    let stations = places::fill(tx, &county, now).await?;
    plans::fill(tx, &county, now).await?;
    canned::fill(tx, now).await?;
    let windows = windows::fill(tx, &stations, now).await?;
    let (leads, teams) = staff::fill(tx, &county, &stations, &password_hash, now).await?;
    roster::fill(tx, &teams, now).await?;
    progress.set_message("households");
    let town = households::fill(tx, &county, &leads, now, extent.villages, progress).await?;
    if let Some(window_id) = windows.get(CHENJI) {
        appointments::fill(tx, *window_id, &town, now).await?;
    }
    progress.set_message("inquiries");
    inquiries::fill(tx, town, &leads, now, extent.inquiries, progress).await?;
    roster::send_on_leave(tx, &teams, now).await
}

/// Counts the dashboards' numbers up to date.
pub async fn count(
    database: &Database,
    counting: Counting,
    now: DateTime<Utc>,
) -> Result<(), DemoError> {
    while tally::project(database, counting.confirmed_days, now).await? > 0 {}
    Ok(())
}

/// So many minutes into the local day that was `days` ago.
fn local(now: DateTime<Utc>, days: TimeDelta, minutes: i64) -> DateTime<Utc> {
    let china = FixedOffset::east_opt(CHINA).unwrap_or_else(|| chrono::Offset::fix(&Utc));
    let day = (now - days).with_timezone(&china).date_naive();
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight - TimeDelta::seconds(CHINA.into()) + TimeDelta::minutes(minutes)
}
