//! `_search`: lists by the old query language, made into queries of version 1.
//!
//! The old language has a bare `{"_field": …, "_value": …}` for what is equal, `_wildcard` for a pattern, and `_parent` for
//! what hangs on an object; status words differ. What joins objects otherwise (`_child`, a `_parent` by more than its id) is
//! refused.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, Method};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shape;
use crate::body::Body;
use crate::door::Door;
use crate::query::{ROWS_MAX, answer};
use crate::route::{Need, Route};
use crate::{Fault, Visitor};

/// How deep a query is nested at most.
const DEPTH_MAX: usize = 32;
/// How many objects are returned where nobody says how many.
const USUAL_ROWS: u64 = 10;
/// How many observables the alerts of one answer show altogether.
const ARTIFACTS_MAX: u64 = 10_000;

pub(super) fn routes() -> Vec<Route> {
    // A search reads, so that whoever is known may, though it is a POST.
    vec![
        Route::new(Method::POST, "/api/alert/_search", Need::Known, alerts),
        Route::new(Method::POST, "/api/case/_search", Need::Known, cases),
        Route::new(Method::POST, "/api/case/artifact/_search", Need::Known, artifacts),
        Route::new(Method::POST, "/api/case/task/_search", Need::Known, tasks),
    ]
}

#[derive(Deserialize)]
struct SearchIn {
    #[serde(default)]
    query: Value,
}

async fn alerts(
    State(door): State<Door>,
    visitor: Visitor,
    RawQuery(how): RawQuery,
    Body(input): Body<SearchIn>,
) -> Result<Response, Fault> {
    let (shown, total) = search(&door, &visitor, "Alert", &input.query, how.as_deref()).await?;
    let ids: Vec<&Value> = shown.iter().map(|alert| &alert["_id"]).collect();
    let observables = json!([
        {"_name": "listObservable"},
        {"_name": "filter", "_in": {"_field": "alertId", "_values": ids}},
        {"_name": "page", "from": 0, "to": ARTIFACTS_MAX, "extraData": ["alertId"]},
    ]);
    let observables = if ids.is_empty() { Vec::new() } else { ask(&door, &visitor, observables).await? };
    let old = |alert: &Value| {
        let own = observables.iter().filter(|observable| observable["extraData"]["alertId"] == alert["_id"]);
        shape::alert(alert, &own.cloned().collect::<Vec<Value>>())
    };
    Ok(answered(shown.iter().map(old).collect(), total))
}

async fn cases(
    State(door): State<Door>,
    visitor: Visitor,
    RawQuery(how): RawQuery,
    Body(input): Body<SearchIn>,
) -> Result<Response, Fault> {
    let (shown, total) = search(&door, &visitor, "Case", &input.query, how.as_deref()).await?;
    Ok(answered(shown.iter().map(shape::case).collect(), total))
}

async fn artifacts(
    State(door): State<Door>,
    visitor: Visitor,
    RawQuery(how): RawQuery,
    Body(input): Body<SearchIn>,
) -> Result<Response, Fault> {
    let (shown, total) = search(&door, &visitor, "Observable", &input.query, how.as_deref()).await?;
    Ok(answered(shown.iter().map(shape::artifact).collect(), total))
}

async fn tasks(
    State(door): State<Door>,
    visitor: Visitor,
    RawQuery(how): RawQuery,
    Body(input): Body<SearchIn>,
) -> Result<Response, Fault> {
    let (shown, total) = search(&door, &visitor, "Task", &input.query, how.as_deref()).await?;
    Ok(answered(shown.iter().map(shape::task).collect(), total))
}

/// Old clients read how many there are from a header.
fn answered(rows: Vec<Value>, total: u64) -> Response {
    ([(HeaderName::from_static("x-total"), total.to_string())], Json(rows)).into_response()
}

/// Returns the objects of one kind that a query asks for, as version 1 shows them, and how many there are.
async fn search(
    door: &Door,
    visitor: &Visitor,
    kind: &str,
    query: &Value,
    how: Option<&str>,
) -> Result<(Vec<Value>, u64), Fault> {
    let mut reading = Reading { kind, parent: None };
    let filter = reading.read(query, 0)?;
    let mut operations = match reading.parent {
        None => vec![json!({"_name": format!("list{kind}")})],
        Some((parent, id)) => {
            let hop = format!("{}s", kind.to_ascii_lowercase());
            vec![json!({"_name": format!("get{parent}"), "idOrName": id}), json!({"_name": hop})]
        }
    };
    let mut filter = filter;
    filter["_name"] = "filter".into();
    operations.push(filter);
    let mut counting = operations.clone();
    counting.push(json!({"_name": "count"}));
    let How { sorts, from, to } = How::read(how.unwrap_or_default())?;
    if !sorts.is_empty() {
        operations.push(json!({"_name": "sort", "_fields": sorts}));
    }
    operations.push(json!({"_name": "page", "from": from, "to": to}));
    let total = answer(door, visitor, &json!({"query": counting})).await?;
    let total = serde_json::from_slice(&total).unwrap_or_default();
    Ok((ask(door, visitor, Value::Array(operations)).await?, total))
}

async fn ask(door: &Door, visitor: &Visitor, operations: Value) -> Result<Vec<Value>, Fault> {
    let found = answer(door, visitor, &json!({"query": operations})).await?;
    serde_json::from_slice(&found).map_err(|error| Fault::internal("read our own answer", &error))
}

/// `?range=0-10&sort=-date`; `all` is as many as one query returns.
struct How {
    sorts: Vec<String>,
    from: u64,
    to: u64,
}

impl How {
    fn read(text: &str) -> Result<Self, Fault> {
        let mut how = Self { sorts: Vec::new(), from: 0, to: USUAL_ROWS };
        for pair in text.split('&') {
            match pair.split_once('=') {
                // A sign is a blank once it went through a form.
                Some(("sort", field)) => how.sorts.push(field.replace("%2B", "").replace(['+', ' '], "")),
                Some(("range", "all")) => how.to = ROWS_MAX,
                Some(("range", range)) => {
                    let wrong = || Fault::field("range", "expected `all`, or from and to such as 0-10");
                    let (from, to) = range.split_once('-').ok_or_else(wrong)?;
                    how.from = from.parse().map_err(|_| wrong())?;
                    how.to = to.parse::<u64>().map_err(|_| wrong())?.min(how.from.saturating_add(ROWS_MAX));
                }
                _ => {}
            }
        }
        Ok(how)
    }
}

/// Reads the old language.
struct Reading<'a> {
    kind: &'a str,
    /// The kind and id of what the objects hang on.
    parent: Option<(&'static str, String)>,
}

impl Reading<'_> {
    /// Returns the filter as version 1 takes it.
    fn read(&mut self, query: &Value, depth: usize) -> Result<Value, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::bad(format!("the query is nested too deep: at most {DEPTH_MAX}")));
        }
        let fields = match query {
            Value::Null => return Ok(json!({"_any": ""})),
            Value::Array(items) => return self.each("_and", items, depth),
            Value::Object(fields) => fields,
            _ => return Err(Fault::field("query", "expected an object")),
        };
        if let (Some(field), Some(value)) = (fields.get("_field"), fields.get("_value")) {
            return Ok(self.equal(field, value));
        }
        let Some((operator, argument)) = fields.iter().next() else { return Ok(json!({"_any": ""})) };
        match (operator.as_str(), argument) {
            ("_and" | "_or", Value::Array(items)) => self.each(operator, items, depth),
            ("_not", inner) => Ok(json!({"_not": self.read(inner, depth + 1)?})),
            ("_wildcard", inner) => Ok(json!({"_like": self.renamed(inner)})),
            ("_type", _) => Ok(json!({"_any": ""})),
            ("_parent", inner) if depth < 2 && self.parent.is_none() => self.hangs_on(inner),
            ("_parent" | "_child", _) => {
                Err(Fault::bad(format!("{operator} is taken once, at the top, with the parent's id")))
            }
            (name, _) if name.starts_with('_') => Ok(json!({name: self.renamed(argument)})),
            // `{"status": "New"}`, as the oldest write it.
            (name, value) => Ok(self.equal(&name.into(), value)),
        }
    }

    fn each(&mut self, operator: &str, items: &[Value], depth: usize) -> Result<Value, Fault> {
        let items: Vec<Value> = items.iter().map(|item| self.read(item, depth + 1)).collect::<Result<_, _>>()?;
        Ok(json!({operator: items}))
    }

    fn equal(&self, field: &Value, value: &Value) -> Value {
        let eq = |field: &str, value: &Value| json!({"_eq": {"_field": field, "_value": value}});
        let field = self.name(field.as_str().unwrap_or_default());
        match (self.kind, field, value.as_str()) {
            ("Case", "status", Some("Open")) => json!({"_not": eq("stage", &"Closed".into())}),
            ("Case", "status", Some("Resolved")) | ("Alert", "status", Some("Ignored")) => {
                eq("stage", &"Closed".into())
            }
            ("Alert", "status", Some("Updated")) => eq("stage", &"InProgress".into()),
            ("Alert", "status", _) => eq("stage", value),
            _ => eq(field, value),
        }
    }

    /// Returns what a field is called now.
    fn name<'f>(&self, field: &'f str) -> &'f str {
        match (self.kind, field) {
            ("Case" | "Task", "owner") => "assignee",
            ("Case", "caseId") => "number",
            ("Case", "resolutionStatus") => "status",
            _ => field,
        }
    }

    fn renamed(&self, argument: &Value) -> Value {
        let mut argument = argument.clone();
        if let Some(field) = argument.get_mut("_field")
            && let Some(name) = field.as_str()
        {
            *field = self.name(name).into();
        }
        argument
    }

    fn hangs_on(&mut self, parent: &Value) -> Result<Value, Fault> {
        let id = [&parent["_id"], &parent["_query"]["_id"], &parent["_query"]["_value"]];
        let id = id.into_iter().find_map(Value::as_str);
        let kind = match parent["_type"].as_str() {
            Some("case") => Some("Case"),
            Some("alert") => Some("Alert"),
            _ => None,
        };
        let (Some(id), Some(kind)) = (id, kind) else {
            return Err(Fault::bad("_parent takes the type case or alert and an id"));
        };
        self.parent = Some((kind, id.to_owned()));
        Ok(json!({"_any": ""}))
    }
}
