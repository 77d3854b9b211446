//! `/api/v1/users/{id}/erase`: who is erased is a pseudonym everywhere, and the audit log still holds.

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::TestApp;

fn path_of(app: &TestApp, name: &str) -> String {
    let users = app.get(&app.admin, "/api/v1/users").expect(200);
    let user = users.as_array().unwrap().iter().find(|user| user["name"] == name).unwrap();
    format!("/api/v1/users/{}/erase", user["id"].as_str().unwrap())
}

#[test]
fn an_erased_user_is_a_pseudonym() {
    let app = TestApp::new();
    app.user("annabel", Role::Analyst, TenantScope::All);
    app.user("root", Role::Admin, TenantScope::All);
    app.login("annabel", "wrong password");
    let alert = app.raise_alert("acme", "203.0.113.7");
    let alert = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    app.post(&app.admin, &format!("{alert}/assign"), &json!({"assignee": "annabel"})).expect(200);
    let path = path_of(&app, "annabel");
    let body = json!({"pseudonym": "erased-1"});
    app.post(&app.key_for(Role::Admin, "acme"), &path, &body).expect(403);
    app.post(&app.admin, "/api/v1/users/00000000000000000000000000000001/erase", &body).expect(404);
    app.post(&app.admin, &path, &json!({"pseudonym": " "})).expect(400);
    app.post(&app.admin, &path, &json!({"pseudonym": "root"})).expect(409);
    app.post(&app.admin, &path_of(&app, "root"), &json!({"pseudonym": "erased-0"})).expect(200);
    // The one of the first start is the last of them.
    app.post(&app.admin, &path_of(&app, "admin"), &body).expect(409);

    let erased = app.post(&app.admin, &path, &body).expect(200);
    assert_eq!((&erased["pseudonym"], &erased["rows"]["alerts"]), (&json!("erased-1"), &json!(1)), "{erased}");
    let shown = app.get(&app.admin, &alert).expect(200);
    assert!(shown.to_string().contains("erased-1"), "{shown}");
    let log = app.get(&app.admin, "/api/v1/audit?limit=100").expect(200);
    assert!(log["rows"].as_array().unwrap().iter().any(|row| row["verb"] == "erase"));
    for (name, body) in [("alert", shown), ("log", log), ("users", app.get(&app.admin, "/api/v1/users").expect(200))] {
        assert!(!body.to_string().contains("annabel"), "{name}: {body}");
    }
    let chain = app.get(&app.admin, "/api/v1/audit/verify").expect(200);
    assert_eq!(chain["broken"], Value::Null);
    assert!(chain["erased"].as_u64().unwrap() >= 1, "{chain}");
    app.post(&app.admin, &path, &body).expect(409);
}
