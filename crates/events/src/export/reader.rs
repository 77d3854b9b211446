//! Reads a tenant's events from the folder of an index, beside whoever writes to it.
//!
//! No lock of the index is taken. Tantivy's files never change once they are named in `meta.json`, and that file is replaced
//! in one step; while a partition is being opened tantivy's own lock keeps the writer from deleting what it names. From then
//! on the files are held open.

use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use tantivy::query::{EnableScoring, FastFieldRangeQuery, Query};
use tantivy::schema::Value as _;
use tantivy::{
    DocSet as _, Index, IndexReader, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, TantivyError, Term,
};
use vigie_model::Timestamp;

use super::{ExportError, ExportRequest};
use crate::columns::{Columns, SEQ};
use crate::damage::guarded;
use crate::directory::SealedDirectory;
use crate::manifest::Manifest;
use crate::partitions::is_partition;
use crate::{PartitionError, SearchBudget, StoredEvent, query, stored, tokenizers};

/// A tenant's partitions, and which of their events are asked for.
pub(super) struct Archive<'a> {
    request: &'a ExportRequest,
    columns: Columns,
    query: Box<dyn Query>,
    /// Those that may hold such events, in order of arrival.
    partitions: Vec<PathBuf>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(folder: &Path, request: &'a ExportRequest) -> Result<Self, ExportError> {
        let columns = Columns::new();
        let filter = query::lower(&request.filter, &columns, &request.tenant, &SearchBudget::unlimited())?;
        let query = within(&columns, filter, request.from, request.until);
        let partitions = partitions(&folder.join(request.tenant.as_str()), request)?;
        Ok(Self { request, columns, query, partitions })
    }

    /// Returns how many events are asked for.
    pub(super) fn count(&self) -> Result<u64, ExportError> {
        let mut count = 0;
        for path in &self.partitions {
            let failed = |source: PartitionError| ExportError::Partition { path: path.clone(), source };
            if let Some(view) = guarded(|| self.view(path)).map_err(failed)? {
                count += guarded(|| Ok(self.query.count(&view)?)).map_err(failed)? as u64;
            }
        }
        Ok(count)
    }

    /// Hands on each event that is asked for.
    pub(super) fn each(
        &self,
        take: &mut dyn FnMut(&StoredEvent) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        for path in &self.partitions {
            let failed = |source: PartitionError| ExportError::Partition { path: path.clone(), source };
            if let Some(view) = guarded(|| self.view(path)).map_err(failed)? {
                self.partition(&view, path, take)?;
            }
        }
        Ok(())
    }

    fn partition(
        &self,
        view: &Searcher,
        path: &Path,
        take: &mut dyn FnMut(&StoredEvent) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let failed = |source: PartitionError| ExportError::Partition { path: path.to_owned(), source };
        let broken = |error: TantivyError| failed(error.into());
        let weight = self.query.weight(EnableScoring::disabled_from_searcher(view)).map_err(broken)?;
        let mut segments: Vec<_> = view.segment_readers().iter().collect();
        segments.sort_by_key(|segment| segment.fast_fields().u64(SEQ).map_or(0, |column| column.min_value()));
        for segment in segments {
            // Rows are read in the order in which they are stored, so that one block is unpacked at a time.
            let store = segment.get_store_reader(1).map_err(|error| failed(error.into()))?;
            let mut rows = weight.scorer(segment, 1.0).map_err(broken)?;
            while rows.doc() != TERMINATED {
                if !segment.is_deleted(rows.doc()) {
                    let event = guarded(|| {
                        let row: TantivyDocument = store.get(rows.doc())?;
                        let bytes = row.get_first(self.columns.stored).and_then(|value| value.as_bytes());
                        let event = stored::decode(&self.request.tenant, bytes.unwrap_or_default());
                        event.map_err(PartitionError::Damaged)
                    });
                    take(&event.map_err(failed)?)?;
                }
                rows.advance();
            }
        }
        Ok(())
    }

    /// Returns a view of what is committed in a partition, `None` where nothing is.
    fn view(&self, path: &Path) -> Result<Option<Searcher>, PartitionError> {
        let folder = path.join("index");
        if !folder.join("meta.json").try_exists()? {
            return Ok(None);
        }
        let directory = SealedDirectory::open(&folder).map_err(TantivyError::from)?;
        let mut index = Index::open(directory)?;
        if index.schema() != self.columns.schema {
            return Err(PartitionError::Schema);
        }
        index.set_tokenizers(tokenizers::manager());
        let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Some(reader.searcher()))
    }
}

/// Narrows a query to a range of time.
fn within(
    columns: &Columns,
    query: Box<dyn Query>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Box<dyn Query> {
    if from.is_none() && until.is_none() {
        return query;
    }
    let time = columns.schema.get_field("time").expect("the table of fields has `time`");
    let term = |time_value: Timestamp| Term::from_field_i64(time, time_value.as_micros());
    let low = from.map(term).map_or(Bound::Unbounded, Bound::Included);
    let high = until.map(term).map_or(Bound::Unbounded, Bound::Excluded);
    query::all_of(vec![query, Box::new(FastFieldRangeQuery::new(low, high))])
}

/// Returns a tenant's partitions that may hold events of the times asked for, in order of arrival.
fn partitions(tenant: &Path, request: &ExportRequest) -> Result<Vec<PathBuf>, ExportError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(tenant)?.collect::<io::Result<Vec<_>>>()?;
        let days = entries.into_iter().filter(|entry| entry.file_name().to_str().is_some_and(is_partition));
        Ok(days.map(|entry| entry.path()).collect())
    };
    let mut days = match read() {
        Ok(days) => days,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = tenant.parent().unwrap_or(tenant).to_owned();
            return Err(ExportError::NoEvents { tenant: request.tenant.clone(), folder });
        }
        Err(error) => return Err(ExportError::Partition { path: tenant.to_owned(), source: error.into() }),
    };
    days.sort();
    // A manifest that is not there or under way says nothing; one that is tells of at least what is committed.
    days.retain(|day| {
        Manifest::read(day)
            .is_none_or(|manifest| manifest.span.is_none_or(|span| span.meets(request.from, request.until)))
    });
    Ok(days)
}
