//! How soon an inquiry is to be answered and resolved: what the program comes with, and what the county
//! decided otherwise.

use std::collections::HashMap;

use entity::deadline_target::Hours;
use entity::inquiry::{Category, Priority};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

const HOUR: i32 = 60;
const DAY: i32 = 24 * HOUR;
/// The working hours of a day: 08:30–12:00 and 14:30–18:00.
const WORKDAY: i32 = 7 * HOUR;

/// What is aimed at. All times are minutes of the hours that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// From the opening to the first answer.
    pub first_reply_minutes: i32,
    /// From the opening to the resolution, while the household is not waited for.
    pub resolution_minutes: i32,
    /// From the moment at which the chief is told to the one at which the county is.
    pub escalation_minutes: i32,
    /// Which hours count.
    #[serde(with = "HoursName")]
    pub hours: Hours,
}

/// Under which names the hours are kept.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Hours", rename_all = "SCREAMING_SNAKE_CASE")]
enum HoursName {
    Working,
    RoundTheClock,
}

impl Targets {
    /// What holds while the county decides nothing else. Disputes have 1, 7 and 20 days: what presses, the usual,
    /// and what is complicated.
    pub fn preset(category: Category, priority: Priority) -> Self {
        let by_priority = |high, normal, low| match priority {
            Priority::High => high,
            Priority::Normal => normal,
            Priority::Low => low,
        };
        match category {
            Category::Dispute => Self {
                first_reply_minutes: by_priority(2 * HOUR, DAY, DAY),
                resolution_minutes: by_priority(DAY, 7 * DAY, 20 * DAY),
                escalation_minutes: DAY,
                hours: Hours::RoundTheClock,
            },
            Category::HelpRequest | Category::PublicSecurityLead | Category::FraudAdvice => Self {
                first_reply_minutes: by_priority(HOUR / 2, HOUR, 4 * HOUR),
                resolution_minutes: by_priority(DAY, 3 * DAY, 7 * DAY),
                escalation_minutes: by_priority(HOUR, 4 * HOUR, DAY),
                hours: Hours::RoundTheClock,
            },
            _ => Self {
                first_reply_minutes: by_priority(HOUR, 4 * HOUR, WORKDAY),
                resolution_minutes: by_priority(WORKDAY, 3 * WORKDAY, 5 * WORKDAY),
                escalation_minutes: WORKDAY,
                hours: Hours::Working,
            },
        }
    }
}

/// By what deadlines are set.
#[derive(Debug)]
pub struct Policy {
    /// Which hours are worked.
    pub calendar: Calendar,
    /// What the county decided.
    pub decided: HashMap<(Category, Priority), Targets>,
}

impl Policy {
    /// What is aimed at.
    pub fn targets(&self, category: Category, priority: Priority) -> Targets {
        let decided = self.decided.get(&(category, priority));
        decided.copied().unwrap_or_else(|| Targets::preset(category, priority))
    }
}
