//! The writing side of the log.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vigie_model::{DeadLetter, Record, Timestamp};

use super::segment::{self, HEADER_BYTES, Segment};
use super::{LogDamage, LogEntry, LogError, LogPosition, LogReader, disk, frame, open, pack};
use crate::failpoint::fail_point;

/// How much memory the buffer of what is not synced yet keeps between syncs.
const PENDING_BYTES_KEPT: usize = 8 * 1024 * 1024;

/// How large the log and its files may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// How large a segment file gets before another is begun, in bytes; by as much as one sync writes it may be larger.
    /// The log is trimmed by whole segments. Held to half of `bytes_max` at most.
    pub segment_bytes: u64,
    /// How much all segments together may have, in bytes; see [`LogError::Full`].
    pub bytes_max: u64,
}

impl Default for LogSettings {
    /// Segments of 64 MiB, 4 GiB in all.
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024 * 1024, bytes_max: 4 * 1024 * 1024 * 1024 }
    }
}

/// What the log has done since it was opened, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogCounters {
    /// Syncs that wrote something and succeeded.
    pub syncs: u64,
    /// Syncs that failed.
    pub failures: u64,
    /// Entries that are synced.
    pub entries: u64,
    /// Bytes that are synced, headers of segments included.
    pub bytes: u64,
    /// How long the last sync that succeeded took, write and fsync.
    pub last_sync: Duration,
}

/// The write-ahead log's writer; see the module's documentation for what is promised.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    settings: LogSettings,
    /// In order; the last is the one written to, unless `file` is none.
    segments: VecDeque<Segment>,
    /// The last segment, open at its end; `None` where the next sync begins another.
    file: Option<File>,
    /// The last segment was begun by the sync under way.
    fresh: bool,
    /// Frames that are not synced yet.
    pending: Vec<u8>,
    pending_entries: u64,
    /// Up to where the log is on disk.
    synced: LogPosition,
    /// Where the next frame begins.
    end: LogPosition,
    counters: LogCounters,
    /// Held for as long as the log is open.
    _lock: File,
}

impl Log {
    /// Opens the log in a folder, making it where there is none. What a crash left unfinished at its end is cut off.
    ///
    /// Returns the log, and what was found damaged: in the last segment, in headers, and where segments are missing.
    /// Damaged bytes in earlier segments are reported by the [`LogReader`] that comes upon them.
    ///
    /// # Errors
    /// Where the folder is in use, cannot be read or written, or holds segments of a later version.
    pub fn open(folder: &Path, settings: LogSettings) -> Result<(Self, Vec<LogDamage>), LogError> {
        let settings = LogSettings { segment_bytes: settings.segment_bytes.min(settings.bytes_max / 2), ..settings };
        let opened = open::open(folder)?;
        let log = Self {
            folder: folder.to_owned(),
            settings,
            file: opened.file,
            fresh: false,
            pending: Vec::new(),
            pending_entries: 0,
            synced: opened.end,
            end: opened.end,
            segments: opened.segments.into(),
            counters: LogCounters::default(),
            _lock: opened.lock,
        };
        Ok((log, opened.damage))
    }

    /// Takes records and dead letters in, in memory. Returns them as a reader of the log will: in entries of at most 1,000
    /// items or about 256 KiB, with their positions. A record that no frame can hold becomes a dead letter.
    ///
    /// `now` is kept with them. Nothing is safe before [`Self::sync`] has returned.
    pub fn append(&mut self, now: Timestamp, records: Vec<Record>, dead: Vec<DeadLetter>) -> Vec<LogEntry> {
        let entries = pack::pack(&mut self.pending, self.end, now, records, dead);
        self.end = entries.last().map_or(self.end, |entry| entry.end);
        self.pending_entries += entries.len() as u64;
        entries
    }

    /// Writes what was appended since the last sync, and returns when it is on the disk: one write, one fdatasync.
    ///
    /// # Errors
    /// After an error nothing of what was appended since the last sync counts: the caller appends it again, and it gets
    /// other positions. What was synced earlier stays. The next sync begins a new segment: after a failed fsync the system
    /// may have dropped what was written, and says so only once.
    pub fn sync(&mut self) -> Result<(), LogError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let started = Instant::now();
        let result = self.write_pending();
        if let Ok(written) = &result {
            self.synced = self.end;
            self.counters.syncs += 1;
            self.counters.entries += self.pending_entries;
            self.counters.bytes += written;
            self.counters.last_sync = started.elapsed();
        } else {
            self.counters.failures += 1;
            self.abandon();
        }
        self.pending.clear();
        self.pending.shrink_to(PENDING_BYTES_KEPT);
        self.pending_entries = 0;
        result.map(|_| ())
    }

    /// Returns where the next entry will begin.
    pub fn end(&self) -> LogPosition {
        self.end
    }

    /// Returns how many bytes the log has on disk.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Returns what the log has done since it was opened.
    pub fn counters(&self) -> LogCounters {
        self.counters
    }

    /// Makes the log go on at `position` where it ends before that, so that no position is used twice: for a log that lost
    /// its end, or its whole folder, while others remember having read further. Drops what is not synced.
    ///
    /// # Errors
    /// Where the new segment cannot be written.
    pub fn skip_to(&mut self, position: LogPosition) -> Result<(), LogError> {
        if position <= self.end {
            return Ok(());
        }
        self.pending.clear();
        self.pending_entries = 0;
        self.file = None;
        (self.end, self.synced) = (position, position);
        let (segment, file) = segment::begin(&self.folder, position, position)?;
        disk::sync(&file).map_err(|error| LogError::io("sync the log segment", &segment.path, error))?;
        self.segments.push_back(segment);
        self.file = Some(file);
        self.sync_folder()
    }

    /// Deletes the segments that end at or before `until`, but never the last one. Returns how many bytes that freed.
    ///
    /// # Errors
    /// Where a file cannot be removed; those before it are.
    pub fn trim(&mut self, until: LogPosition) -> Result<u64, LogError> {
        let mut freed = 0;
        while let (Some(oldest), Some(next)) = (self.segments.front(), self.segments.get(1)) {
            if oldest.end().min(next.continues) > until {
                break;
            }
            fail_point("log.before_trim");
            match disk::remove(&oldest.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(LogError::io("remove the log segment", &oldest.path, error));
                }
                _ => freed += oldest.bytes,
            }
            fail_point("log.after_trim");
            self.segments.pop_front();
        }
        if freed > 0 {
            self.sync_folder()?;
        }
        Ok(freed)
    }

    /// Returns a reader of what is synced, beginning with the first entry that ends after `from`.
    ///
    /// It stops where the log ends now, whatever is written meanwhile. Segments that are trimmed before it gets there are
    /// reported as missing.
    ///
    /// # Errors
    /// None today; files are opened as the reader gets to them.
    pub fn reader(&self, from: LogPosition) -> Result<LogReader, LogError> {
        Ok(LogReader::new(&self.folder, &self.segments, from, self.synced))
    }

    /// Writes what is pending and returns how many bytes that were.
    fn write_pending(&mut self) -> Result<u64, LogError> {
        let begins = LogPosition::new(self.end.get() - self.pending.len() as u64);
        let pending = self.pending.len() as u64;
        let room = |segment: &Segment| {
            segment.bytes == HEADER_BYTES as u64 || segment.bytes + pending <= self.settings.segment_bytes
        };
        let fits = self.file.is_some() && self.segments.back().is_some_and(room);
        let more = pending + if fits { 0 } else { HEADER_BYTES as u64 };
        let (bytes, bytes_max) = (self.bytes(), self.settings.bytes_max);
        if bytes + more > bytes_max {
            return Err(LogError::Full { bytes, more, bytes_max });
        }
        if !fits {
            let (segment, file) = segment::begin(&self.folder, begins, self.synced)?;
            self.segments.push_back(segment);
            self.file = Some(file);
            self.fresh = true;
            fail_point("log.rotated");
        }
        let (Some(file), Some(segment)) = (&mut self.file, self.segments.back_mut()) else {
            unreachable!("a segment was just found or begun");
        };
        frame::seal(&mut self.pending, segment.key.unwrap_or_default());
        fail_point("log.before_write");
        disk::write(file, &self.pending)
            .map_err(|error| LogError::io("write the log segment", &segment.path, error))?;
        fail_point("log.before_fsync");
        disk::sync(file).map_err(|error| LogError::io("sync the log segment", &segment.path, error))?;
        if self.fresh {
            self.sync_folder()?;
            self.fresh = false;
        }
        fail_point("log.after_fsync");
        if let Some(segment) = self.segments.back_mut() {
            segment.bytes += pending;
        }
        Ok(more)
    }

    /// Lets go of the segment that could not be written, and of what was half-written in it where the system allows that.
    /// Where not, the next segment says from which position on this one does not count.
    fn abandon(&mut self) {
        let (file, fresh) = (self.file.take(), std::mem::take(&mut self.fresh));
        let (Some(file), Some(segment)) = (file, self.segments.back()) else { return };
        let path = segment.path.display();
        if !fresh {
            if let Err(error) = disk::cut(&file, segment.bytes) {
                tracing::warn!(%path, "the half-written end of the log segment cannot be cut off: {error}");
            }
        } else if let Err(error) = disk::remove(&segment.path) {
            tracing::warn!(%path, "the half-written log segment cannot be removed: {error}");
        } else {
            self.segments.pop_back();
        }
    }

    fn sync_folder(&self) -> Result<(), LogError> {
        disk::sync_folder(&self.folder).map_err(|error| LogError::io("sync the log folder", &self.folder, error))
    }
}
