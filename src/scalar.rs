//! Scalars of the contract for values that have a form.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

/// The level of a division code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Six digits.
    County = 6,
    /// Nine digits.
    Township = 9,
    /// Twelve digits.
    Village = 12,
}

/// Checks that moments lie between the years 1 and 9999, which every database and client knows.
pub fn check_moments(moments: &[Option<DateTime<Utc>>]) -> Result<()> {
    if moments.iter().flatten().all(|moment| (1..=9999).contains(&moment.year())) {
        return Ok(());
    }
    Err(Error::top(
        Code::BadUserInput,
        "时间应在公元1年到9999年之间。",
        "A moment must lie between the years 1 and 9999.",
    ))
}

/// A code of the division tree, in the form that the caller sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DivisionCode(pub String);

impl DivisionCode {
    /// The code, if it has the form of this level.
    pub fn expect(&self, level: Level) -> Result<&str> {
        let digits = level as usize;
        if self.0.len() == digits && self.0.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(&self.0);
        }
        Err(Error::top(
            Code::BadUserInput,
            format!("行政区划代码应为{digits}位数字。"),
            format!("This division code must have {digits} digits."),
        ))
    }

    /// The code, if it has the form of any level: an area.
    pub fn expect_area(&self) -> Result<&str> {
        self.expect(Level::County)
            .or_else(|_| self.expect(Level::Township))
            .or_else(|_| self.expect(Level::Village))
    }
}

/// A code of the division tree: 6 digits for a county (GB/T 2260), 9 for a township (GB/T 10114), 12
/// for a village (statistics code). The code is the key; names repeat.
#[Scalar(specified_by_url = "https://www.stats.gov.cn/sj/tjbz/gjtjbz/")]
impl ScalarType for DivisionCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A day of the calendar, in China's time zone.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub NaiveDate);

/// A day of the calendar in China's time zone (UTC+8), such as 2026-11-25, from the year 1 to 9999.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let day = (text.len() == 10).then(|| text.parse::<NaiveDate>().ok()).flatten();
        match day.filter(|day| day.year() >= 1) {
            Some(day) => Ok(Self(day)),
            None => Err(InputValueError::custom("A day is written as YYYY-MM-DD.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A day of the week.
#[derive(
    Enum, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Weekday {
    /// 星期一
    Monday,
    /// 星期二
    Tuesday,
    /// 星期三
    Wednesday,
    /// 星期四
    Thursday,
    /// 星期五
    Friday,
    /// 星期六
    Saturday,
    /// 星期日
    Sunday,
}

impl Weekday {
    /// All days, in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The bit of a weekday; Monday's is 1.
    pub fn bit(day: chrono::Weekday) -> i32 {
        1 << day.num_days_from_monday()
    }

    /// The day of the week of a day.
    pub fn of(day: NaiveDate) -> Self {
        match day.weekday() {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }
}

/// A time of day in China, in minutes since midnight.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub u16);

/// A time of day in China's time zone (UTC+8), in hours and minutes, such as 08:30, from 00:00 to 24:00.
#[Scalar]
impl ScalarType for TimeOfDay {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let digits = |text: &str| match text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit())
        {
            true => text.parse::<u16>().ok(),
            false => None,
        };
        let parts = text.split_once(':').map(|(hours, minutes)| (digits(hours), digits(minutes)));
        match parts {
            Some((Some(hours), Some(minutes))) if minutes < 60 && hours * 60 + minutes <= 1440 => {
                Ok(Self(hours * 60 + minutes))
            }
            _ => Err(InputValueError::custom("A time of day is written as HH:MM.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

/// A phone number, perhaps masked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhoneNumber(pub String);

/// A phone number in digits, without spaces: 11 digits for a mobile number, area code and number for
/// a landline. Digits are replaced by `*` where the caller may not see it in full.
#[Scalar]
impl ScalarType for PhoneNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A share in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl Percent {
    /// The share of `part` in `whole`; nothing when there is no whole.
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "counts of people stay far below 2^52")]
        (whole > 0).then(|| Self((part as f64 / whole as f64 * 1000.0).round() / 10.0))
    }
}

/// A share in percent, from 0 to 100, rounded to one decimal place.
#[Scalar]
impl ScalarType for Percent {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => match number.as_f64() {
                Some(share) => Ok(Self(share)),
                None => Err(InputValueError::expected_type(value)),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        serde_json::Number::from_f64(self.0).map_or(Value::Null, Value::Number)
    }
}
