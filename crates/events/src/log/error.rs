//! What can go wrong with the log: operations that fail, and bytes that are not what was written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::LogPosition;

/// Why an operation on the log failed.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log has reached its own limit. Nothing was written. Trimming, or a greater limit, makes room.
    #[error(
        "the log has {bytes} bytes and {more} more would pass its limit of {bytes_max}: the index does not keep up, or \
         the limit is too small"
    )]
    Full {
        /// How much is on disk.
        bytes: u64,
        /// How much was to be written.
        more: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The file system, or the quota of our user, is full.
    #[error("{doing} `{path}`: no space left: free some, or move the data folder to a larger disk")]
    NoSpace {
        /// What we were doing.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file system refused: an I/O error, a read-only mount, missing permission.
    #[error("{doing} `{path}`")]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process, or another log in this one, has the folder open.
    #[error("the log folder `{folder}` is in use by another process: stop that one, or name another folder")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A segment was written by a later version of the program.
    #[error("`{path}` has format {version}, this version reads up to {known}: use the version that wrote it")]
    Version {
        /// The segment.
        path: PathBuf,
        /// Its format.
        version: u32,
        /// The latest format that this version knows.
        known: u32,
    },
}

impl LogError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { doing, path, source },
            _ => Self::Io { doing, path, source },
        }
    }
}

/// A part of the log that cannot be read. Its entries are lost; all others are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDamage {
    /// The segment, or the folder where a whole segment is missing.
    pub path: PathBuf,
    /// Where the damage begins.
    pub from: LogPosition,
    /// Where it ends: the next entry begins here or later. Equal to `from` where no entry is lost.
    pub until: LogPosition,
    /// What is wrong.
    pub what: LogFault,
}

/// What is wrong with a part of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFault {
    /// The beginning of a segment file is damaged. Its entries are found all the same.
    Header,
    /// Bytes are not what was written.
    Frame,
    /// A frame is whole, yet what it holds is not what we write: a fault of ours, or forged.
    Body,
    /// The last write was not finished, which a crash or a power cut does. It was cut off; nobody was told that it was kept.
    Torn,
    /// These positions are in no file: a segment, or its end, was removed.
    Missing,
}

impl fmt::Display for LogDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            LogFault::Header => "the header is damaged",
            LogFault::Frame => "the bytes are damaged",
            LogFault::Body => "the content makes no sense",
            LogFault::Torn => "the last write was not finished and is cut off",
            LogFault::Missing => "no file holds them",
        };
        let (bytes, path) = (self.until.get() - self.from.get(), self.path.display());
        write!(f, "`{path}`, log positions {} to {} ({bytes} bytes): {what}", self.from, self.until)
    }
}
