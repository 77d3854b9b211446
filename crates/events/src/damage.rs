//! What is damaged on disk, and how a person hears of it.

use std::any::Any;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use serde::Serialize;
use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;
use vigie_model::TenantId;

use crate::PartitionError;
use crate::partition::Partition;

/// A part of the event store that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Damage {
    /// Whose events are concerned.
    pub tenant: TenantId,
    /// The day that they arrived on, `YYYY-MM-DD`, with `.2` and so on where that day has several partitions.
    pub day: String,
    /// The file that is damaged, or the partition's folder where the file is not known.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl Damage {
    /// What mends it.
    pub const CURE: &'static str =
        "stop the server and run `vigie events repair`, or put the folder back from a backup, or move it away";

    pub(crate) fn of(partition: &Partition, path: PathBuf, what: impl fmt::Display) -> Self {
        Self { tenant: partition.key.tenant.clone(), day: partition.key.day.clone(), path, what: what.to_string() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is damaged: {}", self.path.display(), self.what)
    }
}

impl PartitionError {
    /// Whether what is stored is at fault, and not the machine at this moment.
    pub(crate) fn is_damage(&self) -> bool {
        let of_io = |error: &io::Error| {
            use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
            matches!(error.kind(), InvalidData | NotFound | UnexpectedEof)
        };
        match self {
            Self::Damaged(_) | Self::Schema => true,
            Self::Io(error) => of_io(error),
            Self::Index(error) => match &**error {
                TantivyError::DataCorruption(_)
                | TantivyError::IncompatibleIndex(_)
                | TantivyError::DeserializeError(_)
                | TantivyError::SchemaError(_)
                | TantivyError::OpenReadError(
                    OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_),
                ) => true,
                TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => of_io(io_error),
                TantivyError::IoError(error) => of_io(error),
                _ => false,
            },
        }
    }
}

/// Runs what reads an index. What is damaged may make its reader panic: that is an error like others.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, PartitionError>) -> Result<T, PartitionError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| Err(PartitionError::Damaged(words_of(&*panic))))
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("its reader gave up: {}", words.unwrap_or("for a reason that it did not give"))
}
