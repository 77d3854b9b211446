//! Cases.

mod archive;
mod change;
mod links;
mod merge;
mod open;
mod shares;

use serde_json::{Value, json};

use crate::check::check;
use crate::client::Asker;

/// Opens a case and returns its id.
pub(crate) async fn case(asker: &Asker<'_>, title: &str) -> String {
    let input = json!({"title": title, "description": format!("About {title}")});
    id(&check(asker, "POST /api/v1/case", input, 201, Value::Null).await)
}

pub(crate) fn id(object: &Value) -> String {
    object["_id"].as_str().unwrap_or_else(|| panic!("{object} has no id")).to_owned()
}

/// Makes something and returns its id.
pub(crate) async fn make(asker: &Asker<'_>, path: &str, body: Value) -> String {
    let made = check(asker, &format!("POST {path}"), body, 201, Value::Null).await;
    id(if made.is_array() { &made[0] } else { &made })
}

pub(crate) async fn query(asker: &Asker<'_>, operations: Value) -> Value {
    check(asker, "POST /api/v1/query", json!({"query": operations}), 200, Value::Null).await
}

/// Counts what is on a case, or everywhere.
pub(crate) async fn count(asker: &Asker<'_>, operations: &[Value]) -> u64 {
    let operations: Vec<Value> = operations.iter().cloned().chain([json!({"_name": "count"})]).collect();
    query(asker, operations.into()).await.as_u64().unwrap()
}
