//! A MISP event as a case: what it is called, how bad it is, and its attributes as observables.
//!
//! The format is that of <https://www.misp-standard.org/rfc/misp-standard-core.html>. Ids and numbers are texts there, and
//! sometimes numbers; what is deleted stays in the event with a mark. Files that come along as base64 are not taken: their
//! names and hashes are.

use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Pap, Severity, Timestamp, Tlp};

use crate::change::{PROSE_MAX, TAG_MAX, TAGS_MAX, TITLE_MAX};
use crate::extract::VALUE_CHARS_MAX;

/// How many observables an event brings at most.
pub const MISP_OBSERVABLES_MAX: usize = 5_000;
/// How long an event may be, in bytes.
pub const MISP_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
pub struct MispEvent {
    /// One line.
    pub info: String,
    /// Its id there, where it has one.
    pub uuid: Option<String>,
    /// Who made it, where it says so.
    pub organisation: Option<String>,
    /// When it happened, where it says so.
    pub date: Option<Timestamp>,
    /// How bad it is: undefined is medium.
    pub severity: Severity,
    /// With whom it may be shared, by its tag `tlp:…`.
    pub tlp: Option<Tlp>,
    /// What may be done with it, by its tag `PAP:…`.
    pub pap: Option<Pap>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its attributes and those of its objects, each value of a type once.
    pub observables: Vec<MispObservable>,
    /// How many attributes were left out: empty and very long ones, and those beyond [`MISP_OBSERVABLES_MAX`].
    pub left_out: usize,
}

/// An attribute, or one half of a double one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MispObservable {
    /// What TheHive calls its type.
    pub data_type: &'static str,
    /// Its value.
    pub value: String,
    /// Its type, in MISP's words.
    pub kind: String,
    /// Whether MISP would look for it: `to_ids`.
    pub ioc: bool,
    /// What somebody wrote on it.
    pub comment: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// A text that is no MISP event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MispError {
    /// It is too long.
    #[error("the event has more than {MISP_BYTES_MAX} bytes")]
    TooLong,
    /// It is no JSON, or not that of an event.
    #[error("{0}")]
    Json(String),
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Event")]
    event: Event,
}

#[derive(Deserialize)]
struct Event {
    info: String,
    #[serde(default)]
    uuid: Option<String>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    threat_level_id: Value,
    #[serde(default, rename = "Orgc")]
    orgc: Option<Organisation>,
    #[serde(default, rename = "Tag")]
    tags: Vec<Tag>,
    #[serde(default, rename = "Attribute")]
    attributes: Vec<Attribute>,
    #[serde(default, rename = "Object")]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Organisation {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    deleted: bool,
    #[serde(default, rename = "Attribute")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    value: Value,
    #[serde(default)]
    to_ids: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default, rename = "Tag")]
    tags: Vec<Tag>,
}

/// Reads an event, alone or within `{"response": …}` as the server sends it.
///
/// # Errors
/// Where the text is too long, no JSON, or has no event with an `info`.
pub fn read_misp_event(bytes: &[u8]) -> Result<MispEvent, MispError> {
    if bytes.len() > MISP_BYTES_MAX {
        return Err(MispError::TooLong);
    }
    let wrong = |error: serde_json::Error| MispError::Json(error.to_string());
    let json: Value = serde_json::from_slice(bytes).map_err(wrong)?;
    let json = json.get("response").cloned().unwrap_or(json);
    let json = match json {
        Value::Array(mut events) if events.len() == 1 => events.remove(0),
        other => other,
    };
    let event = serde_json::from_value::<Envelope>(json).map_err(wrong)?.event;
    let mut found = MispEvent {
        info: beginning(&event.info, TITLE_MAX),
        uuid: event.uuid,
        organisation: event.orgc.and_then(|organisation| organisation.name),
        date: event.date.and_then(|date| format!("{date}T00:00:00Z").parse().ok()),
        severity: severity(&event.threat_level_id),
        tlp: event.tags.iter().find_map(|tag| tlp(&tag.name)),
        pap: event.tags.iter().find_map(|tag| pap(&tag.name)),
        tags: tags(event.tags),
        observables: Vec::new(),
        left_out: 0,
    };
    let of_objects = event.objects.into_iter().filter(|object| !object.deleted).flat_map(|object| object.attributes);
    let mut seen = std::collections::HashSet::new();
    for attribute in event.attributes.into_iter().chain(of_objects).filter(|attribute| !attribute.deleted) {
        let parts = parts(&attribute);
        let comment = attribute.comment.filter(|comment| !comment.trim().is_empty());
        let comment = comment.map(|comment| beginning(&comment, PROSE_MAX));
        let attribute_tags = tags(attribute.tags);
        found.left_out += usize::from(parts.is_empty());
        for (data_type, value) in parts {
            if !seen.insert((data_type, value.clone())) {
                continue;
            }
            if found.observables.len() == MISP_OBSERVABLES_MAX {
                found.left_out += 1;
                continue;
            }
            found.observables.push(MispObservable {
                data_type,
                value,
                kind: attribute.kind.clone(),
                ioc: attribute.to_ids,
                comment: comment.clone(),
                tags: attribute_tags.clone(),
            });
        }
    }
    Ok(found)
}

/// Returns the beginning of a text that may be longer than we keep.
fn beginning(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

/// Returns the tags that we can keep.
fn tags(tags: Vec<Tag>) -> Vec<String> {
    let names = tags.into_iter().map(|tag| tag.name.trim().to_owned());
    names.filter(|name| (1..=TAG_MAX).contains(&name.chars().count())).take(TAGS_MAX).collect()
}

/// MISP counts from 1, high, to 4, undefined.
fn severity(level: &Value) -> Severity {
    let level = level.as_str().map_or_else(|| level.to_string(), str::to_owned);
    match level.as_str() {
        "1" => Severity::High,
        "3" => Severity::Low,
        _ => Severity::Medium,
    }
}

fn tlp(tag: &str) -> Option<Tlp> {
    Some(match tag.to_ascii_lowercase().strip_prefix("tlp:")? {
        "clear" | "white" => Tlp::Clear,
        "green" => Tlp::Green,
        "amber" => Tlp::Amber,
        "amber+strict" => Tlp::AmberStrict,
        "red" => Tlp::Red,
        _ => return None,
    })
}

fn pap(tag: &str) -> Option<Pap> {
    Some(match tag.to_ascii_lowercase().strip_prefix("pap:")? {
        "clear" | "white" => Pap::Clear,
        "green" => Pap::Green,
        "amber" => Pap::Amber,
        "red" => Pap::Red,
        _ => return None,
    })
}

/// Returns the values of an attribute, each with its type: two of a double one such as `filename|sha256`.
fn parts(attribute: &Attribute) -> Vec<(&'static str, String)> {
    let value = match &attribute.value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let kinds = attribute.kind.split_once('|');
    let pairs = match (kinds, value.split_once('|')) {
        (Some((first, second)), Some((left, right))) => vec![(first, left), (second, right)],
        (Some((first, _)), None) => vec![(first, value.as_str())],
        // A sample is called `name|MD5`.
        (None, Some((left, right))) if attribute.kind == "malware-sample" => vec![("filename", left), ("md5", right)],
        (None, _) => vec![(attribute.kind.as_str(), value.as_str())],
    };
    let named = pairs.into_iter().filter_map(|(kind, value)| Some((data_type(kind)?, value.trim().to_owned())));
    named.filter(|(_, value)| (1..=VALUE_CHARS_MAX).contains(&value.chars().count())).collect()
}

/// Returns what TheHive calls a type of MISP's; `None` for the half that says nothing by itself, such as a port.
fn data_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ip" | "ip-src" | "ip-dst" => "ip",
        "domain" => "domain",
        "hostname" => "hostname",
        "url" | "uri" | "link" => "url",
        "filename" | "attachment" | "malware-sample" => "filename",
        "email" | "email-src" | "email-dst" | "email-reply-to" | "target-email" => "mail",
        "email-subject" => "mail-subject",
        "user-agent" => "user-agent",
        "regkey" => "registry",
        "AS" => "autonomous-system",
        "port" | "value" => return None,
        hash if is_hash(hash) => "hash",
        _ => "other",
    })
}

fn is_hash(kind: &str) -> bool {
    let plain = kind.strip_prefix("x509-fingerprint-").unwrap_or(kind);
    plain.starts_with("sha") && plain.bytes().any(|byte| byte.is_ascii_digit())
        || ["md5", "imphash", "ssdeep", "tlsh", "authentihash", "pehash", "impfuzzy", "vhash", "cdhash"]
            .contains(&plain)
}
