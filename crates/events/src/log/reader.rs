//! The reading side of the log.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};

use super::decode::{Body, decode};
use super::frame::{Found, Frames};
use super::segment::{HEADER_BYTES, Segment};
use super::{LogDamage, LogEntry, LogError, LogFault, LogItem, LogPosition};

/// Reads a log in order. Damage is reported and passed over; an error of the file system ends the reading, for what could
/// not be read may be there all the same.
#[derive(Debug)]
pub struct LogReader {
    folder: PathBuf,
    /// Those still to be read, and up to where each of them counts.
    segments: VecDeque<(Segment, LogPosition)>,
    current: Option<(Frames, PathBuf)>,
    from: LogPosition,
    /// Where the next entry should begin.
    expected: LogPosition,
    /// Where to stop.
    until: LogPosition,
    done: bool,
}

impl LogReader {
    pub(super) fn new(folder: &Path, all: &VecDeque<Segment>, from: LogPosition, until: LogPosition) -> Self {
        let ends = all.iter().skip(1).map(|next| next.continues).chain([until]);
        let counted = all.iter().cloned().zip(ends).map(|(segment, limit)| {
            let end = segment.end().min(limit).max(segment.first);
            (segment, end)
        });
        let segments = counted.skip_while(|(_, end)| *end <= from).collect();
        Self { folder: folder.to_owned(), segments, current: None, from, expected: from, until, done: from >= until }
    }

    fn step(&mut self) -> Result<Option<LogItem>, LogError> {
        loop {
            if let Some((frames, path)) = &mut self.current {
                let found = frames.next().map_err(|error| LogError::io("read the log segment", path, error))?;
                let path = path.clone();
                match found {
                    None => self.current = None,
                    Some(Found::Frame { until, .. } | Found::Bad { until, .. }) if until <= self.from => {}
                    Some(Found::Bad { from, until }) => {
                        self.expected = until;
                        return Ok(Some(LogItem::Damage(LogDamage { path, from, until, what: LogFault::Frame })));
                    }
                    Some(Found::Frame { from, until, body }) => {
                        self.expected = until;
                        return Ok(Some(match decode(&body) {
                            Some(Body { now, records, dead }) => {
                                LogItem::Entry(LogEntry { position: from, end: until, now, records, dead })
                            }
                            None => LogItem::Damage(LogDamage { path, from, until, what: LogFault::Body }),
                        }));
                    }
                }
                continue;
            }
            let continues = self.segments.front().map_or(self.until, |(segment, _)| segment.continues);
            if continues > self.expected {
                let (path, from) = (self.folder.clone(), std::mem::replace(&mut self.expected, continues));
                return Ok(Some(LogItem::Damage(LogDamage { path, from, until: continues, what: LogFault::Missing })));
            }
            let Some((segment, end)) = self.segments.pop_front() else { return Ok(None) };
            if let Some(damage) = self.begin(segment, end)? {
                return Ok(Some(LogItem::Damage(damage)));
            }
        }
    }

    /// Opens a segment. Returns what is wrong with its header.
    fn begin(&mut self, segment: Segment, end: LogPosition) -> Result<Option<LogDamage>, LogError> {
        let path = segment.path;
        self.expected = self.expected.max(segment.first);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let from = std::mem::replace(&mut self.expected, end);
                return Ok((from < end).then_some(LogDamage { path, from, until: end, what: LogFault::Missing }));
            }
            Err(error) => return Err(LogError::io("open the log segment", &path, error)),
        };
        let limit = end.get() - segment.first.get() + HEADER_BYTES as u64;
        let mut frames = Frames::new(file, segment.first, segment.key, limit);
        frames.skip_to(self.from).map_err(|error| LogError::io("read the log segment", &path, error))?;
        let header =
            LogDamage { path: path.clone(), from: segment.first, until: segment.first, what: LogFault::Header };
        self.current = Some((frames, path));
        Ok(segment.key.is_none().then_some(header))
    }
}

impl Iterator for LogReader {
    type Item = Result<LogItem, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.step().transpose();
        self.done = !matches!(item, Some(Ok(_)));
        item
    }
}

impl FusedIterator for LogReader {}
