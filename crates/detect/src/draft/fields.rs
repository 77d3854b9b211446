//! Which of the source's own fields stands for a part of the envelope.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;
use vigie_model::Event;

use crate::names;

/// How many different fields of an event are looked at.
const PATHS_MAX: usize = 2_000;
/// How deep a document is looked into.
const DEPTH_MAX: usize = 16;

/// The fields of some events.
#[derive(Debug)]
pub(super) struct Fields<'e> {
    events: Vec<(&'e Event, BTreeMap<String, Vec<String>>)>,
}

impl<'e> Fields<'e> {
    pub(super) fn new(events: impl Iterator<Item = &'e Event>) -> Self {
        let read = |event: &'e Event| {
            let mut paths = BTreeMap::new();
            for (name, value) in event.document.fields() {
                collect(name, value, &mut paths, 0);
            }
            (event, paths)
        };
        Self { events: events.map(read).collect() }
    }

    /// Returns whether any of the events has this part.
    pub(super) fn has(&self, part: &str) -> bool {
        self.events.iter().any(|(event, _)| !values(event, part).is_empty())
    }

    /// Returns the field that holds this part in every event that has it, and is absent from the others; the shortest where
    /// there are several.
    pub(super) fn standing_for(&self, part: &str) -> Option<String> {
        let mut candidates: Option<Vec<&String>> = None;
        for (event, paths) in &self.events {
            let wanted = values(event, part);
            if wanted.is_empty() {
                continue;
            }
            let fits = |path: &str| paths.get(path).is_some_and(|found| same(found, &wanted));
            candidates = Some(match candidates {
                None => paths.keys().filter(|path| fits(path)).collect(),
                Some(known) => known.into_iter().filter(|path| fits(path)).collect(),
            });
        }
        let absent = |path: &&String| {
            self.events.iter().all(|(event, paths)| !values(event, part).is_empty() || !paths.contains_key(*path))
        };
        candidates?.into_iter().filter(absent).min_by_key(|path| (path.len(), (*path).clone())).cloned()
    }
}

/// Tells whether the values are the same, without regard to ASCII case and to how an address is written.
fn same(found: &[String], wanted: &[String]) -> bool {
    let equal = |left: &String, right: &String| {
        left.eq_ignore_ascii_case(right)
            || left.parse::<IpAddr>().is_ok_and(|left| right.parse().is_ok_and(|right: IpAddr| left == right))
    };
    found.len() == wanted.len() && found.iter().all(|value| wanted.iter().any(|other| equal(value, other)))
}

/// Returns the values of a part of the envelope, by the name that searches have for it.
fn values(event: &Event, part: &str) -> Vec<String> {
    match part {
        "file.hash" => event.envelope.file.hashes.clone(),
        "severity" => vec![event.envelope.severity.as_str().to_owned()],
        _ => names::envelope(event, part).map(Cow::into_owned).into_iter().filter(|v| !v.is_empty()).collect(),
    }
}

/// Adds the texts, numbers and truth values below a path. Arrays are entered without a name of their own, as rules do.
fn collect(path: &str, value: &Value, paths: &mut BTreeMap<String, Vec<String>>, depth: usize) {
    if depth > DEPTH_MAX || paths.len() >= PATHS_MAX || path.contains(['|', '[', ']']) {
        return;
    }
    let mut keep = |text: String| paths.entry(path.to_owned()).or_default().push(text);
    match value {
        Value::Null => {}
        Value::Bool(truth) => keep(truth.to_string()),
        Value::Number(number) => keep(number.to_string()),
        Value::String(text) => keep(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, paths, depth + 1)),
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(&format!("{path}.{name}"), value, paths, depth + 1);
            }
        }
    }
}
