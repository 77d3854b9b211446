//! The partitions that are open for writing: a bounded number, the least recently used closed first.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyDocument};
use vigie_model::EventId;

use crate::manifest::Span;
use crate::partition::{Partition, PartitionKey, has};
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
}

/// The partitions that are open for writing.
pub(crate) struct Writers {
    settings: IndexSettings,
    open: BTreeMap<PartitionKey, Writer>,
    /// Counts appends, to know which writer was used least recently.
    clock: u64,
    uncommitted: usize,
    /// All events below this in the order of the log were offered. What a partition commits now, it has up to here.
    seen: u64,
}

struct Writer {
    partition: Arc<Partition>,
    /// The day before's, where an event may be already that arrives again after midnight.
    before: Option<Arc<Partition>>,
    index: IndexWriter,
    /// The partition has all of its events below this in the order of the log.
    has: u64,
    fresh: HashSet<EventId>,
    span: Option<Span>,
    used: u64,
}

impl Writers {
    pub(crate) fn new(settings: IndexSettings) -> Self {
        Self { settings, open: BTreeMap::new(), clock: 0, uncommitted: 0, seen: 0 }
    }

    /// Adds one event's row to a partition, opening it with `find` where needed. Returns whether it was new. After an error
    /// nothing counts that was not committed.
    pub(crate) fn add(
        &mut self,
        key: &PartitionKey,
        entry: &Entry,
        row: impl FnOnce() -> TantivyDocument,
        find: impl FnOnce() -> Result<(Arc<Partition>, Option<Arc<Partition>>), Failure>,
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
        find: impl FnOnce() -> Result<(Arc<Partition>, Option<Arc<Partition>>), Failure>,
    ) -> Result<bool, Failure> {
        self.clock += 1;
        self.seen = self.seen.max(entry.seq);
        if !self.open.contains_key(key) {
            self.make_room()?;
            let (partition, before) = find()?;
            let writer = Writer::open(partition, before, &self.settings)?;
            self.open.insert(key.clone(), writer);
        }
        let fresh_before =
            self.open.get(key).and_then(|writer| writer.before.as_ref()).and_then(|before| self.open.get(&before.key));
        let known = fresh_before.is_some_and(|before| before.fresh.contains(&entry.id));
        let Some(writer) = self.open.get_mut(key).filter(|_| !known) else { return Ok(false) };
        writer.used = self.clock;
        let added = writer.add(entry, row);
        let new = added.map_err(|error| (writer.partition.folder.clone(), error))?;
        self.seen = entry.seq + 1;
        self.uncommitted += usize::from(new);
        if self.uncommitted >= self.settings.uncommitted_max {
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
        }
        self.uncommitted = 0;
        Ok(())
    }

    /// Closes every partition. What is not committed is let go of.
    pub(crate) fn close(&mut self) {
        self.uncommitted = 0;
        for (_, writer) in std::mem::take(&mut self.open) {
            writer.close();
        }
    }

    /// Lets go of everything that is not committed.
    fn roll_back(&mut self) {
        self.uncommitted = 0;
        self.seen = 0;
        for (_, writer) in std::mem::take(&mut self.open) {
            writer.forget();
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
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

impl Writer {
    fn open(
        partition: Arc<Partition>,
        before: Option<Arc<Partition>>,
        settings: &IndexSettings,
    ) -> Result<Self, Failure> {
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
        Ok(Self { partition, before, index, has, fresh: HashSet::new(), span: None, used: 0 })
    }

    fn add(&mut self, entry: &Entry, row: impl FnOnce() -> TantivyDocument) -> Result<bool, PartitionError> {
        let id = entry.id;
        let known = entry.seq < self.has
            || self.fresh.contains(&id)
            || self.partition.holds(id)?
            || self.before.as_ref().is_some_and(|before| before.holds(id).unwrap_or(false));
        if known {
            return Ok(false);
        }
        self.index.add_document(row())?;
        self.fresh.insert(id);
        let here = Span::of(entry.micros);
        self.span = Some(self.span.map_or(here, |span| span.with(here)));
        Ok(true)
    }

    fn commit(&mut self, until: u64) -> Result<(), PartitionError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
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
        if let Some(before) = &self.before {
            before.forget_known();
        }
    }
}
