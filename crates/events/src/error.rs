//! What can go wrong, one type for each operation.

use std::io;
use std::path::PathBuf;

use tantivy::TantivyError;

/// Why a folder of events could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings make no sense.
    #[error("event index setting `{name}` is {value}: expected {expected}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// What it is.
        value: usize,
        /// What it may be.
        expected: &'static str,
    },
    /// Another process, or another index in this one, has it open.
    #[error("the event folder `{folder}` is in use by another process: stop that one, or name another folder")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file system refused.
    #[error("open the event folder, at `{path}`")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why events could not be taken in. Everything that was not committed is let go of, in every partition: read the log again
/// from [`crate::EventStore::position`].
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A partition could not be written.
    #[error("append events to `{path}`")]
    Partition {
        /// The partition's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: PartitionError,
    },
}

/// Why appended events could not be made durable. Some partitions may have been committed; everything else is let go of: read
/// the log again from [`crate::EventStore::position`]. What was committed is not taken in twice.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A partition could not be written.
    #[error("commit events of `{path}`")]
    Partition {
        /// The partition's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: PartitionError,
    },
    /// The position in the log could not be written.
    #[error("write `{path}`")]
    Position {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Why events could not be found.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The filter or request names a field that events do not have.
    #[error("unknown field `{field}`{}", suggestion.as_ref().map(|name| format!(": did you mean `{name}`?")).unwrap_or_default())]
    UnknownField {
        /// The name.
        field: String,
        /// The nearest name that exists.
        suggestion: Option<String>,
    },
    /// The value is not one that the field can have.
    #[error("`{value}` is not a value of `{field}`: expected {expected}")]
    Value {
        /// The field.
        field: String,
        /// The value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The field cannot be compared like that.
    #[error("`{field}` cannot be searched by {comparison}: {advice}")]
    Comparison {
        /// The field.
        field: String,
        /// How.
        comparison: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// The field's values cannot be counted.
    #[error("the values of `{field}` cannot be counted: choose a field of short, repeated values")]
    NotCountable {
        /// The field.
        field: String,
    },
    /// The filter is too big.
    #[error("the filter has too many {what}: at most {max}")]
    TooBig {
        /// Levels, terms, pattern characters.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// The histogram would have too many intervals.
    #[error("{count} intervals are too many: choose a wider interval or a shorter time, for at most {max}")]
    TooManyBuckets {
        /// How many.
        count: u64,
        /// How many there may be.
        max: u64,
    },
    /// There are too many different values to count exactly.
    #[error(
        "`{field}` has more than {max} different values here: narrow the search or the time, or count by another field"
    )]
    TooManyValues {
        /// The field.
        field: String,
        /// How many there may be.
        max: usize,
    },
    /// The field is not of the kind that this aggregation takes.
    #[error("`{field}` cannot be aggregated by {aggregation}: expected {expected}")]
    NotSuited {
        /// The field.
        field: String,
        /// Which aggregation.
        aggregation: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// The request has too many aggregations, or an aggregation what it cannot have.
    #[error("{0}")]
    Aggregation(String),
    /// Nobody waits for the answer any more.
    #[error("the search was cancelled")]
    Cancelled,
    /// The time that the budget gave is over.
    #[error(
        "the search took longer than {after_s:.3} s and had read {percent} % of its events by then: narrow the time (`from`, `until`) or the condition"
    )]
    TookTooLong {
        /// How much time there was, in seconds.
        after_s: f64,
        /// How much of the events in the searched time had been read, in percent.
        percent: u8,
    },
    /// The cursor is not one of ours.
    #[error("`{0}` is not a cursor of this search: begin again at the first page")]
    Cursor(String),
    /// A partition could not be read.
    #[error("search `{path}`")]
    Partition {
        /// The partition's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: PartitionError,
    },
}

/// What went wrong in one partition.
#[derive(Debug, thiserror::Error)]
pub enum PartitionError {
    /// The file system refused.
    #[error("file access failed")]
    Io(#[from] io::Error),
    /// The index refused.
    #[error("the index failed")]
    Index(#[source] Box<TantivyError>),
    /// What is stored is not what we store.
    #[error("what is stored is damaged: {0}")]
    Damaged(String),
    /// The partition was written by a version with other fields.
    #[error("it was written with other fields than this version has: reindex it, or use the version that wrote it")]
    Schema,
}

impl From<TantivyError> for PartitionError {
    fn from(error: TantivyError) -> Self {
        Self::Index(Box::new(error))
    }
}
