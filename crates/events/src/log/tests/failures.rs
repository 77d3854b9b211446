//! Disks that fail, call by call.

use std::io::ErrorKind;
use std::path::Path;

use vigie_model::Timestamp;

use super::record;
use crate::log::disk::fault;
use crate::log::{Log, LogEntry, LogError, LogItem, LogPosition, LogSettings};

const SETTINGS: LogSettings = LogSettings { segment_bytes: 400, bytes_max: 1_000_000 };

fn entries(log: &Log) -> Vec<LogEntry> {
    let item = |item: Result<LogItem, LogError>| match item.unwrap() {
        LogItem::Entry(entry) => entry,
        LogItem::Damage(damage) => panic!("{damage}"),
    };
    log.reader(LogPosition::default()).unwrap().map(item).collect()
}

fn write(log: &mut Log, index: u64) -> Result<LogEntry, LogError> {
    let entry = log.append(Timestamp::EPOCH, vec![record(index)], vec![]).remove(0);
    log.sync().map(|()| entry)
}

/// Lets calls fail while a log is written to, and checks that it keeps exactly what it said.
#[track_caller]
fn check(faults: &[(&'static str, ErrorKind)], segment: u64, expected: fn(&LogError) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(folder.path(), SETTINGS).unwrap();
    let mut kept: Vec<LogEntry> = (0..segment).map(|index| write(&mut log, index).unwrap()).collect();
    fault::set(faults);
    for index in 10..13 {
        let end = log.end();
        let error = write(&mut log, index).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert!(log.end() > end, "the positions are not used again");
    }
    fault::set(&[]);
    kept.push(write(&mut log, 20).unwrap());
    kept.push(write(&mut log, 21).unwrap());
    assert_eq!(entries(&log), kept);
    drop(log);
    let (log, damage) = Log::open(folder.path(), SETTINGS).unwrap();
    assert_eq!(damage, []);
    assert_eq!(entries(&log), kept);
}

#[test]
fn a_full_disk() {
    let full = |error: &LogError| matches!(error, LogError::NoSpace { path, .. } if path != Path::new(""));
    for entries in [0, 1, 3, 4, 5, 6] {
        check(&[("write", ErrorKind::StorageFull)], entries, full);
        check(&[("write", ErrorKind::QuotaExceeded), ("cut", ErrorKind::Other)], entries, full);
        check(&[("write", ErrorKind::StorageFull), ("create", ErrorKind::StorageFull)], entries, full);
        check(&[("sync", ErrorKind::StorageFull)], entries, full);
    }
}

#[test]
fn a_disk_that_gives_errors() {
    let io = |error: &LogError| matches!(error, LogError::Io { source, .. } if source.kind() == ErrorKind::Other);
    for entries in [0, 1, 3, 4, 5, 6] {
        check(&[("sync", ErrorKind::Other)], entries, io);
        check(&[("sync", ErrorKind::Other), ("cut", ErrorKind::Other), ("remove", ErrorKind::Other)], entries, io);
        check(&[("write", ErrorKind::Other), ("cut", ErrorKind::Other)], entries, io);
    }
}

#[test]
fn a_disk_that_becomes_read_only() {
    let refused = |error: &LogError| matches!(error, LogError::Io { source, .. } if source.kind() == ErrorKind::ReadOnlyFilesystem);
    let faults = ["write", "create", "cut", "remove", "sync_folder"].map(|call| (call, ErrorKind::ReadOnlyFilesystem));
    check(&faults, 3, refused);
}

#[test]
fn a_file_that_cannot_be_trimmed_stays_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(folder.path(), SETTINGS).unwrap();
    (0..20).for_each(|index| drop(write(&mut log, index).unwrap()));
    let (bytes, end) = (log.bytes(), log.end());
    fault::set(&[("remove", ErrorKind::PermissionDenied)]);
    let error = log.trim(end).unwrap_err();
    assert!(error.to_string().starts_with("remove the log segment `"), "{error}");
    assert_eq!(log.bytes(), bytes);
    fault::set(&[]);
    assert!(log.trim(end).unwrap() > 0);
}
