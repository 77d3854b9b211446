//! Indicators out of MISP events: the core format (draft-dulaunoy-misp-core-format), as the API answers and feeds write it.

use std::collections::HashSet;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vigie_model::{Indicator, TenantId, Timestamp, Tlp};

use crate::csv_list::CONFIDENCE_DEFAULT;
use crate::misp_type::values_of;
use crate::parsed::{Parsed, one_line, time_of, tlp_of};
use crate::value::canonical;

/// The longest text of MISP events that is read, in bytes.
pub const MISP_BYTES_MAX: usize = 64 * 1024 * 1024;

const TAGS_MAX: usize = 32;

/// A text that is not one or more MISP events.
#[derive(Debug, thiserror::Error)]
pub enum ParseMispError {
    /// It is longer than [`MISP_BYTES_MAX`].
    #[error("the MISP event has {0} bytes, more than {MISP_BYTES_MAX}: split it")]
    TooLong(usize),
    /// It is not JSON, or not of MISP's form.
    #[error("read MISP event: expected `{{\"Event\": {{…}}}}` or `{{\"response\": […]}}`")]
    Json(#[from] serde_json::Error),
}

/// What MISP answers under `response`, or the event itself.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Event")]
    event: Option<MispEvent>,
    response: Option<Response>,
}

enum Response {
    Events(Vec<Wrapped>),
    Attributes(AttributeAnswer),
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Response;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of events or an object with attributes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Response, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Response::Events)
            }
            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Response, A::Error> {
                AttributeAnswer::deserialize(MapAccessDeserializer::new(fields)).map(Response::Attributes)
            }
        }
        // By hand, because `untagged` loses the position of an error and holds everything twice.
        deserializer.deserialize_any(Either)
    }
}

#[derive(Deserialize)]
struct Wrapped {
    #[serde(rename = "Event")]
    event: MispEvent,
}

/// What `/attributes/restSearch` answers.
#[derive(Deserialize)]
struct AttributeAnswer {
    #[serde(rename = "Attribute", deserialize_with = "list")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MispEvent {
    uuid: Text,
    id: Text,
    info: Text,
    #[serde(rename = "Tag", deserialize_with = "list")]
    tags: Vec<Tag>,
    #[serde(rename = "Attribute", deserialize_with = "list")]
    attributes: Vec<Attribute>,
    #[serde(rename = "Object", deserialize_with = "list")]
    objects: Vec<Object>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Object {
    deleted: Text,
    #[serde(rename = "Attribute", deserialize_with = "list")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute {
    #[serde(rename = "type")]
    kind: Text,
    value: Text,
    to_ids: Text,
    deleted: Text,
    comment: Text,
    timestamp: Text,
    first_seen: Text,
    event_id: Text,
    #[serde(rename = "Tag", deserialize_with = "list")]
    tags: Vec<Tag>,
    #[serde(rename = "Event")]
    event: EventName,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EventName {
    uuid: Text,
    info: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tag {
    name: Text,
}

/// Reads a list; some tools write `null` for an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A text, number or truth value as text; MISP's servers and tools differ in which they write. Anything else is empty.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        }))
    }
}

impl Text {
    fn is_true(&self) -> bool {
        matches!(self.0.as_str(), "true" | "1")
    }

    fn is_false(&self) -> bool {
        matches!(self.0.as_str(), "false" | "0")
    }
}

/// Returns the indicators of one or more MISP events: `{"Event": {…}}`, a list of them, `{"response": […]}` as events are
/// searched for, or `{"response": {"Attribute": […]}}` as attributes are.
///
/// Taken are the attributes, also those of objects, whose `to_ids` is not false and that are not deleted. Each event is a
/// list of its own, `misp:` and its UUID. An attribute holds from its `first_seen`, else its `timestamp`, else `now`. Its
/// TLP is that of its own tags, else the event's; its confidence that of a `misp:confidence-level` or
/// `estimative-language:confidence-in-analytic-judgment` tag, else [`CONFIDENCE_DEFAULT`].
pub fn parse_misp_event(tenant: &TenantId, text: &str, now: Timestamp) -> Result<Parsed, ParseMispError> {
    if text.len() > MISP_BYTES_MAX {
        return Err(ParseMispError::TooLong(text.len()));
    }
    let mut reading = Reading { tenant, now, place: 0, known: HashSet::new(), parsed: Parsed::default() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if text.starts_with('[') {
        let events: Vec<Wrapped> = serde_json::from_str(text)?;
        reading.events(&events);
        return Ok(reading.parsed);
    }
    let body: Body = serde_json::from_str(text)?;
    match (body.event, body.response) {
        (Some(event), _) => reading.event(&event),
        (None, Some(Response::Events(events))) => reading.events(&events),
        (None, Some(Response::Attributes(answer))) => reading.answer(&answer.attributes),
        (None, None) => return Err(serde_json::Error::custom("neither `Event` nor `response` is there").into()),
    }
    Ok(reading.parsed)
}

struct Reading<'a> {
    tenant: &'a TenantId,
    now: Timestamp,
    place: u64,
    known: HashSet<vigie_model::IndicatorId>,
    parsed: Parsed,
}

/// What attributes have from their event.
struct Context<'a> {
    list: String,
    info: &'a str,
    tags: &'a [Tag],
}

impl Reading<'_> {
    fn events(&mut self, events: &[Wrapped]) {
        for wrapped in events {
            self.event(&wrapped.event);
        }
    }

    fn event(&mut self, event: &MispEvent) {
        let name = if event.uuid.0.is_empty() { &event.id.0 } else { &event.uuid.0 };
        let context = Context { list: list_name(name), info: &event.info.0, tags: &event.tags };
        for attribute in &event.attributes {
            self.attribute(attribute, &context);
        }
        for object in &event.objects {
            for attribute in &object.attributes {
                if object.deleted.is_true() {
                    self.place += 1;
                    self.parsed.skipped += 1;
                } else {
                    self.attribute(attribute, &context);
                }
            }
        }
    }

    fn answer(&mut self, attributes: &[Attribute]) {
        for attribute in attributes {
            let uuid = &attribute.event.uuid.0;
            let name = if uuid.is_empty() { &attribute.event_id.0 } else { uuid };
            let context = Context { list: list_name(name), info: &attribute.event.info.0, tags: &[] };
            self.attribute(attribute, &context);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, context: &Context<'_>) {
        self.place += 1;
        let values = values_of(&attribute.kind.0, &attribute.value.0);
        if values.is_empty() || attribute.deleted.is_true() || attribute.to_ids.is_false() {
            self.parsed.skipped += 1;
            return;
        }
        for (kind, value) in values {
            let value = match canonical(kind, value) {
                Ok(value) => value,
                Err(error) => {
                    self.parsed.fail(self.place, format!("{}: {error}", one_line(&attribute.kind.0, 40)));
                    continue;
                }
            };
            let id = Indicator::id_of(self.tenant, &context.list, kind, &value);
            if !self.known.insert(id) {
                self.parsed.skipped += 1;
                continue;
            }
            let (tlp, tags) = marks(&attribute.tags, context.tags);
            let said = [context.info, &attribute.comment.0].map(|text| one_line(text, 500));
            let valid_from = time_of(&attribute.first_seen.0).or_else(|| time_of(&attribute.timestamp.0));
            self.parsed.indicators.push(Indicator {
                id,
                tenant: self.tenant.clone(),
                list: context.list.clone(),
                kind,
                value,
                confidence: confidence(&tags),
                tlp,
                valid_from: Some(valid_from.unwrap_or(self.now)),
                valid_until: None,
                tags,
                comment: said.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(": "),
            });
        }
    }
}

fn list_name(name: &str) -> String {
    let name = one_line(name, 64);
    if name.is_empty() { "misp".to_owned() } else { format!("misp:{name}") }
}

/// Returns the TLP and the tags of an attribute, its own before its event's.
fn marks(own: &[Tag], event: &[Tag]) -> (Tlp, Vec<String>) {
    let level = |tags: &[Tag]| {
        let marked = tags.iter().filter(|tag| tag.name.0.to_ascii_lowercase().starts_with("tlp:"));
        marked.filter_map(|tag| tlp_of(&tag.name.0)).max()
    };
    let tlp = level(own).or_else(|| level(event)).unwrap_or_default();
    let names = own.iter().chain(event).map(|tag| one_line(&tag.name.0, 200));
    let plain = |name: &String| !name.is_empty() && !name.to_ascii_lowercase().starts_with("tlp:");
    let mut tags: Vec<String> = names.filter(plain).take(TAGS_MAX).collect();
    tags.sort();
    tags.dedup();
    (tlp, tags)
}

/// The numbers are those of the MISP taxonomies `misp` and `estimative-language`.
fn confidence(tags: &[String]) -> u8 {
    let level = tags.iter().find_map(|tag| {
        let (name, word) = tag.split_once('=')?;
        match (name, word.trim_matches('"')) {
            ("misp:confidence-level", "completely-confident") => Some(100),
            ("misp:confidence-level", "usually-confident") => Some(75),
            ("misp:confidence-level", "fairly-confident") => Some(50),
            ("misp:confidence-level", "rarely-confident") => Some(25),
            ("misp:confidence-level", "unconfident") => Some(0),
            ("estimative-language:confidence-in-analytic-judgment", "high") => Some(95),
            ("estimative-language:confidence-in-analytic-judgment", "moderate") => Some(55),
            ("estimative-language:confidence-in-analytic-judgment", "low") => Some(10),
            _ => None,
        }
    });
    level.unwrap_or(CONFIDENCE_DEFAULT)
}
