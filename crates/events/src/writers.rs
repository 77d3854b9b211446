//! The partitions that are open for writing: a bounded number, the least recently used closed first.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyDocument};
use vigie_model::EventId;

use crate::manifest::Span;
use crate::partition::{Partition, PartitionKey};
use crate::{IndexSettings, PartitionError};

/// A partition's folder and what went wrong there.
pub(crate) type Failure = (PathBuf, PartitionError);

/// The partitions that are open for writing.
pub(crate) struct Writers {
    settings: IndexSettings,
    open: BTreeMap<PartitionKey, Writer>,
    /// Counts appends, to know which writer was used least recently.
    clock: u64,
    uncommitted: usize,
    /// Partitions that lost uncommitted events and whose next commit has to say so.
    lost: Vec<PathBuf>,
}

struct Writer {
    partition: Arc<Partition>,
    /// The day before's, where an event may be already that arrives again after midnight.
    before: Option<Arc<Partition>>,
    index: IndexWriter,
    fresh: HashSet<EventId>,
    span: Option<Span>,
    used: u64,
}

impl Writers {
    pub(crate) fn new(settings: IndexSettings) -> Self {
        Self { settings, open: BTreeMap::new(), clock: 0, uncommitted: 0, lost: Vec::new() }
    }

    /// Adds one event's row to a partition, opening it with `find` where needed. Returns whether it was new.
    pub(crate) fn add(
        &mut self,
        key: &PartitionKey,
        id: EventId,
        micros: i64,
        row: TantivyDocument,
        find: impl FnOnce() -> Result<(Arc<Partition>, Option<Arc<Partition>>), Failure>,
    ) -> Result<bool, Failure> {
        self.clock += 1;
        if !self.open.contains_key(key) {
            self.make_room()?;
            let (partition, before) = find()?;
            let writer = Writer::open(partition, before, &self.settings)?;
            self.open.insert(key.clone(), writer);
        }
        let fresh_before =
            self.open.get(key).and_then(|writer| writer.before.as_ref()).map(|before| before.key.clone());
        if fresh_before.and_then(|before| self.open.get(&before)).is_some_and(|before| before.fresh.contains(&id)) {
            return Ok(false);
        }
        let Some(writer) = self.open.get_mut(key) else { return Ok(false) };
        writer.used = self.clock;
        let folder = writer.partition.folder.clone();
        let new = match writer.add(id, micros, row) {
            Ok(new) => new,
            Err(error) => {
                self.drop_writer(key);
                return Err((folder, error));
            }
        };
        self.uncommitted += usize::from(new);
        if self.uncommitted >= self.settings.uncommitted_max {
            self.commit()?;
        }
        Ok(new)
    }

    /// Commits every open partition. All are tried; the first failure is returned.
    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        let mut first = self.lost.pop().map(|folder| (folder, PartitionError::Lost));
        self.lost.clear();
        let mut failed = Vec::new();
        for (key, writer) in &mut self.open {
            if let Err(error) = writer.commit() {
                first.get_or_insert((writer.partition.folder.clone(), error));
                failed.push(key.clone());
            }
        }
        for key in failed {
            self.drop_writer(&key);
        }
        // What was lost is said now, not by the next commit again.
        self.lost.clear();
        self.uncommitted = 0;
        first.map_or(Ok(()), Err)
    }

    /// Commits and closes every partition.
    pub(crate) fn close(&mut self) -> Result<(), Failure> {
        let result = self.commit();
        for (_, writer) in std::mem::take(&mut self.open) {
            writer.close();
        }
        result
    }

    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
    }

    fn make_room(&mut self) -> Result<(), Failure> {
        while self.open.len() >= self.settings.writers_max {
            let oldest = self.open.iter().min_by_key(|(_, writer)| writer.used).map(|(key, _)| key.clone());
            let Some(mut writer) = oldest.and_then(|key| self.open.remove(&key)) else { break };
            self.uncommitted = self.uncommitted.saturating_sub(writer.fresh.len());
            let folder = writer.partition.folder.clone();
            let result = writer.commit();
            writer.close();
            if let Err(error) = result {
                self.lost.push(folder.clone());
                return Err((folder, error));
            }
        }
        Ok(())
    }

    /// Lets go of a writer that failed, and of what it held.
    fn drop_writer(&mut self, key: &PartitionKey) {
        let Some(writer) = self.open.remove(key) else { return };
        if !writer.fresh.is_empty() {
            self.lost.push(writer.partition.folder.clone());
        }
        self.uncommitted = self.uncommitted.saturating_sub(writer.fresh.len());
        writer.close();
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
        let opened = partition.index().and_then(|index| Ok(index.writer_with_options(options)?));
        let index = opened.map_err(|error| (partition.folder.clone(), error))?;
        Ok(Self { partition, before, index, fresh: HashSet::new(), span: None, used: 0 })
    }

    fn add(&mut self, id: EventId, micros: i64, row: TantivyDocument) -> Result<bool, PartitionError> {
        let known = self.fresh.contains(&id)
            || self.partition.holds(id)?
            || self.before.as_ref().is_some_and(|before| before.holds(id).unwrap_or(false));
        if known {
            return Ok(false);
        }
        self.index.add_document(row)?;
        self.fresh.insert(id);
        let here = Span::of(micros);
        self.span = Some(self.span.map_or(here, |span| span.with(here)));
        Ok(true)
    }

    fn commit(&mut self) -> Result<(), PartitionError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.partition.widen(self.span)?;
        // Prepared first: the payload of the commit is where the log's position goes once there is a log.
        self.index.prepare_commit()?.commit()?;
        self.span = None;
        self.partition.committed(std::mem::take(&mut self.fresh).into_iter())
    }

    fn close(self) {
        self.partition.forget_known();
        if let Some(before) = &self.before {
            before.forget_known();
        }
        if let Err(error) = self.index.wait_merging_threads() {
            // Segments that are not merged are still whole.
            tracing::warn!(partition = %self.partition.folder.display(), "merging segments failed: {error}");
        }
    }
}
