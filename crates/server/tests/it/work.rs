//! An analyst's day: alerts, cases and what is on them.

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::TestApp;

fn path(kind: &str, object: &Value) -> String {
    format!("/api/v1/{kind}/{}", object["id"].as_str().unwrap())
}

#[test]
fn an_alert_is_taken_up_changed_closed_and_reopened() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::All);
    app.user("rob", Role::Reader, TenantScope::All);
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    let alert = app.raise_alert("acme", "203.0.113.7");
    assert_eq!((alert["status"].as_str(), alert["severity"].as_str()), (Some("new"), Some("high")));
    let at = path("alerts", &alert);
    let taken = app.post(&analyst, &format!("{at}/acknowledge"), &json!({"version": alert["version"]})).expect(200);
    assert_eq!(taken["status"], "in_progress");
    let stale = app.post(&analyst, &format!("{at}/acknowledge"), &json!({"version": alert["version"]}));
    assert_eq!(stale.status, 409, "{}", stale.text());
    let given = app.post(&analyst, &format!("{at}/assign"), &json!({"assignee": "ann"})).expect(200);
    assert_eq!(given["assignee"], "ann");
    assert_eq!(app.post(&analyst, &format!("{at}/assign"), &json!({"assignee": "rob"})).status, 400, "a reader");
    let edit = json!({"severity": "critical", "tags": ["vip"]});
    let edited = app.change(&analyst, "PATCH", &at, &edit).expect(200);
    assert_eq!((edited["severity"].as_str(), edited["tags"][0].as_str()), (Some("critical"), Some("vip")));
    let close = json!({"resolution": {"verdict": "false_positive", "summary": ""}});
    assert_eq!(app.post(&analyst, &format!("{at}/close"), &close).expect(200)["status"], "closed");
    assert_eq!(app.change(&analyst, "PATCH", &at, &edit).status, 409, "closed");
    assert_eq!(app.post(&analyst, &format!("{at}/reopen"), &json!({})).expect(200)["status"], "in_progress");
    let findings = app.get(&analyst, &format!("{at}/findings")).expect(200);
    assert_eq!(findings[0]["rule"]["title"], "Failed sign-in");
    let listed = app.get(&analyst, "/api/v1/alerts?q=severity:critical&sort=-created").expect(200);
    assert_eq!(listed["total"], 1);
}

#[test]
fn similar_alerts_share_what_an_attacker_brings() {
    let app = TestApp::new();
    let first = app.raise_alert("acme", "203.0.113.7");
    app.raise_alert("globex", "203.0.113.7");
    let close = json!({"resolution": {"verdict": "benign", "summary": ""}});
    app.post(&app.admin, &format!("{}/close", path("alerts", &first)), &close).expect(200);
    app.raise_alert("acme", "203.0.113.7");
    let alerts = app.get(&app.admin, "/api/v1/alerts?tenant=acme").expect(200);
    assert_eq!(alerts["total"], 2, "a new alert begins after the last was closed");
    let similar = app.get(&app.admin, &format!("{}/similar", path("alerts", &first))).expect(200);
    let similar = similar.as_array().unwrap();
    assert_eq!(similar.len(), 1, "never of another tenant: {similar:?}");
    assert!(similar[0]["shared"].to_string().contains("203.0.113.7"));
}

#[test]
fn a_case_from_opening_to_closing() {
    let app = TestApp::new();
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    let first = app.raise_alert("acme", "203.0.113.7");
    let second = app.raise_alert("acme", "203.0.113.8");
    let foreign = app.raise_alert("globex", "203.0.113.9");
    let open = json!({"alerts": [first["id"]], "tags": ["ssh"]});
    let case = app.post(&analyst, "/api/v1/cases", &open).expect(201);
    assert_eq!((case["number"].as_u64(), case["severity"].as_str()), (Some(1), Some("high")));
    assert_eq!(app.post(&analyst, "/api/v1/cases", &open).status, 409, "the alert is part of a case");
    let at = path("cases", &case);
    app.post(&analyst, &format!("{at}/alerts"), &json!({"alerts": [second["id"]]})).expect(200);
    let mixed = app.post(&analyst, &format!("{at}/alerts"), &json!({"alerts": [foreign["id"]]}));
    assert_eq!(mixed.status, 409, "two tenants never meet in one case: {}", mixed.text());

    app.post(&analyst, &format!("{at}/acknowledge"), &json!({})).expect(200);
    app.post(&analyst, &format!("{at}/comments"), &json!({"text": "Looking."})).expect(201);
    app.post(&analyst, &format!("{at}/timeline"), &json!({"text": "Called the client."})).expect(201);
    let seen = json!({"kind": "domain", "value": "evil[.]example", "ioc": true});
    let observable = app.post(&analyst, &format!("{at}/observables"), &seen).expect(201);
    assert_eq!(observable["value"], "evil.example");
    let task = app.post(&analyst, &format!("{at}/tasks"), &json!({"title": "Rotate the key"})).expect(201);
    let file = app.get(&analyst, &at).expect(200);
    let count = |name: &str| file[name].as_array().unwrap().len();
    assert_eq!((count("alerts"), count("comments")), (2, 1));
    assert!(count("observables") >= 3 && count("timeline") >= 3 && count("tasks") >= 1, "{file}");

    let close = json!({"resolution": {"verdict": "true_positive", "summary": "Blocked and reset."}});
    let refused = app.post(&analyst, &format!("{at}/close"), &close);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("Rotate the key"), "{}", refused.text());
    app.change(&analyst, "PATCH", &path("tasks", &task), &json!({"status": "completed"})).expect(200);
    let silent = json!({"resolution": {"verdict": "true_positive", "summary": " "}, "cancel_tasks": true});
    assert_eq!(app.post(&analyst, &format!("{at}/close"), &silent).status, 400);
    let mut cancelling = close;
    cancelling["cancel_tasks"] = true.into();
    assert_eq!(app.post(&analyst, &format!("{at}/close"), &cancelling).expect(200)["status"], "closed");
    assert_eq!(app.get(&analyst, &path("alerts", &first)).expect(200)["status"], "closed", "its alerts too");
    assert_eq!(app.post(&analyst, &format!("{at}/tasks"), &json!({"title": "More"})).status, 409);
    assert_eq!(app.post(&analyst, &format!("{at}/reopen"), &json!({})).expect(200)["status"], "in_progress");
    let gone = format!("{at}/observables/{}", observable["id"].as_str().unwrap());
    assert_eq!(app.change(&analyst, "DELETE", &gone, &json!({})).status, 204);
}

#[test]
fn a_case_can_be_opened_without_alerts() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Analyst, "acme");
    assert_eq!(app.post(&acme, "/api/v1/cases", &json!({})).status, 400, "a title is needed");
    let case = app.post(&acme, "/api/v1/cases", &json!({"title": "A call from the bank"})).expect(201);
    assert_eq!((case["tenant"].as_str(), case["severity"].as_str()), (Some("acme"), Some("medium")));
}

#[test]
fn figures_and_report_tell_of_the_week() {
    let app = TestApp::new();
    app.raise_alert("acme", "203.0.113.7");
    let overview = app.get(&app.admin, "/api/v1/overview").expect(200);
    assert_eq!((overview["alerts"]["total"].as_u64(), overview["events"].as_u64()), (Some(1), Some(1)), "{overview}");
    assert_eq!(overview["over_time"].as_array().unwrap().len(), 8, "each day of the week, whole or in part");
    let raised: u64 = overview["over_time"].as_array().unwrap().iter().map(sum_of_severities).sum();
    assert_eq!(raised, 1);
    assert_eq!(overview["attackers"][0]["value"], "203.0.113.7");
    let waiting = |of: &serde_json::Value| {
        of["waiting"]["new_alerts"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64).sum::<u64>()
    };
    assert_eq!((waiting(&overview), waiting(&overview["tenants"][0])), (1, 1));
    assert_eq!(overview["attack"].as_array().unwrap().len(), 14);
    let hours = app.get(&app.admin, "/api/v1/overview?days=1").expect(200);
    assert_eq!((hours["interval_s"].as_u64(), hours["over_time"].as_array().unwrap().len()), (Some(3_600), 25));
    let sources = app.get(&app.admin, "/api/v1/overview/sources").expect(200);
    assert_eq!((sources[0]["tenant"].as_str(), sources[0]["events"].as_u64()), (Some("acme"), Some(1)), "{sources}");
    let until = "until=2026-03-02T00:00:00Z&tenant=acme";
    let report = app.get(&app.admin, &format!("/api/v1/reports/weekly?{until}"));
    assert_eq!(report.header("content-type"), "text/html; charset=utf-8");
    assert!(report.header("content-security-policy").contains("sandbox"));
    assert!(report.text().contains("Failed sign-in"));
    let figures = app.get(&app.admin, &format!("/api/v1/reports/weekly/figures?{until}")).expect(200);
    assert!(figures.is_object());
    assert_eq!(app.get(&app.admin, "/api/v1/reports/weekly").status, 400, "which tenant?");
}

fn sum_of_severities(interval: &serde_json::Value) -> u64 {
    interval["by_severity"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64).sum()
}

#[test]
fn cases_at_risk_are_on_the_first_page() {
    let app = TestApp::new();
    let minutes = json!({"tenant": "acme", "acknowledge_minutes": {"medium": 10}});
    app.change(&app.admin, "PUT", "/api/v1/sla", &minutes).expect(200);
    app.post(&app.admin, "/api/v1/cases", &json!({"title": "A call from the bank", "tenant": "acme"})).expect(201);
    assert_eq!(app.get(&app.admin, "/api/v1/overview").expect(200)["cases_at_risk"], json!([]));
    app.clock.advance(std::time::Duration::from_mins(11));
    let overview = app.get(&app.admin, "/api/v1/overview").expect(200);
    let case = &overview["cases_at_risk"][0];
    assert_eq!((case["step"].as_str(), case["state"].as_str()), (Some("acknowledge"), Some("breached")), "{overview}");
    assert_eq!(overview["tenants"][0]["cases_late"].as_u64(), Some(1));
}
