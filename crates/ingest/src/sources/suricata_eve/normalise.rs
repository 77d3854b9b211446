//! EVE record to event.

use serde_json::{Map, Value};
use vigie_model::{
    Class, Document, Endpoint, EntityRole, Envelope, File, Logsource, ObservableKind as Kind, Outcome, Severity,
};

use super::schema;
use crate::Fault;
use crate::entities::EntityList;
use crate::json::{first_text, ip, number, port, scalar, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a record.
pub(crate) fn draft(fields: Map<String, Value>) -> Result<Draft, Fault> {
    let document = Document::new(fields);
    let event_type = text(&document, "event_type").ok_or(Fault::MissingField { field: "event_type" })?.to_owned();
    let time = match document.get("timestamp") {
        None => return Err(Fault::MissingField { field: "timestamp" }),
        Some(value) => times::json(value).ok_or_else(|| Fault::bad_time("timestamp", value))?,
    };
    let severity = match number(&document, "alert.severity") {
        Some(priority) if event_type == "alert" => schema::severity(priority),
        _ => Severity::Informational,
    };
    let hashes = ["fileinfo.md5", "fileinfo.sha1", "fileinfo.sha256"];
    let mut envelope = Envelope {
        class: class(&event_type),
        activity: activity(&document, &event_type),
        outcome: match text(&document, "alert.action") {
            Some("blocked") => Outcome::Failure,
            Some("allowed") => Outcome::Success,
            _ => Outcome::Unknown,
        },
        severity,
        logsource: Logsource::new("suricata", schema::category(&event_type), &event_type),
        src: Endpoint { ip: ip(&document, "src_ip"), port: port(&document, "src_port"), host: None },
        dst: Endpoint { ip: ip(&document, "dest_ip"), port: port(&document, "dest_port"), host: None },
        device: text(&document, "host").map(str::to_owned),
        file: File {
            path: text(&document, "fileinfo.filename").map(str::to_owned),
            hashes: hashes.iter().filter_map(|path| text(&document, path)).map(str::to_lowercase).collect(),
        },
        url: text(&document, "http.url").map(str::to_owned),
        domain: first_text(&document, &schema::DOMAIN).map(|name| name.trim_end_matches('.').to_lowercase()),
        ..Envelope::default()
    };
    envelope.message = message(&document, &event_type, &envelope);
    Ok(Draft { time: Some(time), entities: entities(&document, &envelope), envelope, document })
}

fn class(event_type: &str) -> Class {
    match event_type {
        "alert" | "anomaly" => Class::DetectionFinding,
        "dns" => Class::DnsActivity,
        "http" => Class::HttpActivity,
        "fileinfo" => Class::FileActivity,
        "stats" => Class::Base,
        _ => Class::NetworkActivity,
    }
}

fn activity(document: &Document, event_type: &str) -> String {
    let own = match event_type {
        "alert" => text(document, "alert.signature"),
        "http" => text(document, "http.http_method"),
        "dns" => text(document, "dns.type"),
        "anomaly" => text(document, "anomaly.event"),
        _ => None,
    };
    own.unwrap_or(event_type).to_owned()
}

fn message(document: &Document, event_type: &str, envelope: &Envelope) -> String {
    let domain = envelope.domain.as_deref().unwrap_or_default();
    let what = match event_type {
        "alert" => envelope.activity.clone(),
        "http" => {
            let status = scalar(document, "http.status").unwrap_or_default();
            format!("http {} {domain}{} {status}", envelope.activity, envelope.url.as_deref().unwrap_or_default())
        }
        "dns" | "tls" => format!("{event_type} {domain}"),
        "anomaly" => format!("anomaly {}", envelope.activity),
        "fileinfo" => format!("file {}", envelope.file.path.as_deref().unwrap_or_default()),
        other => other.to_owned(),
    };
    let protocol = text(document, "proto").map(|name| format!(" ({name})")).unwrap_or_default();
    match (envelope.src.ip, envelope.dst.ip) {
        (Some(src), Some(dst)) => format!("{} from {src} to {dst}{protocol}", what.trim_end()),
        _ => what.trim_end().to_owned(),
    }
}

fn entities(document: &Document, envelope: &Envelope) -> EntityList {
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_ip(envelope.dst.ip, EntityRole::Target);
    entities.add_some(Kind::Domain, envelope.domain.as_deref(), EntityRole::Related);
    if let (Some(host), Some(url)) = (text(document, "http.hostname"), &envelope.url) {
        let url = if url.contains("://") { url.clone() } else { format!("http://{host}{url}") };
        entities.add(Kind::Url, &url, EntityRole::Related);
    }
    entities.add_some(Kind::UserAgent, text(document, "http.http_user_agent"), EntityRole::Related);
    for hash in &envelope.file.hashes {
        entities.add(Kind::Hash, hash, EntityRole::Related);
    }
    entities
}
