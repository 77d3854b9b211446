//! Any document to an event: what is found under the usual names, and nothing made up.

use serde_json::{Map, Value};
use vigie_model::{
    Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Outcome, Process, Severity,
};

use super::schema;
use crate::entities::{EntityList, address};
use crate::json::{first_text, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a document. The logsource is what the sender said of the batch, else the document's own member
/// `logsource` with `product`, `category` and `service`.
pub(super) fn draft(fields: Map<String, Value>, named: Option<&Logsource>) -> Draft {
    let document = Document::new(fields);
    let own = || {
        let part = |name| text(&document, name).unwrap_or_default();
        Logsource::new(part("logsource.product"), part("logsource.category"), part("logsource.service"))
    };
    let endpoint = |paths| Endpoint { ip: first_text(&document, paths).and_then(address), ..Endpoint::default() };
    let find = |paths| first_text(&document, paths).map(str::to_owned);
    let mut envelope = Envelope {
        activity: find(schema::ACTIVITY).unwrap_or_default(),
        outcome: outcome(&document),
        severity: severity(&document),
        logsource: named.cloned().unwrap_or_else(own),
        user: find(schema::USER),
        src: endpoint(schema::SOURCE_IP),
        dst: endpoint(schema::TARGET_IP),
        device: find(schema::HOST),
        process: Process { path: find(schema::IMAGE), command_line: find(schema::COMMAND), ..Process::default() },
        url: find(schema::URL),
        domain: find(schema::DOMAIN),
        ..Envelope::default()
    };
    envelope.message = find(schema::MESSAGE).unwrap_or_else(|| message(&envelope));
    Draft {
        time: schema::TIME.iter().find_map(|path| times::json(document.get(path)?)),
        entities: entities(&envelope),
        envelope,
        document,
    }
}

fn outcome(document: &Document) -> Outcome {
    match first_text(document, &["event.outcome", "outcome", "status"]).map(str::to_ascii_lowercase).as_deref() {
        Some("success" | "succeeded" | "ok") => Outcome::Success,
        Some("failure" | "failed" | "denied" | "error") => Outcome::Failure,
        _ => Outcome::Unknown,
    }
}

fn severity(document: &Document) -> Severity {
    let word = first_text(document, &["severity", "level", "log.level"]).map(str::to_ascii_lowercase);
    match word.as_deref() {
        Some("critical" | "crit" | "fatal" | "emergency" | "alert") => Severity::Critical,
        Some("high" | "error" | "err") => Severity::High,
        Some("medium" | "warning" | "warn") => Severity::Medium,
        Some("low" | "notice") => Severity::Low,
        _ => Severity::Informational,
    }
}

fn message(envelope: &Envelope) -> String {
    let mut message = if envelope.activity.is_empty() { "event".to_owned() } else { envelope.activity.clone() };
    if let Some(user) = &envelope.user {
        message.push_str(" by ");
        message.push_str(user);
    }
    if let Some(ip) = envelope.src.ip {
        message.push_str(" from ");
        message.push_str(&ip.to_string());
    }
    message
}

fn entities(envelope: &Envelope) -> EntityList {
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_some(Kind::User, envelope.user.as_deref(), EntityRole::Actor);
    entities.add_ip(envelope.dst.ip, EntityRole::Target);
    entities.add_some(Kind::Host, envelope.device.as_deref(), EntityRole::Target);
    entities.add_some(Kind::Domain, envelope.domain.as_deref(), EntityRole::Related);
    entities.add_some(Kind::Url, envelope.url.as_deref(), EntityRole::Related);
    entities.add_some(Kind::Process, envelope.process.path.as_deref(), EntityRole::Related);
    entities
}
