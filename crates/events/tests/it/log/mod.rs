//! Tests of the write-ahead log through its public door.

mod any;
mod crash;
mod damage;
mod limits;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;
use vigie_events::{Log, LogDamage, LogEntry, LogFault, LogItem, LogPosition, LogSettings};
use vigie_model::{BatchContext, DeadLetter, Logsource, Position, Record, SourceName, TenantId, Timestamp};

/// A log in a folder of its own, with small segments, that remembers what was synced.
struct Fixture {
    folder: TempDir,
    settings: LogSettings,
    log: Option<Log>,
    /// What is synced.
    kept: Vec<LogEntry>,
    next: u64,
}

const SMALL: LogSettings = LogSettings { segment_bytes: 2_000, bytes_max: 1_000_000 };

impl Fixture {
    fn new() -> Self {
        let mut new = Self { folder: TempDir::new().unwrap(), settings: SMALL, log: None, kept: Vec::new(), next: 0 };
        assert_eq!(new.reopen(), []);
        new
    }

    fn log(&mut self) -> &mut Log {
        self.log.as_mut().unwrap()
    }

    fn close(&mut self) {
        self.log = None;
    }

    fn reopen(&mut self) -> Vec<LogDamage> {
        self.close();
        let (log, damage) = Log::open(self.folder.path(), self.settings).unwrap();
        self.log = Some(log);
        damage
    }

    /// Appends so many records and syncs them.
    fn write(&mut self, count: u64) -> &mut Self {
        let records = (self.next..self.next + count).map(record).collect();
        let now = Timestamp::from_seconds(1_772_323_200 + self.next as i64);
        self.next += count;
        let entries = self.log().append(now, records, vec![]);
        self.log().sync().unwrap();
        self.kept.extend(entries);
        self
    }

    fn read(&self, from: LogPosition) -> (Vec<LogEntry>, Vec<LogDamage>) {
        read(self.log.as_ref().unwrap(), from)
    }

    /// Checks that the log holds exactly what was synced.
    #[track_caller]
    fn check(&self) {
        let (entries, damage) = self.read(LogPosition::default());
        assert_eq!(entries, self.kept);
        assert_eq!(damage, []);
    }

    fn segments(&self) -> Vec<PathBuf> {
        segments(self.folder.path())
    }
}

fn read(log: &Log, from: LogPosition) -> (Vec<LogEntry>, Vec<LogDamage>) {
    let (mut entries, mut damage) = (Vec::new(), Vec::new());
    for item in log.reader(from).unwrap() {
        match item.unwrap() {
            LogItem::Entry(entry) => entries.push(entry),
            LogItem::Damage(found) => damage.push(found),
        }
    }
    (entries, damage)
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "log"));
    paths.sort();
    paths
}

fn tenant() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// A record like others; every fifth is of another place or context.
fn record(index: u64) -> Record {
    let text = |text: &str| text.to_owned();
    let (group, number) = (index / 5, index * 7);
    let position = match group % 4 {
        0 => Position::File { identity: text("8-1"), offset: number },
        1 => Position::Batch { id: text("batch"), index: number },
        2 => Position::Received { receiver: text("udp-1"), sequence: number },
        _ => Position::Object { bucket: text("logs"), key: text("a/b.gz"), version: text("v1"), index: number },
    };
    let header = Some(Bytes::from_static(b"version account"));
    let context = (group % 3 == 1).then(|| {
        let logsource = (group % 2 == 1).then(|| Logsource::new("linux", "", "sshd"));
        Arc::new(BatchContext { logsource, header })
    });
    Record {
        tenant: tenant(),
        source: SourceName::new(if group % 2 == 0 { "syslog" } else { "json" }).unwrap(),
        position,
        arrival: Timestamp::from_seconds(1_772_323_200 + index as i64),
        bytes: Bytes::from(format!("Failed password for root from 203.0.113.{} port {index}", index % 250)),
        context,
    }
}

fn letter(index: u64) -> DeadLetter {
    DeadLetter::of(&record(index), "json_syntax", "expected `}`")
}

#[test]
fn what_is_synced_is_read_again() {
    let mut log = Fixture::new();
    log.check();
    for count in [1, 20, 3, 50] {
        log.write(count).check();
    }
    let entries = log.log().append(Timestamp::EPOCH, vec![record(1), record(2)], vec![letter(3), letter(4), letter(9)]);
    assert_eq!(entries.len(), 1);
    log.check();
    log.log().sync().unwrap();
    log.kept.extend(entries);
    log.check();
    assert!(log.segments().len() > 1, "it is spread over segments");
    assert_eq!(log.reopen(), []);
    log.check();
    log.write(2).check();
}

#[test]
fn nothing_appended_is_nothing_written() {
    let mut log = Fixture::new();
    assert_eq!(log.log().append(Timestamp::EPOCH, vec![], vec![]), []);
    log.log().sync().unwrap();
    assert_eq!((log.log().end(), log.log().bytes()), (LogPosition::default(), 0));
    assert_eq!(log.log().counters().syncs, 0);
}

#[test]
fn a_reader_begins_with_the_first_entry_that_ends_after_the_place() {
    let mut log = Fixture::new();
    for _ in 0..40 {
        log.write(3);
    }
    let end = log.log().end().get();
    for from in (0..=end + 3).step_by(3) {
        let (entries, damage) = log.read(LogPosition::new(from));
        let expected: Vec<LogEntry> = log.kept.iter().filter(|entry| entry.end.get() > from).cloned().collect();
        assert_eq!((entries, damage), (expected, vec![]), "from {from}");
    }
}

#[test]
fn a_reader_stops_where_the_log_ended_when_it_was_made() {
    let mut log = Fixture::new();
    log.write(3);
    let reader = log.log().reader(LogPosition::default()).unwrap();
    log.write(30);
    assert_eq!(reader.count(), 1);
}

#[test]
fn trim_removes_whole_segments_that_end_before_and_never_the_last() {
    let mut log = Fixture::new();
    for _ in 0..40 {
        log.write(3);
    }
    let (before, bytes) = (log.segments(), log.log().bytes());
    let third: u64 = u64::from_str_radix(before[2].file_stem().unwrap().to_str().unwrap(), 16).unwrap();
    assert_eq!(log.log().trim(LogPosition::default()).unwrap(), 0);
    let freed = log.log().trim(LogPosition::new(third + 1)).unwrap();
    assert_eq!(log.segments(), before[2..]);
    assert_eq!(log.log().bytes(), bytes - freed);
    let (entries, damage) = log.read(LogPosition::new(third));
    log.kept.retain(|entry| entry.end.get() > third);
    assert_eq!((&entries, damage), (&log.kept, vec![]));
    let (again, missing) = log.read(LogPosition::new(third - 1));
    assert_eq!(again, entries);
    assert_eq!((missing[0].what, missing[0].until.get()), (LogFault::Missing, third));
    let end = log.log().end();
    log.log().trim(LogPosition::new(u64::MAX)).unwrap();
    assert_eq!(log.segments().len(), 1);
    log.reopen();
    assert_eq!(log.log().end(), end, "positions go on after everything was trimmed");
}

#[test]
fn counters_tell_what_was_written() {
    let mut log = Fixture::new();
    log.write(3).write(1_500);
    let counters = log.log().counters();
    assert_eq!((counters.syncs, counters.entries, counters.failures), (2, 3, 0));
    assert_eq!(counters.bytes, log.log().bytes());
    assert!(!counters.last_sync.is_zero());
}

#[test]
fn one_process_at_a_time() {
    let log = Fixture::new();
    let error = Log::open(log.folder.path(), SMALL).unwrap_err();
    assert!(error.to_string().contains("in use by another process"), "{error}");
}
