//! Every type of finding, in both parts that our resource may play.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use vigie_respond::{FINDING_TYPES, ResourceRole, Verdict, example_finding, finding_responses_page};

use super::{line, plan};

const ROLES: [ResourceRole; 2] = [ResourceRole::Target, ResourceRole::Actor];

/// The table was read line by line; a change of it is a change of what is done to somebody's account.
#[test]
fn every_type_is_answered_as_the_table_says() {
    let table = finding_responses_page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/guardduty-responses.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (seen, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(seen, expected);
    }
    assert_eq!(table.lines().count(), expected.lines().count());
    for kind in &FINDING_TYPES {
        let rows = table.lines().filter(|line| line.starts_with(&format!("| `{}` |", kind.name)));
        assert_eq!(rows.count(), kind.roles.len(), "{}", kind.name);
    }
}

#[test]
fn where_ours_is_the_actor_no_address_is_ever_blocked() {
    for kind in &FINDING_TYPES {
        let plan = plan(&example_finding(kind, ResourceRole::Actor), &json!({"isolate_min_severity": 0}));
        let done = line(&plan);
        assert!(!done.contains("block_ip"), "{}: {done}", kind.name);
    }
}

#[test]
fn where_ours_is_the_target_whoever_came_in_is_blocked() {
    for kind in &FINDING_TYPES {
        let event = example_finding(kind, ResourceRole::Target);
        let has_remote =
            event.pointer("/detail/service/action").is_some_and(|action| action.to_string().contains("203.0.113.9"));
        let done = line(&plan(&event, &json!({})));
        let is_setting = kind.name.starts_with("Policy:");
        assert_eq!(
            done.contains("waf.block_ip 203.0.113.9"),
            (has_remote || kind.name.starts_with("AttackSequence")) && !is_setting,
            "{}: {done}",
            kind.name
        );
    }
}

#[test]
fn every_type_of_the_dated_list_is_known() {
    let Some(folder) = std::env::var_os("VIGIE_TEST_DATA") else {
        assert!(std::env::var_os("VIGIE_REQUIRE_DATA").is_none(), "VIGIE_TEST_DATA is not set");
        println!("skipped: VIGIE_TEST_DATA is not set");
        return;
    };
    let list = fs::read_to_string(Path::new(&folder).join("aws/guardduty-finding-types.txt")).unwrap();
    let expected: Vec<&str> = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let known: Vec<&str> = FINDING_TYPES.iter().map(|kind| kind.name).collect();
    assert_eq!(known, expected);
}

#[test]
fn samples_and_archived_findings_are_left_alone() {
    for kind in &FINDING_TYPES {
        for role in ROLES {
            for (pointer, value) in [
                ("/detail/service/archived", json!(true)),
                ("/detail/service/additionalInfo", json!({"sample": true})),
                ("/detail/service/additionalInfo", json!({"value": "{\"sample\":true}", "type": "default"})),
            ] {
                let mut event = example_finding(kind, role);
                *event.pointer_mut(pointer).unwrap() = value;
                let plan = plan(&event, &json!({}));
                assert!(matches!(plan.verdict, Verdict::Leave(_)) && plan.steps.is_empty(), "{}", kind.name);
            }
        }
    }
}

/// The shapes are those of GuardDuty's API, as botocore describes it.
#[test]
fn the_examples_have_the_shapes_of_the_api() {
    let Some(python) = std::env::var_os("VIGIE_TEST_PYTHON") else {
        assert!(std::env::var_os("VIGIE_REQUIRE_MOTO").is_none(), "VIGIE_TEST_PYTHON is not set");
        eprintln!("skipped: VIGIE_TEST_PYTHON is not set (a Python with botocore)");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/guardduty_shapes.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for kind in &FINDING_TYPES {
        for role in ROLES {
            writeln!(input, "{}", example_finding(kind, role)["detail"]).unwrap();
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let problems = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", problems.lines().take(20).collect::<Vec<_>>().join("\n"));
}
