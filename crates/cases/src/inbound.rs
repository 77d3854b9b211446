//! Alerts out of other programs' JSON: a mapping says where in a document the parts of an alert stand.
//!
//! A text of a mapping is taken as it is, but for `{/path/to/value}`, which stands for the value at that JSON Pointer
//! (RFC 6901). What is missing there leaves nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vigie_model::{Severity, Timestamp};

/// How many alerts one document holds at most.
pub const INBOUND_ALERTS_MAX: usize = 1_000;
/// How many observables of one type an alert gets from a list.
const VALUES_MAX: usize = 200;

/// Where in a document the parts of an alert stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundMapping {
    /// The list of alerts within the document, as a pointer; the document is one alert where it is not said.
    #[serde(default)]
    pub items: Option<String>,
    /// One line.
    pub title: String,
    /// What happened, in words.
    #[serde(default)]
    pub description: String,
    /// What kind of alert it is.
    #[serde(default = "usual_kind")]
    pub kind: String,
    /// Who sends it.
    pub source: String,
    /// What the sender calls it: a second one of this name is the same alert.
    pub reference: String,
    /// Where to see it there.
    #[serde(default)]
    pub link: String,
    /// How bad it is: a word of ours, a number from 1 to 4, or a word of `severity_words`.
    #[serde(default)]
    pub severity: String,
    /// The sender's words for severities.
    #[serde(default)]
    pub severity_words: BTreeMap<String, Severity>,
    /// When it happened: RFC 3339, or seconds, milliseconds or microseconds since 1970.
    #[serde(default)]
    pub date: String,
    /// Its tags; one that comes out empty is left out.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its observables: for each type of observable the texts; a text that is a pointer alone may lead to a list.
    #[serde(default)]
    pub observables: BTreeMap<String, Vec<String>>,
}

fn usual_kind() -> String {
    "external".to_owned()
}

/// An alert out of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundAlert {
    /// One line.
    pub title: String,
    /// What happened, in words.
    pub description: String,
    /// What kind of alert it is.
    pub kind: String,
    /// Who sends it.
    pub source: String,
    /// What the sender calls it.
    pub reference: String,
    /// Where to see it there.
    pub link: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened; `None` where the document does not say.
    pub date: Option<Timestamp>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its observables: type and value.
    pub observables: Vec<(String, String)>,
}

/// A document, or an alert in it, that the mapping does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    /// There is no list where the alerts should be.
    #[error("`items` is `{0}`, and the document has no list there")]
    NoItems(String),
    /// There are too many.
    #[error("the document holds {0} alerts: at most {INBOUND_ALERTS_MAX} are taken at once")]
    TooMany(usize),
    /// A part that must be there is empty.
    #[error("alert {index}: `{part}` is `{template}`, which comes out empty for this document")]
    Empty {
        /// The how-manieth alert, from 0.
        index: usize,
        /// Which part.
        part: &'static str,
        /// What the mapping says.
        template: String,
    },
    /// A severity that nobody knows.
    #[error("alert {index}: `severity` is `{said}`: add it to `severity_words`")]
    Severity {
        /// The how-manieth alert, from 0.
        index: usize,
        /// What the document says.
        said: String,
    },
    /// A date that cannot be read.
    #[error(
        "alert {index}: `date` is `{said}`: expected RFC 3339, or seconds, milliseconds or microseconds since 1970"
    )]
    Date {
        /// The how-manieth alert, from 0.
        index: usize,
        /// What the document says.
        said: String,
    },
}

/// Returns the alerts in a document, or what is wrong with the first that does not fit: nothing is taken by halves.
pub fn inbound_alerts(mapping: &InboundMapping, document: &Value) -> Result<Vec<InboundAlert>, InboundError> {
    let items: Vec<&Value> = match &mapping.items {
        None => vec![document],
        Some(pointer) => document
            .pointer(pointer)
            .and_then(Value::as_array)
            .ok_or_else(|| InboundError::NoItems(pointer.clone()))?
            .iter()
            .collect(),
    };
    if items.len() > INBOUND_ALERTS_MAX {
        return Err(InboundError::TooMany(items.len()));
    }
    items.into_iter().enumerate().map(|(index, item)| alert(mapping, index, item)).collect()
}

fn alert(mapping: &InboundMapping, index: usize, item: &Value) -> Result<InboundAlert, InboundError> {
    let must = |part: &'static str, template: &str| {
        let text = filled(template, item);
        let empty = || InboundError::Empty { index, part, template: template.to_owned() };
        (!text.trim().is_empty()).then_some(text).ok_or_else(empty)
    };
    let tags = mapping.tags.iter().map(|tag| filled(tag, item)).filter(|tag| !tag.trim().is_empty());
    let observables = mapping.observables.iter().flat_map(|(data_type, texts)| {
        texts.iter().flat_map(|text| values(text, item)).map(|value| (data_type.clone(), value))
    });
    let mut alert = InboundAlert {
        title: must("title", &mapping.title)?,
        description: filled(&mapping.description, item),
        kind: must("kind", &mapping.kind)?,
        source: must("source", &mapping.source)?,
        reference: must("reference", &mapping.reference)?,
        link: Some(filled(&mapping.link, item)).filter(|link| !link.is_empty()),
        severity: severity(mapping, index, &filled(&mapping.severity, item))?,
        date: date(index, &filled(&mapping.date, item))?,
        tags: tags.collect(),
        observables: observables.collect(),
    };
    alert.observables.sort();
    alert.observables.dedup();
    Ok(alert)
}

fn severity(mapping: &InboundMapping, index: usize, said: &str) -> Result<Severity, InboundError> {
    let said = said.trim();
    if said.is_empty() {
        return Ok(Severity::Medium);
    }
    let theirs = mapping.severity_words.iter().find(|(word, _)| word.eq_ignore_ascii_case(said)).map(|(_, ours)| *ours);
    let numbered = match said {
        "1" => Some(Severity::Low),
        "2" => Some(Severity::Medium),
        "3" => Some(Severity::High),
        "4" => Some(Severity::Critical),
        _ => None,
    };
    theirs
        .or_else(|| said.to_ascii_lowercase().parse().ok())
        .or(numbered)
        .ok_or_else(|| InboundError::Severity { index, said: said.chars().take(80).collect() })
}

fn date(index: usize, said: &str) -> Result<Option<Timestamp>, InboundError> {
    /// Seconds reach this number in the year 5138, milliseconds had it in 1973, so which it is can be told by the size.
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    const MICROSECONDS_FROM: i64 = MILLISECONDS_FROM * 1_000;
    let said = said.trim();
    if said.is_empty() {
        return Ok(None);
    }
    if let Ok(time) = said.parse::<Timestamp>() {
        return Ok(Some(time));
    }
    // A fraction of a second is dropped.
    let whole = said.split('.').next().unwrap_or_default();
    let number: i64 = whole.parse().map_err(|_| InboundError::Date { index, said: said.chars().take(80).collect() })?;
    Ok(Some(match number.unsigned_abs() {
        size if size >= MICROSECONDS_FROM.unsigned_abs() => Timestamp::from_micros(number),
        size if size >= MILLISECONDS_FROM.unsigned_abs() => Timestamp::from_millis(number),
        _ => Timestamp::from_seconds(number),
    }))
}

/// Returns what a text stands for; a pointer alone may lead to a list, which gives a value each.
fn values(template: &str, item: &Value) -> Vec<String> {
    let alone = template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|rest| !rest.contains('{'));
    if let Some(Value::Array(list)) = alone.and_then(|pointer| item.pointer(pointer)) {
        return list.iter().take(VALUES_MAX).map(said).filter(|value| !value.is_empty()).collect();
    }
    let text = filled(template, item);
    if text.trim().is_empty() { Vec::new() } else { vec![text] }
}

/// What a value of the document says is never read as a template again.
fn filled(template: &str, item: &Value) -> String {
    let mut parts = template.split("{/");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some((pointer, rest)) = part.split_once('}') {
            text.push_str(&item.pointer(&format!("/{pointer}")).map(said).unwrap_or_default());
            text.push_str(rest);
        } else {
            text.push_str("{/");
            text.push_str(part);
        }
    }
    text
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
