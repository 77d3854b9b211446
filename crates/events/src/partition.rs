//! One tenant's events that arrived on one day.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::directory::error::OpenDirectoryError;
use tantivy::index::IndexSettings as StoreSettings;
use tantivy::query::{EnableScoring, Query as _, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{DocAddress, DocSet as _, Index, IndexReader, ReloadPolicy, Searcher, TERMINATED, TantivyError};
use vigie_model::{EventId, TenantId};

use crate::columns::{Columns, TIE, tie};
use crate::damage::guarded;
use crate::directory::SealedDirectory;
use crate::known::Known;
use crate::manifest::{Manifest, Span};
use crate::partitions::split;
use crate::tokenizers;
use crate::{LogPosition, PartitionError};

/// Whose events a partition holds, and of which day of arrival (`YYYY-MM-DD`, UTC; with `.2` and so on where the day's first
/// partition was damaged, or being compacted, when more events arrived).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionKey {
    pub(crate) tenant: TenantId,
    pub(crate) day: String,
}

impl PartitionKey {
    /// Returns the day of arrival alone; several partitions may be of one.
    pub(crate) fn date(&self) -> &str {
        split(&self.day).0
    }
}

/// One tenant's events that arrived on one day.
pub(crate) struct Partition {
    pub(crate) key: PartitionKey,
    pub(crate) folder: PathBuf,
    columns: Arc<Columns>,
    manifest: Mutex<Manifest>,
    /// Open while somebody reads, and some time after.
    reader: Mutex<Option<IndexReader>>,
    /// Loaded while this partition, or the next day's, is written to.
    known: Mutex<Option<Known>>,
    spoilt: AtomicBool,
    busy: AtomicBool,
}

/// How much is compressed at once, in bytes: a search that shows a page reads that many blocks, at worst.
const BLOCK_BYTES: usize = 32 * 1024;

impl Partition {
    /// Returns the partition of a folder; nothing is read or made before [`Self::load`].
    pub(crate) fn new(key: PartitionKey, folder: PathBuf, columns: Arc<Columns>) -> Self {
        Self {
            manifest: Mutex::new(Manifest::new(0, None, LogPosition::default())),
            key,
            folder,
            columns,
            reader: Mutex::default(),
            known: Mutex::default(),
            spoilt: AtomicBool::new(false),
            busy: AtomicBool::new(false),
        }
    }

    /// Makes the folder where there is none and reads the manifest; one that is missing, damaged or unfinished is rebuilt
    /// from the index.
    pub(crate) fn load(&self) -> Result<(), PartitionError> {
        fs::create_dir_all(self.folder.join("index"))?;
        let manifest = match Manifest::read(&self.folder) {
            Some(manifest) => manifest,
            None => self.rebuild()?,
        };
        *lock(&self.manifest) = manifest;
        Ok(())
    }

    /// Notes that it is damaged; returns whether that is new.
    pub(crate) fn spoil(&self) -> bool {
        self.close_reader();
        self.forget_known();
        !self.spoilt.swap(true, Ordering::Relaxed)
    }

    /// Whether it was found to be damaged.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt.load(Ordering::Relaxed)
    }

    /// Says whether its segments are being rewritten, so that nothing is to be added meanwhile; returns what was said before.
    pub(crate) fn set_busy(&self, busy: bool) -> bool {
        self.busy.swap(busy, Ordering::Relaxed)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    pub(crate) fn rebuild(&self) -> Result<Manifest, PartitionError> {
        let (mut events, mut span, mut until) = (0, None::<Span>, 0);
        if self.index_folder().join("meta.json").exists() {
            until = has(&self.index()?)?;
            let searcher = self.searcher()?;
            events = searcher.num_docs();
            for segment in searcher.segment_readers() {
                let times = segment.fast_fields().i64("time")?;
                let here = Span { min: times.min_value(), max: times.max_value() };
                span = Some(span.map_or(here, |span| span.with(here)));
            }
            self.close_reader();
        }
        let manifest = Manifest::new(events, span, LogPosition::new(until));
        manifest.write(&self.folder)?;
        Ok(manifest)
    }

    pub(crate) fn manifest(&self) -> Manifest {
        lock(&self.manifest).clone()
    }

    /// Says on disk that a commit is under way which reaches this far.
    pub(crate) fn widen(&self, span: Option<Span>, until: u64) -> Result<(), PartitionError> {
        let mut manifest = lock(&self.manifest);
        manifest.span = manifest.span.into_iter().chain(span).reduce(Span::with);
        manifest.until = manifest.until.max(LogPosition::new(until));
        manifest.clean = false;
        Ok(manifest.write(&self.folder)?)
    }

    /// Says that the commit is done, and lets readers see it.
    pub(crate) fn committed(&self, new: impl ExactSizeIterator<Item = EventId>) -> Result<(), PartitionError> {
        let count = new.len() as u64;
        if let Some(known) = lock(&self.known).as_mut() {
            new.for_each(|id| known.insert(tie(id.as_bytes())));
        }
        if let Some(reader) = lock(&self.reader).as_ref() {
            reader.reload()?;
        }
        let mut manifest = lock(&self.manifest);
        manifest.events += count;
        manifest.clean = true;
        Ok(manifest.write(&self.folder)?)
    }

    /// Returns a view of what is committed, which stays as it is however long it is held.
    pub(crate) fn searcher(&self) -> Result<Searcher, PartitionError> {
        let mut reader = lock(&self.reader);
        if let Some(reader) = reader.as_ref() {
            return Ok(reader.searcher());
        }
        let opened: IndexReader = self.index()?.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(reader.insert(opened).searcher())
    }

    /// Lets readers see what was rewritten.
    pub(crate) fn reload(&self) -> Result<(), PartitionError> {
        match lock(&self.reader).as_ref() {
            Some(reader) => Ok(reader.reload()?),
            None => Ok(()),
        }
    }

    /// Lets go of the files; views that are still held keep theirs.
    pub(crate) fn close_reader(&self) {
        *lock(&self.reader) = None;
    }

    pub(crate) fn index(&self) -> Result<Index, PartitionError> {
        let directory = SealedDirectory::open(&self.index_folder()).map_err(|error| match error {
            OpenDirectoryError::IoError { io_error, .. } => PartitionError::Io(std::io::Error::other(io_error)),
            other => PartitionError::from(TantivyError::from(other)),
        })?;
        let settings = StoreSettings {
            docstore_compression: Compressor::Zstd(ZstdCompressor { compression_level: Some(1) }),
            docstore_blocksize: BLOCK_BYTES,
            ..StoreSettings::default()
        };
        let index = Index::builder()
            .schema(self.columns.schema.clone())
            .settings(settings)
            .tokenizers(tokenizers::manager())
            .open_or_create(directory);
        match index {
            Ok(mut index) => {
                index.set_tokenizers(tokenizers::manager());
                Ok(index)
            }
            Err(TantivyError::SchemaError(_)) => Err(PartitionError::Schema),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns where a committed event stands.
    pub(crate) fn find(&self, searcher: &Searcher, id: EventId) -> Result<Option<DocAddress>, PartitionError> {
        let query = TermQuery::new(self.columns.id_term(id.as_bytes()), IndexRecordOption::Basic);
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        for (ordinal, segment) in searcher.segment_readers().iter().enumerate() {
            let mut found = weight.scorer(segment, 1.0)?;
            let mut ties = None;
            while found.doc() != TERMINATED {
                let ties = match &mut ties {
                    Some(ties) => ties,
                    none => none.insert(segment.fast_fields().u64(TIE)?),
                };
                if !segment.is_deleted(found.doc()) && ties.first(found.doc()) == Some(tie(id.as_bytes())) {
                    return Ok(Some(DocAddress::new(ordinal as u32, found.doc())));
                }
                found.advance();
            }
        }
        Ok(None)
    }

    /// Returns whether an event of this id is committed here.
    pub(crate) fn holds(&self, id: EventId) -> Result<bool, PartitionError> {
        guarded(|| self.look_for(id))
    }

    fn look_for(&self, id: EventId) -> Result<bool, PartitionError> {
        {
            let mut known = lock(&self.known);
            if known.is_none() {
                *known = Some(self.load_known()?);
            }
            if !known.as_ref().is_some_and(|known| known.may_hold(tie(id.as_bytes()))) {
                return Ok(false);
            }
        }
        Ok(self.find(&self.searcher()?, id)?.is_some())
    }

    pub(crate) fn forget_known(&self) {
        *lock(&self.known) = None;
    }

    fn load_known(&self) -> Result<Known, PartitionError> {
        let mut known = Known::default();
        if self.manifest().events > 0 {
            for segment in self.searcher()?.segment_readers() {
                let ties = segment.fast_fields().u64(TIE)?;
                (0..segment.max_doc()).filter_map(|row| ties.first(row)).for_each(|tie| known.insert(tie));
            }
        }
        Ok(known)
    }

    pub(crate) fn index_folder(&self) -> PathBuf {
        self.folder.join("index")
    }
}

/// Returns up to where in the log an index has its partition's events: the payload of its last commit, 0 before the first.
pub(crate) fn has(index: &Index) -> Result<u64, PartitionError> {
    let Some(payload) = index.load_metas()?.payload else { return Ok(0) };
    payload.parse().map_err(|_| PartitionError::Damaged(format!("its commit names no position but `{payload}`")))
}

/// A panic elsewhere leaves what these locks guard whole: each change is one assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
