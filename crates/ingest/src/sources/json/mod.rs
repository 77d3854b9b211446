//! Any JSON document, with the logsource that its sender names.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

/// Reads any JSON object.
pub(crate) struct Json;

impl Source for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        let named = record.context.as_ref().and_then(|context| context.logsource.as_ref());
        json::read(record, None, out, |fields| Ok(normalise::draft(fields, named)));
    }
}
