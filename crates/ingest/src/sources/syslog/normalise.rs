//! Syslog message to event.

use vigie_model::{Document, EntityRole, Envelope, Logsource, ObservableKind as Kind, Process, Timestamp};

use super::schema::{Payload, payload};
use crate::Fault;
use crate::entities::EntityList;
use crate::normalise::Draft;
use crate::sources::{linux_auth, suricata_eve, web_access};
use crate::syslog::{self, Message};
use crate::{json, times};

/// Returns the event in a line.
pub(super) fn draft(line: &str, arrival: Timestamp) -> Result<Draft, Fault> {
    let message = syslog::parse(line, arrival)?;
    let own = match payload(&message) {
        Payload::Auth => Some(linux_auth::draft(&message)),
        Payload::Access => web_access::draft_of_line(&message.text).ok(),
        Payload::Json => eve(&message),
        Payload::Text => None,
    };
    let Some(mut draft) = own else { return Ok(text(&message)) };
    // What the header says stands where the payload says nothing.
    draft.time = draft.time.or(message.time);
    if draft.envelope.device.is_none() {
        draft.envelope.device = message.hostname.as_deref().map(str::to_owned);
    }
    Ok(draft)
}

fn eve(message: &Message<'_>) -> Option<Draft> {
    let payload = message.text.strip_prefix("@cee:").unwrap_or(&message.text).trim_start();
    let fields = json::object(payload.as_bytes()).ok()?;
    if !suricata_eve::is_eve(&fields) {
        return None;
    }
    suricata_eve::draft(fields).ok()
}

/// Returns the document that every syslog message has.
pub(crate) fn document(message: &Message<'_>) -> Document {
    let mut document = Document::default();
    let texts = [
        ("program", message.program.as_deref()),
        ("hostname", message.hostname.as_deref()),
        ("msgid", message.kind.as_deref()),
        ("facility", message.facility()),
        ("message", Some(&*message.text)),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            document.set(name, value);
        }
    }
    if let Some(pid) = message.pid {
        document.set("pid", pid);
    }
    if !message.structured.is_empty() {
        document.set("structured", message.structured.clone());
    }
    document
}

fn text(message: &Message<'_>) -> Draft {
    let program = message.program.as_deref();
    let owned = |value: Option<&str>| value.map(str::to_owned);
    let device = owned(message.hostname.as_deref());
    let mut entities = EntityList::default();
    entities.add_some(Kind::Host, device.as_deref(), EntityRole::Target);
    let envelope = Envelope {
        severity: message.severity(),
        logsource: Logsource::new("linux", "", "syslog"),
        device,
        process: Process { name: owned(program), pid: message.pid, ..Process::default() },
        message: match program {
            Some(program) => format!("{program}: {}", message.text),
            None if message.text.is_empty() => "(empty message)".to_owned(),
            None => message.text.to_string(),
        },
        ..Envelope::default()
    };
    let time = message.time.or_else(|| leading_time(&message.text));
    Draft { time, envelope, entities, document: document(message) }
}

/// Returns the time at the beginning of a text without a syslog header, as applications write it.
fn leading_time(text: &str) -> Option<Timestamp> {
    times::iso_prefix(text.trim_start_matches('[').as_bytes()).map(|(time, _)| time)
}
