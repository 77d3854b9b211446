//! Any syslog message. What a known program writes is read by that program's own source: logins and accounts by
//! `linux_auth`, access logs by `web_access`, EVE records by `suricata_eve`.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

pub(crate) use normalise::document;

/// Reads syslog messages.
pub(crate) struct Syslog;

impl Source for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        let line = json::lossy(&record.bytes);
        out.add(record, 0, record.bytes.clone(), normalise::draft(&line, record.arrival));
    }
}
