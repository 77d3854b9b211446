//! Waiting until the disk has what was committed, while the next change is made already.
//!
//! With `synchronous = FULL` SQLite syncs the write-ahead log within the commit, and nobody can change anything meanwhile. Here it
//! does not (`NORMAL`, <https://sqlite.org/pragma.html#pragma_synchronous>: the file stays sound whatever happens, only the last
//! commits may be lost in a power cut), and a thread syncs the log instead, once for all who wait at that moment. Whoever made
//! a change is answered after that, so what was answered is on disk, as before. The log is written in the order of the
//! commits, so a change is never on disk without those that it was made on top of.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::sync::oneshot;

/// Whether the disk took it, or what it said.
pub(crate) type Flushed = Result<(), Arc<io::Error>>;

/// Whoever syncs the write-ahead log. Its thread ends with its last owner.
#[derive(Debug, Clone)]
pub(crate) struct Flushes {
    waiting: mpsc::Sender<oneshot::Sender<Flushed>>,
    /// Why the disk does not take the log, once that happened.
    failure: Arc<OnceLock<Arc<io::Error>>>,
}

impl Flushes {
    /// Begins for the log of this database.
    pub(crate) fn begin(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let mut log = Log { path: PathBuf::from(log), file: None };
        Self::begin_with(move || log.sync())
    }

    fn begin_with(mut sync: impl FnMut() -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let (waiting, asked) = mpsc::channel::<oneshot::Sender<Flushed>>();
        let failure = Arc::new(OnceLock::new());
        let failed = Arc::clone(&failure);
        thread::Builder::new().name("store-flush".into()).spawn(move || {
            while let Ok(first) = asked.recv() {
                // Who comes from here on may have written after the sync began, and is in the next.
                let all: Vec<_> = std::iter::once(first).chain(asked.try_iter()).collect();
                let answer = match failed.get() {
                    // After a failed sync the kernel may forget what it could not write and report success the next time
                    // (<https://wiki.postgresql.org/wiki/Fsync_Errors>), so there is no second try.
                    Some(failure) => Err(Arc::clone(failure)),
                    None => sync().map_err(|error| Arc::clone(failed.get_or_init(|| Arc::new(error)))),
                };
                for waiting in all {
                    // Where nobody waits any more, nobody needs to know.
                    let _ = waiting.send(answer.clone());
                }
            }
        })?;
        Ok(Self { waiting, failure })
    }

    /// Returns once the disk has all that was committed before the call.
    pub(crate) async fn flush(&self) -> Flushed {
        let (waiting, answer) = oneshot::channel();
        let stopped = || Arc::new(io::Error::other("the thread that syncs the log of changes has ended"));
        match self.waiting.send(waiting) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(stopped())),
            Err(_) => Err(stopped()),
        }
    }

    /// Returns an error where the disk failed to take a change before: whatever is built upon it could vanish with it.
    pub(crate) fn check(&self) -> Flushed {
        self.failure.get().map_or(Ok(()), |failure| Err(Arc::clone(failure)))
    }
}

/// The write-ahead log as a file that is kept open, so that an error of the disk is reported to it whoever else syncs.
struct Log {
    path: PathBuf,
    file: Option<File>,
}

impl Log {
    fn sync(&mut self) -> io::Result<()> {
        // SQLite deletes the log with its last connection and makes another with the next.
        let kept = match self.file.take() {
            Some(file) if file.metadata()?.nlink() > 0 => Some(file),
            _ => None,
        };
        let file = match kept {
            Some(file) => file,
            None => OpenOptions::new().write(true).open(&self.path)?,
        };
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::StoreError;

    #[tokio::test]
    async fn who_waits_together_is_flushed_together() {
        let syncs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&syncs);
        let flushes = Flushes::begin_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(100));
            Ok(())
        })
        .expect("a thread");
        let all: Vec<_> = (0..50).map(|_| flushes.flush()).collect();
        for flushed in futures_util::future::join_all(all).await {
            flushed.expect("the disk takes it");
        }
        let syncs = syncs.load(Ordering::Relaxed);
        assert!((1..=50).contains(&syncs), "{syncs} syncs for 50 who wait");
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_taken_for_flushed() {
        let mut times = 0;
        let flushes = Flushes::begin_with(move || {
            times += 1;
            // The kernel reports a failure once.
            if times == 2 { Err(io::Error::other("bad sector")) } else { Ok(()) }
        })
        .expect("a thread");
        flushes.flush().await.expect("the first is taken");
        flushes.check().expect("nothing failed yet");
        for _ in 0..2 {
            let error = flushes.flush().await.expect_err("it is not on disk");
            assert!(StoreError::from(error).to_string().contains("start Vigie again"));
            assert!(matches!(flushes.check().map_err(StoreError::from), Err(StoreError::NotOnDisk { .. })));
        }
    }

    #[test]
    fn a_log_that_is_made_anew_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.db-wal");
        let mut log = Log { path: path.clone(), file: None };
        assert_eq!(log.sync().expect_err("there is none").kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "one").expect("written");
        log.sync().expect("synced");
        std::fs::remove_file(&path).expect("removed");
        std::fs::write(&path, "two").expect("written");
        log.sync().expect("synced");
        let open = log.file.as_ref().and_then(|file| file.metadata().ok()).expect("open").ino();
        assert_eq!(open, std::fs::metadata(&path).expect("there").ino());
    }
}
