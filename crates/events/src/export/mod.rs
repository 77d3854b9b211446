//! The archive: a tenant's events as files that others read, without Vigie and long after it.
//!
//! [`export`] reads the index beside a server that goes on writing, as of the last commit of each partition when it gets
//! there, and writes one file: NDJSON, or Parquet that DuckDB, Athena and Spark read as it is. The file appears under its
//! name only when it is whole and on the disk; until then it is called `<name>.partial`.
//!
//! Events come a day of arrival after the other, within a day about in the order of arrival. An event that reached the
//! store again two or more days later is in the file twice; `metadata_uid` tells.
//!
//! Columns are flat and named after the attributes of [OCSF 1.x](https://schema.ocsf.io), with `_` where OCSF has a dot: a
//! name with a dot must be quoted in SQL, each engine with other marks. [`export_columns`] is the table of them.

mod columns;
mod error;
mod ndjson;
mod parquet;
mod reader;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use vigie_model::{Filter, TenantId, Timestamp};

pub use columns::{ColumnKind, ExportColumn, export_columns};
pub use error::ExportError;

use self::ndjson::Ndjson;
use self::parquet::Parquet;
use self::reader::Archive;
use crate::StoredEvent;

/// After how many events the progress is told.
const PROGRESS_EVENTS: u64 = 10_000;

/// Which events to export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRequest {
    /// Whose events.
    pub tenant: TenantId,
    /// What they must satisfy; see [`crate::parse_search`].
    pub filter: Filter,
    /// The earliest event time, included.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included.
    pub until: Option<Timestamp>,
}

/// What kind of file to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object a line, columns without a value left out.
    Ndjson,
    /// Apache Parquet, zstd, row groups of at most 65,536 rows or about 32 MiB before compression.
    Parquet,
}

/// What was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: u64,
    /// How long the file is.
    pub bytes: u64,
}

/// Writes a tenant's events to a file. `folder` is that of the index; `progress` is told now and then how many events are
/// written. Memory is bounded by a row group: about 100 MiB.
///
/// # Errors
/// Where the output exists already or cannot be written, the tenant has no events here, the filter makes no sense or a
/// partition cannot be read. Nothing is left behind.
pub fn export(
    folder: &Path,
    request: &ExportRequest,
    format: ExportFormat,
    output: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Exported, ExportError> {
    let archive = Archive::open(folder, request)?;
    if output.try_exists().unwrap_or(false) {
        return Err(ExportError::Exists { path: output.to_owned() });
    }
    let partial = partial(output);
    let result = write(&archive, format, &partial, progress).and_then(|events| {
        let finish = || -> io::Result<u64> {
            let file = File::options().write(true).open(&partial)?;
            file.sync_all()?;
            fs::rename(&partial, output)?;
            let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(parent)?.sync_all()?;
            Ok(file.metadata()?.len())
        };
        let bytes = finish().map_err(|source| ExportError::Write { path: output.to_owned(), source })?;
        Ok(Exported { events, bytes })
    });
    if result.is_err() {
        // It may not even have been made.
        let _ = fs::remove_file(&partial);
    }
    result
}

/// Returns how many events [`export`] would write now.
///
/// # Errors
/// As those of [`export`] that concern reading.
pub fn count_export(folder: &Path, request: &ExportRequest) -> Result<u64, ExportError> {
    Archive::open(folder, request)?.count()
}

fn partial(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// Somewhere events are written to.
trait Sink {
    fn add(&mut self, event: &StoredEvent) -> io::Result<()>;
    fn finish(self: Box<Self>) -> io::Result<()>;
}

fn write(
    archive: &Archive<'_>,
    format: ExportFormat,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let failed = |source| ExportError::Write { path: path.to_owned(), source };
    let file = BufWriter::new(File::create(path).map_err(failed)?);
    let mut sink: Box<dyn Sink> = match format {
        ExportFormat::Ndjson => Box::new(Ndjson::new(file)),
        ExportFormat::Parquet => Box::new(Parquet::new(file).map_err(failed)?),
    };
    let mut events = 0;
    archive.each(&mut |event| {
        sink.add(event).map_err(failed)?;
        events += 1;
        if events % PROGRESS_EVENTS == 0 {
            progress(events);
        }
        Ok(())
    })?;
    sink.finish().map_err(failed)?;
    progress(events);
    Ok(events)
}

impl Sink for Ndjson<BufWriter<File>> {
    fn add(&mut self, event: &StoredEvent) -> io::Result<()> {
        Ndjson::add(self, event)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.into_inner().flush()
    }
}

impl Sink for Parquet<BufWriter<File>> {
    fn add(&mut self, event: &StoredEvent) -> io::Result<()> {
        Parquet::add(self, event)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Parquet::finish(*self)?.flush()
    }
}
