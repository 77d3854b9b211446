//! AWS CloudTrail: single records, `{"Records": […]}` as delivered to S3, and records inside EventBridge events.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

/// Reads CloudTrail records.
pub(crate) struct CloudTrail;

impl Source for CloudTrail {
    fn name(&self) -> &'static str {
        "cloudtrail"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn container(&self) -> Option<&'static str> {
        Some("Records")
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        json::read(record, self.container(), out, normalise::draft);
    }
}
