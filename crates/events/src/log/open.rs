//! Opening a log: what is there, what is damaged, and where to go on.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::frame::{Found, Frames};
use super::segment::{self, HEADER_BYTES, Segment};
use super::{LogDamage, LogError, LogFault, LogPosition, disk};

/// A log as it was found.
pub(super) struct Opened {
    pub(super) segments: Vec<Segment>,
    /// The last segment, open at its end.
    pub(super) file: Option<File>,
    /// Where the log ends.
    pub(super) end: LogPosition,
    pub(super) damage: Vec<LogDamage>,
    pub(super) lock: File,
}

pub(super) fn open(folder: &Path) -> Result<Opened, LogError> {
    let failed = |error| LogError::io("open the log folder", folder, error);
    fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LogError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let segments = segment::list(folder)?;
    let mut opened =
        Opened { damage: damage(folder, &segments), segments, file: None, end: LogPosition::default(), lock };
    if let Some(last) = opened.segments.pop() {
        opened.last(folder, last)?;
    }
    Ok(opened)
}

/// Returns what is wrong with the segments, without having looked into them.
fn damage(folder: &Path, segments: &[Segment]) -> Vec<LogDamage> {
    let mut damage = Vec::new();
    let mut expected = segments.first().map_or(LogPosition::default(), |segment| segment.continues);
    for segment in segments {
        if segment.continues > expected {
            let (from, until) = (expected, segment.continues);
            damage.push(LogDamage { path: folder.to_owned(), from, until, what: LogFault::Missing });
        }
        if segment.key.is_none() {
            let (path, from, until) = (segment.path.clone(), segment.first, segment.first);
            damage.push(LogDamage { path, from, until, what: LogFault::Header });
        }
        expected = segment.end();
    }
    damage
}

impl Opened {
    /// Takes in the last segment: finds where its last whole frame ends, and goes on there, or, where anything stands
    /// behind it, in a new segment. The positions of what is cut off are not used again: others may remember them, where
    /// what looks like a write cut short is one that the disk lost later.
    fn last(&mut self, folder: &Path, mut last: Segment) -> Result<(), LogError> {
        let whole = self.scan(&last)?;
        let file = File::options().write(true).open(&last.path);
        let mut file = file.map_err(|error| LogError::io("open the log segment", &last.path, error))?;
        if whole == last.end() && last.key.is_some() {
            let at = std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0));
            at.map_err(|error| LogError::io("open the log segment", &last.path, error))?;
            (self.file, self.end) = (Some(file), whole);
            self.segments.push(last);
            return Ok(());
        }
        let (path, end) = (last.path.clone(), last.end());
        if whole < end {
            self.damage.push(LogDamage { path: path.clone(), from: whole, until: end, what: LogFault::Torn });
        }
        if end == last.first {
            // Not even a header: no position was used, so the name is free.
            disk::remove(&path).map_err(|error| LogError::io("remove the log segment", &path, error))?;
            return self.begin(folder, end, last.continues);
        }
        self.begin(folder, end, whole)?;
        last.bytes = (whole.get() - last.first.get()) + HEADER_BYTES as u64;
        disk::cut(&file, last.bytes).map_err(|error| LogError::io("cut off the log segment", &path, error))?;
        self.segments.insert(self.segments.len() - 1, last);
        Ok(())
    }

    fn begin(&mut self, folder: &Path, first: LogPosition, continues: LogPosition) -> Result<(), LogError> {
        let (segment, file) = segment::begin(folder, first, continues)?;
        disk::sync(&file).map_err(|error| LogError::io("sync the log segment", &segment.path, error))?;
        disk::sync_folder(folder).map_err(|error| LogError::io("sync the log folder", folder, error))?;
        self.segments.push(segment);
        (self.file, self.end) = (Some(file), first);
        Ok(())
    }

    /// Returns where the last whole frame of a segment ends. Reports what is damaged before that.
    fn scan(&mut self, segment: &Segment) -> Result<LogPosition, LogError> {
        let failed = |error| LogError::io("read the log segment", &segment.path, error);
        let file = File::open(&segment.path).map_err(failed)?;
        let mut frames = Frames::new(file, segment.first, segment.key, segment.bytes);
        let (mut whole, mut bad) = (segment.first, None);
        while let Some(found) = frames.next().map_err(failed)? {
            match found {
                Found::Bad { from, until } => bad = Some((from, until)),
                Found::Frame { until, .. } => {
                    whole = until;
                    if let Some((from, until)) = bad.take() {
                        let path = segment.path.clone();
                        self.damage.push(LogDamage { path, from, until, what: LogFault::Frame });
                    }
                }
            }
        }
        Ok(whole)
    }
}
