//! The one door to the database. [`Database::reader`] wants a [`Scope`] and gives a [`Reader`] whose
//! every list lies within it; [`Database::begin`] wants a [`Grant`] and gives a [`Tx`]. There is no
//! other way in, so a list that forgot the caller's area, or a write without a permission, does not compile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

use tokio::sync::Notify;

use crate::access::{Grant, Scope};
use crate::crypt::Keyring;
use crate::error::{Error, Result, UserErrorCode};

pub mod area;
pub mod bulk;
mod connection;
pub mod keys;
mod once;
mod reader;
mod tx;

pub use area::{Column, Place};
pub use connection::RequestConnection;
pub use keys::{Key, Sort};
pub use once::{Made, Once};
pub use reader::{Reader, Scoped};
pub use tx::Tx;

/// How long a statement waits for a free connection before the caller is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that idled this long is tried before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(2);
/// How long SQLite waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The pools of one database.
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
    keyring: Arc<Keyring>,
    statements: Arc<AtomicU64>,
    committed: Arc<Notify>,
}

impl Database {
    /// Connects to `url` (`sqlite://path` or `postgres://…`) with at most `connections` connections.
    /// SQLite gets one connection that writes and `connections` that read.
    pub async fn connect(
        url: &str,
        connections: u32,
        keyring: Arc<Keyring>,
    ) -> Result<Self, DbErr> {
        let (read, write) = if url.starts_with("sqlite:") {
            let write = sea_orm::Database::connect(sqlite(url, 1, false)).await?;
            (sea_orm::Database::connect(sqlite(url, connections, true)).await?, write)
        } else {
            let pool = sea_orm::Database::connect(postgres(url, connections)).await?;
            (pool.clone(), pool)
        };
        Ok(Self { read, write, keyring, statements: Arc::default(), committed: Arc::default() })
    }

    /// A connection for one request.
    pub fn connection(&self) -> Arc<RequestConnection> {
        Arc::new(RequestConnection::new(self.read.clone()))
    }

    /// Reads what lies within `scope`, over the request's connection.
    pub fn reader(&self, connection: Arc<RequestConnection>, scope: Scope) -> Reader {
        Reader::on_connection(
            connection,
            self.backend(),
            scope,
            self.keyring.clone(),
            self.statements.clone(),
        )
    }

    /// Begins a change of what `grant` allows. Dropping the [`Tx`] undoes it.
    pub async fn begin(&self, grant: &Grant) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = self.write.begin_with_options(options).await?;
        let reader = Reader::in_transaction(
            transaction,
            self.backend(),
            *grant.scope(),
            self.keyring.clone(),
            self.statements.clone(),
        );
        Ok(Tx::new(reader, self.committed.clone()))
    }

    /// Waits until this instance commits a change that has events.
    pub async fn committed(&self) {
        self.committed.notified().await;
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// The keys that seal personal data.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// How many statements were sent since the start, not counting BEGIN and COMMIT.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Applies the migrations that are missing. Fails when the database is ahead of the program.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(&self.write, None).await.map_err(newer)
    }

    /// Whether the database answers and has every migration of this program and no other.
    pub async fn ready(&self) -> Result<(), DbErr> {
        match Migrator::get_pending_migrations(&self.write).await.map_err(newer)?.len() {
            0 => Ok(()),
            missing => Err(DbErr::Custom(format!(
                "{missing} migrations are missing; `huhutong migrate` adds them"
            ))),
        }
    }

    /// How many connections the pool of readers has open, and how many of them are idle.
    pub fn pool_size(&self) -> (u32, usize) {
        match self.backend() {
            DbBackend::Postgres => {
                let pool = self.read.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.read.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        }
    }

    /// Closes the pools; SQLite then folds its write-ahead log into the file.
    pub async fn close(&self) {
        for pool in [&self.read, &self.write] {
            if let Err(error) = pool.clone().close().await {
                tracing::warn!(error = describe(&error), "could not close the database");
            }
        }
    }
}

/// SQL of our own, with `{}` for each value, which the databases write in ways of their own.
pub fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    let mut numbered = String::with_capacity(sql.len());
    for (nth, part) in sql.split("{}").enumerate() {
        if nth > 0 && backend == DbBackend::Postgres {
            numbered.push_str(&format!("${nth}"));
        } else if nth > 0 {
            numbered.push('?');
        }
        numbered.push_str(part);
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common(url, connections);
    options
        .test_before_acquire_if_idle_for(TRUSTED_IDLE)
        .set_application_name("huhutong")
        .map_sqlx_postgres_opts(|options| {
            // Statements are planned once a connection, not once a request: planning costs more than
            // running them, and lists of keys and limits are written so that one plan fits all.
            options
                .statement_cache_capacity(500)
                .options([("plan_cache_mode", "force_generic_plan")])
        });
    options
}

fn sqlite(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let mut options = common(url, connections);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(!read_only)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .row_buffer_size(1000)
            .statement_cache_capacity(500)
            .pragma("cache_size", "-16000");
        if read_only {
            options.read_only(true)
        } else {
            options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        }
    });
    options
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
                tracing::warn!(error = describe(&error), "the database is away");
                Self::unavailable()
            }
            DbErr::Query(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
                if is_away(cause) =>
            {
                tracing::warn!(error = describe(&error), "the database went away");
                Self::unavailable()
            }
            _ => Self::internal(describe(&error)),
        }
    }
}

/// Whether the connection failed, rather than the statement.
fn is_away(error: &sea_orm::sqlx::Error) -> bool {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        Sqlx::Io(_)
        | Sqlx::Tls(_)
        | Sqlx::PoolTimedOut
        | Sqlx::PoolClosed
        | Sqlx::WorkerCrashed => true,
        // Class 08: connection exceptions; class 57P: the server is shutting down or starting up.
        Sqlx::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        }
        _ => false,
    }
}

/// What may be logged of a database error: its kind and code, never a value.
pub fn describe(error: &DbErr) -> String {
    let cause = match error {
        DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => cause,
        DbErr::Migration(text) | DbErr::Custom(text) => return text.clone(),
        DbErr::Type(_) | DbErr::Json(_) => {
            return "a stored value has an unexpected type".to_owned();
        }
        DbErr::RecordNotUpdated => return "no row was updated".to_owned(),
        other => return format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
    };
    match &**cause {
        sea_orm::sqlx::Error::Database(database) => match database.code() {
            Some(code) => format!("code {code}: {}", database.message()),
            None => database.message().to_owned(),
        },
        other => other.to_string(),
    }
}

/// Says plainly that the database has migrations that this program does not know.
fn newer(error: DbErr) -> DbErr {
    match &error {
        DbErr::Custom(text) if text.starts_with("Migration file of version") => {
            DbErr::Custom("a newer program has changed the database; use that program".to_owned())
        }
        _ => error,
    }
}

/// How many rows a conditional update or delete changed: one, or it lost against another change.
pub fn changed_one(rows: u64) -> Result<()> {
    if rows == 1 {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::VersionConflict,
        "expectedVersion",
        "内容已被他人修改，请刷新后重试。",
        "Somebody else changed this meanwhile. Load it again and retry.",
    ))
}

/// Turns the violation of the unique index on `table.column` into an error of the caller.
pub fn on_taken<T>(
    result: Result<T, DbErr>,
    table: &str,
    column: &str,
    refusal: impl FnOnce() -> Error,
) -> Result<T> {
    result.map_err(|error| match error.sql_err() {
        // PostgreSQL names the index, SQLite the column.
        Some(SqlErr::UniqueConstraintViolation(text))
            if text.contains(&format!("{table}_{column}"))
                || text.contains(&format!("{table}.{column}")) =>
        {
            refusal()
        }
        _ => error.into(),
    })
}
