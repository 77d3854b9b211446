//! What can go wrong.

use std::path::PathBuf;
use std::sync::Arc;

use vigie_model::ObjectKind;

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The temporary folder could not be made.
    #[error("make a temporary folder for the store")]
    Folder(#[source] std::io::Error),
    /// The database file could not be opened or made.
    #[error("open the database `{path}`")]
    Open {
        /// Its path.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// The tables could not be brought to this version: the file is of a newer version, or was changed by hand.
    #[error("bring the tables of `{path}` to this version")]
    Migrate {
        /// Its path.
        path: PathBuf,
        /// Which migration, and why.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// The database cannot keep a write-ahead log there.
    #[error(
        "`{path}` is on a file system without shared memory, such as a network share, where no write-ahead log can be kept: \
         move the data folder to a local disk"
    )]
    NoLog {
        /// Its path.
        path: PathBuf,
    },
    /// The thread that syncs the write-ahead log could not be started.
    #[error("start the thread that syncs the database")]
    Flush(#[source] std::io::Error),
    /// The index of terms could not be filled.
    #[error("index what is in `{path}`")]
    Index {
        /// Its path.
        path: PathBuf,
        /// What failed.
        #[source]
        source: StoreError,
    },
}

/// Something could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("{doing}")]
    Database {
        /// What was being done, such as `save an alert`.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// There is no room for it: the disk is full, or a quota or limit is reached.
    #[error(
        "{doing}: the disk of the data folder is full, so nothing was changed: free some space there and try again"
    )]
    Full {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// The disk failed to take what was committed. What of it is there the next start will show.
    #[error(
        "the disk failed to take a change, so it may be lost, and no further ones are made: look at the disk of the data \
         folder, then start Vigie again"
    )]
    NotOnDisk {
        /// What the disk said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A row does not hold what this version writes.
    #[error("row `{id}` of `{table}` cannot be read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row, as far as it is known.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else changed the object first: load it again and repeat the change.
    #[error("{object:?} {id} is at version {found:?}, not {expected}: load it again and repeat the change")]
    Conflict {
        /// What kind of object.
        object: ObjectKind,
        /// Its id.
        id: String,
        /// The version that the change was made from.
        expected: u64,
        /// The version that is stored, or `None` where there is no such object.
        found: Option<u64>,
    },
    /// An object of this id or name is there already.
    #[error("{object:?} `{id}` exists already")]
    Exists {
        /// What kind of object.
        object: ObjectKind,
        /// Its id or name.
        id: String,
    },
    /// The listing that was asked for makes no sense.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl From<Arc<std::io::Error>> for StoreError {
    fn from(source: Arc<std::io::Error>) -> Self {
        Self::NotOnDisk { source }
    }
}

impl StoreError {
    /// Returns whether it is the database or its disk that fails, whatever is stored.
    pub const fn is_of_the_database(&self) -> bool {
        matches!(self, Self::Database { .. } | Self::Full { .. } | Self::NotOnDisk { .. })
    }

    /// Returns whether it is the object that cannot be stored, and not the database that fails: its name is taken, or what
    /// it refers to is not there. Other objects can be stored.
    pub fn is_of_an_object(&self) -> bool {
        match self {
            Self::Database { source, .. } => source.as_database_error().is_some_and(|error| {
                error.is_unique_violation() || error.is_foreign_key_violation() || error.is_check_violation()
            }),
            Self::Conflict { .. } | Self::Exists { .. } | Self::Corrupt { .. } => true,
            Self::Full { .. } | Self::NotOnDisk { .. } | Self::Query(_) => false,
        }
    }
}

/// A listing that cannot be answered; the asker can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A field that the rows do not have.
    #[error("{list} have no field `{field}`: known are {}", known.join(", "))]
    UnknownField {
        /// What is listed.
        list: &'static str,
        /// The field asked for.
        field: String,
        /// The fields there are.
        known: Vec<&'static str>,
    },
    /// Rows that are to be sorted by too many fields.
    #[error("rows are sorted by at most {sorts_max} fields")]
    TooManySorts {
        /// How many fields they may be sorted by.
        sorts_max: usize,
    },
    /// A list that there is not.
    #[error("there is no list `{list}`")]
    UnknownList {
        /// The list asked for.
        list: String,
    },
    /// A field that is to be one of too many values.
    #[error("`{field}` is to be one of too many values: at most {values_max}")]
    TooManyValues {
        /// The field.
        field: String,
        /// How many it may be.
        values_max: usize,
    },
    /// A field that rows cannot be sorted by.
    #[error("{list} cannot be sorted by `{field}`: sort by one of {}", sortable.join(", "))]
    NotSortable {
        /// What is listed.
        list: &'static str,
        /// The field asked for.
        field: String,
        /// The fields to sort by.
        sortable: Vec<&'static str>,
    },
    /// A value that the field cannot have.
    #[error("`{value}` is no value of `{field}`: expected {expected}")]
    BadValue {
        /// The field.
        field: String,
        /// The value, its first 80 characters.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// A comparison that the field does not have.
    #[error("`{field}` cannot be compared with {comparison}: {hint}")]
    Unsupported {
        /// The field.
        field: String,
        /// The comparison.
        comparison: &'static str,
        /// What can be done instead.
        hint: &'static str,
    },
    /// Too many conditions, or too deep.
    #[error("the filter is too complex: at most {terms_max} conditions, nested at most {depth_max} deep")]
    TooComplex {
        /// How many conditions are taken.
        terms_max: usize,
        /// How deep they may be nested.
        depth_max: usize,
    },
    /// A cursor that this listing did not give.
    #[error("the cursor is not one that this listing gave: ask for the first page again")]
    BadCursor,
    /// A page of no rows, or too many.
    #[error("a page holds 1 to {max} rows, not {asked}")]
    BadLimit {
        /// What was asked for.
        asked: u32,
        /// The most there is.
        max: u32,
    },
}

/// Says what was being done when the database failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| failed(source, doing))
    }
}

/// Returns the error for a statement that failed: that there is no room, where that is why.
fn failed(source: sqlx::Error, doing: &'static str) -> StoreError {
    /// `SQLITE_FULL`, `SQLITE_IOERR_WRITE` and `SQLITE_IOERR_SHMSIZE`, <https://sqlite.org/rescode.html>: a full disk is the
    /// first, a quota or a limit on the size of files the second, and the third is the index of the write-ahead log.
    const NO_ROOM: [&str; 3] = ["13", "778", "4874"];
    let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.is_some_and(|code| NO_ROOM.contains(&code.as_ref())) {
        return StoreError::Full { doing, source };
    }
    StoreError::Database { doing, source }
}

/// Returns the error for an insert that failed: that the object exists, where that is why.
pub(crate) fn refused(
    source: sqlx::Error,
    doing: &'static str,
    object: ObjectKind,
    id: &dyn std::fmt::Display,
) -> StoreError {
    if source.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
        return StoreError::Exists { object, id: id.to_string() };
    }
    failed(source, doing)
}
