//! The index of candidates leaves out nothing: what is found is what judging every rule finds.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_detect::{Engine, RuleSet};
use vigie_model::Event;

use crate::builder::{corpus, data, event, load, shipped_pipeline};
use crate::differential::windows;

/// Returns ids of rules and events, of which each matches each.
fn found(engine: &mut Engine, events: &[Event]) -> Vec<(String, String)> {
    let findings = engine.observe(events, events[0].arrival);
    findings.iter().map(|finding| (finding.rule.id.to_string(), finding.events[0].id.to_string())).collect()
}

#[test]
fn the_same_is_found_of_real_events_by_few_of_the_rules() {
    let Some(data) = data() else { return };
    let rules = RuleSet::load(corpus(&data), &shipped_pipeline()).rules;
    let events = windows(&data, 10);
    let (mut engine, mut all) = (Engine::new(rules.clone()), Engine::judging_all(rules));
    let expected = found(&mut all, &events);
    assert_eq!(found(&mut engine, &events), expected);
    assert!(expected.len() > 20, "the comparison is empty: {} matches", expected.len());
    let judged = |engine: &Engine| engine.counters().judged as f64 / events.len() as f64;
    println!(
        "{} events, {} matches; rules judged an event: {:.1} of {:.1}",
        events.len(),
        expected.len(),
        judged(&engine),
        judged(&all)
    );
    assert!(judged(&engine) * 10.0 < judged(&all));
}

#[test]
fn numbers_that_no_float_tells_apart_are_found() {
    let rule = "title: t\nlogsource: {product: windows}\ndetection:\n  s: {A: 9007199254740993}\n  condition: s\n";
    let events = [event(1, json!({"A": 9_007_199_254_740_992.0})).logsource("windows", "", "").build()];
    assert_eq!(found(&mut Engine::judging_all(load(rule).rules), &events).len(), 1);
    assert_eq!(found(&mut Engine::new(load(rule).rules), &events).len(), 1);
}

/// Texts that differ little, with what is special to paths, folding and expressions. Each case takes a few of them for its rules
/// and events alike, so that many match by chance.
const TEXTS: [&str; 22] = [
    "a",
    "ab",
    "aB",
    "ABC",
    "abcabc",
    r"\abc",
    r"c:\abc",
    r"c:\ab\ABC",
    "/ab/abc",
    r"\ab/abc",
    "é",
    "Éab",
    "s",
    "ſ",
    "abscess",
    "abſcess",
    "k",
    "\u{212a}",
    "12",
    "012",
    "true",
    "",
];

type Texts = Vec<&'static str>;

const MODIFIERS: [&str; 20] = [
    "",
    "",
    "",
    "",
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|endswith",
    "|contains|all",
    "|cased",
    "|contains|cased",
    "|re",
    "|re|i",
    "|re|i",
    "|neq",
    "|gt",
    "|exists",
    "|cidr",
    "|windash|contains",
];

/// Of each way in which a field is looked for one, and the plain one more often.
const FIELDS: [&str; 10] = ["A", "A", "A", "A", "B", "C.D", "E F", "EF", "md5", ""];

const CONDITIONS: [&str; 9] = [
    "s0",
    "s0 or s1",
    "s0 and s1",
    "not s0",
    "s0 and not s1",
    "all of s*",
    "2 of s*",
    "s0 and (s1 or not s2)",
    "not (s0 or s1) and s2",
];

const EXPRESSIONS: [&str; 12] = [
    "abc",
    "a.*bc",
    "(ab|bc)c?",
    "abscess|kkk",
    "[aA][bB][cC]",
    "^ab",
    "k",
    "kelvin|abscess",
    "aſ?bc",
    "(abc)+",
    "(abc)*",
    "É",
];

/// Numbers in ways that are equal: 12, 12.0, "12".
fn number() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(12),
        json!(12.0),
        json!(1.5),
        json!(9_007_199_254_740_993_i64),
        json!(9.007_199_254_740_992e15),
    ])
}

fn values(modifier: &'static str, texts: &Texts) -> BoxedStrategy<Value> {
    let text = prop::sample::select(texts.clone());
    let star = (text.clone(), text, 0..12).prop_map(|(one, two, kind)| match kind {
        0 => format!("*{one}*"),
        1 => format!("{one}*{two}"),
        2 => format!("?{one}*"),
        3 => format!("*{one}?{two}"),
        _ => one.to_owned(),
    });
    let one = match modifier {
        "|re" | "|re|i" => prop::sample::select(&EXPRESSIONS[..]).prop_map(Value::from).boxed(),
        "|gt" => return number().boxed(),
        "|exists" => return any::<bool>().prop_map(Value::from).boxed(),
        "|cidr" => Just(json!("10.0.0.0/8")).boxed(),
        _ => prop_oneof![
            8 => star.prop_map(Value::from),
            2 => number(),
            1 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::Null),
        ]
        .boxed(),
    };
    prop_oneof![one.clone(), prop::collection::vec(one, 1..4).prop_map(Value::from)].boxed()
}

fn line(texts: &Texts) -> impl Strategy<Value = (String, Value)> + use<> {
    let texts = texts.clone();
    (prop::sample::select(&FIELDS[..]), prop::sample::select(&MODIFIERS[..])).prop_flat_map(move |(field, modifier)| {
        values(modifier, &texts).prop_map(move |value| (format!("{field}{modifier}"), value))
    })
}

fn rule(texts: &Texts) -> impl Strategy<Value = Value> + use<> {
    let detection = prop_oneof![
        5 => prop::collection::vec(line(texts), 1..3).prop_map(|lines| Value::Object(lines.into_iter().collect())),
        1 => prop::collection::vec(prop::sample::select(texts.clone()), 1..3).prop_map(|words| json!(words)),
    ];
    (prop::collection::vec(detection, 3), prop::sample::select(&CONDITIONS[..])).prop_map(|(parts, condition)| {
        let mut detection = json!({"condition": condition});
        for (index, part) in parts.into_iter().enumerate() {
            detection[format!("s{index}")] = part;
        }
        json!({"title": "t", "logsource": {"product": "windows"}, "detection": detection})
    })
}

fn document(texts: &Texts) -> impl Strategy<Value = Value> + use<> {
    let text = prop::sample::select(texts.clone());
    let value = prop_oneof![
        4 => text.clone().prop_map(Value::from),
        4 => (text.clone(), text).prop_map(|(one, two)| json!(format!("{one}{two}"))),
        2 => number(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(json!("10.1.2.3")),
        1 => Just(Value::Null),
    ];
    let deep = prop_oneof![
        4 => value.clone(),
        1 => prop::collection::vec(value.clone(), 0..3).prop_map(Value::from),
        1 => value.prop_map(|value| json!({"D": value, "B": 1})),
    ];
    let names = prop::sample::select(&["A", "A", "A", "B", "C", "C.D", "E F", "EF", "md5", "Hashes"][..]);
    prop::collection::btree_map(names, deep, 0..6).prop_map(|fields| json!(fields))
}

type World = (Vec<Value>, Vec<Value>);

fn world() -> impl Strategy<Value = World> {
    prop::sample::subsequence(&TEXTS[..], 1..4).prop_flat_map(|texts| {
        (prop::collection::vec(rule(&texts), 1..6), prop::collection::vec(document(&texts), 1..6))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_same_is_found_of_anything((rules, documents) in world()) {
        let texts: Vec<String> = rules.iter().map(|rule| format!("{rule}\n")).collect();
        let loaded = load(&texts.join("---\n"));
        let events: Vec<Event> = (0..).zip(documents)
            .map(|(number, document)| event(number, document).logsource("windows", "", "").build()).collect();
        let all = found(&mut Engine::judging_all(loaded.rules.clone()), &events);
        prop_assert_eq!(found(&mut Engine::new(loaded.rules), &events), all);
    }
}
