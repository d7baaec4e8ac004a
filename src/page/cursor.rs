//! A cursor carries the place of a row in one list's order, signed, so that a forged one, or one of
//! another list, is refused.

use chrono::DateTime;
use sea_orm::Value;
use serde::{Deserialize, Serialize};

use crate::crypt::Keyring;
use crate::error::{Error, Result};
use crate::record::Record;

/// The value of a column in a cursor.
#[derive(Serialize, Deserialize)]
enum Part {
    /// Microseconds since 1970.
    Time(i64),
    Number(i64),
    Text(String),
    Id(uuid::Uuid),
}

impl Part {
    fn of(value: Value) -> Result<Self> {
        match value {
            Value::ChronoDateTimeUtc(Some(time)) => Ok(Self::Time(time.timestamp_micros())),
            Value::Int(Some(number)) => Ok(Self::Number(number.into())),
            Value::BigInt(Some(number)) => Ok(Self::Number(number)),
            Value::String(Some(text)) => Ok(Self::Text(text)),
            Value::Uuid(Some(id)) => Ok(Self::Id(id)),
            _ => Err(Error::internal("a list is ordered by a column that no cursor can carry")),
        }
    }

    fn value(self) -> Result<Value> {
        Ok(match self {
            Self::Time(micros) => {
                DateTime::from_timestamp_micros(micros).ok_or_else(Error::bad_cursor)?.into()
            }
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Id(id) => id.into(),
        })
    }
}

/// What a cursor is signed for: it fits lists of this type in this order only.
fn purpose<R: Record>(order: R::Order) -> String {
    let columns = R::sort(order);
    format!("cursor {} {:?} {}", R::KIND as u8, columns.columns, columns.descending)
}

/// The cursor of `record` in a list of this order.
pub(super) fn encode<R: Record>(record: &R, order: R::Order, keyring: &Keyring) -> Result<String> {
    let parts: Vec<Part> =
        record.sort_values(order).into_iter().map(Part::of).collect::<Result<_>>()?;
    let body = serde_json::to_vec(&parts).map_err(Error::internal)?;
    Ok(keyring.sign(&purpose::<R>(order), &body))
}

/// The values that a cursor carries, one for each column of the order.
pub(super) fn decode<R: Record>(
    cursor: &str,
    order: R::Order,
    keyring: &Keyring,
) -> Result<Vec<Value>> {
    let body = keyring.signed(&purpose::<R>(order), cursor).ok_or_else(Error::bad_cursor)?;
    let parts: Vec<Part> = serde_json::from_slice(&body).map_err(|_| Error::bad_cursor())?;
    parts.into_iter().map(Part::value).collect()
}
