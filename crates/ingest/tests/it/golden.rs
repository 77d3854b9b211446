//! Golden pairs: `tests/golden/<source>/<name>.in.<ending>` and what becomes of it. `UPDATE_GOLDEN=1` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vigie_ingest::Sources;
use vigie_model::{DeadLetter, Event};

use crate::ingest;

#[test]
fn golden_pairs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut pairs: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for folder in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let source = folder.file_name().unwrap().to_string_lossy().into_owned();
        for input in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = input.file_name().unwrap().to_string_lossy().into_owned();
            let Some((stem, _)) = name.split_once(".in.") else { continue };
            let found = render(&source, &input);
            let output = folder.join(format!("{stem}.out.json"));
            if update {
                fs::write(&output, &found).unwrap();
            } else if fs::read_to_string(&output).unwrap_or_default() != found {
                wrong.push(format!("{source}/{stem}:\n{found}"));
            }
            *pairs.entry(source.clone()).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "differ from their golden files:\n{}", wrong.join("\n"));
    for name in Sources::builtin().names() {
        assert!(pairs.get(name).is_some_and(|count| *count >= 2), "{name} needs two golden pairs");
    }
}

fn render(source: &str, input: &Path) -> String {
    let found = ingest(source, fs::read(input).unwrap(), None);
    let events: Vec<Value> = found.events.iter().map(event).collect();
    let dead: Vec<Value> = found.dead.iter().map(letter).collect();
    let mut text = serde_json::to_string_pretty(&json!({"events": events, "dead": dead})).unwrap();
    text.push('\n');
    text
}

fn event(event: &Event) -> Value {
    let entities: Vec<String> = event
        .entities
        .iter()
        .map(|entity| format!("{} {entity}", format!("{:?}", entity.role).to_lowercase()))
        .collect();
    json!({
        "time": event.time,
        "envelope": bare(serde_json::to_value(&event.envelope).unwrap()),
        "entities": entities,
        "document": event.document,
        "native": String::from_utf8_lossy(&event.native),
    })
}

fn letter(letter: &DeadLetter) -> Value {
    json!({"position": letter.position, "code": letter.code, "reason": letter.reason})
}

/// Leaves out the empty parts, so that a reader sees what is there.
fn bare(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, bare(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!({}) && *value != json!(""))
            .collect(),
        other => other,
    }
}
