//! The calendar that comes with the program: the public holidays as the State Council set them (国务院办公厅
//! 关于部分节假日安排的通知). A year of which anything is known is never touched.

use chrono::{DateTime, Datelike, Utc};

use super::{Calendar, WorkingHours, ics, store};
use crate::access::{self, Act};
use crate::actor::Actor;
use crate::db::Database;
use crate::error::Result;

/// The years, as files that could be imported.
const SHIPPED: &[&str] = &[include_str!("shipped/2026.ics")];

/// The usual hours: 08:30 to 12:00 and 14:30 to 18:00.
const HOURS: [WorkingHours; 2] =
    [WorkingHours { start: 510, end: 720 }, WorkingHours { start: 870, end: 1080 }];

impl Calendar {
    /// The calendar before anybody has set one up.
    pub fn initial() -> Self {
        Self { version: 0, hours: HOURS.to_vec(), days: Vec::new(), changed_at: None }
    }
}

/// Adds the years that are missing. Answers with how many.
pub async fn ship(database: &Database, now: DateTime<Utc>) -> Result<usize> {
    let grant = access::grant(&Actor::SYSTEM, Act::KeepService, now)?;
    let mut tx = database.begin(&grant).await?;
    let before = store::current_in(&tx).await?;
    let mut after = before.clone();
    let mut added = 0;
    for file in SHIPPED {
        let days = ics::read(file)?;
        let year = days[0].day.0.year();
        if before.days.iter().all(|one| one.day.0.year() != year) {
            after.days.extend(days);
            added += 1;
        }
    }
    if added > 0 {
        after.days.sort_by_key(|one| one.day);
        store::write(&mut tx, &before, after, now).await?;
        tx.commit().await?;
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::rules;

    #[test]
    fn every_shipped_year_is_one_that_could_be_imported() {
        for file in SHIPPED {
            let days = ics::read(file).unwrap();
            let year = days[0].day.0.year();
            assert!(days.iter().all(|one| one.day.0.year() == year));
            rules::check(&Calendar { days, ..Calendar::initial() }, "ics").unwrap();
        }
    }
}
