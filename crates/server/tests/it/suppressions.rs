//! Suppressions: what the pipeline does with findings that are known to be harmless.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_model::Role;

use crate::app::TestApp;

const RULE: &str = "7d9a7a52-1f0e-4f55-9f2b-000000000001";
const LIST: &str = "/api/v1/suppressions";

fn line(address: &str, port: u16) -> String {
    format!("Mar  1 11:59:00 web-1 sshd[123]: Failed password for root from {address} port {port} ssh2\n")
}

fn send(app: &TestApp, address: &str, port: u16) {
    app.ingest("linux_auth", &[], line(address, port).as_bytes()).expect(200);
    app.settle();
}

/// Returns how many findings are in alerts.
fn findings(app: &TestApp) -> u64 {
    let alerts = app.get(&app.admin, "/api/v1/alerts?limit=1000").expect(200);
    alerts["rows"].as_array().unwrap().iter().map(|alert| alert["count"].as_u64().unwrap()).sum()
}

fn new(conditions: &Value) -> Value {
    json!({"tenant": "acme", "rule": RULE, "conditions": conditions, "reason": "a scanner of ours", "expires": "2026-03-02T12:00:00Z"})
}

fn held(app: &TestApp) -> u64 {
    app.get(&app.admin, LIST).expect(200)[0]["count"].as_u64().unwrap()
}

#[test]
fn a_suppressed_finding_is_counted_and_raises_nothing() {
    let app = TestApp::new();
    let network = json!([{"is": "network", "network": "203.0.113.9/24"}]);
    let placed = app.post(&app.admin, LIST, &new(&network)).expect(201);
    assert_eq!(placed["conditions"][0]["network"], "203.0.113.0/24");
    send(&app, "203.0.113.7", 1);
    send(&app, "203.0.113.8", 2);
    assert_eq!((findings(&app), held(&app)), (0, 2));
    send(&app, "198.51.100.7", 3);
    assert_eq!((findings(&app), held(&app)), (1, 2), "an address beside the network");

    let at = format!("{LIST}/{}", placed["id"].as_str().unwrap());
    let shown = app.get(&app.admin, &at).expect(200);
    assert_eq!(shown["findings"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!((&shown["in_force"], &shown["last"]), (&json!(true), &json!("2026-03-01T12:00:00.000000Z")));
    let metrics = app.get(&app.admin, "/metrics").text();
    assert!(metrics.contains("vigie_suppressed_findings_total 2"), "{metrics}");

    app.clock.advance(Duration::from_hours(24));
    send(&app, "203.0.113.7", 4);
    assert_eq!((findings(&app), held(&app)), (2, 2), "it is over");
    assert_eq!(app.get(&app.admin, &at).expect(200)["in_force"], false);
}

#[test]
fn what_was_decided_stays_decided() {
    let app = TestApp::new();
    send(&app, "203.0.113.7", 1);
    let value = json!([{"is": "value", "kind": "ip", "value": "203.0.113.7"}]);
    let placed = app.post(&app.admin, LIST, &new(&value)).expect(201);
    let known = [("X-Vigie-Batch-Id", "known")];
    app.ingest("linux_auth", &known, line("203.0.113.7", 2).as_bytes()).expect(200);
    app.settle();
    assert_eq!((findings(&app), held(&app)), (1, 1));
    let at = format!("{LIST}/{}", placed["id"].as_str().unwrap());
    app.change(&app.admin, "DELETE", &at, &json!({})).expect(204);
    assert_eq!(app.change(&app.admin, "DELETE", &at, &json!({})).status, 404);
    // The batch is forgotten by then, so that its sender's repeat goes all the way again.
    app.clock.advance(Duration::from_hours(30 * 24));
    app.ingest("linux_auth", &known, line("203.0.113.7", 2).as_bytes()).expect(200);
    app.settle();
    assert_eq!(findings(&app), 1, "a replay raises nothing that was held back");
    send(&app, "203.0.113.7", 3);
    assert_eq!(findings(&app), 2, "and what is new is raised again");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let app = TestApp::new();
    #[track_caller]
    fn check(app: &TestApp, change: &Value, field: &str) {
        let mut body = new(&json!([]));
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let problem = app.post(&app.admin, LIST, &body).expect(400);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    check(&app, &json!({"reason": " "}), "reason");
    check(&app, &json!({"reason": "x".repeat(2_001)}), "reason");
    check(&app, &json!({"expires": "2026-03-01T12:00:00Z"}), "expires");
    check(&app, &json!({"expires": "2027-03-02T12:00:01Z"}), "expires");
    check(&app, &json!({"rule": null}), "conditions");
    check(&app, &json!({"conditions": [{"is": "network", "network": "10.0.0.0/33"}]}), "conditions");
    check(&app, &json!({"conditions": [{"is": "value", "kind": "ip", "value": ""}]}), "conditions");
    let many: Vec<Value> = (0..17).map(|n| json!({"is": "value", "kind": "user", "value": format!("u{n}")})).collect();
    check(&app, &json!({"conditions": many}), "conditions");
    assert_eq!(app.post(&app.admin, LIST, &new(&json!(many[..16]))).status, 201);
}

#[test]
fn tenants_keep_to_their_own() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Analyst, "acme");
    let globex = app.key_for(Role::Analyst, "globex");
    let all = json!({"rule": RULE, "reason": "for all", "expires": "2026-03-02T12:00:00Z"});
    assert_eq!(app.post(&acme, LIST, &all).status, 403);
    let for_all = app.post(&app.admin, LIST, &all).expect(201)["id"].as_str().unwrap().to_owned();
    let own = app.post(&acme, LIST, &new(&json!([]))).expect(201)["id"].as_str().unwrap().to_owned();
    send(&app, "203.0.113.7", 1);
    let seen = |key: &str| {
        let list = app.get(key, LIST).expect(200);
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(seen(&globex), [(for_all.clone(), 0)], "not how much it held back of others");
    assert_eq!(seen(&acme).len(), 2);
    assert_eq!(app.get(&globex, &format!("{LIST}/{own}")).status, 404);
    assert_eq!(app.get(&globex, &format!("{LIST}/{for_all}")).expect(200)["findings"], json!([]));
    for (key, id, status) in
        [(&globex, &own, 404), (&acme, &for_all, 404), (&acme, &own, 204), (&app.admin, &for_all, 204)]
    {
        assert_eq!(app.change(key, "DELETE", &format!("{LIST}/{id}"), &json!({})).status, status);
    }
}
