//! Logs that a crash, a disk or a person has damaged.

use std::fs::{self, File};

use vigie_events::{Log, LogError, LogFault, LogPosition};

use super::{Fixture, SMALL, read};

fn faults(damage: &[vigie_events::LogDamage]) -> Vec<LogFault> {
    damage.iter().map(|found| found.what).collect()
}

/// Appends raw bytes to the last segment.
fn add(log: &Fixture, bytes: &[u8]) {
    let path = log.segments().pop().unwrap();
    let mut whole = fs::read(&path).unwrap();
    whole.extend_from_slice(bytes);
    fs::write(path, whole).unwrap();
}

#[test]
fn a_torn_tail_is_cut_off_wherever_it_is_torn() {
    let mut log = Fixture::new();
    log.write(2).write(2);
    log.close();
    let path = log.segments().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    let second = 64 + log.kept[1].position.get() as usize;
    for length in second + 1..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (mut opened, damage) = Log::open(log.folder.path(), SMALL).unwrap();
        assert_eq!(faults(&damage), [LogFault::Torn], "cut at {length}");
        assert_eq!((damage[0].from, damage[0].until.get()), (log.kept[1].position, length as u64 - 64));
        assert_eq!(read(&opened, LogPosition::default()), (log.kept[..1].to_vec(), vec![]));
        let made = opened.append(log.kept[1].now, log.kept[1].records.clone(), vec![]);
        assert!(made[0].position >= damage[0].until, "positions of the torn write are not used again");
        opened.sync().unwrap();
        assert_eq!(read(&opened, LogPosition::default()), ([&log.kept[..1], &made[..]].concat(), vec![]));
        drop(opened);
        let (_, damage) = Log::open(log.folder.path(), SMALL).unwrap();
        assert_eq!(damage, [], "it is reported once");
        log.segments().iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}

#[test]
fn a_tail_of_zeros_is_cut_off() {
    for zeros in [1, 24, 4_096, 3_000_000] {
        let mut log = Fixture::new();
        log.write(2);
        log.close();
        add(&log, &vec![0; zeros]);
        assert_eq!(faults(&log.reopen()), [LogFault::Torn]);
        log.check();
        log.write(2).check();
    }
}

#[test]
fn a_missing_segment_in_the_middle_is_reported_and_the_rest_is_read() {
    let mut log = Fixture::new();
    for _ in 0..60 {
        log.write(3);
    }
    let paths = log.segments();
    fs::remove_file(&paths[1]).unwrap();
    let bounds = [1, 2].map(|at| u64::from_str_radix(paths[at].file_stem().unwrap().to_str().unwrap(), 16).unwrap());
    log.kept.retain(|entry| entry.end.get() <= bounds[0] || entry.position.get() >= bounds[1]);
    // Also by a reader that did not know when it was opened.
    for _ in 0..2 {
        let (entries, damage) = log.read(LogPosition::default());
        assert_eq!(entries, log.kept);
        assert_eq!(damage.iter().map(|found| [found.from.get(), found.until.get()]).collect::<Vec<_>>(), [bounds]);
        assert_eq!(faults(&damage), [LogFault::Missing]);
        assert_eq!(faults(&log.reopen()), [LogFault::Missing]);
    }
}

#[test]
fn foreign_files_are_left_alone() {
    let mut log = Fixture::new();
    log.write(3);
    let names = ["notes.txt", "0.log", "00000000000000zz.log", "000000000000000A.log", "0000000000000000.log.bak"];
    for name in names {
        fs::write(log.folder.path().join(name), "mine").unwrap();
    }
    fs::create_dir(log.folder.path().join("00000000000000ff.log")).unwrap();
    assert_eq!(log.reopen(), []);
    log.write(3).check();
    log.log().trim(LogPosition::new(u64::MAX)).unwrap();
    assert!(names.iter().all(|name| fs::read(log.folder.path().join(name)).unwrap() == b"mine"));
}

#[test]
fn an_empty_last_segment_is_gone_on_with() {
    let mut log = Fixture::new();
    log.write(3);
    let at = LogPosition::new(5_000);
    log.log().skip_to(at).unwrap();
    assert_eq!(faults(&log.reopen()), [LogFault::Missing]);
    assert_eq!(log.segments().len(), 2);
    log.write(3);
    assert_eq!(log.kept[1].position, at);
    assert_eq!(log.segments().len(), 2);
}

#[test]
fn a_segment_whose_header_was_not_written_is_begun_again() {
    for length in [0, 1, 63, 64] {
        let mut log = Fixture::new();
        log.write(3);
        log.close();
        let end = log.kept[0].end.get();
        let path = log.folder.path().join(format!("{end:016x}.log"));
        fs::write(&path, vec![0; length]).unwrap();
        assert_eq!(faults(&log.reopen()), [LogFault::Header]);
        log.check();
        log.write(3).check();
        assert_eq!(log.kept[1].position.get(), end);
        assert_eq!(log.reopen(), []);
    }
}

#[test]
fn a_damaged_header_costs_no_entry() {
    let mut log = Fixture::new();
    for _ in 0..40 {
        log.write(3);
    }
    log.close();
    for path in log.segments() {
        let mut bytes = fs::read(&path).unwrap();
        bytes[..64].fill(0);
        fs::write(path, bytes).unwrap();
    }
    let damage = log.reopen();
    assert!(damage.len() > 3 && damage.iter().all(|found| found.what == LogFault::Header));
    let (entries, damage) = log.read(LogPosition::default());
    assert_eq!(entries, log.kept);
    assert!(damage.iter().all(|found| found.what == LogFault::Header));
}

#[test]
fn a_segment_of_a_later_version_is_refused_and_kept() {
    let mut log = Fixture::new();
    log.write(3);
    log.close();
    let path = log.segments().pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let error = Log::open(log.folder.path(), SMALL).unwrap_err();
    assert!(matches!(error, LogError::Version { version: 2, known: 1, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_frame_inside_a_record_is_not_taken_for_one() {
    let mut log = Fixture::new();
    log.write(3);
    log.close();
    let whole = fs::read(log.segments().pop().unwrap()).unwrap();
    // A record that holds a whole segment, frames and key included, and then damage in front of it.
    let forged = vigie_model::Record { bytes: whole.into(), ..super::record(0) };
    log.reopen();
    let now = log.kept[0].now;
    let made = log.log().append(now, vec![forged], vec![]);
    log.log().sync().unwrap();
    log.write(3);
    log.close();
    let path = log.segments().pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[64 + made[0].position.get() as usize] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(faults(&log.reopen()), [LogFault::Frame]);
    let (entries, damage) = log.read(LogPosition::default());
    assert_eq!(entries, log.kept);
    assert_eq!((damage[0].from, damage[0].until), (made[0].position, made[0].end));
}

#[test]
fn a_length_beyond_the_limit_is_damage() {
    let mut log = Fixture::new();
    log.write(3).write(3);
    log.close();
    let path = log.segments().pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[64 + 12..64 + 16].fill(0xff);
    fs::write(&path, bytes).unwrap();
    log.reopen();
    let (entries, damage) = log.read(LogPosition::default());
    assert_eq!(entries, log.kept[1..]);
    let text = damage[0].to_string();
    assert!(text.contains("log positions 0 to ") && text.contains("the bytes are damaged"), "{text}");
}

#[test]
fn a_segment_that_shrank_under_a_reader_is_reported() {
    let mut log = Fixture::new();
    log.write(3).write(3);
    let file = File::options().write(true).open(log.segments().pop().unwrap()).unwrap();
    file.set_len(64 + log.kept[1].position.get() + 5).unwrap();
    let (entries, damage) = log.read(LogPosition::default());
    assert_eq!(entries, log.kept[..1]);
    assert_eq!((damage[0].from, damage[0].until), (log.kept[1].position, log.kept[1].end));
}
