//! What keeps a server well: rules read again, what correlations remember over a restart, holds, retention, the doctor.

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::TestApp;

/// Each failed login, silently.
pub(crate) const FAILED: &str = "\
title: Failed login
id: 7d9a7a52-1f0e-4f55-9f2b-000000000021
name: failed
logsource: {product: linux, service: sshd}
detection:
    selection: {action: login_failed}
    condition: selection
level: informational
";

/// Five of [`FAILED`] from one address within ten minutes, by the events' own times.
pub(crate) const BRUTE: &str = "\
---
title: Brute force
id: 7d9a7a52-1f0e-4f55-9f2b-000000000022
correlation:
    type: event_count
    rules: [failed]
    group-by: [src_ip]
    timespan: 10m
    condition: {gte: 5}
level: medium
";

/// Sends failed logins, numbered from the first to before the last, as one batch.
fn fail(app: &TestApp, first: u32, last: u32) {
    let line = |number| {
        format!("Mar  1 11:50:{number:02} web-1 sshd[1]: Failed password for root from 203.0.113.77 port 4242 ssh2\n")
    };
    let lines: String = (first..last).map(line).collect();
    app.ingest("linux_auth", &[("X-Vigie-Batch-Id", &format!("batch-{first}"))], lines.as_bytes()).expect(200);
    app.settle();
}

fn alerts(app: &TestApp, title: &str) -> Vec<Value> {
    let alerts = app.get(&app.admin, "/api/v1/alerts?tenant=acme&limit=100").expect(200);
    let rows = alerts["rows"].as_array().unwrap().clone();
    rows.into_iter().filter(|alert| alert["rule"]["title"] == title).collect()
}

#[test]
fn a_window_that_a_restart_falls_into_is_told_as_if_there_had_been_none() {
    let rules = |config: &mut vigie_server::Config| {
        std::fs::write(config.rules.folders[0].join("more.yml"), format!("{FAILED}{BRUTE}")).unwrap();
    };
    let undisturbed = TestApp::with(rules, Vec::new());
    fail(&undisturbed, 0, 3);
    fail(&undisturbed, 3, 7);
    let expected = alerts(&undisturbed, "Brute force");
    let mut app = TestApp::with(rules, Vec::new());
    fail(&app, 0, 3);
    app.stop();
    let data = app.folder.path().join("data");
    let again = TestApp::with(|config| (rules(config), config.data_folder = data).0, Vec::new());
    fail(&again, 3, 7);
    let found = alerts(&again, "Brute force");
    assert_eq!(found.len(), 1);
    for part in ["id", "count", "first_seen", "last_seen", "severity", "entities"] {
        assert_eq!(found[0][part], expected[0][part], "{part}");
    }
}

#[test]
fn rules_are_read_again_while_the_server_runs() {
    let app =
        TestApp::with(|config| std::fs::write(config.rules.folders[0].join("more.yml"), FAILED).unwrap(), Vec::new());
    let folder = app.folder.path().join("rules");
    fail(&app, 0, 3);
    // What correlates is added in the middle of an attack: it sees what comes from now on.
    std::fs::write(folder.join("more.yml"), format!("{FAILED}{BRUTE}")).unwrap();
    std::fs::write(folder.join("broken.yml"), "title: half a rule\n").unwrap();
    let outcome = app.post(&app.admin, "/api/v1/rules/reload", &json!({})).expect(200);
    let failed = outcome["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 1, "{outcome}");
    assert!(failed[0]["path"].as_str().unwrap().ends_with("broken.yml"), "{outcome}");
    fail(&app, 3, 7);
    assert_eq!(alerts(&app, "Brute force").len(), 0);
    // Read once more, unchanged: what is remembered stays.
    app.post(&app.admin, "/api/v1/rules/reload", &json!({})).expect(200);
    fail(&app, 7, 8);
    assert_eq!(alerts(&app, "Brute force").len(), 1);
    // A folder that is gone changes nothing.
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    let before = app.get(&app.admin, "/api/v1/rules").expect(200);
    let refused = app.post(&app.admin, "/api/v1/rules/reload", &json!({}));
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("the rules stay as they were"), "{}", refused.text());
    assert_eq!(app.get(&app.admin, "/api/v1/rules").expect(200), before);
    let audit = app.get(&app.admin, "/api/v1/audit?limit=100").expect(200);
    assert!(audit["rows"].as_array().unwrap().iter().any(|row| row["object"] == "rule"), "{audit}");
}

#[test]
fn a_hold_is_placed_listed_and_lifted() {
    let app = TestApp::new();
    let hold =
        json!({"tenant": "acme", "from": "2026-02-01T00:00:00Z", "until": "2026-02-02T00:00:00Z", "reason": "case 7"});
    let placed = app.post(&app.admin, "/api/v1/events/holds", &hold).expect(200);
    for (field, wrong) in [
        ("reason", json!({"tenant": "acme", "reason": " "})),
        (
            "until",
            json!({"tenant": "acme", "reason": "x", "from": "2026-02-02T00:00:00Z", "until": "2026-02-01T00:00:00Z"}),
        ),
    ] {
        let refused = app.post(&app.admin, "/api/v1/events/holds", &wrong);
        assert_eq!((refused.status, refused.json()["errors"][0]["field"].as_str().unwrap()), (400, field));
    }
    let reader = app.key_for(Role::Reader, "acme");
    assert_eq!(app.get(&reader, "/api/v1/events/holds").expect(200), json!([placed]));
    assert_eq!(app.post(&reader, "/api/v1/events/holds", &hold).status, 403);
    let other = app.key_for(Role::Admin, "globex");
    assert_eq!(app.get(&other, "/api/v1/events/holds").expect(200), json!([]));
    let path = format!("/api/v1/events/holds/{}", placed["id"].as_str().unwrap());
    assert_eq!(app.change(&other, "DELETE", &path, &json!({})).status, 404);
    app.change(&app.admin, "DELETE", &path, &json!({})).expect(200);
    assert_eq!(app.change(&app.admin, "DELETE", &path, &json!({})).status, 404);
    let audit = app.get(&app.admin, "/api/v1/audit?limit=100").expect(200);
    let holds = audit["rows"].as_array().unwrap().iter().filter(|row| row["object"] == "legal_hold");
    let verbs: Vec<&str> = holds.map(|row| row["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["delete", "create"]);
    let expiry = app.get(&app.admin, "/api/v1/events/retention").expect(200);
    assert_eq!(expiry, json!({"deleted": [], "held": []}));
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let app = TestApp::new();
    let healthy = app.get(&app.admin, "/api/v1/doctor").expect(200);
    let symptoms = healthy["symptoms"].as_array().unwrap();
    // The disk of a machine that tests run on may well be full.
    assert!(symptoms.iter().all(|symptom| symptom["part"] == "disk"), "{healthy}");
    let lines = "nonsense\n".repeat(30);
    app.ingest("cloudtrail", &[], lines.as_bytes()).expect(200);
    app.settle();
    let ill = app.get(&app.admin, "/api/v1/doctor").expect(200);
    let unread = ill["symptoms"].as_array().unwrap().iter().find(|symptom| symptom["part"] == "sources").unwrap();
    assert!(unread["what"].as_str().unwrap().contains("of `cloudtrail` of `acme` could not be read"), "{ill}");
    assert_eq!(ill["healthy"], false);
    let scoped = app.key(Role::Reader, &TenantScope::Only(vec![crate::app::tenant("acme")]));
    assert_eq!(app.get(&scoped, "/api/v1/doctor").status, 403);
}
