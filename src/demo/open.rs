//! Opens the demo's database, and fills it when it is empty or was left half done.

use std::io;
use std::path::Path;
use std::sync::Arc;

use indicatif::ProgressBar;

use super::DemoError;
use super::fill::{self, Extent};
use super::folder::Folder;
use super::store::{self, State};
use crate::calendar;
use crate::clock::Clock;
use crate::config::{Counting, Demonstration, Storage};
use crate::crypt::Keyring;
use crate::db::{Database, describe};
use crate::guide;
use crate::service::{StartError, connect};

/// The demo's database, filled and of this program's version.
pub async fn open(
    folder: &Folder,
    demonstration: &Demonstration,
    counting: Counting,
    progress: &ProgressBar,
) -> Result<Arc<Database>, DemoError> {
    let known = folder.keys()?;
    let usable = known.as_ref().is_some_and(|keys| Keyring::parse(keys).is_ok());
    if known.is_some() && !usable && !demonstration.reset {
        return Err(DemoError::OtherKeys(folder.keys_path()));
    }
    let keys = match known.as_ref().filter(|_| usable) {
        Some(keys) => keys.clone(),
        None => Keyring::generate("demo").map_err(StartError::from)?,
    };
    let url = demonstration.database_url.clone().unwrap_or_else(|| folder.database_url());
    let storage = Storage {
        database_url: url,
        keys: Some(keys.clone()),
        connections: demonstration.connections,
    };
    let database = connect(&storage).await?;
    let now = Clock::System.now();
    let state = store::state(&database, now).await?;
    match state {
        State::NotOurs => {
            database.close().await;
            return Err(DemoError::NotOurs);
        }
        State::Filled if !demonstration.reset => {
            if known.is_none() {
                return Err(DemoError::NoKeys(folder.keys_path()));
            }
            migrate(&database).await?;
            ship(&database).await?;
            return Ok(database);
        }
        State::Filled | State::Begun | State::Empty => {}
    }
    database.close().await;
    if let (Some(file), State::Filled | State::Begun) =
        (store::file_of(&storage.database_url), state)
    {
        delete(&file).map_err(|error| DemoError::Folder(file.display().to_string(), error))?;
    }
    if !usable {
        folder.write_keys(&keys)?;
    }
    fill_anew(&storage, counting, progress).await?;
    // The connections that filled keep what they needed for it.
    Ok(connect(&storage).await?)
}

async fn fill_anew(
    storage: &Storage,
    counting: Counting,
    progress: &ProgressBar,
) -> Result<(), DemoError> {
    let database = connect(storage).await?;
    let now = Clock::System.now();
    store::begin_marker(&database, now).await?;
    migrate(&database).await?;
    let tx = store::begin(&database, now).await?;
    store::clear(&tx).await?;
    tx.commit().await?;
    ship(&database).await?;
    let tx = store::begin(&database, now).await?;
    fill::fill(&tx, now, Extent::WHOLE, progress).await?;
    store::mark_filled(&tx, now).await?;
    tx.commit().await?;
    progress.set_message("counting");
    fill::count(&database, counting, Clock::System.now()).await?;
    store::analyze(&database, now).await?;
    database.close().await;
    Ok(())
}

async fn migrate(database: &Database) -> Result<(), DemoError> {
    database.migrate().await.map_err(|error| StartError::Version(describe(&error)).into())
}

/// Brings what the program has for everybody; deadlines are counted by its calendar.
async fn ship(database: &Database) -> Result<(), DemoError> {
    guide::ship(database, Clock::System.now()).await?;
    calendar::ship(database, Clock::System.now()).await?;
    Ok(())
}

/// Deletes a SQLite database: the file, its write-ahead log and the log's index.
fn delete(file: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm", ""] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
