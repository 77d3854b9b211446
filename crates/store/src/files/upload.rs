//! A file that is coming in.

use std::fs::File;
use std::io::Write as _;
use std::mem;
use std::sync::Arc;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::{FileError, Files, Inner, TEMPORARY, blocking, failed};

/// How much of a file is collected in memory before it is hashed and written, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that is coming in. Dropped before [`Upload::finish`], nothing is left of it.
#[derive(Debug)]
pub struct Upload {
    inner: Arc<Inner>,
    bytes: u64,
    bytes_max: u64,
    buffer: Vec<u8>,
    /// `None` after an error: nothing follows one.
    writing: Option<Writing>,
}

/// A file that has come in whole and is on disk, but not in its place yet: see [`Files::keep`]. Dropped before, it is gone.
#[derive(Debug)]
pub struct Uploaded {
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Its SHA-1, 40 lower-case hex digits.
    pub sha1: String,
    /// Its MD5, 32 lower-case hex digits.
    pub md5: String,
    pub(super) temporary: TempPath,
}

#[derive(Debug)]
struct Writing {
    file: NamedTempFile,
    sha256: Sha256,
    sha1: Sha1,
    md5: Md5,
}

impl Files {
    /// Begins an upload of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// [`FileError::Full`], [`FileError::Io`].
    pub async fn begin(&self, bytes_max: u64) -> Result<Upload, FileError> {
        let inner = self.inner.clone();
        let writing = blocking(move || {
            inner.check_room(0)?;
            let file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&inner.folder);
            let file = file.map_err(failed("make a temporary file"))?;
            Ok(Writing { file, sha256: Sha256::new(), sha1: Sha1::new(), md5: Md5::new() })
        })
        .await?;
        let inner = self.inner.clone();
        Ok(Upload { inner, bytes: 0, bytes_max, buffer: Vec::new(), writing: Some(writing) })
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`FileError::TooLarge`] as soon as the limit is passed, [`FileError::Full`], [`FileError::Io`].
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        self.bytes = self.bytes.saturating_add(chunk.len() as u64);
        if self.bytes > self.bytes_max {
            return Err(FileError::TooLarge { bytes_max: self.bytes_max });
        }
        let mut rest = chunk;
        while self.buffer.len() + rest.len() >= BUFFER_BYTES {
            let (now, later) = rest.split_at(BUFFER_BYTES - self.buffer.len());
            self.buffer.extend_from_slice(now);
            self.flush().await?;
            rest = later;
        }
        self.buffer.extend_from_slice(rest);
        Ok(())
    }

    /// Returns the whole file once it is on disk.
    ///
    /// # Errors
    /// [`FileError::Full`], [`FileError::Io`].
    pub async fn finish(mut self) -> Result<Uploaded, FileError> {
        self.flush().await?;
        let Some(writing) = self.writing.take() else { return Err(broken()) };
        let bytes = self.bytes;
        blocking(move || {
            let Writing { file, sha256, sha1, md5 } = writing;
            file.as_file().sync_all().map_err(failed("sync a file"))?;
            Ok(Uploaded {
                bytes,
                sha256: hex::encode(sha256.finalize()),
                sha1: hex::encode(sha1.finalize()),
                md5: hex::encode(md5.finalize()),
                temporary: file.into_temp_path(),
            })
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), FileError> {
        let Some(mut writing) = self.writing.take() else { return Err(broken()) };
        let (inner, buffer) = (self.inner.clone(), mem::take(&mut self.buffer));
        let (writing, mut buffer) = blocking(move || {
            inner.check_room(buffer.len() as u64)?;
            writing.sha256.update(&buffer);
            writing.sha1.update(&buffer);
            writing.md5.update(&buffer);
            writing.file.write_all(&buffer).map_err(failed("write a file"))?;
            Ok((writing, buffer))
        })
        .await?;
        buffer.clear();
        (self.writing, self.buffer) = (Some(writing), buffer);
        Ok(())
    }
}

impl Uploaded {
    /// Opens the file for reading before it is in its place: to look into an archive.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn open(&self) -> Result<File, FileError> {
        File::open(&self.temporary).map_err(failed("open a file"))
    }
}

impl Inner {
    /// Refuses what would leave too little on the disk.
    fn check_room(&self, bytes: u64) -> Result<(), FileError> {
        let room = rustix::fs::statvfs(&self.folder)
            .map_err(|error| failed("ask how much room the disk has")(error.into()))?;
        let free = room.f_bavail.saturating_mul(room.f_frsize);
        if free < self.free_bytes_min.saturating_add(bytes) { Err(FileError::Full) } else { Ok(()) }
    }
}

fn broken() -> FileError {
    failed("go on with a file that broke off")(std::io::ErrorKind::BrokenPipe.into())
}
