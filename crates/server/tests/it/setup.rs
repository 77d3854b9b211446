//! A fresh server: the link of its terminal, and how it is set up once.

use std::time::Duration;

use serde_json::json;
use vigie_model::{Role, TenantScope};

use crate::app::{TestApp, bearer, tenant};

fn token(app: &TestApp, user: &str) -> String {
    let link = app.block_on(app.app().sign_in_link(user)).unwrap().expect("there is such a user");
    link.strip_prefix("/enter#").expect("the token follows the sign that browsers keep to themselves").to_owned()
}

fn enter(app: &TestApp, token: &str) -> u16 {
    let body = json!({ "token": token }).to_string();
    app.send("POST", "/api/v1/auth/link", &[("Content-Type", "application/json")], Some(body.as_bytes())).status
}

#[test]
fn a_link_signs_in_once_and_for_an_hour() {
    let app = TestApp::new();
    let first = token(&app, "admin");
    assert_eq!(enter(&app, &first), 200);
    assert_eq!(enter(&app, &first), 401, "once");
    let late = token(&app, "admin");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(enter(&app, &late), 401, "too late");
    assert!(app.block_on(app.app().sign_in_link("nobody")).unwrap().is_none());
}

#[test]
fn links_cannot_be_guessed_at_leisure() {
    let app = TestApp::new();
    let tried: Vec<u16> = (0..vigie_server::SIGN_IN_FREE_FAILURES + 2).map(|_| enter(&app, "guess")).collect();
    assert_eq!(tried.last(), Some(&429), "{tried:?}");
}

#[test]
fn a_server_is_set_up_once_by_an_administrator_of_all() {
    let app = TestApp::new();
    assert_eq!(app.get(&app.admin, "/api/v1/setup").expect(200)["needed"], true);
    let answers = json!({"tenant_name": "Acme Industries"});
    let some = app.key(Role::Admin, &TenantScope::Only(vec![tenant("acme")]));
    assert_eq!(app.post(&some, "/api/v1/setup", &answers).status, 403);
    let bad = app.post(&app.admin, "/api/v1/setup", &json!({"tenant_name": "  "})).expect(400);
    assert_eq!(bad["errors"][0]["field"], "tenant_name");
    assert_eq!(app.post(&app.admin, "/api/v1/setup", &answers).status, 204);
    assert_eq!(app.get(&app.admin, "/api/v1/setup").expect(200)["needed"], false);
    assert_eq!(app.post(&app.admin, "/api/v1/setup", &answers).status, 409);
    let tenants = app.get(&app.admin, "/api/v1/tenants").text();
    assert!(tenants.contains("Acme Industries"), "{tenants}");
    let audit = app.get(&app.admin, "/api/v1/audit?limit=5").text();
    assert!(audit.contains("\"setup\":\"done\""), "{audit}");
}

/// The server has them only where whoever starts it brings them.
#[test]
fn without_samples_there_are_none() {
    let app = TestApp::new();
    assert_eq!(app.get(&app.admin, "/api/v1/setup").expect(200)["has_samples"], false);
    let answer = app.send("POST", "/api/v1/setup/sample", &[("Authorization", &bearer(&app.admin))], None);
    assert_eq!(answer.status, 404, "{}", answer.text());
}
