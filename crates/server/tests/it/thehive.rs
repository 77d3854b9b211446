//! TheHive's door in the house: who gets in, and what they are told otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::{PASSWORD, TestApp, bearer, tenant};

const LICENSE: &str = "/api/v1/license/current";

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn ask(app: &TestApp, authorization: &str, organisation: Option<&str>) -> (u16, Value) {
    let mut headers = vec![("Authorization", authorization)];
    headers.extend(organisation.map(|name| ("X-Organisation", name)));
    let answer = app.send("GET", LICENSE, &headers, None);
    (answer.status, answer.json())
}

#[test]
fn the_status_is_public_and_the_rest_is_not() {
    let app = TestApp::new();
    assert!(app.send("GET", "/api/status", &[], None).expect(200)["versions"]["TheHive"].is_string());
    let refused = json!({"type": "AuthenticationError", "message": "Authentication failure"});
    assert_eq!(app.send("GET", LICENSE, &[], None).expect(401), refused);
    for bad in [basic("ann", PASSWORD), "Basic !".into(), bearer("vigie_x_y"), "Basic".into()] {
        assert_eq!(ask(&app, &bad, None), (401, refused.clone()), "{bad}");
    }
}

#[test]
fn a_name_and_password_come_with_each_request() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::Only(vec![tenant("acme")]));
    for _ in 0..3 {
        assert_eq!(ask(&app, &basic("ann", PASSWORD), None).0, 200);
    }
    assert_eq!(ask(&app, &basic("Ann", PASSWORD), Some("acme")).0, 200);
    assert_eq!(ask(&app, &basic("ann", "wrong password"), None).0, 401);
    let (status, body) = ask(&app, &basic("ann", PASSWORD), Some("globex"));
    assert_eq!((status, body["type"].as_str()), (403, Some("AuthorizationError")));
    assert_eq!(ask(&app, &basic("ann", PASSWORD), Some("no such")), (403, body));

    // Whoever may not sign in any more is out at once, also where the pair is remembered.
    let users = app.get(&app.admin, "/api/v1/users").expect(200);
    let ann = users.as_array().unwrap().iter().find(|user| user["name"] == "ann").unwrap();
    let path = format!("/api/v1/users/{}", ann["id"].as_str().unwrap());
    app.change(&app.admin, "PATCH", &path, &json!({"disabled": true})).expect(200);
    assert_eq!(ask(&app, &basic("ann", PASSWORD), None).0, 401);
}

#[test]
fn guessing_is_slowed_down() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::Only(vec![tenant("acme")]));
    let statuses: Vec<u16> = (0..12).map(|guess| ask(&app, &basic("ann", &format!("guess {guess}")), None).0).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    let (_, body) = ask(&app, &basic("ann", PASSWORD), None);
    assert_eq!(body["type"], "RateLimitExceeded");
}

#[test]
fn keys_of_programs_have_the_profile_of_their_role() {
    let app = TestApp::new();
    let key = app.key_for(Role::Reader, "acme");
    assert_eq!(ask(&app, &bearer(&key), None).0, 200);
    assert_eq!(ask(&app, &bearer(&key), Some("globex")).0, 403);
    assert_eq!(ask(&app, &bearer(&app.key_for(Role::Ingest, "acme")), None).0, 403);
    // Only who administers all tenants enters `admin`.
    assert_eq!(ask(&app, &bearer(&app.admin), Some("admin")).0, 200);
    assert_eq!(ask(&app, &bearer(&app.key_for(Role::Admin, "acme")), Some("admin")).0, 403);
}

#[test]
fn the_door_can_be_shut() {
    let app = TestApp::with(|config| config.thehive.enabled = false, Vec::new());
    assert_eq!(app.send("GET", "/api/status", &[], None).status, 404);
}
