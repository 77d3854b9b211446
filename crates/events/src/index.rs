//! The event store of the embedded profile: tantivy on local disk.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tantivy::Searcher;
use vigie_model::{Event, EventId, TenantId, Timestamp};

use crate::columns::Columns;
use crate::partition::{Partition, PartitionKey, lock};
use crate::store::{Histogram, HistogramRequest, SearchPage, SearchRequest, TopRequest, TopValues};
use crate::writers::{Entry, Failure, Writers};
use crate::{
    AppendError, CommitError, EventStore, IndexSettings, LogPosition, OpenError, PartitionError, SearchError,
    StoredEvent, aggregate, position, search,
};

/// The event store of the embedded profile: tantivy on local disk. See the crate's documentation for what is promised.
///
/// Appending and committing take turns; searches run beside them, each on the state of the last commit.
pub struct EventIndex {
    root: PathBuf,
    pub(crate) columns: Arc<Columns>,
    settings: IndexSettings,
    partitions: RwLock<BTreeMap<TenantId, BTreeMap<String, Arc<Partition>>>>,
    writers: Mutex<Writers>,
    position: Mutex<LogPosition>,
    /// The partitions open for reading, least recently used first.
    readers: Mutex<VecDeque<PartitionKey>>,
    /// Held for as long as the index is open.
    _lock: File,
}

const MICROS_OF_A_DAY: i64 = 86_400_000_000;

impl EventIndex {
    /// Opens the events in a folder, making it where there is none.
    ///
    /// # Errors
    /// Where the settings make no sense, the folder is in use by another process or cannot be read, or a partition's
    /// manifest is lost and its index too damaged to make a new one from.
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
        let mut partitions: BTreeMap<TenantId, BTreeMap<String, Arc<Partition>>> = BTreeMap::new();
        for key in scan(folder)? {
            let path = Partition::folder_of(folder, &key);
            let partition = Partition::open(key.clone(), path.clone(), columns.clone())
                .map_err(|source| OpenError::Rebuild { path, source })?;
            partitions.entry(key.tenant).or_default().insert(key.day, Arc::new(partition));
        }
        Ok(Self {
            root: folder.to_owned(),
            columns,
            settings,
            partitions: RwLock::new(partitions),
            writers: Mutex::new(Writers::new(settings)),
            position: Mutex::new(position::read(folder)),
            readers: Mutex::default(),
            _lock: lock,
        })
    }

    /// Returns how many partitions are open for writing, for metrics.
    pub fn open_writers(&self) -> usize {
        lock(&self.writers).open_count()
    }

    /// Returns a tenant's partitions, oldest day of arrival first.
    pub(crate) fn partitions_of(&self, tenant: &TenantId) -> Vec<Arc<Partition>> {
        let partitions = self.partitions.read().unwrap_or_else(PoisonError::into_inner);
        partitions.get(tenant).map(|days| days.values().cloned().collect()).unwrap_or_default()
    }

    /// Returns a view of a partition, closing the one read least recently where too many are open.
    pub(crate) fn view(&self, partition: &Partition) -> Result<Searcher, SearchError> {
        let view = partition.searcher().map_err(|source| unreadable(partition, source))?;
        let mut readers = lock(&self.readers);
        readers.retain(|key| *key != partition.key);
        readers.push_back(partition.key.clone());
        while readers.len() > self.settings.readers_max {
            let Some(key) = readers.pop_front() else { break };
            if let Some(partition) = self.existing(&key) {
                partition.close_reader();
            }
        }
        Ok(view)
    }

    fn existing(&self, key: &PartitionKey) -> Option<Arc<Partition>> {
        let partitions = self.partitions.read().unwrap_or_else(PoisonError::into_inner);
        partitions.get(&key.tenant)?.get(&key.day).cloned()
    }

    /// Returns a partition, made where there is none, and the day before's where there is one.
    fn writable(&self, key: &PartitionKey) -> Result<(Arc<Partition>, Option<Arc<Partition>>), Failure> {
        let yesterday = day_before(&key.day).map(|day| PartitionKey { tenant: key.tenant.clone(), day });
        let before = yesterday.and_then(|key| self.existing(&key));
        if let Some(partition) = self.existing(key) {
            return Ok((partition, before));
        }
        let folder = Partition::folder_of(&self.root, key);
        let partition = Partition::open(key.clone(), folder.clone(), self.columns.clone());
        let partition = Arc::new(partition.map_err(|error| (folder, error))?);
        let mut partitions = self.partitions.write().unwrap_or_else(PoisonError::into_inner);
        partitions.entry(key.tenant.clone()).or_default().insert(key.day.clone(), partition.clone());
        Ok((partition, before))
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
            let entry = Entry { id: event.id, seq, micros: event.time.as_micros() };
            let added = writers.add(key, &entry, || self.columns.row(event, seq), || self.writable(key));
            new += usize::from(added.map_err(|(path, source)| AppendError::Partition { path, source })?);
        }
        Ok(new)
    }

    fn commit(&self, until: LogPosition) -> Result<(), CommitError> {
        let mut writers = lock(&self.writers);
        writers.commit(until).map_err(|(path, source)| CommitError::Partition { path, source })?;
        let mut position = lock(&self.position);
        if *position != until {
            let failed = |source| CommitError::Position { path: self.root.join(position::NAME), source };
            position::write(&self.root, until).map_err(failed)?;
            *position = until;
        }
        Ok(())
    }

    fn position(&self) -> LogPosition {
        *lock(&self.position)
    }

    fn end(&self) -> LogPosition {
        let partitions = self.partitions.read().unwrap_or_else(PoisonError::into_inner);
        let ends = partitions.values().flat_map(BTreeMap::values).map(|partition| partition.manifest().until);
        ends.fold(self.position(), LogPosition::max)
    }

    fn search(&self, request: &SearchRequest) -> Result<SearchPage, SearchError> {
        search::search(self, request)
    }

    fn histogram(&self, request: &HistogramRequest) -> Result<Histogram, SearchError> {
        aggregate::histogram(self, request)
    }

    fn top(&self, request: &TopRequest) -> Result<TopValues, SearchError> {
        aggregate::top(self, request)
    }

    fn get(&self, tenant: &TenantId, id: EventId) -> Result<Option<StoredEvent>, SearchError> {
        for partition in self.partitions_of(tenant).iter().rev() {
            let view = self.view(partition)?;
            let found = partition.find(&view, id).map_err(|source| unreadable(partition, source))?;
            if let Some(address) = found {
                return search::load(&self.columns, partition, &view, address).map(Some);
            }
        }
        Ok(None)
    }

    fn count(&self, tenant: &TenantId) -> Result<u64, SearchError> {
        Ok(self.partitions_of(tenant).iter().map(|partition| partition.manifest().events).sum())
    }
}

impl Drop for EventIndex {
    /// Closes what is open. What was not committed is let go of, as in a crash: it is in the log.
    fn drop(&mut self) {
        lock(&self.writers).close();
    }
}

pub(crate) fn unreadable(partition: &Partition, source: impl Into<PartitionError>) -> SearchError {
    SearchError::Partition { path: partition.folder.clone(), source: source.into() }
}

/// Returns the partitions that lie in a folder. What else lies there is somebody else's and left alone.
fn scan(root: &Path) -> Result<Vec<PartitionKey>, OpenError> {
    let mut keys = Vec::new();
    for (name, path) in folders(root)? {
        let Ok(tenant) = TenantId::new(&name) else { continue };
        for (day, _) in folders(&path)? {
            if is_day(&day) {
                keys.push(PartitionKey { tenant: tenant.clone(), day });
            }
        }
    }
    Ok(keys)
}

fn folders(path: &Path) -> Result<Vec<(String, PathBuf)>, OpenError> {
    let read = || -> io::Result<Vec<(String, PathBuf)>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if let (true, Ok(name)) = (entry.file_type()?.is_dir(), entry.file_name().into_string()) {
                folders.push((name, entry.path()));
            }
        }
        Ok(folders)
    };
    read().map_err(|source| OpenError::Io { path: path.to_owned(), source })
}

/// Returns whether a name is that of a partition's folder.
pub(crate) fn is_day(name: &str) -> bool {
    format!("{name}T00:00:00Z").parse::<Timestamp>().is_ok_and(|time| time.day() == name)
}

fn day_before(day: &str) -> Option<String> {
    let midnight: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(Timestamp::from_micros(midnight.as_micros() - 1).day()).filter(|before| before != day)
}
