//! One request and what should come back.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Asker;

/// Asks `METHOD /path`, and compares the status and those fields of the answer that are expected. Returns the answer.
#[track_caller]
pub(crate) fn check<'a>(
    asker: &'a Asker<'a>,
    request: &'a str,
    body: Value,
    status: u16,
    expected: Value,
) -> impl Future<Output = Value> + 'a {
    let place = std::panic::Location::caller();
    async move {
        let (method, path) = request.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let answer = if body.is_null() {
            asker.send(method, path, None, "").await
        } else {
            asker.json(method, path, &body).await
        };
        let got = answer.body;
        assert_eq!(answer.status, status, "{request} {body} at {place}: {got}");
        assert!(includes(&got, &expected), "{request} {body} at {place}: {got} does not include {expected}");
        got
    }
}

/// Returns whether a value has all that is expected: of an object more fields may be there, and a text in `…` is part of
/// the text. `"-"` stands for a field that is not there.
pub(crate) fn includes(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (_, Value::Null) => true,
        (Value::Object(got), Value::Object(expected)) => expected.iter().all(|(name, expected)| match got.get(name) {
            None => *expected == json!("-"),
            Some(got) => *expected != json!("-") && includes(got, expected),
        }),
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(got, expected)| includes(got, expected))
        }
        (Value::String(got), Value::String(expected)) => match expected.strip_prefix('…') {
            Some(part) => got.contains(part.trim_end_matches('…')),
            None => got == expected,
        },
        _ => got == expected,
    }
}

/// Compares a value with a golden file, once what differs from run to run (ids, times of today) is named by its order.
/// `UPDATE_GOLDEN=1` writes the file anew.
pub(crate) fn golden(name: &str, value: &Value) {
    let mut names = BTreeMap::new();
    let text = serde_json::to_string_pretty(&steady(value, &mut names)).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.out.json"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{}", path.display());
}

fn steady(value: &Value, names: &mut BTreeMap<String, usize>) -> Value {
    const TODAY_MS: i64 = 1_700_000_000_000;
    const LONG_MS: i64 = 10_000_000_000;
    match value {
        Value::String(text) if text.starts_with('~') && text.len() > 9 => {
            let next = names.len() + 1;
            json!(format!("~{}", names.entry(text.clone()).or_insert(next)))
        }
        Value::Number(number) if number.as_i64().is_some_and(|number| number > TODAY_MS) => json!("today"),
        Value::Array(items) => items.iter().map(|item| steady(item, names)).collect(),
        Value::Object(fields) => {
            let steady = |(name, value): (&String, &Value)| match value.as_i64() {
                Some(span) if name.starts_with("timeTo") && span > LONG_MS => (name.clone(), json!("long")),
                _ => (name.clone(), steady(value, names)),
            };
            fields.iter().map(steady).collect()
        }
        other => other.clone(),
    }
}
