//! The playbooks that ship with Vigie, each with its test beside it: alert in, plan out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vigie_model::{Action, Severity};
use vigie_respond::{Catalogue, Playbook, is_playbook_file, parse_duration};

use crate::sample::{World, alert, case, now};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    name: String,
    alert: ExampleAlert,
    #[serde(default)]
    case: Option<ExampleCase>,
    #[serde(default)]
    dry_run: bool,
    plan: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleAlert {
    #[serde(default)]
    title: Option<String>,
    severity: Severity,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    entities: Vec<String>,
    #[serde(default)]
    count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleCase {
    number: u64,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    r#do: String,
    #[serde(default)]
    target: Option<String>,
    status: String,
    #[serde(default)]
    expires: Option<String>,
    /// A part of the last step's note.
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../playbooks")
}

#[track_caller]
fn check(playbook: &Playbook, example: &Example) {
    let texts = |items: &[String]| items.iter().map(String::clone).collect::<Vec<_>>();
    let (tags, entities) = (texts(&example.alert.tags), texts(&example.alert.entities));
    let mut alert = alert(
        example.alert.title.as_deref().unwrap_or("Something happened"),
        example.alert.severity,
        &tags.iter().map(String::as_str).collect::<Vec<_>>(),
        &entities.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    alert.count = example.alert.count.unwrap_or(1);
    let world = World {
        case: example.case.as_ref().map(|given| case(given.number, &given.title)),
        dry_run: example.dry_run,
        ..World::default()
    };
    let planned = world.plan(std::slice::from_ref(playbook), &alert, now());
    let what = format!("{}: {}", playbook.id, example.name);
    assert_eq!(planned.len(), example.plan.len(), "{what}: {planned:#?}");
    for (action, expected) in planned.iter().zip(&example.plan) {
        check_action(&what, action, expected);
    }
}

#[track_caller]
fn check_action(what: &str, action: &Action, expected: &Expected) {
    assert_eq!(action.kind, expected.r#do, "{what}");
    assert_eq!(action.status.as_str(), expected.status, "{what}: {:?}", action.steps);
    assert_eq!(action.target.as_ref().map(|target| target.value.as_str()), expected.target.as_deref(), "{what}");
    if let Some(expires) = &expected.expires {
        assert_eq!(action.expires_after_s, Some(parse_duration(expires).unwrap().as_secs()), "{what}");
    }
    if let Some(note) = &expected.note {
        assert!(action.steps.last().unwrap().note.contains(note), "{what}: {:?}", action.steps);
    }
    for (name, value) in &expected.parameters {
        assert_eq!(action.parameters[name], value.as_str(), "{what}: {name}");
    }
}

#[test]
fn every_playbook_does_as_its_test_says() {
    let mut names: Vec<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| is_playbook_file(name));
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let path = folder().join(&name);
        let playbook = Playbook::parse(&name, &std::fs::read_to_string(&path).unwrap(), &Catalogue::builtin())
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(!playbook.description.is_empty(), "{name} says nothing about itself");
        let test = path.with_extension("test.yml");
        let text = std::fs::read_to_string(&test).unwrap_or_else(|error| panic!("{}: {error}", test.display()));
        let examples: Vec<Example> =
            yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", test.display()));
        assert!(examples.iter().any(|example| !example.plan.is_empty()), "{name}: no example plans anything");
        for example in &examples {
            check(&playbook, example);
        }
    }
}

/// The folder as a whole, as a server loads it.
#[test]
fn an_intrusion_is_answered_once() {
    let playbooks: Vec<Playbook> = ["block-ssh-bruteforce", "compromised-host", "notify-critical", "tell-chat"]
        .iter()
        .map(|name| {
            let text = std::fs::read_to_string(folder().join(format!("{name}.yml"))).unwrap();
            Playbook::parse(name, &text, &Catalogue::builtin()).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect();
    let world = World { case: Some(case(3, "Intrusion")), ..World::default() };
    let tags = ["attack.t1110.001", "attack.t1078"];
    let alert = alert("Break-in", Severity::Critical, &tags, &["source ip 203.0.113.7", "target host web-1"]);
    let kinds: Vec<(String, &str)> = world
        .plan(&playbooks, &alert, now())
        .iter()
        .map(|action| (action.kind.clone(), action.status.as_str()))
        .collect();
    let expected = [("host.block_ip", "approved"), ("notify.email", "approved"), ("notify.webhook", "approved")];
    assert_eq!(kinds, expected.map(|(kind, status)| (kind.to_owned(), status)));
}

#[derive(Deserialize)]
struct Rule {
    title: String,
    level: Severity,
    #[serde(default)]
    tags: Vec<String>,
}

/// The first document of every `rule.yml`: those below it are its parts and raise nothing.
fn rules(folder: &Path, found: &mut Vec<Rule>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rules(&path, found);
        } else if path.file_name().is_some_and(|name| name == "rule.yml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let first = text.split("\n---").next().unwrap();
            found.push(yaml_serde::from_str(first).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
}

/// A playbook that waits for a rule which was renamed would be silent for ever.
#[test]
fn every_playbook_answers_a_rule_that_ships() {
    let mut shipped = Vec::new();
    rules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &mut shipped);
    assert!(shipped.len() >= 40, "{} rules", shipped.len());
    let entities = [
        "source ip 203.0.113.7",
        "actor user ann",
        "actor aws_key AKIAIOSFODNN7EXAMPLE",
        "target host web-1",
        "target aws_instance i-0abcdef1234567890",
    ];
    for name in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        if !is_playbook_file(&name) {
            continue;
        }
        let text = std::fs::read_to_string(folder().join(&name)).unwrap();
        let playbook = Playbook::parse(&name, &text, &Catalogue::builtin()).unwrap();
        let mut answered: Vec<&str> = Vec::new();
        for rule in &shipped {
            let tags: Vec<&str> = rule.tags.iter().map(String::as_str).collect();
            if playbook.trigger.hold(&alert(&rule.title, rule.level, &tags, &entities), true) {
                answered.push(&rule.title);
            }
        }
        assert!(!answered.is_empty(), "{name} answers none of the {} rules", shipped.len());
        for wanted in playbook.trigger.rules.iter().filter(|wanted| !wanted.contains('*')) {
            assert!(answered.contains(&wanted.as_str()), "{name}: no rule has the title `{wanted}`");
        }
    }
}
