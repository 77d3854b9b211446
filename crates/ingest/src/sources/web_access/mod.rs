//! Access logs of web servers: the common and combined formats of Apache and nginx, and JSON.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json, syslog};

pub(crate) use normalise::draft_of_line;

/// Reads access logs.
pub(crate) struct WebAccess;

impl Source for WebAccess {
    fn name(&self) -> &'static str {
        "web_access"
    }

    fn framing(&self) -> Framing {
        Framing::LinesOrJson
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        if matches!(record.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            json::read(record, None, out, normalise::draft_of_json);
            return;
        }
        let line = json::lossy(&record.bytes);
        let draft = draft_of_line(&line).or_else(|fault| {
            // `access_log syslog:server=…` sends the same line behind a syslog header.
            let message = syslog::parse(&line, record.arrival).map_err(|_| fault.clone())?;
            let mut draft = draft_of_line(&message.text).map_err(|_| fault)?;
            draft.envelope.device = message.hostname.as_deref().map(str::to_owned);
            Ok(draft)
        });
        out.add(record, 0, record.bytes.clone(), draft);
    }
}
