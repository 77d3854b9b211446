//! Flat Windows event to event.

use serde_json::{Map, Value};
use vigie_model::{
    Class, Document, Endpoint, EntityRole, Envelope, File, ObservableKind as Kind, Outcome, Process, Severity,
    Timestamp,
};

use super::schema;
use crate::Fault;
use crate::entities::EntityList;
use crate::json::{first_text, ip, number, port, text};
use crate::normalise::Draft;
use crate::times;

/// How much of a script is shown in the line for a person.
const SCRIPT_CHARS: usize = 200;

/// Returns the event in a flat document.
pub(super) fn draft(fields: Map<String, Value>) -> Result<Draft, Fault> {
    let mut document = Document::new(fields);
    let event_id = match document.get("EventID") {
        None | Some(Value::Null) => return Err(Fault::MissingField { field: "EventID" }),
        Some(value) => {
            number(&document, "EventID").ok_or_else(|| Fault::bad_field("EventID", value, "a whole number"))?
        }
    };
    let time = time(&document)?;
    let logsource = schema::logsource(&document, event_id);
    let service = logsource.service.clone().unwrap_or_default();
    if event_id == 4688 && &*service == "security" {
        // Rules for process creation are written with Sysmon's names.
        for (native, alias) in [("NewProcessName", "Image"), ("ParentProcessName", "ParentImage")] {
            if let Some(value) = document.get(native).cloned().filter(|_| document.get(alias).is_none()) {
                document.set(alias, value);
            }
        }
    }
    let owned = |name| text(&document, name).map(str::to_owned);
    let mut envelope = Envelope {
        class: schema::class(&service, event_id),
        activity: activity(&document, event_id),
        outcome: outcome(&document, event_id),
        severity: severity(number(&document, "Level")),
        logsource,
        user: user(&document, event_id),
        src: endpoint(
            &document,
            &["SourceIp", "IpAddress", "SourceAddress", "ClientAddress"],
            &["SourcePort", "IpPort"],
        ),
        dst: endpoint(&document, &["DestinationIp", "DestAddress"], &["DestinationPort", "DestPort"]),
        device: owned("Computer"),
        process: Process {
            path: first_text(&document, &["Image", "ProcessName", "SourceImage", "Application"]).map(str::to_owned),
            pid: number(&document, "ProcessId")
                .or_else(|| number(&document, "ProcessID"))
                .and_then(|id| id.try_into().ok()),
            command_line: owned("CommandLine"),
            parent: owned("ParentImage"),
            name: None,
        },
        file: File {
            path: first_text(&document, &["TargetFilename", "ImageLoaded"]).map(str::to_owned),
            hashes: hashes(&document),
        },
        domain: owned("QueryName").map(|name| name.trim_end_matches('.').to_lowercase()),
        ..Envelope::default()
    };
    envelope.process.name =
        envelope.process.path.as_deref().and_then(|path| path.rsplit(['\\', '/']).next()).map(str::to_owned);
    envelope.message = message(&document, event_id, &envelope);
    Ok(Draft { time, entities: entities(&document, event_id, &envelope), envelope, document })
}

fn time(document: &Document) -> Result<Option<Timestamp>, Fault> {
    match document.get("TimeCreated").filter(|value| !value.is_null()) {
        Some(value) => times::json(value).map(Some).ok_or_else(|| Fault::bad_time("TimeCreated", value)),
        None => Ok(text(document, "UtcTime").and_then(times::iso)),
    }
}

fn endpoint(document: &Document, addresses: &[&str], ports: &[&str]) -> Endpoint {
    Endpoint {
        ip: addresses.iter().find_map(|name| ip(document, name)),
        port: ports.iter().find_map(|name| port(document, name)).filter(|port| *port != 0),
        host: None,
    }
}

fn activity(document: &Document, event_id: u64) -> String {
    let provider = text(document, "Provider_Name").unwrap_or_default();
    format!("{} {event_id}", provider.trim_start_matches("Microsoft-Windows-")).trim_start().to_owned()
}

/// Returns the account that acted: for logons the one that logs on, else the subject.
fn user(document: &Document, event_id: u64) -> Option<String> {
    let logon = matches!(event_id, 4624 | 4625 | 4634 | 4647 | 4768 | 4769 | 4771 | 4776);
    let names: &[&str] = if logon {
        &["TargetUserName", "SubjectUserName"]
    } else {
        &["User", "SubjectUserName", "SourceUser", "AccountName"]
    };
    first_text(document, names).map(str::to_owned)
}

fn outcome(document: &Document, event_id: u64) -> Outcome {
    match event_id {
        4625 | 4771 | 5152 | 5157 => Outcome::Failure,
        4624 | 4648 | 4688 | 5156 => Outcome::Success,
        4768 | 4769 | 4776 => match text(document, "Status") {
            Some("0x0") => Outcome::Success,
            Some(_) => Outcome::Failure,
            None => Outcome::Unknown,
        },
        _ => Outcome::Unknown,
    }
}

/// Returns the severity of Windows' levels: 1 critical, 2 error, 3 warning, 4 information.
fn severity(level: Option<u64>) -> Severity {
    match level {
        Some(1) => Severity::High,
        Some(2) => Severity::Medium,
        Some(3) => Severity::Low,
        _ => Severity::Informational,
    }
}

/// Returns the hashes of `MD5=…,SHA256=…`, without the import hash, which is no hash of the file.
fn hashes(document: &Document) -> Vec<String> {
    let all = first_text(document, &["Hashes", "Hash"]).unwrap_or_default();
    all.split(',')
        .filter_map(|part| part.split_once('='))
        .filter(|(name, value)| !name.eq_ignore_ascii_case("IMPHASH") && value.len() >= 32)
        .map(|(_, value)| value.to_lowercase())
        .collect()
}

fn message(document: &Document, event_id: u64, envelope: &Envelope) -> String {
    let field = |name| text(document, name).unwrap_or("?");
    let user = envelope.user.as_deref().unwrap_or("?");
    let image = envelope.process.path.as_deref().unwrap_or("?");
    let from = envelope.src.ip.map(|ip| format!(" from {ip}")).unwrap_or_default();
    let service = envelope.logsource.service.as_deref().unwrap_or_default();
    match (service, event_id) {
        ("sysmon", 1) | ("security", 4688) => {
            format!("process started: {} by {user}", envelope.process.command_line.as_deref().unwrap_or(image))
        }
        ("sysmon", 3) => {
            let port = envelope.dst.port.map(|port| format!(" port {port}")).unwrap_or_default();
            let to = envelope.dst.ip.map_or("?".to_owned(), |ip| ip.to_string());
            format!("connection by {image}{from} to {to}{port}")
        }
        ("sysmon", 11) => format!("file created: {} by {image}", field("TargetFilename")),
        ("sysmon", 12..=14) => format!("registry {}: {} by {image}", field("EventType"), field("TargetObject")),
        ("sysmon", 22) => format!("DNS query for {} by {image}", field("QueryName")),
        ("sysmon", 10) => format!("process access: {} to {}", field("SourceImage"), field("TargetImage")),
        ("security", 4624) => format!("logon of {user}{from}"),
        ("security", 4625) => format!("failed logon of {user}{from}"),
        ("security", 4720) => format!("user {} created by {user}", field("TargetUserName")),
        ("security", 4728 | 4732 | 4756) => format!("member added to group {} by {user}", field("TargetUserName")),
        ("security", 1102) => format!("audit log cleared by {user}"),
        ("system", 7045) => format!("service {} installed: {}", field("ServiceName"), field("ImagePath")),
        ("powershell", 4104) => {
            let script: String = field("ScriptBlockText").chars().take(SCRIPT_CHARS).collect();
            format!("PowerShell script block: {}", script.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        _ => {
            let own = text(document, "Message").and_then(|message| message.lines().next()).map(str::trim);
            let on = envelope.device.as_deref().unwrap_or("?");
            own.filter(|line| !line.is_empty())
                .map_or_else(|| format!("{} event {event_id} on {on}", field("Channel")), str::to_owned)
        }
    }
}

fn entities(document: &Document, event_id: u64, envelope: &Envelope) -> EntityList {
    let mut entities = EntityList::default();
    // Loopback stands for "this host" in logons.
    let is_remote = |ip: &std::net::IpAddr| !ip.is_loopback() && !ip.is_unspecified();
    entities.add_ip(envelope.src.ip.filter(is_remote), EntityRole::Source);
    entities.add_ip(envelope.dst.ip.filter(is_remote), EntityRole::Target);
    entities.add_some(Kind::User, envelope.user.as_deref(), EntityRole::Actor);
    if envelope.class == Class::AccountChange || event_id == 4648 {
        entities.add_some(Kind::User, text(document, "TargetUserName"), EntityRole::Target);
    }
    entities.add_some(Kind::Host, envelope.device.as_deref(), EntityRole::Target);
    entities.add_some(Kind::Process, envelope.process.path.as_deref(), EntityRole::Related);
    entities.add_some(Kind::File, envelope.file.path.as_deref(), EntityRole::Related);
    entities.add_some(Kind::Domain, envelope.domain.as_deref(), EntityRole::Related);
    for hash in &envelope.file.hashes {
        entities.add(Kind::Hash, hash, EntityRole::Related);
    }
    entities
}
