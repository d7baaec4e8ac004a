//! What a household counts as. An event that changes a household says so for before and after.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Tally;

/// One side of a household's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// The village that it counts for; where the event happened when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village: Option<String>,
    /// The township of that village.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub township: Option<String>,
    /// How far it is with us, in the words of the table.
    pub status: String,
    /// How many people live there.
    pub people: i64,
    /// Whether one of its contacts may be messaged.
    #[serde(default)]
    pub reachable: bool,
    /// The day on which a contact was last found to be right.
    #[serde(default)]
    pub confirmed_on: Option<NaiveDate>,
}

impl Counted {
    /// Adds the household to the numbers from this day on, or takes it out of them. A confirmation
    /// counts for `confirmed_days`: that it lapses is known at once, and is a change of a later day.
    pub(super) fn add_to(
        &self,
        days: &mut BTreeMap<NaiveDate, Tally>,
        day: NaiveDate,
        sign: i64,
        confirmed_days: u16,
    ) {
        let lapses =
            self.confirmed_on.and_then(|on| on.checked_add_days(Days::new(confirmed_days.into())));
        let tally = days.entry(day).or_default();
        tally.people += sign * self.people;
        tally.reachable += sign * i64::from(self.reachable);
        if let Some(place) = self.place(tally) {
            *place += sign;
        }
        if let Some(lapses) = lapses.filter(|lapses| *lapses > day) {
            tally.recently_confirmed += sign;
            days.entry(lapses).or_default().recently_confirmed -= sign;
        }
    }

    fn place<'a>(&self, tally: &'a mut Tally) -> Option<&'a mut i64> {
        Some(match self.status.as_str() {
            "UNVISITED" => &mut tally.unvisited,
            "VISITED" => &mut tally.visited,
            "ENROLLED" => &mut tally.enrolled,
            "DECLINED" => &mut tally.declined,
            "MOVED_AWAY" => &mut tally.moved_away,
            "NO_SMARTPHONE" => &mut tally.no_smartphone,
            "VACANT" => &mut tally.vacant,
            _ => return None,
        })
    }
}
