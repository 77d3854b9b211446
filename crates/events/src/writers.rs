//! The partitions that are open for writing: a bounded number, the least recently used closed first.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use tantivy::indexer::{IndexWriterOptions, UserOperation};
use tantivy::{IndexWriter, TantivyDocument};
use vigie_model::EventId;

use crate::failpoint::fail_point;
use crate::manifest::Span;
use crate::merging::Sixteens;
use crate::partition::{Partition, PartitionKey, has};
use crate::partitions::Writable;
use crate::priority::let_merges_give_way;
use crate::{IndexSettings, LogPosition, PartitionError};

/// A partition's folder and what went wrong there.
pub(crate) type Failure = (PathBuf, PartitionError);

/// What the writers need to know of an event.
pub(crate) struct Entry {
    pub(crate) id: EventId,
    /// Its place in the order of the log.
    pub(crate) seq: u64,
    /// When it happened, in microseconds since 1970.
    pub(crate) micros: i64,
    /// How many bytes its native document has.
    pub(crate) bytes: usize,
}

/// The partitions that are open for writing.
pub(crate) struct Writers {
    settings: IndexSettings,
    open: BTreeMap<PartitionKey, Writer>,
    /// Counts appends, to know which writer was used least recently.
    clock: u64,
    uncommitted: usize,
    uncommitted_bytes: usize,
    /// All events below this in the order of the log were offered. What a partition commits now, it has up to here.
    seen: u64,
}

/// How many rows are handed to the index together.
const WAITING_MAX: usize = 128;

struct Writer {
    partition: Arc<Partition>,
    /// Where an event may be already that arrives again.
    others: Vec<Arc<Partition>>,
    index: IndexWriter,
    /// The partition has all of its events below this in the order of the log.
    has: u64,
    /// Rows on their way to the index, handed over together: handing over costs a wake-up.
    waiting: Vec<UserOperation>,
    fresh: HashSet<EventId, BuildHasherDefault<IdHasher>>,
    span: Option<Span>,
    used: u64,
    /// Whether its merges give way to other threads: from its first commit on.
    calm: bool,
}

impl Writers {
    pub(crate) fn new(settings: IndexSettings) -> Self {
        Self { settings, open: BTreeMap::new(), clock: 0, uncommitted: 0, uncommitted_bytes: 0, seen: 0 }
    }

    /// Adds one event's row to a partition, opening it with `find` where needed. Returns whether it was new. After an error
    /// nothing counts that was not committed.
    pub(crate) fn add(
        &mut self,
        key: &PartitionKey,
        entry: &Entry,
        row: impl FnOnce() -> TantivyDocument,
        find: impl FnOnce() -> Result<Writable, Failure>,
    ) -> Result<bool, Failure> {
        let added = self.try_add(key, entry, row, find);
        if added.is_err() {
            self.roll_back();
        }
        added
    }

    fn try_add(
        &mut self,
        key: &PartitionKey,
        entry: &Entry,
        row: impl FnOnce() -> TantivyDocument,
        find: impl FnOnce() -> Result<Writable, Failure>,
    ) -> Result<bool, Failure> {
        self.clock += 1;
        self.seen = self.seen.max(entry.seq);
        if !self.open.contains_key(key) {
            self.make_room()?;
            let writer = Writer::open(find()?, &self.settings)?;
            self.open.insert(key.clone(), writer);
        }
        let others = self.open.get(key).map_or(&[][..], |writer| &writer.others);
        let known =
            others.iter().filter_map(|other| self.open.get(&other.key)).any(|writer| writer.fresh.contains(&entry.id));
        let Some(writer) = self.open.get_mut(key).filter(|_| !known) else { return Ok(false) };
        writer.used = self.clock;
        let added = writer.add(entry, row);
        let new = added.map_err(|error| (writer.partition.folder.clone(), error))?;
        self.seen = entry.seq + 1;
        if new {
            self.uncommitted += 1;
            self.uncommitted_bytes += entry.bytes;
        }
        if self.uncommitted >= self.settings.uncommitted_max
            || self.uncommitted_bytes >= self.settings.uncommitted_bytes_max
        {
            self.commit_open(self.seen)?;
        }
        Ok(new)
    }

    /// Commits every open partition: each has its events of the log up to `until`. After an error nothing counts that was
    /// not committed; the partitions before the one that failed are.
    pub(crate) fn commit(&mut self, until: LogPosition) -> Result<(), Failure> {
        let committed = self.commit_open(until.get().max(self.seen));
        if committed.is_err() {
            self.roll_back();
        }
        committed
    }

    fn commit_open(&mut self, until: u64) -> Result<(), Failure> {
        for writer in self.open.values_mut() {
            writer.commit(until).map_err(|error| (writer.partition.folder.clone(), error))?;
            fail_point("index.between_partitions");
        }
        (self.uncommitted, self.uncommitted_bytes) = (0, 0);
        Ok(())
    }

    /// Closes every partition. What is not committed is let go of.
    pub(crate) fn close(&mut self) {
        (self.uncommitted, self.uncommitted_bytes) = (0, 0);
        for (_, writer) in std::mem::take(&mut self.open) {
            writer.close();
        }
    }

    /// Lets go of everything that is not committed.
    fn roll_back(&mut self) {
        (self.uncommitted, self.uncommitted_bytes) = (0, 0);
        self.seen = 0;
        for (_, writer) in std::mem::take(&mut self.open) {
            writer.forget();
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Whether a partition is open for writing.
    pub(crate) fn has_open(&self, key: &PartitionKey) -> bool {
        self.open.values().any(|writer| writer.partition.key == *key)
    }

    /// Lets go of a partition that is gone, in those that looked for known events there.
    pub(crate) fn forget(&mut self, key: &PartitionKey) {
        for writer in self.open.values_mut() {
            writer.others.retain(|other| other.key != *key);
        }
    }

    fn make_room(&mut self) -> Result<(), Failure> {
        while self.open.len() >= self.settings.writers_max {
            let oldest = self.open.iter().min_by_key(|(_, writer)| writer.used).map(|(key, _)| key.clone());
            let Some(mut writer) = oldest.and_then(|key| self.open.remove(&key)) else { break };
            self.uncommitted = self.uncommitted.saturating_sub(writer.fresh.len());
            let committed = writer.commit(self.seen);
            let folder = writer.partition.folder.clone();
            writer.close();
            committed.map_err(|error| (folder, error))?;
        }
        Ok(())
    }
}

/// An id is a hash already (SHA-256, of what no sender chooses alone): its first bytes serve as they are.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 ^= u64::from_le_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Writer {
    fn open(Writable { partition, others }: Writable, settings: &IndexSettings) -> Result<Self, Failure> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(settings.writer_heap_bytes)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let open = || {
            let index = partition.index()?;
            let has = has(&index)?;
            Ok((index.writer_with_options(options)?, has))
        };
        let (index, has) = open().map_err(|error| (partition.folder.clone(), error))?;
        index.set_merge_policy(Box::new(Sixteens));
        let (waiting, fresh) = (Vec::new(), HashSet::default());
        Ok(Self { partition, others, index, has, waiting, fresh, span: None, used: 0, calm: false })
    }

    fn add(&mut self, entry: &Entry, row: impl FnOnce() -> TantivyDocument) -> Result<bool, PartitionError> {
        self.check()?;
        let id = entry.id;
        let known = entry.seq < self.has
            || self.fresh.contains(&id)
            || self.partition.holds(id)?
            || self.others.iter().any(|other| other.holds(id).unwrap_or(false));
        if known {
            return Ok(false);
        }
        self.waiting.push(UserOperation::Add(row()));
        if self.waiting.len() >= WAITING_MAX {
            self.hand_over()?;
        }
        self.fresh.insert(id);
        let here = Span::of(entry.micros);
        self.span = Some(self.span.map_or(here, |span| span.with(here)));
        Ok(true)
    }

    /// Refuses a partition that a search found to be damaged: what it holds uncommitted goes into the next one.
    fn check(&self) -> Result<(), PartitionError> {
        if self.partition.is_spoilt() {
            return Err(PartitionError::Damaged("it is set aside".to_owned()));
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), PartitionError> {
        self.index.run(std::mem::take(&mut self.waiting))?;
        Ok(())
    }

    fn commit(&mut self, until: u64) -> Result<(), PartitionError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.check()?;
        if !std::mem::replace(&mut self.calm, true) {
            let_merges_give_way();
        }
        self.hand_over()?;
        self.partition.widen(self.span, until)?;
        let mut commit = self.index.prepare_commit()?;
        commit.set_payload(&until.to_string());
        commit.commit()?;
        self.has = until;
        self.span = None;
        self.partition.committed(std::mem::take(&mut self.fresh).into_iter())
    }

    fn close(self) {
        self.forget_known();
        if let Err(error) = self.index.wait_merging_threads() {
            // Segments that are not merged are still whole.
            tracing::warn!(partition = %self.partition.folder.display(), "merging segments failed: {error}");
        }
    }

    /// Closes it without waiting for anything.
    fn forget(self) {
        self.forget_known();
    }

    fn forget_known(&self) {
        self.partition.forget_known();
        self.others.iter().for_each(|other| other.forget_known());
    }
}
