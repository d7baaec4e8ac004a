//! What contacts agree to. A text that somebody has agreed to is never edited; a new version follows it.

use async_graphql::SimpleObject;
use chrono::NaiveDate;

use crate::scalar::Date;

/// A text that contacts agree to when they join (告知书): show it, or read it out, before asking.
#[derive(SimpleObject, Clone, Copy)]
pub struct ConsentText {
    /// Its version; send it back as `textVersion`.
    pub version: &'static str,
    /// The day from which it is in use.
    pub valid_from: Date,
    /// In Chinese.
    pub chinese: &'static str,
    /// In English.
    pub english: &'static str,
}

/// All texts, oldest first; the last one is in use.
static TEXTS: [ConsentText; 1] = [ConsentText {
    version: "2025-1",
    valid_from: Date(day(2025, 1, 1)),
    chinese: include_str!("2025-1.zh.txt"),
    english: include_str!("2025-1.en.txt"),
}];

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MAX,
    }
}

/// All texts, oldest first; the last one is in use.
pub fn texts() -> &'static [ConsentText] {
    &TEXTS
}

/// The text of this version.
pub fn find(version: &str) -> Option<&'static ConsentText> {
    TEXTS.iter().find(|text| text.version == version)
}
