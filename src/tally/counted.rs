//! What a household counts as. An event that changes a household says so for before and after.

use chrono::NaiveDate;
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
    /// Adds the household to the numbers, or takes it out of them.
    pub(super) fn add_to(&self, tally: &mut Tally, sign: i64) {
        tally.people += sign * self.people;
        let place = match self.status.as_str() {
            "UNVISITED" => &mut tally.unvisited,
            "VISITED" => &mut tally.visited,
            "ENROLLED" => &mut tally.enrolled,
            "DECLINED" => &mut tally.declined,
            "MOVED_AWAY" => &mut tally.moved_away,
            "NO_SMARTPHONE" => &mut tally.no_smartphone,
            "VACANT" => &mut tally.vacant,
            _ => return,
        };
        *place += sign;
    }
}
