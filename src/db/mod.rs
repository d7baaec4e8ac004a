//! The one door to the database. [`Database::reader`] wants a [`Scope`] and gives a [`Reader`] whose
//! every list lies within it; [`Database::begin`] wants a [`Grant`] and gives a [`Tx`]. There is no
//! other way in, so a list that forgot the caller's area, or a write without a permission, does not compile.

use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, SqlErr};
use tokio::sync::Notify;

use crate::access::{Grant, Scope};
use crate::crypt::Keyring;
use crate::error::{Error, Result, UserErrorCode};

use pool::Pool;
use template::Statements;

mod added;
pub mod area;
pub mod bulk;
mod connection;
mod failure;
pub mod keys;
mod lookup;
pub mod once;
mod pool;
mod reader;
mod sql;
mod seal;
mod sighting;
mod template;
mod tx;
mod villages;
mod writer;

pub use area::{Column, Place};
pub use connection::Connection;
pub use failure::describe;
pub use keys::{FirstRows, Key, Sort, id_at};
pub use once::{Made, Once};
pub use reader::{Reader, Scoped};
pub use sighting::{Sighting, Sightings, write_down};
pub use sql::{expression, statement};
pub use template::Shape;
pub use tx::Tx;
pub use villages::InVillages;

/// The pools of one database.
pub struct Database {
    backend: DbBackend,
    read: Pool,
    write: Pool,
    /// One connection that changes tables.
    schema: DatabaseConnection,
    keyring: Arc<Keyring>,
    statements: Arc<Statements>,
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
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).acquire_timeout(pool::PATIENCE).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(pool::writing);
        let schema = sea_orm::Database::connect(options).await?;
        let backend = schema.get_database_backend();
        let (read, write) = pool::open(url, backend, connections)?;
        let statements = Arc::default();
        Ok(Self { backend, read, write, schema, keyring, statements, committed: Arc::default() })
    }

    /// A connection for one request.
    pub fn connection(&self) -> Arc<Connection> {
        Arc::new(Connection::new(self.read.clone()))
    }

    /// Reads what lies within `scope`, over the request's connection.
    pub fn reader(&self, connection: Arc<Connection>, scope: Scope) -> Reader {
        let (keyring, statements) = (self.keyring.clone(), self.statements.clone());
        Reader::new(connection, self.backend, scope, keyring, statements)
    }

    /// Begins a change of what `grant` allows. Dropping the [`Tx`] undoes it.
    pub async fn begin(&self, grant: &Grant) -> Result<Tx> {
        let connection = Arc::new(Connection::new(self.write.clone()));
        Box::pin(connection.begin()).await?;
        Ok(Tx::new(self.reader(connection, *grant.scope()), self.committed.clone()))
    }

    /// Waits until this instance commits a change that has events.
    pub async fn committed(&self) {
        self.committed.notified().await;
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The keys that seal personal data.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// How many statements were sent since the start, not counting BEGIN and COMMIT.
    pub fn statements(&self) -> u64 {
        self.statements.sent()
    }

    /// Applies the migrations that are missing. Fails when the database is ahead of the program.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(&self.schema, None).await.map_err(newer)
    }

    /// Whether the database answers and has every migration of this program and no other.
    pub async fn ready(&self) -> Result<(), DbErr> {
        match Migrator::get_pending_migrations(&self.schema).await.map_err(newer)?.len() {
            0 => Ok(()),
            missing => Err(DbErr::Custom(format!(
                "{missing} migrations are missing; `huhutong migrate` adds them"
            ))),
        }
    }

    /// How many connections the pool of readers has open, and how many of them are idle.
    pub fn pool_size(&self) -> (usize, usize) {
        self.read.size()
    }

    /// Closes connections that nobody has needed for a while.
    pub fn close_idle(&self) {
        self.read.close_idle();
        self.write.close_idle();
    }

    /// Closes the pools; SQLite then folds its write-ahead log into the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
        if let Err(error) = self.schema.clone().close().await {
            tracing::warn!(error = describe(&error), "could not close the database");
        }
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
