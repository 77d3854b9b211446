//! Suricata's EVE JSON: alerts, and the protocol, flow and anomaly records beside them.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

pub(crate) use schema::is_eve;

/// Reads EVE records.
pub(crate) struct SuricataEve;

impl Source for SuricataEve {
    fn name(&self) -> &'static str {
        "suricata_eve"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        json::read(record, None, out, draft);
    }
}

pub(crate) use normalise::draft;
