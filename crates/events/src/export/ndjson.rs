//! Events as NDJSON: a JSON object a line.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use vigie_model::Timestamp;

use super::columns::{Cell, ColumnKind, export_columns};
use crate::StoredEvent;

/// Writes events as NDJSON.
pub(super) struct Ndjson<W>(W);

impl<W: Write> Ndjson<W> {
    pub(super) fn new(out: W) -> Self {
        Self(out)
    }

    pub(super) fn add(&mut self, event: &StoredEvent) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &Row(event))?;
        self.0.write_all(b"\n")
    }

    pub(super) fn into_inner(self) -> W {
        self.0
    }
}

struct Row<'a>(&'a StoredEvent);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in export_columns() {
            match (column.value)(self.0) {
                None => {}
                Some(Cell::Number(micros)) if column.kind == ColumnKind::Time => {
                    map.serialize_entry(column.name, &Timestamp::from_micros(micros))?;
                }
                Some(Cell::Number(number)) => map.serialize_entry(column.name, &number)?,
                Some(Cell::Text(text)) => map.serialize_entry(column.name, &text)?,
                Some(Cell::Texts(texts)) => map.serialize_entry(column.name, texts)?,
                Some(Cell::Bytes(bytes)) => map.serialize_entry(column.name, &STANDARD.encode(bytes))?,
            }
        }
        map.end()
    }
}
