//! Issue 2, "It is done when" 2: what `vigie demo` shows, for ten seeds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{project, run};

#[test]
fn five_seeds_tell_the_story() {
    for seed in 1..=5 {
        check(seed);
    }
}

#[test]
fn five_larger_seeds_tell_the_story() {
    for seed in [77, 4_711, 1 << 20, u64::from(u32::MAX), u64::MAX] {
        check(seed);
    }
}

/// A rule that is taken away takes its alerts along, and no others.
#[test]
fn removing_a_rule_removes_its_alerts() {
    let removed = "SSH brute force from one address";
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&project("rules"), folder.path());
    fs::remove_dir_all(folder.path().join("linux/ssh_brute_force")).unwrap();
    let rules = folder.path().display().to_string();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, other] = folders.each_ref().map(|folder| folder.path().display().to_string());
    let all = rules_that_alerted(&demo(&["--seed", "5", "--data-folder", &one]));
    let fewer = rules_that_alerted(&demo(&["--seed", "5", "--data-folder", &other, "--rules", &rules]));
    let mut expected = all.clone();
    assert!(expected.remove(removed), "{all:?}");
    assert_eq!(fewer, expected);
}

/// Runs the demo and compares with what it promises.
#[track_caller]
fn check(seed: u64) {
    let story = demo(&["--seed", &seed.to_string()]);
    let count = |name: &str| story[name].as_array().unwrap().len();
    assert!(story["events"].as_u64().unwrap() >= 2_000, "seed {seed}: {}", story["events"]);
    assert!(count("sources") >= 6, "seed {seed}: {}", story["sources"]);
    assert!(count("alerts") >= 8, "seed {seed}: {} alerts", count("alerts"));
    assert!(count("actions") >= 3, "seed {seed}: {:#}", story["actions"]);
    assert!(story["findings"].as_u64().unwrap() >= count("alerts") as u64, "seed {seed}");
    assert!(story["events_per_second"].as_u64().unwrap() > 0, "seed {seed}");
    let cases = story["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| ties_all_together(case));
    let case = case.unwrap_or_else(|| panic!("seed {seed}: no case ties host, network and cloud together: {cases:#?}"));
    let path = Path::new(story["report"].as_str().unwrap());
    let report = fs::read_to_string(path).unwrap();
    for part in ["acme", case["title"].as_str().unwrap()] {
        assert!(report.contains(part), "seed {seed}: the report {} does not tell of {part}", path.display());
    }
    // The report is kept for the reader; a test has read it.
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

fn ties_all_together(case: &Value) -> bool {
    let from = |names: &[&str]| {
        case["sources"].as_array().unwrap().iter().any(|source| names.contains(&source.as_str().unwrap()))
    };
    from(&["linux_auth"])
        && from(&["suricata_eve", "vpc_flow", "web_access"])
        && from(&["cloudtrail", "guardduty"])
        && case["observables"].as_array().unwrap().len() >= 5
}

/// Returns the summary that a run prints on standard output, which holds nothing else.
#[track_caller]
fn demo(arguments: &[&str]) -> Value {
    run(["demo", "--once", "--format", "json"].iter().chain(arguments)).json(0)
}

fn rules_that_alerted(story: &Value) -> BTreeSet<String> {
    // An alert's title is its rule's, and what it is about.
    let title = |alert: &Value| alert["title"].as_str().unwrap().split(": ").next().unwrap().to_owned();
    story["alerts"].as_array().unwrap().iter().map(title).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
