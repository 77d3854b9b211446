//! A stored event as rules see it: its source reads the native document again.

use std::sync::Arc;

use vigie_events::StoredEvent;
use vigie_ingest::{Sources, normalise};
use vigie_model::{BatchContext, Event, Position, Record};

/// Returns the event with its document, or `None` where its source cannot read the native document any more. Id, time,
/// envelope and entities are those that are stored.
pub(super) fn reread(stored: StoredEvent, sources: &Sources) -> Option<Event> {
    let logsource = stored.envelope.logsource.clone();
    let record = Record {
        tenant: stored.tenant.clone(),
        source: stored.source.clone(),
        position: Position::Batch { id: "again".to_owned(), index: 0 },
        arrival: stored.arrival,
        bytes: stored.native_bytes().into(),
        // Only the source `json` asks: its sender named the logsource.
        context: Some(Arc::new(BatchContext { logsource: Some(logsource.clone()), ..BatchContext::default() })),
    };
    let mut read = normalise(sources, std::slice::from_ref(&record)).events;
    let same = read.iter().position(|event| event.envelope == stored.envelope);
    let place = same.or_else(|| (!read.is_empty()).then_some(0))?;
    let event = read.swap_remove(place);
    Some(Event { id: stored.id, time: stored.time, envelope: stored.envelope, entities: stored.entities, ..event })
}
