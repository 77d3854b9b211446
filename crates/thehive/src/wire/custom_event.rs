//! Entries that somebody wrote on the timeline of a case.

use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Stamp, TimelineEntry};

use super::{Shape, nullable};
use crate::time::millis;

/// Returns how clients see an entry that somebody wrote.
pub(crate) fn shape(entry: &TimelineEntry) -> Value {
    let unknown = || Stamp::new("", entry.time);
    Shape::of(entry.id, "CustomEvent", &entry.stamp.clone().unwrap_or_else(unknown))
        .with("date", millis(entry.time))
        .maybe("endDate", entry.until.map(millis))
        .with("title", entry.text.as_str())
        .maybe("description", entry.description.as_deref())
        .done()
}

/// A new entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomEventIn {
    pub(crate) date: Value,
    pub(crate) end_date: Option<Value>,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
}

/// What to change of an entry.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct CustomEventPatchIn {
    pub(crate) date: Option<Value>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) end_date: Option<Option<Value>>,
    pub(crate) title: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) description: Option<Option<String>>,
}
