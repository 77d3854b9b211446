//! The bytes of format 1, frozen.

use std::sync::Arc;

use ::bytes::Bytes;
use proptest::prelude::*;
use vigie_model::{BatchContext, DeadLetter, EventId, Logsource, Position, Record, Timestamp};

use super::record;
use crate::log::decode::{Body, decode};
use crate::log::encode::Encoder;
use crate::log::segment::Segment;
use crate::log::{LogPosition, frame, pack};

/// Every kind of item, each with and without a group before it.
fn sample() -> (Vec<Record>, Vec<DeadLetter>) {
    let text = |text: &str| text.to_owned();
    let context = |logsource: Option<Logsource>, header: Option<&'static [u8]>| {
        Some(Arc::new(BatchContext { logsource, header: header.map(Bytes::from_static) }))
    };
    let file = |offset| Position::File { identity: text("8-1"), offset };
    let object = |index| Position::Object { bucket: text("b"), key: text("k"), version: text("v"), index };
    let records = vec![
        record(7),
        record(8),
        Record { position: file(300), ..record(9) },
        Record { position: file(200), ..record(10) },
        Record { position: object(0), context: context(None, None), ..record(11) },
        Record { position: object(1), context: context(None, None), ..record(12) },
        Record {
            position: Position::Batch { id: text("x"), index: u64::MAX },
            context: context(Some(Logsource::new("aws", "", "cloudtrail")), Some(b"a b")),
            bytes: Bytes::from_static(b"\xff"),
            arrival: Timestamp::MAX,
            ..record(0)
        },
        Record { context: context(Some(Logsource::default()), None), bytes: Bytes::new(), ..record(0) },
    ];
    let letter = |index| DeadLetter {
        id: EventId::from_bytes([index; 16]),
        ..DeadLetter::of(&record(u64::from(index)), "json_syntax", "expected `}`")
    };
    (records, vec![letter(1), letter(2)])
}

/// Returns a body that holds these.
fn encode(now: Timestamp, records: &[Record], dead: &[DeadLetter]) -> Bytes {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, now);
    for record in records {
        encoder.record(record);
    }
    for letter in dead {
        encoder.letter(letter);
    }
    out.into()
}

#[test]
fn format_1_is_written_and_read_as_ever() {
    let (records, dead) = sample();
    let first = LogPosition::new(0x1234);
    let segment =
        Segment { key: Some(0xdead_beef), ..Segment::new("folder".as_ref(), first, LogPosition::new(0x1200)) };
    let mut frames = Vec::new();
    let entries = pack::pack(&mut frames, first, Timestamp::from_micros(1_000_000), records.clone(), dead.clone());
    frame::seal(&mut frames, 0xdead_beef);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/log/tests/format-1.log");
    let found = [&segment.header()[..], &frames].concat();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read(path).unwrap(), "format 1 is on disks: a change of it needs another version");
    assert_eq!(segment.path, std::path::Path::new("folder/0000000000001234.log"));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("0000000000001234.log"), found).unwrap();
    let (log, damage) = crate::Log::open(folder.path(), crate::LogSettings::default()).unwrap();
    assert_eq!(damage, []);
    let read: Vec<_> = log.reader(LogPosition::new(0x1200)).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, [crate::LogItem::Entry(entries[0].clone())]);
    assert_eq!((&entries[0].records, &entries[0].dead), (&records, &dead));
}

#[test]
fn the_bytes_of_a_record_are_a_part_of_the_body() {
    let body = encode(Timestamp::EPOCH, &[record(1)], &[]);
    let range = body.as_ptr_range();
    assert!(range.contains(&decode(&body).unwrap().records[0].bytes.as_ptr()));
}

#[test]
fn neighbours_cost_a_few_bytes_each() {
    let records: Vec<Record> = (1_000..1_100).map(record).collect();
    let out = encode(Timestamp::EPOCH, &records, &[]);
    let raw: usize = records.iter().map(|record| record.bytes.len()).sum();
    assert!(out.len() - raw < 100 * 4 + 50, "{} bytes beside those of the records", out.len() - raw);
}

proptest! {
    #[test]
    fn any_body_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Some(Body { now, records, dead }) = decode(&Bytes::from(bytes)) {
            let again = decode(&encode(now, &records, &dead));
            prop_assert_eq!(again, Some(Body { now, records, dead }));
        }
    }

    #[test]
    fn any_change_to_a_body_is_read_without_a_panic(at in any::<prop::sample::Index>(), change in 1..=255u8) {
        let (records, dead) = sample();
        let mut out = encode(Timestamp::EPOCH, &records, &dead).to_vec();
        let at = at.index(out.len());
        out[at] ^= change;
        let _ = decode(&Bytes::from(out));
    }
}
