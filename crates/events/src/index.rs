//! The event store of the embedded profile: tantivy on local disk.

use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tantivy::Searcher;
use vigie_model::{Event, EventId, TenantId, Timestamp};

use crate::columns::Columns;
use crate::damage::Damage;
use crate::failpoint::fail_point;
use crate::partition::{Partition, PartitionKey, lock};
use crate::partitions::Partitions;
use crate::scan::Work;
use crate::spans::SegmentSpans;
use crate::store::{SearchPage, SearchRequest, Skipped};
use crate::writers::{Entry, Failure, Writers};
use crate::{
    AggregateAnswer, AggregateRequest, AppendError, CommitError, Compacted, EventStore, Expiry, IndexSettings,
    LogPosition, OpenError, PartitionError, Rehearsal, RetentionPolicy, SearchBudget, SearchError, StoredEvent,
    TailPage, TailRequest, aggregate, position, search, tail,
};

/// The event store of the embedded profile: tantivy on local disk. See the crate's documentation for what is promised.
///
/// Appending and committing take turns; searches run beside them, each on the state of the last commit.
pub struct EventIndex {
    root: PathBuf,
    pub(crate) columns: Arc<Columns>,
    settings: IndexSettings,
    pub(crate) partitions: Partitions,
    pub(crate) writers: Mutex<Writers>,
    position: Mutex<LogPosition>,
    /// The partitions open for reading, least recently used first.
    readers: Mutex<VecDeque<PartitionKey>>,
    pub(crate) spans: SegmentSpans,
    /// Held for as long as the index is open.
    _lock: File,
}

const MICROS_OF_A_DAY: i64 = 86_400_000_000;

impl EventIndex {
    /// Opens the events in a folder, making it where there is none.
    ///
    /// # Errors
    /// Where the settings make no sense, or the folder is in use by another process or cannot be read. What is damaged is no
    /// error: it is set aside, see [`Self::damaged`].
    pub fn open(folder: &Path, settings: IndexSettings) -> Result<Self, OpenError> {
        settings.check()?;
        let io_error = |source| OpenError::Io { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(io_error)?;
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock"));
        let lock = lock.map_err(io_error)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let columns = Arc::new(Columns::new());
        Ok(Self {
            root: folder.to_owned(),
            settings,
            partitions: Partitions::open(folder, columns.clone())?,
            columns,
            writers: Mutex::new(Writers::new(settings)),
            position: Mutex::new(position::read(folder)),
            readers: Mutex::default(),
            spans: SegmentSpans::default(),
            _lock: lock,
        })
    }

    /// Returns how many partitions are open for writing, for metrics.
    pub fn open_writers(&self) -> usize {
        lock(&self.writers).open_count()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns what is damaged and left out of searches. Searches of the tenant concerned say so too.
    pub fn damaged(&self) -> Vec<Damage> {
        self.partitions.damaged().into_iter().map(|(_, damage)| damage).collect()
    }

    /// Returns what an answer for a tenant has to say that it leaves out.
    pub(crate) fn set_aside_of(&self, tenant: &TenantId) -> Vec<Skipped> {
        let damaged = self.damaged().into_iter().filter(|damage| damage.tenant == *tenant);
        damaged.map(|damage| Skipped { tenant: damage.tenant, day: damage.day, reason: damage.what }).collect()
    }

    /// Notes that a partition could not be read: where what is stored is at fault it is set aside.
    pub(crate) fn failed(&self, partition: &Arc<Partition>, error: &PartitionError) {
        if error.is_damage() {
            self.partitions.set_aside(partition, error);
        }
    }

    /// Returns a tenant's partitions that can be read, oldest day of arrival first.
    pub(crate) fn partitions_of(&self, tenant: &TenantId) -> Vec<Arc<Partition>> {
        self.partitions.of(tenant)
    }

    /// Returns a view of a partition, closing the one read least recently where too many are open.
    pub(crate) fn view(&self, partition: &Partition) -> Result<Searcher, PartitionError> {
        let view = partition.searcher()?;
        let mut readers = lock(&self.readers);
        readers.retain(|key| *key != partition.key);
        readers.push_back(partition.key.clone());
        while readers.len() > self.settings.readers_max {
            let Some(key) = readers.pop_front() else { break };
            if let Some(partition) = self.partitions.get(&key) {
                partition.close_reader();
            }
        }
        Ok(view)
    }
}

impl EventIndex {
    /// Sets aside the partition that a writer failed at, where what is stored there is at fault.
    fn note<T>(&self, result: &Result<T, Failure>) {
        let Err((folder, error)) = result else { return };
        if let Some(partition) = self.partitions.all().into_iter().find(|partition| partition.folder == *folder) {
            self.failed(&partition, error);
        }
    }
}

impl EventStore for EventIndex {
    fn append(&self, events: &[Event], at: LogPosition) -> Result<usize, AppendError> {
        let mut writers = lock(&self.writers);
        let (mut new, mut key) = (0, None::<(PartitionKey, i64)>);
        for (event, seq) in events.iter().zip(at.get()..) {
            let day = event.arrival.as_micros().div_euclid(MICROS_OF_A_DAY);
            if key.as_ref().is_none_or(|(key, of)| *of != day || key.tenant != event.tenant) {
                key = Some((PartitionKey { tenant: event.tenant.clone(), day: event.arrival.day() }, day));
            }
            let Some((key, _)) = &key else { continue };
            let entry = Entry { id: event.id, seq, micros: event.time.as_micros(), bytes: event.native.len() };
            let added = writers.add(key, &entry, || self.columns.row(event, seq), || self.partitions.writable(key));
            self.note(&added);
            new += usize::from(added.map_err(|(path, source)| AppendError::Partition { path, source })?);
        }
        fail_point("index.appended");
        Ok(new)
    }

    fn commit(&self, until: LogPosition) -> Result<(), CommitError> {
        let mut writers = lock(&self.writers);
        fail_point("index.before_commit");
        let committed = writers.commit(until);
        self.note(&committed);
        committed.map_err(|(path, source)| CommitError::Partition { path, source })?;
        fail_point("index.after_commit");
        let mut position = lock(&self.position);
        if *position != until {
            let failed = |source| CommitError::Position { path: self.root.join(position::NAME), source };
            position::write(&self.root, until).map_err(failed)?;
            *position = until;
            fail_point("index.position_written");
        }
        Ok(())
    }

    fn position(&self) -> LogPosition {
        *lock(&self.position)
    }

    fn end(&self) -> LogPosition {
        self.partitions.end().max(self.position())
    }

    fn expire(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry {
        Self::expire(self, policy, now)
    }

    fn expire_dry_run(&self, policy: &RetentionPolicy, now: Timestamp) -> Expiry {
        Self::expire_dry_run(self, policy, now)
    }

    fn compact(&self, now: Timestamp) -> Vec<Compacted> {
        Self::compact(self, now, Rehearsal::InEarnest)
    }

    fn damaged(&self) -> Vec<Damage> {
        Self::damaged(self)
    }

    fn search(&self, request: &SearchRequest, budget: &SearchBudget) -> Result<SearchPage, SearchError> {
        search::search(self, request, budget)
    }

    fn aggregate(&self, request: &AggregateRequest, budget: &SearchBudget) -> Result<AggregateAnswer, SearchError> {
        aggregate::aggregate(self, request, budget)
    }

    fn tail(&self, request: &TailRequest, budget: &SearchBudget) -> Result<TailPage, SearchError> {
        tail::tail(self, request, budget)
    }

    fn get(&self, tenant: &TenantId, id: EventId, budget: &SearchBudget) -> Result<Option<StoredEvent>, SearchError> {
        search::get(self, tenant, id, budget)
    }

    fn count(&self, tenant: &TenantId, budget: &SearchBudget) -> Result<u64, SearchError> {
        Work::begin(budget, 0).look()?;
        Ok(self.partitions_of(tenant).iter().map(|partition| partition.manifest().events).sum())
    }
}

impl Drop for EventIndex {
    /// Closes what is open. What was not committed is let go of, as in a crash: it is in the log.
    fn drop(&mut self) {
        lock(&self.writers).close();
    }
}
