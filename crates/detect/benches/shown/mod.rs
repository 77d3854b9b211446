//! What benches show: rules from a folder, documents as events.

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;
use vigie_model::{Document, Envelope, Event, EventId, Logsource, SourceName, TenantId, Timestamp};

/// Returns the rule files of a folder as path and text, sorted by path.
pub(crate) fn rule_files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    read(folder, &mut files);
    files.sort();
    files
}

fn read(folder: &Path, files: &mut Vec<(String, String)>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            read(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "yml")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            files.push((path.to_string_lossy().into_owned(), text));
        }
    }
}

/// Returns a document as the event of this number, a second after the one before it.
pub(crate) fn event(number: u64, document: Value, logsource: Logsource) -> Event {
    let Value::Object(fields) = document else { unreachable!("documents are objects") };
    let time = Timestamp::from_seconds(1_700_000_000 + i64::try_from(number).unwrap_or_default());
    Event {
        id: EventId::derive([number.to_le_bytes()]),
        tenant: TenantId::new("acme").expect("a slug"),
        source: SourceName::new("json").expect("a slug"),
        time,
        arrival: time,
        envelope: Envelope { logsource, ..Envelope::default() },
        entities: Vec::new(),
        document: Document::new(fields),
        native: Bytes::new(),
    }
}
