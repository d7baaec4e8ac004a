//! The connection of one request or of one change, taken from the pool when its first statement needs it.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::sqlx::{self, AssertSqlSafe, Executor};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::pool::{Open, Pool, Pooled};

/// A connection for one request or one change. Its statements wait for each other.
pub struct Connection {
    pool: Pool,
    held: Mutex<Option<Held>>,
    /// A transaction is to begin with the next statement.
    begins: AtomicBool,
}

/// A connection that goes back only when nothing is left half done on it.
struct Held {
    pooled: Option<Pooled>,
    /// A statement was sent and has not been answered to its end.
    asked: bool,
    /// A transaction was begun and has not ended.
    changes: bool,
}

/// Runs `$run` on either kind of connection.
macro_rules! on {
    ($held:expr, $connection:ident => $run:expr) => {{
        let held: &mut Held = $held;
        held.asked = true;
        let result = match held.pooled.as_deref_mut() {
            Some(Open::Postgres($connection)) => $run,
            Some(Open::Sqlite($connection)) => $run,
            None => Err(sqlx::Error::PoolClosed),
        };
        // The database's own refusals leave the connection as it was; what else fails may not.
        held.asked = !matches!(result, Ok(_) | Err(sqlx::Error::Database(_)));
        result
    }};
}

impl Connection {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, held: Mutex::new(None), begins: AtomicBool::new(false) }
    }

    /// Gives the connection back before something slow.
    pub async fn release(&self) {
        self.held.lock().await.take();
    }

    pub(super) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.held.lock().await;
        let held = self.ready(&mut held).await?;
        let (sql, values) = parts(statement);
        let rows = on!(held, connection => sqlx::query_with(sql, values)
            .fetch_all(connection)
            .await
            .map(|rows| rows.into_iter().map(QueryResult::from).collect()));
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut held = self.held.lock().await;
        let held = self.ready(&mut held).await?;
        let (sql, values) = parts(statement);
        let done = on!(held, connection => sqlx::query_with(sql, values)
            .execute(connection)
            .await
            .map(ExecResult::from));
        done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    /// Sends statements without values, which are not kept prepared.
    pub(super) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut held = self.held.lock().await;
        let held = self.ready(&mut held).await?;
        plainly(held, sql).await
    }

    /// Makes the statements that follow one transaction, which ends with [`Connection::commit`] or is undone.
    /// On PostgreSQL it begins with the first of them.
    pub(super) async fn begin(&self) -> Result<(), DbErr> {
        let mut held = self.held.lock().await;
        let held = self.ready(&mut held).await?;
        match held.pooled.as_deref() {
            // Who means to write waits for the lock at once: later it would be too late (SQLITE_BUSY).
            Some(Open::Sqlite(_)) => open_transaction(held, "BEGIN IMMEDIATE").await,
            _ => {
                self.begins.store(true, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// Sends the last statement of a transaction. When it is the first one as well, it needs no transaction:
    /// a statement lasts or does not by itself.
    pub(super) async fn execute_last(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.begins.store(false, Ordering::Relaxed);
        self.execute(statement).await
    }

    /// Makes the transaction last.
    pub(super) async fn commit(&self) -> Result<(), DbErr> {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.changes) {
            let held = self.ready(&mut held).await?;
            plainly(held, "COMMIT").await?;
            held.changes = false;
        }
        Ok(())
    }

    /// The connection; another one when a statement on it broke off, unless a change was begun on it.
    async fn ready<'a>(&self, held: &'a mut Option<Held>) -> Result<&'a mut Held, DbErr> {
        if held.as_ref().is_some_and(|held| held.asked && !held.changes) {
            *held = None;
        }
        let held = match held {
            Some(held) if held.asked => {
                return Err(DbErr::Conn(RuntimeErr::SqlxError(sqlx::Error::PoolClosed.into())));
            }
            Some(held) => held,
            None => {
                // Boxed: opening one is a large future, and everything that may have to wait for it would be as large.
                let pooled = Some(Box::pin(self.pool.take()).await?);
                held.insert(Held { pooled, asked: false, changes: false })
            }
        };
        if self.begins.load(Ordering::Relaxed) {
            open_transaction(held, "BEGIN").await?;
            self.begins.store(false, Ordering::Relaxed);
        }
        Ok(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(pooled) = self.pooled.take() else { return };
        if self.asked {
            // Closed: the database undoes what was begun.
            drop(Pooled::take(pooled));
        } else if self.changes {
            let mut held = Self { pooled: Some(pooled), asked: true, changes: false };
            tokio::spawn(async move { plainly(&mut held, "ROLLBACK").await });
        }
    }
}

async fn open_transaction(held: &mut Held, begin: &str) -> Result<(), DbErr> {
    held.changes = true;
    let begun = plainly(held, begin).await;
    held.changes = begun.is_ok();
    begun.map(drop)
}

async fn plainly(held: &mut Held, sql: &str) -> Result<ExecResult, DbErr> {
    let sql = AssertSqlSafe(sql);
    let done =
        on!(held, connection => connection.execute(sqlx::raw_sql(sql)).await.map(ExecResult::from));
    done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
}

fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    let values = statement.values.unwrap_or(sea_orm::Values(Vec::new()));
    (AssertSqlSafe(statement.sql), SqlxValues(values))
}
