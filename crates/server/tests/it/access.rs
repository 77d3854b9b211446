//! Every route refuses whoever may not use it: the table of routes is walked, so that a new route is tested too.

use vigie_model::{Role, TenantScope};
use vigie_server::route_table;

use crate::app::{TestApp, bearer};

/// Fills the holes of a path.
fn example(path: &str) -> String {
    let id = "0".repeat(32);
    path.replace("{source}", "json")
        .replace("{id}", &id)
        .replace("{observable}", &id)
        .replace("{attachment}", &id)
        .replace("{list}", "none")
        .replace("{name}", "none")
}

fn status(app: &TestApp, method: &str, path: &str, key: Option<&str>) -> u16 {
    let authorization = key.map(bearer);
    let mut headers = vec![("Content-Type", "application/json"), ("X-Vigie-Tenant", "acme")];
    headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
    let body = matches!(method, "POST" | "PATCH" | "PUT").then_some(&b"{}"[..]);
    app.send(method, path, &headers, body).status
}

#[test]
fn every_route_refuses_the_anonymous_and_too_low_roles() {
    let app = TestApp::new();
    let key = |role| app.key(role, &TenantScope::All);
    let keys = [Role::Ingest, Role::Reader, Role::Analyst, Role::Admin].map(|role| (role, key(role)));
    let mut walked = 0;
    for (method, path, need) in route_table() {
        let (method, asked) = (method.as_str(), example(path));
        let anonymous = status(&app, method, &asked, None);
        let Some(need) = need else {
            assert_ne!(anonymous, 401, "{method} {path} is public");
            continue;
        };
        assert_eq!(anonymous, 401, "{method} {path}, anonymous");
        let forged = format!("vigie_{}_{}", "0".repeat(32), "x".repeat(43));
        assert_eq!(status(&app, method, &asked, Some(&forged)), 401, "{method} {path}, forged key");
        for (role, key) in &keys {
            let may = match need {
                "any" => true,
                need => role.may(need.parse().unwrap()),
            };
            let seen = status(&app, method, &asked, Some(key));
            if may && path != "/api/v1/auth/password" {
                assert!(!matches!(seen, 401 | 403), "{method} {path} as {}: {seen}", role.as_str());
            } else if !may {
                assert_eq!(seen, 403, "{method} {path} as {}", role.as_str());
            }
        }
        walked += 1;
    }
    assert!(walked > 60, "only {walked} routes were walked");
}

/// What anybody may reach without a name is a short list that is read here.
#[test]
fn public_routes_are_these() {
    let public: Vec<String> = route_table()
        .into_iter()
        .filter(|(_, _, need)| need.is_none())
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(
        public,
        [
            "GET /",
            "GET /alerts",
            "GET /alerts/{id}",
            "GET /cases",
            "GET /cases/{id}",
            "GET /hunt",
            "GET /rules",
            "GET /rules/{id}",
            "GET /response",
            "GET /reports",
            "GET /settings",
            "GET /settings/{id}",
            "GET /enter",
            "GET /assets/{file}",
            "GET /favicon.svg",
            "GET /fallback.css",
            "GET /api/v1/openapi.json",
            "GET /healthz",
            "GET /readyz",
            "POST /api/v1/auth/login",
            "POST /api/v1/auth/link",
        ]
    );
}
