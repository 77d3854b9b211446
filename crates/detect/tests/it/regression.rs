//! SigmaHQ's regression cases: real Windows events, each with the rule that must match it.

use serde_json::{Map, Value};
use vigie_detect::{Engine, RuleSet};
use vigie_model::Event;

use crate::builder::{corpus, data, event, shipped_pipeline};

/// Returns an event in EVTX nesting as ingest makes it flat: the system's fields by name, the event's data beside them.
pub(crate) fn flatten(document: &Value) -> Value {
    let mut flat = Map::new();
    let root = &document["Event"];
    let system = &root["System"];
    for (name, value) in system.as_object().into_iter().flatten() {
        if !value.is_object() && !value.is_null() {
            flat.insert(name.clone(), value.clone());
        }
    }
    for (place, name) in [("/EventID/#text", "EventID"), ("/Provider/#attributes/Name", "Provider_Name")] {
        if let Some(value) = system.pointer(place) {
            flat.insert(name.to_owned(), value.clone());
        }
    }
    let user = root["UserData"].as_object().into_iter().flatten().map(|(_, inner)| inner);
    for section in std::iter::once(&root["EventData"]).chain(user) {
        for (name, value) in section.as_object().into_iter().flatten().filter(|(name, _)| !name.starts_with('#')) {
            flat.insert(name.clone(), value.clone());
        }
    }
    Value::Object(flat)
}

struct Case {
    rule_id: String,
    events: Vec<Event>,
    wanted: usize,
}

fn cases(data: &std::path::Path) -> Vec<Case> {
    let index = std::fs::read_to_string(data.join("sigma/regression/index.jsonl")).unwrap();
    let mut number = 0;
    let mut cases = Vec::new();
    for line in index.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let rule = std::fs::read_to_string(data.join(text("rule"))).unwrap();
        let rule: Value = yaml_serde::from_str(&rule).unwrap();
        let part = |name: &str| rule["logsource"][name].as_str().unwrap_or_default().to_owned();
        let mut events = Vec::new();
        for file in case["events"].as_array().unwrap() {
            let path = data.join(text("case_dir")).join(file.as_str().unwrap());
            let bytes = std::fs::read(path).unwrap();
            for document in serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>() {
                number += 1;
                let flat = event(number, flatten(&document.unwrap()));
                events.push(flat.logsource(&part("product"), &part("category"), &part("service")).build());
            }
        }
        let wanted = case["match_count"].as_u64().map_or(1, |count| count.try_into().unwrap());
        cases.push(Case { rule_id: text("rule_id"), events, wanted });
    }
    cases
}

#[test]
fn every_case_matches() {
    let Some(data) = data() else { return };
    let mut engine = Engine::new(RuleSet::load(corpus(&data), &shipped_pipeline()).rules);
    let mut missed = Vec::new();
    let cases = cases(&data);
    for case in &cases {
        let findings = engine.observe(&case.events, case.events[0].arrival);
        let found = findings.iter().filter(|finding| finding.rule.id.as_str() == case.rule_id).count();
        if found < case.wanted {
            missed.push(format!("{}: {found} of {}", case.rule_id, case.wanted));
        }
        assert!(findings.iter().all(|finding| !finding.rule.title.is_empty() && finding.events.len() == 1));
        let ours = findings.iter().find(|finding| finding.rule.id.as_str() == case.rule_id);
        assert!(ours.is_none_or(|finding| !finding.matches.is_empty()), "{} explains nothing", case.rule_id);
    }
    assert_eq!(cases.len(), 96);
    assert_eq!(missed, Vec::<String>::new());
}
