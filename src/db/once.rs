//! Nothing is done twice: a creating mutation carries a key of the caller's choice. The same key
//! with the same input gives the first result again, with another input it is refused. The key is
//! written in the transaction of the change, so a crash leaves both or neither.

use async_graphql::InputType;
use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency;
use sea_orm::sea_query::{Expr, JoinType, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Select,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{FirstRows, Reader, Tx, statement};
use crate::error::{Error, Result, UserErrorCode};
use crate::text;

/// The most characters of an idempotency key.
const MAX_KEY: usize = 100;
/// For how many days a key is remembered.
pub const REMEMBERED_DAYS: i64 = 90;

/// What the hashes of inputs are for.
const HASHED: &str = "idempotency";

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
    /// The columns before those of what is looked up along with a key.
    pub const COLUMNS: usize = 3;

    /// The change that `mutation` makes with `input`, under the caller's `key`.
    pub fn new(mutation: &str, key: &str, input: &impl InputType) -> Result<Self> {
        let key = text::required("idempotencyKey", key, MAX_KEY)?;
        Ok(Self { key, input: format!("{mutation} {}", input.to_value()) })
    }

    /// What the caller has made under a key.
    pub async fn made_before(tx: &Tx, key: &str) -> Result<Option<Uuid>> {
        Ok(first(tx, key).await?.map(|row| row.result_id))
    }

    /// Takes the key for `result_id`. When the change was made before, gives its result's id.
    pub async fn claim(&self, tx: &Tx, result_id: Uuid, at: DateTime<Utc>) -> Result<Option<Uuid>> {
        let inserted = idempotency::Entity::insert(self.row(tx, result_id, at))
            .on_conflict_do_nothing_on([idempotency::Column::CallerId, idempotency::Column::Key])
            .exec_without_returning(tx)
            .await?;
        if matches!(inserted, sea_orm::TryInsertResult::Inserted(count) if count > 0) {
            return Ok(None);
        }
        let first = first(tx, &self.key).await?.ok_or_else(Error::unavailable)?;
        self.same(tx, &first.input_hash)?;
        Ok(Some(first.result_id))
    }

    /// Remembers what came of each of many, for a change whose result is no single object.
    pub async fn remember(&self, tx: &Tx, answer: &impl Serialize) -> Result<()> {
        let answer = serde_json::to_string(answer).map_err(Error::internal)?;
        idempotency::Entity::update_many()
            .col_expr(idempotency::Column::Answer, Expr::val(answer))
            .filter(idempotency::Column::CallerId.eq(tx.scope().actor().id))
            .filter(idempotency::Column::Key.eq(self.key.as_str()))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// What [`Once::remember`] kept when the change was made.
    pub async fn remembered<T: DeserializeOwned>(&self, tx: &Tx) -> Result<T> {
        let kept = first(tx, &self.key).await?.and_then(|row| row.answer).unwrap_or_default();
        serde_json::from_str(&kept).map_err(Error::internal)
    }

    /// What was made under the key before, looked up by the statement that reads what the change needs: the
    /// first row of `with`, led by a 1. A change that then writes everything with [`Once::take`] in one
    /// statement takes two in all.
    pub async fn look_up(
        &self,
        reader: &Reader,
        with: &FirstRows,
    ) -> Result<(Option<Uuid>, Option<QueryResult>)> {
        let always = Query::select().expr_as(Expr::cust("1"), "one").take();
        let columns = [idempotency::Column::ResultId, idempotency::Column::InputHash];
        let taken = taken(reader, &self.key).select_only().columns(columns);
        let mut known = Query::select();
        known.columns([("taken", "result_id"), ("taken", "input_hash")]);
        known.from_subquery(always, "always").join_subquery(
            JoinType::LeftJoin,
            QueryTrait::into_query(taken),
            "taken",
            Expr::cust("TRUE"),
        );
        let row = reader.row_beside(&known, with).await?;
        let Some(row) = row else { return Ok((None, None)) };
        let first: Option<Uuid> = row.try_get_by_index(0)?;
        let hash: Option<Vec<u8>> = row.try_get_by_index(1)?;
        hash.map(|hash| self.same(reader, &hash)).transpose()?;
        let found: Option<i32> = row.try_get_by_index(2)?;
        Ok((first, found.map(|_| row)))
    }

    /// Notes that the key is taken for `result_id`. The change fails when somebody was faster.
    pub fn take(&self, tx: &mut Tx, result_id: Uuid, at: DateTime<Utc>) {
        let row = self.row(tx, result_id, at);
        tx.add(row);
    }

    fn row(&self, reader: &Reader, result_id: Uuid, at: DateTime<Utc>) -> idempotency::ActiveModel {
        let hashes = reader.keyring().hashes(HASHED, self.input.as_bytes());
        idempotency::ActiveModel {
            caller_id: Set(reader.scope().actor().id),
            key: Set(self.key.clone()),
            input_hash: Set(hashes.into_iter().next().unwrap_or_default()),
            result_id: Set(result_id),
            created_at: Set(at),
            answer: Set(None),
        }
    }

    /// Whether the key was used with the same input then.
    fn same(&self, reader: &Reader, hash: &Vec<u8>) -> Result<()> {
        if reader.keyring().hashes(HASHED, self.input.as_bytes()).contains(hash) {
            return Ok(());
        }
        Err(Error::user(
            UserErrorCode::IdempotencyKeyReused,
            "idempotencyKey",
            "该幂等键已用于另一次不同的提交。",
            "This idempotency key was used before with another input.",
        ))
    }
}

async fn first(tx: &Tx, key: &str) -> Result<Option<idempotency::Model>> {
    Ok(taken(tx, key).one(tx).await?)
}

/// Whether and for what the caller has taken a key.
fn taken(reader: &Reader, key: &str) -> Select<idempotency::Entity> {
    idempotency::Entity::find_by_id((reader.scope().actor().id, key.to_owned()))
}

/// Forgets keys that are remembered no more, at most `limit`, and tells how many. There is no index of
/// their age: it would cost every change more than looking for them costs once an hour.
pub async fn forget_old(tx: &Tx, limit: u64, now: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM idempotency WHERE (caller_id, key) IN \
               (SELECT caller_id, key FROM idempotency WHERE created_at < {} LIMIT {})";
    let values = vec![(now - TimeDelta::days(REMEMBERED_DAYS)).into(), limit.into()];
    Ok(tx.execute_raw(statement(tx.backend(), sql, values)).await?.rows_affected())
}
