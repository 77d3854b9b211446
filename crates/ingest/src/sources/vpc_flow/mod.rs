//! AWS VPC flow logs: lines with any of the fields of versions 2 to 8 in any order, as a header names them, and JSON.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

/// Reads flow logs.
pub(crate) struct VpcFlow;

impl Source for VpcFlow {
    fn name(&self) -> &'static str {
        "vpc_flow"
    }

    fn framing(&self) -> Framing {
        Framing::LinesOrJson
    }

    fn is_header(&self, line: &[u8]) -> bool {
        schema::is_header(line)
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        if matches!(record.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            json::read(record, None, out, |fields| Ok(normalise::draft(schema::document_of_json(fields)?)));
            return;
        }
        if schema::is_header(&record.bytes) {
            return;
        }
        let header = record.context.as_ref().and_then(|context| context.header.as_deref());
        let line = json::lossy(&record.bytes);
        let draft = schema::document_of_line(&line, header).map(normalise::draft);
        out.add(record, 0, record.bytes.clone(), draft);
    }
}
