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

/// Runs the unmodified client of version 0 and returns what it was answered, or `None` where it is not installed.
fn version_0(app: &TestApp, key: &str) -> Option<Value> {
    let (python, folder) = (std::env::var_os("VIGIE_TEST_PYTHON"), std::env::var_os("VIGIE_TEST_THEHIVE4PY_1"));
    let (Some(python), Some(folder)) = (python, folder) else {
        assert!(
            std::env::var_os("VIGIE_REQUIRE_PEERS").is_none(),
            "VIGIE_REQUIRE_PEERS asks for VIGIE_TEST_THEHIVE4PY_1"
        );
        eprintln!(
            "skipped: VIGIE_TEST_PYTHON and VIGIE_TEST_THEHIVE4PY_1 (a folder with thehive4py 1.8.1) are not set"
        );
        return None;
    };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/thehive4py_v0.py");
    let output = std::process::Command::new(python)
        .arg(script)
        .args([app.base(), key])
        .env("PYTHONPATH", folder)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_integration_of_wazuh_works_unmodified_and_better() {
    let app = TestApp::new();
    let key = app.key_for(Role::Analyst, "acme");
    let Some(answers) = version_0(&app, &key) else { return };
    for (name, status) in
        [("alert", 201), ("repeat", 201), ("other", 201), ("got", 200), ("promoted", 201), ("case", 201)]
    {
        assert_eq!(answers[name]["status"], status, "{name}: {}", answers[name]);
    }
    for (name, status) in [("observable", 201), ("task", 201), ("got case", 200)] {
        assert_eq!(answers[name]["status"], status, "{name}: {}", answers[name]);
    }
    // The reference is random, so the content says that it is the same; the level says how bad it is.
    assert_eq!(answers["alert"]["id"], answers["repeat"]["id"]);
    assert_ne!(answers["alert"]["id"], answers["other"]["id"]);
    let alerts = app.get(&app.admin, "/api/v1/alerts?q=tenant:acme").expect(200);
    assert_eq!(alerts["total"], 2, "{alerts}");
    let of = |severity: &str| alerts["rows"].as_array().unwrap().iter().find(|row| row["severity"] == severity);
    let (loud, quiet) = (of("high").unwrap_or_else(|| panic!("{alerts}")), of("low"));
    assert_eq!((&loud["count"], loud["case"].is_string(), quiet.is_some()), (&json!(2), true, true), "{alerts}");
    // Like any other change it is in the audit log under the key's name, and other tenants do not see it.
    let audit = app.get(&app.admin, "/api/v1/audit?q=object:alert%20verb:create").expect(200);
    assert_eq!((&audit["total"], &audit["rows"][0]["actor"]["name"]), (&json!(2), &json!("test analyst")), "{audit}");
    let globex = app.key_for(Role::Analyst, "globex");
    assert_eq!(app.get(&globex, "/api/v1/alerts").expect(200)["total"], 0);
    let path = format!("/api/alert/{}", answers["alert"]["id"].as_str().unwrap());
    assert_eq!(app.get(&globex, &path).status, 404);
}

/// Sends a request of TheHive's API and returns its answer.
fn hive(app: &TestApp, key: &str, method: &str, path: &str, body: &Value) -> crate::app::Answer {
    let authorization = bearer(key);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    app.send(method, path, &headers, Some(body.to_string().as_bytes()))
}

/// What one door closes the other does not open.
#[test]
fn a_case_that_only_some_may_open_is_closed_in_our_own_api_too() {
    let app = TestApp::new();
    let key = app.key_for(Role::Analyst, "acme");
    app.user("ann", Role::Analyst, TenantScope::Only(vec![tenant("acme")]));
    let case = app.post(&key, "/api/v1/cases", &json!({"title": "The chief's laptop"})).expect(201);
    let id = case["id"].as_str().unwrap().to_owned();
    let seen = |key: &str| {
        let list = app.get(key, "/api/v1/cases").expect(200)["total"].clone();
        (app.get(key, &format!("/api/v1/cases/{id}")).status, list)
    };
    assert_eq!(seen(&key), (200, json!(1)));
    let wire = format!("~{}", u128::from_str_radix(&id, 16).unwrap());
    let access = json!({"access": {"_kind": "UserAccessKind", "users": ["ann"]}});
    hive(&app, &key, "POST", &format!("/api/v1/case/{wire}/access"), &access).expect(204);
    assert_eq!(seen(&key), (404, json!(0)));
    let path = format!("/api/v1/cases/{id}/comments");
    assert_eq!(app.post(&key, &path, &json!({"text": "hello"})).status, 404);
    // Nor is it in a report, not even in one that an administrator makes for all to read.
    assert_eq!(app.get(&key, &format!("/api/v1/cases/{id}/report")).status, 404);
    let mine = app.get(&key, "/api/v1/reports/weekly");
    let kept = app.post(&app.admin, "/api/v1/reports", &json!({"tenant": "acme", "kind": "weekly"})).expect(201);
    let kept = app.get(&key, &format!("/api/v1/reports/{}", kept["id"].as_str().unwrap()));
    for report in [mine, kept] {
        assert!(report.status == 200 && !report.text().contains("laptop"), "{}", report.text());
    }
}
