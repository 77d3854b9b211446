//! Records to events.

use bytes::Bytes;
use vigie_model::{DeadLetter, Document, Envelope, Event, Record, Timestamp};

use crate::entities::EntityList;
use crate::{Fault, RECORD_BYTES_MAX, Sources};

/// What records became.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Normalised {
    /// The events, in the order of their records.
    pub events: Vec<Event>,
    /// What could not be read.
    pub dead: Vec<DeadLetter>,
}

/// How many records [`portions`] puts together.
const PORTION_RECORDS_MAX: usize = 1_000;
/// How many bytes of records [`portions`] puts together, but for one larger record alone.
const PORTION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Returns the records in portions fit for one call of [`normalise`]: at most 1,000 of them and 4 MiB, or one. A parsed
/// document may take twenty times the bytes that it was written in, so the records of a whole body are not to be held
/// as events at once.
pub fn portions(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    let mut rest = records;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |record: &&Record| {
            bytes += record.bytes.len();
            bytes <= PORTION_BYTES_MAX
        };
        let count = rest.iter().take(PORTION_RECORDS_MAX).take_while(fits).count().max(1).min(rest.len());
        let (portion, after) = rest.split_at(count);
        rest = after;
        (!portion.is_empty()).then_some(portion)
    })
}

/// Returns the events in these records. A record that cannot be read becomes a dead letter and stops nothing; the same
/// records give the same events, ids included. Give it the [`portions`] of a large body one by one.
pub fn normalise(sources: &Sources, records: &[Record]) -> Normalised {
    let mut out = Normalised { events: Vec::with_capacity(records.len()), dead: Vec::new() };
    for record in records {
        if record.bytes.len() > RECORD_BYTES_MAX {
            out.dead.push(Fault::TooLong { bytes: record.bytes.len() as u64 }.letter(record));
            continue;
        }
        match sources.get(&record.source) {
            Some(source) => source.read(record, &mut out),
            None => out.dead.push(unknown_source(sources, record)),
        }
    }
    out
}

fn unknown_source(sources: &Sources, record: &Record) -> DeadLetter {
    let known = sources.names().collect::<Vec<_>>().join(", ");
    Fault::UnknownSource { source_name: record.source.to_string(), known }.letter(record)
}

/// An event without what its record knows: id, tenant, source, arrival and native bytes.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// When it happened; `None` where it does not say.
    pub(crate) time: Option<Timestamp>,
    pub(crate) envelope: Envelope,
    pub(crate) entities: EntityList,
    pub(crate) document: Document,
}

impl Normalised {
    /// Adds the `index`-th event of a record, or the dead letter of what should have been it.
    pub(crate) fn add(&mut self, record: &Record, index: u32, native: Bytes, draft: Result<Draft, Fault>) {
        match draft {
            Ok(draft) => self.events.push(Event {
                id: record.position.event_id(&record.tenant, &record.source, index),
                tenant: record.tenant.clone(),
                source: record.source.clone(),
                time: draft.time.unwrap_or(record.arrival),
                arrival: record.arrival,
                envelope: draft.envelope,
                entities: draft.entities.into_vec(),
                document: draft.document,
                native,
            }),
            Err(fault) => {
                let mut letter = fault.letter(record);
                // The first letter of a record keeps the record's own id; further ones count down from it.
                letter.id = record.position.event_id(&record.tenant, &record.source, u32::MAX - index);
                letter.bytes = native.slice(..native.len().min(DeadLetter::BYTES_MAX));
                self.dead.push(letter);
            }
        }
    }
}
