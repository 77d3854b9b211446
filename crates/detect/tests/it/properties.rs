//! What holds of whatever comes in.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_detect::{Engine, Pipeline, RuleSet};
use vigie_model::Logsource;

use crate::builder::{corpus, data, event, load, observe, shipped_pipeline};
use crate::differential::windows;

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-f .]{0,4}", inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

const HUNGRY: &str = r"
title: t
logsource: {}
detection:
  a: {a: 1}
  b: {b|re: '^a.*z$'}
  c: {c|cidr: '2001:db8::/32'}
  d: {'d|hour': 3}
  e: {e|fieldref: a}
  f: {f.a.b|contains: [a, b, c, d, e]}
  g: {'a b': 'x?y*z'}
  k: [needle, 5]
  condition: 1 of them or not all of them
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_event_makes_it_panic(fields in prop::collection::btree_map("[a-f .]{1,4}", arbitrary_json(), 0..8)) {
        let mut engine = Engine::new(load(HUNGRY).rules);
        let found = observe(&mut engine, &[event(1, json!(fields)).build()]);
        prop_assert!(found.len() <= 1);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,300}") {
        let loaded = load(&text);
        prop_assert!(loaded.rules.len() + loaded.failed.len() >= 1);
        let _ = Pipeline::parse("any", &text);
    }

    #[test]
    fn no_rule_makes_it_panic(
        field in "[a-z|]{0,12}", modifiers in prop::collection::vec(prop::sample::select(&MODIFIERS[..]), 0..4),
        value in r#"[-a-c*?\\%/ 0-9.\[\](){}"':,#|&]{0,12}"#, condition in "(sel|not|and|or|1 of|all of|them|s\\*|\\(|\\)| ){0,8}",
    ) {
        let key = std::iter::once(field).chain(modifiers.iter().map(|&word| word.to_owned())).collect::<Vec<_>>().join("|");
        let text = json!({"title": "t", "logsource": {}, "detection": {"sel": {key: value}, "condition": condition}}).to_string();
        let loaded = load(&text);
        prop_assert_eq!(loaded.rules.len() + loaded.failed.len(), 1);
        observe(&mut Engine::new(loaded.rules), &[event(1, json!({"a": "abc", "b": 5})).build()]);
    }

    #[test]
    fn no_state_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut engine = Engine::new(load(HUNGRY).rules);
        prop_assert!(engine.restore(&bytes).is_err());
    }
}

const MODIFIERS: [&str; 29] = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "base64",
    "base64offset",
    "wide",
    "utf16",
    "utf16be",
    "windash",
    "re",
    "i",
    "m",
    "s",
    "cidr",
    "cased",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "lt",
    "lte",
    "neq",
    "minute",
    "hour",
    "week",
    "year",
    "month",
];

/// Routing and what the engine keeps from event to event must not change what matches: every rule alone, shown every
/// event of its logsource, finds the same.
#[test]
fn all_rules_together_find_what_each_finds_alone() {
    let Some(data) = data() else { return };
    let files: Vec<(String, String)> = corpus(&data).into_iter().step_by(15).collect();
    let events = windows(&data, 50);
    let mut together = Engine::new(RuleSet::load(files.clone(), &shipped_pipeline()).rules);
    let mut found: Vec<(String, u64)> = Vec::new();
    for finding in together.observe(&events, events[0].arrival) {
        found.push((finding.rule.id.to_string(), finding.events[0].id.as_bytes()[0].into()));
    }
    let mut alone = Vec::new();
    for file in files {
        let rule: Value = yaml_serde::from_str(&file.1).unwrap();
        let fits = |logsource: &Logsource| {
            let part = |name: &str, found: &Option<std::sync::Arc<str>>| {
                let wanted = rule["logsource"][name].as_str();
                wanted.is_none()
                    || wanted == found.as_deref()
                    || (wanted == Some("registry_event")
                        && matches!(
                            found.as_deref(),
                            Some("registry_set" | "registry_add" | "registry_delete" | "registry_rename")
                        ))
            };
            part("product", &logsource.product)
                && part("category", &logsource.category)
                && part("service", &logsource.service)
        };
        let mut engine = Engine::new(RuleSet::load([file], &shipped_pipeline()).rules);
        for event in events.iter().filter(|event| fits(&event.envelope.logsource)) {
            for finding in observe(&mut engine, std::slice::from_ref(event)) {
                alone.push((finding.rule.id.to_string(), finding.events[0].id.as_bytes()[0].into()));
            }
        }
    }
    found.sort();
    alone.sort();
    assert_eq!(found, alone);
}
