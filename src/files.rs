//! Where files lie that are too large for the database: a folder, or a bucket that speaks S3. What lies
//! there is sealed part by part, each with its place and with whether it is the last, so that parts cannot be
//! exchanged, repeated or cut off. Nothing of a file that was not written whole remains.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use object_store::buffered::{BufReader, BufWriter};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, parse_url_opts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::crypt::SealingKey;
use crate::error::{Error, Result};

/// Bytes that are sealed together.
const PART: u64 = 256 << 10;
/// Bytes that the seal adds to a part.
const SEAL: u64 = 28;
/// Bytes that are written or read at once; S3 takes no less, except at the end.
const AT_ONCE: usize = 5 << 20;

/// Where files lie.
pub struct Files {
    store: Arc<dyn ObjectStore>,
    root: Path,
}

impl Files {
    /// Opens a folder, or a bucket by its URL such as `s3://bucket/prefix` with these options.
    pub fn open(place: &str, options: Vec<(String, String)>) -> Result<Self, object_store::Error> {
        let wrong = |source| object_store::Error::Generic { store: "files", source };
        let url = match place.contains("://") {
            true => place.parse(),
            false => {
                let folder = std::path::absolute(PathBuf::from(place));
                let folder = folder.map_err(|error| wrong(error.into()))?;
                url::Url::from_directory_path(folder)
                    .map_err(|()| url::ParseError::RelativeUrlWithoutBase)
            }
        };
        let url = url.map_err(|error| wrong(error.into()))?;
        let (store, root) = parse_url_opts(&url, options)?;
        Ok(Self { store: store.into(), root })
    }

    /// Keeps a file under a name that no other has.
    pub async fn put(&self, name: &str, file: &mut File, key: &SealingKey) -> Result<()> {
        let bytes = file.metadata().map_err(Error::internal)?.len();
        let mut writer = BufWriter::with_capacity(self.store.clone(), self.path(name), AT_ONCE);
        let written = async {
            let mut part = Vec::with_capacity(PART as usize);
            for number in 0..parts(bytes) {
                part.clear();
                (&mut *file).take(PART).read_to_end(&mut part).map_err(Error::internal)?;
                let sealed = key.seal(&purpose(number, bytes), &part).map_err(Error::internal)?;
                writer.put(sealed.into()).await.map_err(away)?;
            }
            writer.shutdown().await.map_err(Error::internal)
        };
        let written = written.await;
        if written.is_err() {
            // What remains after that, the store itself clears away.
            let _ = writer.abort().await;
        }
        written
    }

    /// The contents of a file of so many bytes, part by part.
    pub async fn get(
        &self,
        name: &str,
        bytes: u64,
        key: SealingKey,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let found = self.store.head(&self.path(name)).await.map_err(away)?;
        if found.size != bytes + parts(bytes) * SEAL {
            return Err(Error::internal("a stored file has another length than it should have"));
        }
        let reader = BufReader::with_capacity(self.store.clone(), &found, AT_ONCE);
        let opened = try_unfold((reader, key, 0), move |(mut reader, key, number)| async move {
            if number == parts(bytes) {
                return Ok(None);
            }
            let plain = PART.min(bytes - number * PART);
            let mut sealed = vec![0; (plain + SEAL) as usize];
            reader.read_exact(&mut sealed).await.map_err(Error::internal)?;
            let part = key.open(&purpose(number, bytes), &sealed).map_err(Error::internal)?;
            Ok(Some((Bytes::from(part), (reader, key, number + 1))))
        });
        Ok(opened.boxed())
    }

    /// Removes a file, which may be gone already.
    pub async fn remove(&self, name: &str) -> Result<()> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// The names of all files, for who looks after them.
    pub async fn names(&self) -> Result<Vec<String>> {
        let found: Vec<_> = self.store.list(Some(&self.root)).collect().await;
        let name = |found: object_store::Result<object_store::ObjectMeta>| {
            Ok(found.map_err(away)?.location.filename().unwrap_or_default().to_owned())
        };
        found.into_iter().map(name).collect()
    }

    /// A few thousand folders, so that none of them is too full.
    fn path(&self, name: &str) -> Path {
        let folder = name.get(..2).unwrap_or("other");
        self.root.clone().join(folder).join(name)
    }
}

/// How many parts a file of so many bytes has.
fn parts(bytes: u64) -> u64 {
    bytes.div_ceil(PART)
}

fn purpose(number: u64, bytes: u64) -> String {
    format!("part {number} of {}", parts(bytes))
}

/// The store does not answer as it should. What it says may name the place, never what is in a file.
fn away(error: object_store::Error) -> Error {
    tracing::warn!(%error, "the store of files failed");
    Error::unavailable()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use futures_util::TryStreamExt;

    use super::*;
    use crate::crypt::Keyring;

    fn key() -> SealingKey {
        let ring = Keyring::parse(&Keyring::generate("a").unwrap()).unwrap();
        ring.new_object_key("file").unwrap().0
    }

    fn file(contents: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(contents).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    async fn read(files: &Files, bytes: usize, key: SealingKey) -> Result<Vec<u8>> {
        let parts: Vec<Bytes> = files.get("abcd", bytes as u64, key).await?.try_collect().await?;
        Ok(parts.concat())
    }

    #[tokio::test]
    async fn a_file_comes_back_from_a_folder_and_is_sealed_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("中文 %").display().to_string();
        let files = Files::open(&place, Vec::new()).unwrap();
        for bytes in [1, PART as usize, PART as usize + 1, (6 << 20) + 7] {
            let contents: Vec<u8> = (0..bytes).map(|at| (at / 7) as u8).collect();
            let ring = Keyring::parse(&Keyring::generate("a").unwrap()).unwrap();
            let (key, stored) = ring.new_object_key("file").unwrap();
            files.put("abcd", &mut file(&contents), &key).await.unwrap();
            let again = ring.object_key("file", &stored).unwrap();
            assert_eq!(read(&files, bytes, again).await.unwrap(), contents);
            assert!(read(&files, bytes, self::key()).await.is_err(), "another key");
            let lies = std::fs::read(folder.path().join("中文 %/ab/abcd")).unwrap();
            assert!(bytes < 64 || !lies.windows(32).any(|window| window == &contents[..32]));
        }
        assert_eq!(files.names().await.unwrap(), ["abcd"]);
        files.remove("abcd").await.unwrap();
        files.remove("abcd").await.unwrap();
        assert_eq!(files.names().await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_file_that_was_cut_or_put_together_anew_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&folder.path().display().to_string(), Vec::new()).unwrap();
        let bytes = 3 * PART as usize;
        let part = (PART + SEAL) as usize;
        let ring = Keyring::parse(&Keyring::generate("a").unwrap()).unwrap();
        let (key, stored) = ring.new_object_key("file").unwrap();
        files.put("abcd", &mut file(&vec![7; bytes]), &key).await.unwrap();
        let place = folder.path().join("ab/abcd");
        let whole = std::fs::read(&place).unwrap();
        let swapped = [&whole[part..2 * part], &whole[..part], &whole[2 * part..]].concat();
        for (changed, bytes) in
            [(whole[..2 * part].to_vec(), bytes - PART as usize), (swapped, bytes)]
        {
            std::fs::write(&place, changed).unwrap();
            let key = ring.object_key("file", &stored).unwrap();
            assert!(read(&files, bytes, key).await.is_err());
        }
    }
}
