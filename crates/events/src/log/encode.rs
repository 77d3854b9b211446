//! Writes the body of a frame. Its form is specified in the module's essay.

use std::sync::Arc;

use vigie_model::{BatchContext, DeadLetter, Logsource, Position, Record, Timestamp};

use super::varint::{put_bytes, put_delta};

/// What an item is: the byte that it begins with.
pub(super) mod tag {
    pub(in crate::log) const RECORD: u8 = 0;
    pub(in crate::log) const FILE: u8 = 1;
    pub(in crate::log) const BATCH: u8 = 2;
    pub(in crate::log) const RECEIVED: u8 = 3;
    pub(in crate::log) const OBJECT: u8 = 4;
    pub(in crate::log) const DEAD_LETTER: u8 = 5;
    pub(in crate::log) const DEAD_LETTERS: u8 = 6;
}

/// What a batch's context has: bits of one byte.
pub(super) mod has {
    pub(in crate::log) const PRODUCT: u8 = 1;
    pub(in crate::log) const CATEGORY: u8 = 2;
    pub(in crate::log) const SERVICE: u8 = 4;
    pub(in crate::log) const HEADER: u8 = 8;
    pub(in crate::log) const LOGSOURCE: u8 = 16;
    pub(in crate::log) const CONTEXT: u8 = 32;
}

/// Writes the items of one body, each after the one before.
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    record: Option<&'a Record>,
    letter: Option<&'a DeadLetter>,
    arrival: Timestamp,
}

impl<'a> Encoder<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, now: Timestamp) -> Self {
        out.extend_from_slice(&now.as_micros().to_le_bytes());
        Self { out, record: None, letter: None, arrival: now }
    }

    /// Returns how many bytes the buffer holds.
    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    pub(super) fn record(&mut self, record: &'a Record) {
        let number = number_of(&record.position);
        let mut before = 0;
        if let Some(last) = self.record.filter(|last| alike(last, record)) {
            self.out.push(tag::RECORD);
            before = number_of(&last.position);
        } else {
            self.group(record);
        }
        put_delta(self.out, before, number);
        self.arrival(record.arrival);
        put_bytes(self.out, &record.bytes);
        self.record = Some(record);
    }

    pub(super) fn letter(&mut self, letter: &'a DeadLetter) {
        let alike = |before: &DeadLetter| before.tenant == letter.tenant && before.source == letter.source;
        if self.letter.is_some_and(alike) {
            self.out.push(tag::DEAD_LETTER);
        } else {
            self.out.push(tag::DEAD_LETTERS);
            put_bytes(self.out, letter.tenant.as_str().as_bytes());
            put_bytes(self.out, letter.source.as_str().as_bytes());
        }
        self.out.extend_from_slice(letter.id.as_bytes());
        self.arrival(letter.arrival);
        for text in [&letter.position, &letter.code, &letter.reason] {
            put_bytes(self.out, text.as_bytes());
        }
        put_bytes(self.out, &letter.bytes);
        self.letter = Some(letter);
    }

    fn arrival(&mut self, arrival: Timestamp) {
        put_delta(self.out, self.arrival.as_micros() as u64, arrival.as_micros() as u64);
        self.arrival = arrival;
    }

    /// Writes what a record shares with those after it.
    fn group(&mut self, record: &Record) {
        let (kind, identity): (u8, [&str; 3]) = match &record.position {
            Position::File { identity, .. } => (tag::FILE, [identity, "", ""]),
            Position::Batch { id, .. } => (tag::BATCH, [id, "", ""]),
            Position::Received { receiver, .. } => (tag::RECEIVED, [receiver, "", ""]),
            Position::Object { bucket, key, version, .. } => (tag::OBJECT, [bucket, key, version]),
        };
        self.out.push(kind);
        put_bytes(self.out, record.tenant.as_str().as_bytes());
        put_bytes(self.out, record.source.as_str().as_bytes());
        for part in &identity[..if kind == tag::OBJECT { 3 } else { 1 }] {
            put_bytes(self.out, part.as_bytes());
        }
        self.context(record.context.as_deref());
    }

    fn context(&mut self, context: Option<&BatchContext>) {
        let Some(context) = context else {
            self.out.push(0);
            return;
        };
        let logsource = context.logsource.as_ref();
        let part = |part: fn(&Logsource) -> &Option<Arc<str>>| logsource.and_then(|from| part(from).as_deref());
        let parts = [
            (has::PRODUCT, part(|from| &from.product).map(str::as_bytes)),
            (has::CATEGORY, part(|from| &from.category).map(str::as_bytes)),
            (has::SERVICE, part(|from| &from.service).map(str::as_bytes)),
            (has::HEADER, context.header.as_deref()),
        ];
        let flags = parts.iter().filter(|(_, part)| part.is_some()).fold(has::CONTEXT, |flags, (flag, _)| flags | flag);
        self.out.push(if logsource.is_some() { flags | has::LOGSOURCE } else { flags });
        for part in parts.iter().filter_map(|(_, part)| *part) {
            put_bytes(self.out, part);
        }
    }
}

/// Returns whether two records share all that a group holds.
fn alike(a: &Record, b: &Record) -> bool {
    let same_context = match (&a.context, &b.context) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        _ => false,
    };
    let same_place = match (&a.position, &b.position) {
        (Position::File { identity: a, .. }, Position::File { identity: b, .. })
        | (Position::Batch { id: a, .. }, Position::Batch { id: b, .. })
        | (Position::Received { receiver: a, .. }, Position::Received { receiver: b, .. }) => a == b,
        (Position::Object { bucket, key, version, .. }, Position::Object { bucket: b, key: k, version: v, .. }) => {
            (bucket, key, version) == (b, k, v)
        }
        _ => false,
    };
    same_context && same_place && a.tenant == b.tenant && a.source == b.source
}

fn number_of(position: &Position) -> u64 {
    match position {
        Position::File { offset: number, .. }
        | Position::Batch { index: number, .. }
        | Position::Received { sequence: number, .. }
        | Position::Object { index: number, .. } => *number,
    }
}
