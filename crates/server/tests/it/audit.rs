//! `/api/v1/audit`: every change leaves a row, and the chain of rows is checked.

use serde_json::json;
use vigie_model::Role;

use crate::app::{TestApp, bearer};

#[test]
fn changes_leave_rows_and_the_chain_holds() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, vigie_model::TenantScope::All);
    app.login("ann", "wrong password");
    let alert = app.raise_alert("acme", "203.0.113.7");
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    app.post(&app.admin, &format!("{path}/assign"), &json!({"assignee": "ann"})).expect(200);
    let close = json!({"resolution": {"verdict": "benign", "summary": "a test"}});
    app.post(&app.admin, &format!("{path}/close"), &close).expect(200);

    let log = app.get(&app.admin, "/api/v1/audit?limit=100").expect(200);
    let rows = log["rows"].as_array().unwrap();
    let verbs: Vec<&str> =
        rows.iter().filter(|row| row["object_id"] == alert["id"]).map(|row| row["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["close", "update", "create"], "newest first");
    let close = rows.iter().find(|row| row["verb"] == "close").unwrap();
    assert_eq!(close["actor"], json!({"kind": "key", "name": "test admin"}));
    assert_eq!(close["details"]["status"], "closed");
    assert!(rows.iter().any(|row| row["verb"] == "sign_in_failed"));
    let chain = app.get(&app.admin, "/api/v1/audit/verify").expect(200);
    assert_eq!(chain["broken"], json!(null));
    assert_eq!(chain["rows"], log["total"]);
}

#[test]
fn a_tenants_administrator_sees_their_rows_only() {
    let app = TestApp::new();
    app.raise_alert("acme", "203.0.113.7");
    app.raise_alert("globex", "203.0.113.8");
    let acme = app.key_for(Role::Admin, "acme");
    let log = app.get(&acme, "/api/v1/audit?limit=100").expect(200);
    let rows = log["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["tenant"] == "acme"), "{log}");
    let verify = app.send("GET", "/api/v1/audit/verify", &[("Authorization", &bearer(&acme))], None);
    assert_eq!(verify.status, 403);
}
