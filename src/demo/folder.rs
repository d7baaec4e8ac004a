//! The demo's folder: a database, the key that seals it, and a lock, so that two demos never share it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::DemoError;

/// The folder, held as long as this lives.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder when there is none, readable by its owner only, and takes it.
    pub fn open(path: &Path) -> Result<Self, DemoError> {
        let unusable = |error| DemoError::Folder(path.display().to_string(), error);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DemoError::InUse(path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// The URL of the database in the folder.
    pub fn database_url(&self) -> String {
        let path = self.path.join("huhutong.db").display().to_string();
        format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F"))
    }

    /// Where the key is.
    pub fn keys_path(&self) -> String {
        self.keys_file().display().to_string()
    }

    /// The key, when there is one.
    pub fn keys(&self) -> Result<Option<String>, DemoError> {
        match fs::read_to_string(self.keys_file()) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(DemoError::Folder(self.path.display().to_string(), error)),
        }
    }

    /// Writes the key, whole or not at all.
    pub fn write_keys(&self, keys: &str) -> Result<(), DemoError> {
        let write = || {
            let unfinished = self.path.join("keys.new");
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&unfinished)?;
            writeln!(file, "{keys}")?;
            file.sync_all()?;
            fs::rename(&unfinished, self.keys_file())
        };
        write().map_err(|error| DemoError::Folder(self.path.display().to_string(), error))
    }

    fn keys_file(&self) -> PathBuf {
        self.path.join("keys")
    }
}
