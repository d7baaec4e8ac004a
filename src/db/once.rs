//! Nothing is done twice: a creating mutation carries a key of the caller's choice. The same key
//! with the same input gives the first result again, with another input it is refused. The key is
//! written in the transaction of the change, so a crash leaves both or neither.

use async_graphql::InputType;
use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use uuid::Uuid;

use super::{Tx, statement};
use crate::error::{Error, Result, UserErrorCode};
use crate::text;

/// The most characters of an idempotency key.
const MAX_KEY: usize = 100;
/// For how many days a key is remembered.
pub const REMEMBERED_DAYS: i64 = 90;

/// A change that must not be made twice.
pub struct Once {
    key: String,
    input: String,
}

/// What came of a change that must not be made twice.
pub enum Made<T> {
    /// It was made now.
    Now(T),
    /// It was made before; what came of it then may lie elsewhere by now.
    Before(Option<T>),
}

impl<T> Made<T> {
    /// What came of it, now or before.
    pub fn object(self) -> Option<T> {
        match self {
            Self::Now(object) => Some(object),
            Self::Before(object) => object,
        }
    }
}

impl Once {
    /// The change that `mutation` makes with `input`, under the caller's `key`.
    pub fn new(mutation: &str, key: &str, input: &impl InputType) -> Result<Self> {
        let key = text::required("idempotencyKey", key, MAX_KEY)?;
        Ok(Self { key, input: format!("{mutation} {}", input.to_value()) })
    }

    /// What the caller has made under a key.
    pub async fn made_before(tx: &Tx, key: &str) -> Result<Option<Uuid>> {
        let caller_id = tx.scope().actor().id;
        let first = idempotency::Entity::find_by_id((caller_id, key.to_owned())).one(tx).await?;
        Ok(first.map(|row| row.result_id))
    }

    /// Takes the key for `result_id`. When the change was made before, gives its result's id.
    pub async fn claim(&self, tx: &Tx, result_id: Uuid, at: DateTime<Utc>) -> Result<Option<Uuid>> {
        let caller_id = tx.scope().actor().id;
        let hashes = tx.keyring().hashes("idempotency", self.input.as_bytes());
        let row = idempotency::ActiveModel {
            caller_id: Set(caller_id),
            key: Set(self.key.clone()),
            input_hash: Set(hashes.first().cloned().unwrap_or_default()),
            result_id: Set(result_id),
            created_at: Set(at),
        };
        let inserted = idempotency::Entity::insert(row)
            .on_conflict_do_nothing_on([idempotency::Column::CallerId, idempotency::Column::Key])
            .exec_without_returning(tx)
            .await?;
        if matches!(inserted, sea_orm::TryInsertResult::Inserted(count) if count > 0) {
            return Ok(None);
        }
        let first = idempotency::Entity::find_by_id((caller_id, self.key.clone()))
            .one(tx)
            .await?
            .ok_or_else(Error::unavailable)?;
        if hashes.contains(&first.input_hash) {
            return Ok(Some(first.result_id));
        }
        Err(Error::user(
            UserErrorCode::IdempotencyKeyReused,
            "idempotencyKey",
            "该幂等键已用于另一次不同的提交。",
            "This idempotency key was used before with another input.",
        ))
    }
}

/// Forgets keys that are remembered no more, at most `limit`, and tells how many. There is no index of
/// their age: it would cost every change more than looking for them costs once an hour.
pub async fn forget_old(tx: &Tx, limit: u64, now: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM idempotency WHERE (caller_id, key) IN \
               (SELECT caller_id, key FROM idempotency WHERE created_at < {} LIMIT {})";
    let values = vec![(now - TimeDelta::days(REMEMBERED_DAYS)).into(), limit.into()];
    Ok(tx.execute_raw(statement(tx.backend(), sql, values)).await?.rows_affected())
}
