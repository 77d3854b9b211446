//! The folder of a tantivy index whose small files say by themselves whether they are whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::value::RawValue;
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr};

use crate::sealed::{self, Durability};

/// [`MmapDirectory`], but `meta.json` and `.managed.json` carry a checksum. Tantivy gives one to every other file; these two
/// it believes as they are, and one changed digit in them hides events or makes readers run past the end of a column.
///
/// `meta.json`, without which nothing can be read, has a copy beside it.
#[derive(Debug, Clone)]
pub(crate) struct SealedDirectory {
    inner: MmapDirectory,
    folder: PathBuf,
}

/// The list of an index's segments.
pub(crate) const META: &str = "meta.json";
/// The list of an index's files.
const MANAGED: &str = ".managed.json";

/// Returns where the copy of a file is.
pub(crate) fn copy_of(path: &Path) -> PathBuf {
    path.with_extension("copy.json")
}

impl SealedDirectory {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self { inner: MmapDirectory::open(folder)?, folder: folder.to_owned() })
    }

    fn read_sealed(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let bytes = self.inner.atomic_read(path)?;
        match sealed::unseal_text(&bytes) {
            Ok(content) => Ok(content.as_bytes().to_vec()),
            Err(broken) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, broken);
                Err(OpenReadError::wrap_io_error(error, path.to_owned()))
            }
        }
    }
}

impl Directory for SealedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.inner.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let broken = match self.read_sealed(path) {
            Err(error) if !matches!(error, OpenReadError::FileDoesNotExist(_)) => error,
            read => return read,
        };
        if path == Path::new(MANAGED) {
            // It lists the files to tidy up. A new list is begun; what was on the old one stays until the partition goes.
            return Err(OpenReadError::FileDoesNotExist(path.to_owned()));
        }
        let copied = self.read_sealed(&copy_of(path)).map_err(|_| broken)?;
        tracing::warn!(path = %path.display(), "the list of an index's segments is damaged; its copy is read in its place");
        Ok(copied)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let content: &RawValue = serde_json::from_slice(data).map_err(io::Error::other)?;
        let sealed = sealed::seal_text(content)?;
        self.inner.atomic_write(path, &sealed)?;
        if path == Path::new(META) {
            // The copy may come a crash too late, for it is wanted only where the other is damaged later.
            let name = copy_of(path);
            sealed::replace(&self.folder, &name.to_string_lossy(), &sealed, Durability::Lazy)?;
        }
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.inner.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}
