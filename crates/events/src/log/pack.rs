//! Packs records and dead letters into frames.

use std::mem::size_of;

use vigie_model::{DeadLetter, Position, Record, Timestamp};

use super::encode::Encoder;
use super::frame::{self, BODY_BYTES_MAX};
use super::{LogEntry, LogPosition};

/// How many records and dead letters an entry has at most.
pub(super) const ITEMS_MAX: usize = 1_000;
/// An entry that has reached this size takes no more: one bad byte costs no more than this, or one large record.
const BODY_BYTES: usize = 256 * 1024;
/// How large a record or dead letter may be, all that belongs to it included, to fit a frame behind others.
pub(super) const ITEM_BYTES_MAX: usize = 8 * 1024 * 1024;

const _: () = assert!(BODY_BYTES + ITEM_BYTES_MAX + 1024 <= BODY_BYTES_MAX);

/// Appends frames to a buffer, the first of which stands at `position` in the log. Returns them as entries.
pub(super) fn pack(
    out: &mut Vec<u8>,
    mut position: LogPosition,
    now: Timestamp,
    mut records: Vec<Record>,
    mut dead: Vec<DeadLetter>,
) -> Vec<LogEntry> {
    refuse_giants(&mut records, &mut dead);
    let mut frames = Vec::new();
    let (mut letters, mut rest) = (dead.iter(), records.iter());
    loop {
        let begins = out.len();
        frame::begin(out);
        let mut encoder = Encoder::new(out, now);
        let (mut taken, mut buried) = (0, 0);
        while taken + buried < ITEMS_MAX && encoder.written() - begins < BODY_BYTES {
            if let Some(record) = rest.next() {
                encoder.record(record);
                taken += 1;
            } else if let Some(letter) = letters.next() {
                encoder.letter(letter);
                buried += 1;
            } else {
                break;
            }
        }
        if taken + buried == 0 {
            out.truncate(begins);
            break;
        }
        frame::finish(out, begins, position);
        let end = position.plus((out.len() - begins) as u64);
        frames.push((position, end, taken, buried));
        position = end;
    }
    entries(frames, now, records, dead)
}

fn entries(
    frames: Vec<(LogPosition, LogPosition, usize, usize)>,
    now: Timestamp,
    records: Vec<Record>,
    dead: Vec<DeadLetter>,
) -> Vec<LogEntry> {
    if let [(position, end, ..)] = frames[..] {
        return vec![LogEntry { position, end, now, records, dead }];
    }
    let (mut records, mut dead) = (records.into_iter(), dead.into_iter());
    let entry = |(position, end, taken, buried)| {
        let (records, dead) = (records.by_ref().take(taken).collect(), dead.by_ref().take(buried).collect());
        LogEntry { position, end, now, records, dead }
    };
    frames.into_iter().map(entry).collect()
}

/// Turns what no frame can hold into dead letters of a size that one can.
fn refuse_giants(records: &mut Vec<Record>, dead: &mut Vec<DeadLetter>) {
    if records.iter().any(|record| weight(record) > ITEM_BYTES_MAX) {
        records.retain(|record| {
            let fits = weight(record) <= ITEM_BYTES_MAX;
            if !fits {
                let reason = format!("too large for the log: {} bytes of {ITEM_BYTES_MAX} allowed", weight(record));
                dead.push(DeadLetter::of(record, "too_long", reason));
            }
            fits
        });
    }
    for letter in dead.iter_mut() {
        let size = letter.bytes.len() + letter.position.len() + letter.code.len() + letter.reason.len();
        if size > ITEM_BYTES_MAX {
            letter.bytes.truncate(DeadLetter::BYTES_MAX);
            for text in [&mut letter.position, &mut letter.code, &mut letter.reason] {
                text.truncate(text.floor_char_boundary(DeadLetter::BYTES_MAX));
            }
        }
    }
}

/// Returns about how many bytes a record takes in a frame of its own.
fn weight(record: &Record) -> usize {
    let identity = match &record.position {
        Position::File { identity: text, .. }
        | Position::Batch { id: text, .. }
        | Position::Received { receiver: text, .. } => text.len(),
        Position::Object { bucket, key, version, .. } => bucket.len() + key.len() + version.len(),
    };
    let context = record.context.as_deref().map_or(0, |context| {
        let logsource = context.logsource.iter().flat_map(|from| [&from.product, &from.category, &from.service]);
        let header = context.header.as_ref().map_or(0, bytes::Bytes::len);
        header + logsource.flatten().map(|part| part.len()).sum::<usize>()
    });
    size_of::<Record>() + record.bytes.len() + identity + context
}
