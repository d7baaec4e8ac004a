//! One pooled connection for a whole request, taken when the first statement needs it. Going back to
//! the pool costs a round trip, so a request goes back once and not once a statement.

use sea_orm::sqlx::{self, AssertSqlSafe, Postgres, Sqlite, pool::PoolConnection};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

enum Pooled {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

/// The connection of one request. Statements of one request wait for each other.
pub struct RequestConnection {
    pool: DatabaseConnection,
    held: Mutex<Option<Pooled>>,
}

impl RequestConnection {
    pub(super) fn new(pool: DatabaseConnection) -> Self {
        Self { pool, held: Mutex::new(None) }
    }

    /// Gives the connection back before something slow, or before a transaction takes another.
    pub async fn release(&self) {
        self.held.lock().await.take();
    }

    pub(super) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.held.lock().await;
        if held.is_none() {
            *held = Some(self.acquire().await?);
        }
        let sql = AssertSqlSafe(statement.sql);
        let values = SqlxValues(statement.values.unwrap_or(sea_orm::Values(Vec::new())));
        let result = match held.as_mut() {
            Some(Pooled::Postgres(connection)) => sqlx::query_with(sql, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Some(Pooled::Sqlite(connection)) => sqlx::query_with(sql, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            None => return Err(DbErr::Custom("no connection is held".to_owned())),
        };
        result.map_err(|error| {
            *held = None;
            DbErr::Query(RuntimeErr::SqlxError(error.into()))
        })
    }

    async fn acquire(&self) -> Result<Pooled, DbErr> {
        let taken = match self.pool.get_database_backend() {
            DbBackend::Postgres => {
                self.pool.get_postgres_connection_pool().acquire().await.map(Pooled::Postgres)
            }
            _ => self.pool.get_sqlite_connection_pool().acquire().await.map(Pooled::Sqlite),
        };
        taken.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }
}
