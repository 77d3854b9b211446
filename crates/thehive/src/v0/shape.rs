//! Objects as version 0 of the API shows them: fields that have no value are null, and some have other names.

use serde_json::{Map, Value, json};

/// Takes the fields of an object that version 1 shows.
struct Old<'a> {
    shown: &'a Value,
    fields: Map<String, Value>,
}

impl<'a> Old<'a> {
    /// Begins with what every object has.
    fn of(shown: &'a Value, kind: &str) -> Self {
        let mut old = Self { shown, fields: Map::new() };
        for (name, now) in [
            ("_id", "_id"),
            ("id", "_id"),
            ("createdBy", "_createdBy"),
            ("updatedBy", "_updatedBy"),
            ("createdAt", "_createdAt"),
            ("updatedAt", "_updatedAt"),
        ] {
            old = old.called(name, now);
        }
        old.with("_type", kind)
    }

    /// A field that has another name now.
    fn called(mut self, name: &str, now: &str) -> Self {
        self.fields.insert(name.to_owned(), self.shown.get(now).cloned().unwrap_or_default());
        self
    }

    /// Fields that have the same name still.
    fn same(self, names: &[&str]) -> Self {
        names.iter().fold(self, |old, name| old.called(name, name))
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    fn done(self) -> Value {
        Value::Object(self.fields)
    }
}

fn text<'a>(shown: &'a Value, name: &str) -> &'a str {
    shown.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns an alert; `artifacts` are its observables as version 1 shows them.
pub(super) fn alert(shown: &Value, artifacts: &[Value]) -> Value {
    let status = match text(shown, "stage") {
        "InProgress" => "Updated",
        "Imported" => "Imported",
        "Closed" => "Ignored",
        _ => "New",
    };
    Old::of(shown, "alert")
        .same(&["type", "source", "sourceRef", "externalLink", "title", "description", "severity", "date", "tags"])
        .same(&["tlp", "pap", "follow", "caseTemplate"])
        .called("case", "caseId")
        .called("lastSyncDate", "date")
        .with("status", status)
        .with("customFields", custom_fields(shown))
        .with("artifacts", artifacts.iter().map(artifact).collect::<Vec<Value>>())
        .with("similarCases", json!([]))
        .done()
}

/// Returns an observable.
pub(super) fn artifact(shown: &Value) -> Value {
    let file = shown.get("attachment").map(|file| {
        json!({
            "name": file["name"], "hashes": file["hashes"], "size": file["size"],
            "contentType": file["contentType"], "id": file["id"],
        })
    });
    let old = Old::of(shown, "case_artifact")
        .same(&["dataType", "data", "startDate", "tlp", "pap", "tags", "ioc", "sighted", "message", "reports"])
        .same(&["ignoreSimilarity"])
        .with("stats", json!({}));
    match file {
        Some(file) => old.with("attachment", file).done(),
        None => old.done(),
    }
}

/// Returns a case.
pub(super) fn case(shown: &Value) -> Value {
    let is_closed = text(shown, "stage") == "Closed";
    let old = Old::of(shown, "case")
        .same(&["title", "description", "severity", "startDate", "endDate", "tags", "flag", "tlp", "pap"])
        .same(&["summary", "impactStatus"])
        .called("caseId", "number")
        .called("owner", "assignee")
        .with("status", if is_closed { "Resolved" } else { "Open" })
        .with("customFields", custom_fields(shown))
        .with("metrics", json!({}))
        .with("stats", json!({}));
    let resolution = if is_closed { shown["status"].clone() } else { Value::Null };
    old.with("resolutionStatus", resolution).done()
}

/// Returns a task.
pub(super) fn task(shown: &Value) -> Value {
    Old::of(shown, "case_task")
        .same(&["title", "description", "status", "flag", "group", "order", "startDate", "endDate", "dueDate"])
        .called("owner", "assignee")
        .done()
}

/// Returns custom fields as an object: of each its type with its value, and its place.
fn custom_fields(shown: &Value) -> Value {
    let fields = shown.get("customFields").and_then(Value::as_array).into_iter().flatten();
    let field = |field: &Value| {
        let kind = text(field, "type").to_owned();
        (text(field, "name").to_owned(), json!({kind: field["value"], "order": field["order"]}))
    };
    Value::Object(fields.map(field).collect())
}
