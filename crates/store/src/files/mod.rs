//! Files: their bytes lie in a folder, each under its SHA-256 (`<folder>/ab/cdef…`), so that the same bytes lie there once.
//!
//! An [`Upload`] writes to a temporary file in the same folder while it counts and hashes. [`Files::keep`] puts it in its
//! place, just before the row of `attachments` that names it is committed. Whatever goes wrong before, the temporary file
//! is gone with the upload; what is kept and named by no row is taken away by [`Files::sweep`].

mod sweep;
mod upload;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::StoreError;

pub use sweep::Swept;
pub use upload::{Upload, Uploaded};

/// What temporary files begin with.
const TEMPORARY: &str = ".upload-";

/// The folder of files. Cheap to clone; all clones are the same folder. One process has it at a time.
#[derive(Debug, Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    free_bytes_min: u64,
    /// Temporary files of before are those of a process that broke off; ours go with their uploads.
    opened: SystemTime,
    /// Held while a file is put in its place or swept, so that neither meets the other half done.
    placing: Mutex<()>,
}

/// A file that could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is longer than is taken.
    #[error("the file is too long: at most {bytes_max} bytes are taken")]
    TooLarge {
        /// How long it may be.
        bytes_max: u64,
    },
    /// The disk is full, or would leave too little room for the database.
    #[error("the disk is full: nothing was stored; make room and send it again")]
    Full,
    /// There is no such file.
    #[error("the bytes of file {sha256} are gone")]
    Missing {
        /// The SHA-256 that was asked for, its first 80 characters.
        sha256: String,
    },
    /// The file system refused or failed.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the file system said.
        #[source]
        source: io::Error,
    },
    /// The database failed while it was asked which files are in use.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Files {
    /// How many bytes are left free on the disk unless somebody says otherwise: 64 MiB, for the database to go on.
    pub const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;

    /// Opens the folder, and makes it where there is none. Files are refused that would leave less than `free_bytes_min` on
    /// the disk.
    ///
    /// # Errors
    /// [`FileError::Io`] where the folder can neither be found nor made.
    pub fn open(folder: &Path, free_bytes_min: u64) -> Result<Self, FileError> {
        fs::create_dir_all(folder).map_err(failed("make the folder of files"))?;
        let (folder, opened) = (folder.to_path_buf(), SystemTime::now());
        Ok(Self { inner: Arc::new(Inner { folder, free_bytes_min, opened, placing: Mutex::new(()) }) })
    }

    /// Puts an upload in its place. The same bytes may lie there already: they are new again for [`Files::sweep`].
    ///
    /// # Errors
    /// [`FileError::Full`], [`FileError::Io`]; nothing is left behind.
    pub async fn keep(&self, uploaded: Uploaded) -> Result<(), FileError> {
        let inner = self.inner.clone();
        blocking(move || {
            let path = inner.path(&uploaded.sha256)?;
            let shelf = path.parent().unwrap_or(&inner.folder);
            // A form may have been long in coming after this file had: what counts for a sweep is when it was put in place.
            let file = File::options().write(true).open(&uploaded.temporary);
            file.and_then(|file| file.set_modified(SystemTime::now())).map_err(failed("touch a file"))?;
            let _placing = inner.placing.lock().unwrap_or_else(PoisonError::into_inner);
            if !shelf.is_dir() {
                fs::create_dir_all(shelf).map_err(failed("make a folder for a file"))?;
                sync_folder(&inner.folder)?;
            }
            uploaded.temporary.persist(&path).map_err(|error| failed("put a file in its place")(error.error))?;
            sync_folder(shelf)
        })
        .await
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// [`FileError::Missing`] where there is none of this SHA-256, 64 lower-case hex digits.
    pub async fn read(&self, sha256: &str) -> Result<File, FileError> {
        let (inner, sha256) = (self.inner.clone(), sha256.to_owned());
        blocking(move || {
            let path = inner.path(&sha256)?;
            File::open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => missing(&sha256),
                _ => failed("open a file")(error),
            })
        })
        .await
    }
}

impl Inner {
    /// Returns where the file of this SHA-256 lies. What is no SHA-256 names no file, whatever path it may spell.
    fn path(&self, sha256: &str) -> Result<PathBuf, FileError> {
        if !is_sha256(sha256) {
            return Err(missing(sha256));
        }
        let (shelf, rest) = sha256.split_at(2);
        Ok(self.folder.join(shelf).join(rest))
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn missing(sha256: &str) -> FileError {
    FileError::Missing { sha256: sha256.chars().take(80).collect() }
}

/// Makes what was renamed into a folder survive a power cut.
fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync the folder of files"))
}

/// Returns the error for what the file system said while we were doing this.
fn failed(doing: &'static str) -> impl Fn(io::Error) -> FileError {
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileError::Full,
        _ => FileError::Io { doing, source },
    }
}

/// Runs what waits for the disk beside the tasks that do not.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(FileError::Io { doing: "wait for the disk", source: io::Error::other(error) }),
    }
}
