//! Moving what was committed from the write-ahead log into the file, while the writer goes on.
//!
//! SQLite lets the commit that finds the log long do that (`wal_autocheckpoint`), so that one change in many waits for
//! thousands of pages. Here a connection of its own does it soon after each commit
//! (<https://sqlite.org/c3ref/wal_checkpoint_v2.html>, `PASSIVE`: it waits for nobody and nobody waits for it). The writer's own
//! limit stays as the bound of the log; when it is met, little is left to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::SqlitePool;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// How often it is looked whether something was committed.
const PAUSE: Duration = Duration::from_millis(200);

/// Whoever moves what was committed. It ends with its last owner.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    connection: SqlitePool,
    commits: Arc<AtomicU64>,
    /// Held while one runs: SQLite refuses a second one at once, whatever its patience.
    running: Arc<Mutex<()>>,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Begins, with a connection of its own.
    pub(crate) fn begin(connection: SqlitePool) -> Self {
        let (commits, running) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(())));
        let task = tokio::spawn(run(connection.clone(), Arc::clone(&commits), Arc::clone(&running)));
        Self { connection, commits, running, task }
    }

    /// Says that something was committed.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until none runs; none does until what is returned is dropped.
    pub(crate) async fn pause(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.running.lock().await
    }

    /// Ends; a checkpoint that runs is finished first.
    pub(crate) async fn end(&self) {
        let _none_runs = self.running.lock().await;
        self.task.abort();
        self.connection.close().await;
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(connection: SqlitePool, commits: Arc<AtomicU64>, running: Arc<Mutex<()>>) {
    let mut moved = 0;
    loop {
        tokio::time::sleep(PAUSE).await;
        let committed = commits.load(Ordering::Relaxed);
        if committed == moved {
            continue;
        }
        let _running = running.lock().await;
        // Where it fails (a full disk), the log grows to the writer's own limit, and whoever commits then is told.
        if sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&connection).await.is_ok() {
            moved = committed;
        }
    }
}
