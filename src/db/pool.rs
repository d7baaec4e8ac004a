//! The connections that requests share. The pool neither tries a connection when it comes back nor
//! makes a task of its return, as the one of SQLx does: that costs a round trip a request.

use std::str::FromStr;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, PoolError, QueueMode, RecycleResult, Timeouts};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions, Connection, Error, PgConnection, SqliteConnection};
use sea_orm::{DbBackend, DbErr, RuntimeErr};

/// How long a statement waits for a free connection before the caller is told to come back.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// A connection that was not asked for this long is tried before it is used.
const TRUSTED: Duration = Duration::from_secs(2);
/// A connection that was not asked for this long is closed.
const IDLE: Duration = Duration::from_mins(10);
/// A connection this old is closed: what PostgreSQL keeps for it only grows.
const LIFETIME: Duration = Duration::from_mins(30);
/// How long SQLite waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many statements a connection keeps prepared.
const PREPARED: usize = 500;

/// The pools of the readers and of the writers of the database at `url`. PostgreSQL makes no difference
/// between them; SQLite has one writer.
pub(super) fn open(url: &str, backend: DbBackend, size: u32) -> Result<(Pool, Pool), DbErr> {
    let wrong = |error: Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    if backend == DbBackend::Postgres {
        let options = PgConnectOptions::from_str(url).map_err(wrong)?;
        // Statements are planned once a connection, not once a request: planning costs more than
        // running them, and lists of keys and limits are written so that one plan fits all.
        let options = options
            .application_name("huhutong")
            .statement_cache_capacity(PREPARED)
            .options([("plan_cache_mode", "force_generic_plan")])
            .disable_statement_logging();
        let pool = Pool::new(Opener::Postgres(Box::new(options)), size)?;
        return Ok((pool.clone(), pool));
    }
    let options = SqliteConnectOptions::from_str(url).map_err(wrong)?;
    let reading = reading(options.clone()).read_only(true);
    let opener = |options| Opener::Sqlite(Box::new(options));
    Ok((Pool::new(opener(reading), size)?, Pool::new(opener(writing(options)), 1)?))
}

/// A connection to SQLite that writes, and makes the file.
pub(super) fn writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    reading(options).create_if_missing(true).journal_mode(SqliteJournalMode::Wal)
}

fn reading(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(1000)
        .statement_cache_capacity(PREPARED)
        .pragma("cache_size", "-16000")
        .disable_statement_logging()
}

/// An open connection.
pub(super) enum Open {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Opens connections, and tells which are still good.
pub(super) enum Opener {
    Postgres(Box<PgConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>),
}

impl managed::Manager for Opener {
    type Type = Open;
    type Error = Error;

    async fn create(&self) -> Result<Open, Error> {
        Ok(match self {
            Self::Postgres(options) => Open::Postgres(options.connect().await?),
            Self::Sqlite(options) => Open::Sqlite(options.connect().await?),
        })
    }

    async fn recycle(&self, open: &mut Open, metrics: &Metrics) -> RecycleResult<Error> {
        if metrics.age() > LIFETIME {
            return Err(managed::RecycleError::message("old"));
        }
        if metrics.last_used() > TRUSTED {
            match open {
                Open::Postgres(connection) => connection.ping().await?,
                Open::Sqlite(connection) => connection.ping().await?,
            }
        }
        Ok(())
    }
}

/// The connections to one database, for one purpose.
#[derive(Clone)]
pub(super) struct Pool(managed::Pool<Opener>);

/// A connection that goes back to its pool when it is dropped.
pub(super) type Pooled = managed::Object<Opener>;

impl Pool {
    /// At most `size` connections.
    pub(super) fn new(opener: Opener, size: u32) -> Result<Self, DbErr> {
        let patience = Some(PATIENCE);
        let pool = managed::Pool::builder(opener)
            .max_size(size as usize)
            .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build();
        Ok(Self(pool.map_err(|error| DbErr::Custom(error.to_string()))?))
    }

    /// A connection that nobody else uses.
    pub(super) async fn take(&self) -> Result<Pooled, DbErr> {
        self.0.get().await.map_err(|error| {
            let cause = match error {
                PoolError::Backend(cause) => cause,
                PoolError::Closed => Error::PoolClosed,
                _ => Error::PoolTimedOut,
            };
            DbErr::Conn(RuntimeErr::SqlxError(cause.into()))
        })
    }

    /// How many connections are open, and how many of them nobody uses.
    pub(super) fn size(&self) -> (usize, usize) {
        let status = self.0.status();
        (status.size, status.available)
    }

    /// Closes connections that nobody has needed for a while.
    pub(super) fn close_idle(&self) {
        self.0.retain(|_, metrics| metrics.last_used() < IDLE);
    }

    /// Closes all connections, and waits for those that are idle: SQLite folds its log into the file.
    pub(super) async fn close(&self) {
        let idle = self.0.retain(|_, _| false).removed;
        self.0.close();
        for open in idle {
            let closed = match open {
                Open::Postgres(connection) => connection.close().await,
                Open::Sqlite(connection) => connection.close().await,
            };
            if let Err(error) = closed {
                tracing::warn!(%error, "could not close a connection to the database");
            }
        }
    }
}
