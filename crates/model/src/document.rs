//! The fields of an event as rules see them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of an event as rules see them: the native document where the source speaks JSON, the parsed parts of the
/// line where it speaks text. Windows events are flat here, whatever nesting they arrived in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

impl Document {
    /// Returns a document of these fields.
    pub fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Returns the top-level fields.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Sets a top-level field.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Returns the value at a path: the field of just that name where there is one, else the names between the dots
    /// taken one inside the other. Arrays on the way are entered and give their first element that has the rest.
    pub fn get(&self, path: &str) -> Option<&Value> {
        get(&self.0, path)
    }

    /// Returns the text at a path, or `None` where there is none or it is not text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.as_str()
    }
}

fn get<'a>(fields: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = fields.get(path) {
        return Some(value);
    }
    // A field's own name may hold dots, so every dot is tried as the border, nearest first.
    path.match_indices('.').find_map(|(dot, _)| descend(fields.get(&path[..dot])?, &path[dot + 1..]))
}

fn descend<'a>(value: &'a Value, rest: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => get(fields, rest),
        Value::Array(items) => items.iter().find_map(|item| descend(item, rest)),
        _ => None,
    }
}

impl From<Map<String, Value>> for Document {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: Value, path: &str, expected: Option<Value>) {
        let Value::Object(fields) = document else { panic!("not an object") };
        assert_eq!(Document::new(fields).get(path), expected.as_ref());
    }

    #[test]
    fn paths() {
        let nested = serde_json::json!({"a": {"b": {"c": 1}}, "a.b": {"c": 2}, "list": [{"x": 1}, {"y": 2}]});
        check(nested.clone(), "a.b.c", Some(1.into()));
        check(nested.clone(), "a.b", Some(serde_json::json!({"c": 2})));
        check(nested.clone(), "list.y", Some(2.into()));
        check(nested.clone(), "a.x", None);
        check(serde_json::json!({"user.name": {"first": "ann"}}), "user.name.first", Some("ann".into()));
    }
}
