//! The log's limits, at them and one past them.

use bytes::Bytes;
use vigie_events::{Log, LogError, LogPosition, LogSettings};
use vigie_model::{DeadLetter, Position, Timestamp};

use super::{Fixture, letter, read, record};

#[test]
fn an_entry_has_at_most_a_thousand_items() {
    let mut log = Fixture::new();
    for (records, dead, entries) in
        [(1_000, 0, 1), (1_001, 0, 2), (999, 1, 1), (999, 2, 2), (0, 1_000, 1), (0, 1_001, 2)]
    {
        let (records, dead) = ((0..records).map(record).collect(), (0..dead).map(letter).collect());
        let made = log.log().append(Timestamp::EPOCH, records, dead);
        assert_eq!(made.len(), entries);
        log.log().sync().unwrap();
        log.kept.extend(made);
    }
    log.check();
}

#[test]
fn an_entry_that_is_large_takes_no_more() {
    let mut log = Fixture::new();
    let large = |index| vigie_model::Record { bytes: Bytes::from(vec![b'x'; 100 * 1024]), ..record(index) };
    let made = log.log().append(Timestamp::EPOCH, (0..7).map(large).collect(), vec![]);
    assert_eq!(made.iter().map(|entry| entry.records.len()).collect::<Vec<_>>(), [3, 3, 1]);
    log.log().sync().unwrap();
    log.kept.extend(made);
    log.check();
}

#[test]
fn a_record_that_no_frame_can_hold_becomes_a_dead_letter() {
    let mut log = Fixture::new();
    log.settings = LogSettings::default();
    log.reopen();
    let of = |bytes: usize| vigie_model::Record { bytes: Bytes::from(vec![b'x'; bytes]), ..record(0) };
    let made = log.log().append(Timestamp::EPOCH, vec![of(9 << 20), record(1), of(7 << 20)], vec![]);
    let kept: usize = made.iter().map(|entry| entry.records.len()).sum();
    let dead: Vec<&DeadLetter> = made.iter().flat_map(|entry| &entry.dead).collect();
    assert_eq!((kept, dead.len(), dead[0].code.as_str()), (2, 1, "too_long"));
    assert_eq!(dead[0].bytes.len(), DeadLetter::BYTES_MAX);
    log.log().sync().unwrap();
    log.kept.extend(made);
    log.check();

    let giant = Position::Batch { id: "x".repeat(9 << 20), index: 0 };
    let made = log.log().append(Timestamp::EPOCH, vec![vigie_model::Record { position: giant, ..record(0) }], vec![]);
    assert_eq!(made[0].dead[0].position.len(), DeadLetter::BYTES_MAX);
    log.log().sync().unwrap();
    log.kept.extend(made);
    log.check();
}

#[test]
fn a_full_log_says_so_and_writes_nothing() {
    let mut log = Fixture::new();
    log.settings.bytes_max = 8_000;
    log.reopen();
    while log.log().bytes() < 6_000 {
        log.write(3);
    }
    let (bytes, end) = (log.log().bytes(), log.log().end());
    log.log().append(Timestamp::EPOCH, (0..100).map(record).collect(), vec![]);
    let error = log.log().sync().unwrap_err();
    assert!(matches!(error, LogError::Full { bytes_max: 8_000, .. }), "{error}");
    assert_eq!(log.log().bytes(), bytes);
    assert!(log.log().end() > end, "the positions are not used again");
    assert_eq!(log.log().counters().failures, 1);
    log.check();
    log.log().sync().unwrap();
    log.write(1).check();
    log.log().trim(end).unwrap();
    log.write(30);
    assert_eq!(log.read(end).0.len(), 2);
}

#[test]
fn exactly_the_limit_fits() {
    let mut log = Fixture::new();
    log.write(3);
    let room = log.log().bytes();
    for (bytes_max, fits) in [(room, true), (room - 1, false)] {
        let mut other = Fixture::new();
        other.settings = LogSettings { segment_bytes: 1_000_000, bytes_max };
        other.reopen();
        other.log().append(Timestamp::from_seconds(1_772_323_200), (0..3).map(record).collect(), vec![]);
        assert_eq!(other.log().sync().is_ok(), fits);
    }
}

#[test]
fn skipping_leaves_no_position_to_be_used_twice() {
    let mut log = Fixture::new();
    log.write(3);
    let end = log.log().end();
    log.log().skip_to(end).unwrap();
    log.log().skip_to(LogPosition::new(1)).unwrap();
    assert_eq!(log.log().end(), end);
    let later = LogPosition::new(1_000_000);
    log.log().skip_to(later).unwrap();
    assert_eq!(log.log().end(), later);
    log.reopen();
    assert_eq!(log.log().end(), later, "it is on the disk at once");
    log.write(2);
    assert_eq!(log.read(later), (log.kept[1..].to_vec(), vec![]));
    let (entries, damage) = log.read(LogPosition::default());
    assert_eq!(entries, log.kept);
    assert_eq!((damage[0].from, damage[0].until), (end, later), "who needs what was lost is told");

    let empty = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(empty.path(), super::SMALL).unwrap();
    log.skip_to(later).unwrap();
    log.append(Timestamp::EPOCH, vec![record(1)], vec![]);
    log.sync().unwrap();
    assert_eq!(read(&log, later).0[0].position, later);
}
