//! What a failure of the database is to the caller, and what may be logged of it.

use sea_orm::{DbErr, RuntimeErr};

use crate::error::Error;

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
