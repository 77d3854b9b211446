//! Findings that others published.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use vigie_respond::{CloudEvent, NeverTouch, answer_finding, read_cloud_event};

use super::{line, policy};

#[expect(clippy::print_stderr, reason = "says what is skipped")]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("VIGIE_TEST_DATA").map(PathBuf::from);
    assert!(folder.is_some() || std::env::var_os("VIGIE_REQUIRE_DATA").is_none(), "VIGIE_TEST_DATA is not set");
    if folder.is_none() {
        eprintln!("skipped: VIGIE_TEST_DATA is not set");
    }
    folder
}

/// The templates have placeholders where an account has its own names.
fn fill(text: &str) -> String {
    [
        ("${instance_id}", "i-0123456789abcdef0"),
        ("${malicious_ip}", "203.0.113.9"),
        ("${access_key_id}", "AKIAIOSFODNN7EXAMPLE"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[track_caller]
fn check(root: &Path, file: &str, expected: &str) {
    let text = fill(&fs::read_to_string(root.join("aws").join(file)).unwrap());
    let CloudEvent::Finding(finding) = read_cloud_event(text.as_bytes()).unwrap().remove(0) else { panic!("an alarm") };
    let plan = answer_finding(&finding, &policy(&json!({})), &NeverTouch::default());
    let seen = line(&plan);

    assert_eq!(seen, expected, "{file}: {:?} {:?} {:?}", finding.kind, finding.role, plan.notes);
}

#[test]
fn published_findings_are_answered() {
    let Some(root) = folder() else { return };
    let blocked = "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9";
    check(&root, "gdsoar/ec2/ec2-unprotected-port/event.json.tpl", blocked);
    check(&root, "gdsoar/ec2/ec2-brute-force-target/event.json.tpl", blocked);
    // It says of itself that it is a sample.
    check(&root, "gd2acl/gd2acl_test_event.json", "");
    // These templates leave our part out, so nobody is taken for the attacker.
    for name in [
        "ec2/ec2-brute-force-source",
        "ec2/ec2-instance-compromise-full",
        "ec2/ec2-credential-exfiltration",
        "iam/iam-user-forensics",
        "iam/iam-role-forensics",
        "s3/bucket-exposure-single",
        "s3/compromised-discovery-single",
    ] {
        check(&root, &format!("gdsoar/{name}/event.json.tpl"), "");
    }
}
