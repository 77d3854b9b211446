//! {{Name}} records: link the vendor's reference here.

use serde_json::{Map, Value};
use vigie_model::Document;

use crate::Fault;

/// The members without which a document is no {{Name}} record.
const REQUIRED: [&str; 1] = ["event"];

/// Returns the record as a document.
///
/// # Errors
/// Fails on a document that is no {{Name}} record.
pub(super) fn record(fields: Map<String, Value>) -> Result<Document, Fault> {
    match REQUIRED.into_iter().find(|name| !fields.contains_key(*name)) {
        Some(field) => Err(Fault::MissingField { field }),
        None => Ok(Document::new(fields)),
    }
}
