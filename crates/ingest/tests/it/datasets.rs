//! Public data ingests without dead letters, but for those explained here.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vigie_ingest::Normalised;

use crate::{ingest, shared};

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Ingests every file of a folder and returns how many events came of it; nothing may be dead.
#[track_caller]
fn check(source: &str, folder: &str, ending: &str) -> Vec<Normalised> {
    let Some(folder) = shared(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for path in files(&folder, ending) {
        let found = ingest(source, fs::read(&path).unwrap(), None);
        let first = found.dead.first();
        assert!(first.is_none(), "{}: {} dead, {first:?}", path.display(), found.dead.len());
        assert!(!found.events.is_empty(), "{} has no event", path.display());
        assert!(found.events.iter().all(|event| !event.envelope.message.is_empty()));
        all.push(found);
    }
    all
}

fn events(all: &[Normalised]) -> usize {
    all.iter().map(|found| found.events.len()).sum()
}

#[test]
fn cloudtrail() {
    for (folder, count) in [("aws/stratus", 310), ("aws/invictus", 2_900), ("aws/otrf", 0)] {
        let found = check("cloudtrail", folder, ".json");
        assert!(found.is_empty() || count == 0 || events(&found) == count, "{folder}: {}", events(&found));
    }
}

#[test]
fn eve_and_its_flow_ids() {
    let found = check("suricata_eve", "eve", ".json");
    assert!(found.is_empty() || events(&found) == 548);
    for event in found.iter().flat_map(|found| &found.events) {
        let native = String::from_utf8_lossy(&event.native);
        let digits: String =
            native.split("\"flow_id\":").nth(1).unwrap().trim().chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(event.document.get("flow_id").and_then(Value::as_u64), digits.parse().ok());
    }
}

/// Findings as a test suite of another project sends them: PascalCase in EventBridge envelopes, some with placeholders.
#[test]
fn guardduty() {
    let _one = check("guardduty", "aws/gd2acl", ".json");
    let Some(folder) = shared("aws/gdsoar") else { return };
    for path in files(&folder, "").into_iter().filter(|path| path.to_string_lossy().contains(".json")) {
        let text = fill(&fs::read_to_string(&path).unwrap());
        let found = ingest("guardduty", text, None);
        assert_eq!(found.dead, [], "{}", path.display());
        assert_eq!(found.events.len(), 1);
        assert!(found.events[0].document.text("type").is_some());
    }
}

/// Fills `${name}` placeholders.
fn fill(text: &str) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        filled.push_str(if name.contains("ip") { "198.51.100.7" } else { "example" });
        filled.push_str(rest);
    }
    filled
}

/// Upstream's unit tests feed its rules with partial events. Ten are not records that AWS would send: eight spell every name
/// in lower case and so have no `eventName`, two have words for a time. Twenty under flow logs are none: eight are Route 53
/// resolver queries, twelve are OCSF documents or hold nothing but a status.
#[test]
fn panther() {
    let Some(folder) = shared("aws/panther") else { return };
    let mut codes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (family, source) in [
        ("aws_cloudtrail_rules", "cloudtrail"),
        ("aws_guardduty_rules", "guardduty"),
        ("aws_vpc_flow_rules", "vpc_flow"),
    ] {
        for path in files(&folder.join(family), ".json") {
            let tests: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            for test in tests["tests"].as_array().unwrap() {
                let found = ingest(source, test["event"].to_string(), None);
                assert_eq!(found.events.len() + found.dead.len(), 1, "{}", path.display());
                for letter in found.dead {
                    *codes.entry((source.to_owned(), format!("{}: {}", letter.code, letter.reason))).or_default() += 1;
                }
            }
        }
    }
    let codes: Vec<String> =
        codes.into_iter().map(|((source, said), count)| format!("{source} {count} {said}")).collect();
    assert_eq!(
        codes,
        [
            "cloudtrail 1 bad_time: the time in `eventTime` cannot be read: `\"...\"`",
            "cloudtrail 1 bad_time: the time in `eventTime` cannot be read: `\"redacted\"`",
            "cloudtrail 8 missing_field: the field `eventName` is missing",
            "vpc_flow 8 bad_field: the field `version` is `1.100000`: expected a whole number",
            "vpc_flow 12 missing_field: the field `srcaddr` is missing",
        ]
    );
}

#[test]
fn logs() {
    for (source, file) in [("linux_auth", "auth.log"), ("syslog", "auth.log"), ("syslog", "mixed.log")] {
        let found = check(source, "logs", file);
        assert!(found.is_empty() || events(&found) == 20_000);
        let by_service: HashSet<_> = found
            .iter()
            .flat_map(|found| &found.events)
            .map(|event| format!("{:?}", event.envelope.logsource.service))
            .collect();
        assert!(found.is_empty() || by_service.contains("Some(\"sshd\")"), "{by_service:?}");
    }
}

/// Windows events whose sender gives a hint, and what we should have said without it.
#[test]
fn windows() {
    let Some(folder) = shared("otrf-windows") else { return };
    let path = files(&folder, ".gz").swap_remove(0);
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let found = ingest("windows_event", text.clone(), None);
    assert_eq!(found.dead, []);
    assert_eq!(found.events.len(), 10_000);
    let without_hint = ingest("windows_event", text.replace("\"ls_product\":\"windows\"", "\"x\":0"), None);
    let mut differ: BTreeMap<String, usize> = BTreeMap::new();
    for (hinted, own) in found.events.iter().zip(&without_hint.events) {
        let (hint, own_say) = (&hinted.envelope.logsource, &own.envelope.logsource);
        if hint != own_say && hint.service.is_some() {
            let id = own.document.get("EventID").map(Value::to_string).unwrap_or_default();
            *differ.entry(format!("{id}: {:?} {:?}", hint.category, own_say.category)).or_default() += 1;
        }
    }
    // The set's maker does not tell a key's deletion from its creation.
    assert!(
        differ.keys().all(|key| key.starts_with("12: Some(\"registry_add\") Some(\"registry_delete\")")),
        "{differ:?}"
    );
}

/// The events of Sigma's own regression cases, in the nesting of the event log's XML.
#[test]
fn sigma_regression() {
    let found = check("windows_event", "sigma/regression", ".json");
    for event in found.iter().flat_map(|found| &found.events) {
        assert!(event.document.text("Channel").is_some(), "{:?}", event.document);
        assert!(event.envelope.logsource.service.is_some(), "{:?}", event.document.get("Channel"));
    }
}

/// Whoever fails to log in is named: every line of the set about a login is understood, and the attackers are its sources.
#[test]
fn logins_are_understood() {
    let Some(folder) = shared("logs") else { return };
    let found = ingest("linux_auth", fs::read(folder.join("auth.log")).unwrap(), None);
    let understood = found.events.iter().filter(|event| event.document.text("action").is_some()).count();
    assert!(understood >= 19_900, "{understood}");
    let mut failures: BTreeMap<String, usize> = BTreeMap::new();
    for event in found.events.iter().filter(|event| event.document.text("action") == Some("login_failed")) {
        *failures.entry(event.document.text("src_ip").unwrap().to_owned()).or_default() += 1;
    }
    let attackers = fs::read_to_string(folder.join("auth.attackers.txt")).unwrap();
    for address in attackers.split_whitespace().filter(|word| word.parse::<std::net::IpAddr>().is_ok()) {
        assert!(failures.get(address).is_some_and(|count| *count >= 100), "{address}: {:?}", failures.get(address));
    }
}
