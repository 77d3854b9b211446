//! Opening the database, and its two kinds of connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

use vigie_model::AlertId;

use crate::audit::AuditEnd;
use crate::checkpoint::Checkpoints;
use crate::error::Doing as _;
use crate::flush::Flushes;
use crate::group::Waiting;
use crate::objects::Cell;
use crate::place::Placed;
use crate::reindex::fill_terms;
use crate::{OpenError, StoreError};

/// How many reads run at the same time.
const READERS_MAX: u32 = 4;
/// How long a statement waits for a lock, and a task for a connection.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The database of one Vigie. Cheap to clone; all clones are the same database.
///
/// It only reads. What changes it are the methods of [`Tx`], which [`Store::begin`] gives.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Moves what was committed into the file.
    checkpoints: Arc<Checkpoints>,
    /// Sees to it that the disk has what was committed.
    pub(crate) flushes: Flushes,
    /// Changes that wait for the next commit that they share.
    pub(crate) waiting: Arc<Waiting>,
    /// Deleted with the last clone.
    _folder: Option<Arc<tempfile::TempDir>>,
}

/// A set of changes that happen together or not at all. Dropped without [`Tx::commit`], none of them happens.
///
/// There is one at a time: the next [`Store::begin`] waits, at most ten seconds, until this one is gone. So keep it short and
/// wait for nothing else while it is open. Reads of [`Store`] go on meanwhile and see the state before it.
#[derive(Debug)]
pub struct Tx {
    pub(crate) inner: Transaction<'static, Sqlite>,
    checkpoints: Arc<Checkpoints>,
    flushes: Flushes,
    /// The end of the audit log, once this transaction has looked for it.
    pub(crate) audit_end: Option<AuditEnd>,
    /// Rows of the audit log that are not written yet: those of many changes go into one statement.
    pub(crate) unaudited: Vec<Vec<Cell>>,
    /// Rows that the index of terms has not been told of.
    pub(crate) unindexed: Vec<Placed>,
    /// How often some of these were written before the commit.
    pub(crate) times_told: u32,
    /// Alerts that this transaction has made and that nothing was put on yet.
    pub(crate) bare: Vec<AlertId>,
}

impl Store {
    /// Opens the database in this file, makes it where there is none, and brings its tables to this version.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_in(path, None).await
    }

    /// Opens a new database in a temporary folder that is deleted with the last clone of the store.
    pub async fn open_temporary() -> Result<Self, OpenError> {
        let folder = tempfile::Builder::new().prefix("vigie-store-").tempdir().map_err(OpenError::Folder)?;
        let path = folder.path().join("vigie.db");
        Self::open_in(&path, Some(Arc::new(folder))).await
    }

    async fn open_in(path: &Path, folder: Option<Arc<tempfile::TempDir>>) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Open { path: PathBuf::from(path), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered survives a power cut: an audit row or a decision is never forgotten. `flush.rs` sees to that.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(WAIT_MAX)
            // What is deleted is overwritten where that costs no access of its own, so that an erasure finds little to do.
            .pragma("secure_delete", "fast")
            .pragma("cache_size", "-16384")
            // 64 MB of changes, in pages: most pages of an index change many times before they are written to the file.
            .pragma("wal_autocheckpoint", "16384")
            .pragma("temp_store", "memory");
        let pool = SqlitePoolOptions::new().acquire_timeout(WAIT_MAX).idle_timeout(None).max_lifetime(None);
        let writer = pool.clone().max_connections(1).connect_with(options.clone()).await.map_err(failed)?;
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&writer).await.map_err(failed)?;
        if journal != "wal" {
            return Err(OpenError::NoLog { path: PathBuf::from(path) });
        }
        let flushes = Flushes::begin(path).map_err(OpenError::Flush)?;
        sqlx::migrate!("./migrations")
            .run(&writer)
            .await
            .map_err(|source| OpenError::Migrate { path: PathBuf::from(path), source })?;
        fill_terms(&writer).await.map_err(|source| OpenError::Index { path: PathBuf::from(path), source })?;
        let checkpoints = pool.clone().max_connections(1).connect_lazy_with(options.clone());
        let checkpoints = Arc::new(Checkpoints::begin(checkpoints));
        let readers = pool.max_connections(READERS_MAX).connect_with(options.read_only(true)).await.map_err(failed)?;
        Ok(Self { writer, readers, checkpoints, flushes, waiting: Arc::default(), _folder: folder })
    }

    /// Begins a set of changes. Waits until the one before is done, at most ten seconds.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.flushes.check()?;
        // IMMEDIATE takes the lock now, so that what is read in it is still true when it is changed.
        let mut begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        if matches!(begun, Err(sqlx::Error::InvalidSavePointStatement)) {
            // A full disk makes SQLite take a change back by itself. The connection believes that it is still open, and would
            // for ever: <https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>.
            self.writer.acquire().await.doing("begin a change")?.close().await.doing("begin a change")?;
            begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        }
        let inner = begun.doing("begin a change")?;
        Ok(Tx {
            inner,
            checkpoints: Arc::clone(&self.checkpoints),
            flushes: self.flushes.clone(),
            audit_end: None,
            unaudited: Vec::new(),
            unindexed: Vec::new(),
            times_told: 0,
            bare: Vec::new(),
        })
    }

    /// Returns whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&mut *self.read().await?).await.doing("reach the database")?;
        Ok(())
    }

    /// Takes what was overwritten out of the write-ahead log too, as far as nobody reads it. To be called after a change that
    /// erased something. What was deleted before this version may still be in parts of the file that no statement reads:
    /// [`Store::compact`] leaves none of it.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.acquire().await.doing("wait for the connection that writes")?;
        let _none_runs = self.checkpoints.pause().await;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *writer).await.doing("empty the log of changes")?;
        Ok(())
    }

    /// Writes the file anew, with nothing in it but what is there. It takes as long as copying the file, needs as much room
    /// again, and nobody else can change anything meanwhile.
    pub async fn compact(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.acquire().await.doing("wait for the connection that writes")?;
        sqlx::query("VACUUM").execute(&mut *writer).await.doing("write the file anew")?;
        drop(writer);
        self.settle().await
    }

    /// Finishes what is running and closes every connection. The write-ahead log is merged into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.checkpoints.end().await;
        self.writer.close().await;
    }

    pub(crate) async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.doing("wait for a connection to read")
    }
}

impl Tx {
    /// Makes the changes happen, and returns once they are on disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        let flushes = self.flushes.clone();
        self.commit_unflushed().await?;
        Ok(flushes.flush().await?)
    }

    /// Makes the changes happen, and the next ones possible. The disk has them after a flush.
    pub(crate) async fn commit_unflushed(mut self) -> Result<(), StoreError> {
        self.index_now().await?;
        self.audit_now().await?;
        self.inner.commit().await.doing("commit a change")?;
        self.checkpoints.committed();
        Ok(())
    }
}
