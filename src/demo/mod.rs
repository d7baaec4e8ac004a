//! The demo: one command from nothing to a running county. It keeps a folder with a database and the
//! key that seals it, fills the database once with the real division tree and made-up people, and
//! then serves it as `serve` does. It touches no database that it did not find empty.

mod announce;
pub mod content;
mod far_side;
pub mod fill;
mod folder;
mod open;
mod store;
pub mod wechat;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{Demonstration, Serving};
use crate::error::{Error, Language};
use crate::serve::{self, ListenError};
use crate::service::StartError;
use crate::telemetry;

/// The password of every made-up officer.
pub const PASSWORD: &str = "Huhutong-2026";

/// Why the demo cannot be shown, in words for whoever starts it.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address is taken.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The folder cannot be made or read.
    #[error("cannot use the folder {0}: {1}")]
    Folder(String, io::Error),
    /// Another process has the folder.
    #[error("the folder {0} is in use by another process; `--data` names another folder")]
    InUse(String),
    /// The key is gone.
    #[error("{0} is missing, and the demo's data cannot be read without it; `--reset` starts over")]
    NoKeys(String),
    /// The key is another one, or none.
    #[error("{0} is not the key that sealed the demo's data; `--reset` starts over")]
    OtherKeys(String),
    /// The database has tables that the demo did not make.
    #[error(
        "the database has tables that the demo did not make, and it will not touch them; give it an empty database"
    )]
    NotOurs,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// A table built into the program cannot be read.
    #[error("the built-in content cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    /// The service cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The double of WeChat and the service do not go together.
    #[error("the demo's WeChat cannot be connected: {0}")]
    FarSide(String),
    /// Something of the service failed.
    #[error("{}", .0.say(Language::English))]
    Service(Error),
    /// The sockets failed, or the announcement could not be printed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Error> for DemoError {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

/// Fills the demo's database when it is empty, serves it, and says how to use it.
///
/// # Errors
/// When the address or the folder is taken, or the database is not the demo's own.
pub async fn run(demonstration: &Demonstration, serving: &Serving) -> Result<(), DemoError> {
    let mut serving = serving.clone();
    serving.files.get_or_insert_with(|| demonstration.data.join("files").display().to_string());
    let serving = &serving;
    let listener = serve::listen(serving).await?;
    let folder = folder::Folder::open(&demonstration.data)?;
    let progress = progress(demonstration.json);
    let database = open::open(&folder, demonstration, serving.counting, &progress).await?;
    progress.finish_and_clear();
    let service = serve::start(database, serving).await.map_err(|error| match error {
        StartError::OtherKeys => DemoError::OtherKeys(folder.keys_path()),
        other => other.into(),
    })?;
    fill::count(&service.database, serving.counting, service.clock.now()).await?;
    let address = announce::reachable(listener.local_addr()?);
    let cast = store::cast(&service.database, service.clock.now()).await?;
    let wechat = match demonstration.wechat {
        Some(far) => Some(far_side::start(&service, &cast, far, address).await?),
        None => None,
    };
    let text = announce::announce(&service, &cast, address, wechat, demonstration.json).await?;
    let _telemetry = telemetry::init();
    announce::print(&text)?;
    Ok(serve::until_stopped(service, listener, serving).await?)
}

/// A bar on a terminal, and nothing elsewhere.
fn progress(silent: bool) -> ProgressBar {
    if silent || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}
