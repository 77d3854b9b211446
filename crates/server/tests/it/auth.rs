//! `/api/v1/auth`, users and keys.

use std::time::Duration;

use serde_json::json;
use vigie_model::{Role, TenantScope};

use crate::app::{PASSWORD, TestApp, bearer, tenant};

fn session_of(answer: &crate::app::Answer) -> String {
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn a_session_begins_works_and_ends() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::All);
    let answer = app.login("ann", PASSWORD);
    let cookie = session_of(&answer);
    assert_eq!(answer.expect(200)["role"], "analyst");
    let me = |cookie: &str| app.send("GET", "/api/v1/auth/me", &[("Cookie", cookie)], None);
    assert_eq!(me(&cookie).expect(200)["name"], "ann");
    assert_eq!(me("vigie=guess").status, 401);
    let headers = [("Cookie", cookie.as_str()), ("Origin", app.base.as_str())];
    let out = app.send("POST", "/api/v1/auth/logout", &headers, Some(b""));
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(me(&cookie).status, 401, "the session ended on the server");
}

#[test]
fn a_session_runs_out() {
    let app = TestApp::new();
    app.user("ann", Role::Reader, TenantScope::All);
    let cookie = session_of(&app.login("ann", PASSWORD));
    app.clock.advance(Duration::from_secs(12 * 3_600 - 1));
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("Cookie", &cookie)], None).status, 200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("Cookie", &cookie)], None).status, 401);
}

#[test]
fn a_change_with_a_cookie_must_come_from_our_own_page() {
    let app = TestApp::new();
    app.user("ann", Role::Admin, TenantScope::All);
    let cookie = session_of(&app.login("ann", PASSWORD));
    let body = json!({"id": "initech", "name": "Initech"}).to_string();
    let add = |extra: &[(&str, &str)]| {
        let mut headers = vec![("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        headers.extend(extra);
        app.send("POST", "/api/v1/tenants", &headers, Some(body.as_bytes())).status
    };
    assert_eq!(add(&[]), 403);
    assert_eq!(add(&[("Origin", "http://evil.example")]), 403);
    assert_eq!(add(&[("Origin", "null")]), 403);
    assert_eq!(add(&[("Sec-Fetch-Site", "same-site")]), 403);
    assert_eq!(add(&[("Origin", &app.base)]), 201);
    assert_eq!(app.send("GET", "/api/v1/tenants", &[("Cookie", &cookie)], None).status, 200, "reading needs no origin");
    let foreign = [("Content-Type", "application/json"), ("Origin", "http://evil.example")];
    let login = json!({"user": "ann", "password": PASSWORD}).to_string();
    assert_eq!(app.send("POST", "/api/v1/auth/login", &foreign, Some(login.as_bytes())).status, 403);
}

#[test]
fn guessing_is_slowed_down_and_says_nothing() {
    let app = TestApp::new();
    app.user("ann", Role::Reader, TenantScope::All);
    let wrong = app.login("ann", "not the password");
    let unknown = app.login("nobody", "not the password");
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.json()["detail"], unknown.json()["detail"], "nobody learns which accounts exist");
    for _ in 0..4 {
        assert_eq!(app.login("ann", "not the password").status, 401);
    }
    let held_up = app.login("ann", PASSWORD);
    assert_eq!(held_up.status, 429);
    assert_eq!(held_up.header("retry-after"), "1");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(app.login("ann", PASSWORD).status, 200);
}

#[test]
fn the_first_administrator_can_sign_in_and_is_made_once() {
    let mut app = TestApp::new();
    let admin = app.first_admin();
    assert_eq!(app.login(&admin.name, admin.expose_password()).expect(200)["role"], "admin");
    let store = app.app().store().clone();
    let again =
        app.block_on(vigie_server::ensure_first_admin(&store, app.clock.as_ref(), &vigie_server::SystemEntropy));
    assert!(again.unwrap().is_none());
}

#[test]
fn keys_are_shown_once_run_out_and_are_revoked() {
    let app = TestApp::new();
    let body =
        json!({"name": "shipper", "role": "reader", "tenants": {"only": ["acme"]}, "expires": "2026-03-01T13:00:00Z"});
    let made = app.post(&app.admin, "/api/v1/keys", &body).expect(201);
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(app.get(secret, "/api/v1/auth/me").expect(200)["tenants"], json!({"only": ["acme"]}));
    let listed = app.get(&app.admin, "/api/v1/keys").text();
    assert!(listed.contains("shipper") && !listed.contains(secret.rsplit_once('_').unwrap().1));
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(app.get(secret, "/api/v1/auth/me").status, 401, "it ran out");

    let body = json!({"name": "other", "role": "reader", "tenants": "all"});
    let made = app.post(&app.admin, "/api/v1/keys", &body).expect(201);
    let secret = made["secret"].as_str().unwrap();
    let path = format!("/api/v1/keys/{}", made["key"]["id"].as_str().unwrap());
    assert_eq!(app.send("DELETE", &path, &[("Authorization", &bearer(&app.admin))], None).status, 204);
    assert_eq!(app.get(secret, "/api/v1/auth/me").status, 401, "it was revoked");
}

#[test]
fn nobody_gives_rights_that_they_do_not_have() {
    let app = TestApp::new();
    let acme = app.key(Role::Admin, &TenantScope::Only(vec![tenant("acme")]));
    let user = |tenants| json!({"name": "eve", "password": PASSWORD, "role": "admin", "tenants": tenants});
    assert_eq!(app.post(&acme, "/api/v1/users", &user(json!("all"))).status, 403);
    assert_eq!(app.post(&acme, "/api/v1/users", &user(json!({"only": ["globex"]}))).status, 403);
    assert_eq!(app.post(&acme, "/api/v1/users", &user(json!({"only": ["acme"]}))).status, 201);
    assert_eq!(app.post(&acme, "/api/v1/tenants", &json!({"id": "mine", "name": "Mine"})).status, 403);
    let users = app.get(&acme, "/api/v1/users").expect(200);
    assert_eq!(users.as_array().unwrap().len(), 1, "users of other tenants are not shown: {users}");
    let all = app.get(&app.admin, "/api/v1/users").expect(200);
    let admin = all.as_array().unwrap().iter().find(|user| user["name"] == "admin").unwrap();
    let path = format!("/api/v1/users/{}", admin["id"].as_str().unwrap());
    assert_eq!(app.change(&acme, "PATCH", &path, &json!({"disabled": true})).status, 404);
    let last = app.change(&app.admin, "PATCH", &path, &json!({"role": "reader"}));
    assert_eq!(last.status, 409, "the last administrator of all tenants stays: {}", last.text());
}

#[test]
fn a_disabled_user_is_out_at_once() {
    let app = TestApp::new();
    app.user("ann", Role::Reader, TenantScope::All);
    let cookie = session_of(&app.login("ann", PASSWORD));
    let users = app.get(&app.admin, "/api/v1/users").expect(200);
    let ann = users.as_array().unwrap().iter().find(|user| user["name"] == "ann").unwrap();
    let path = format!("/api/v1/users/{}", ann["id"].as_str().unwrap());
    app.change(&app.admin, "PATCH", &path, &json!({"disabled": true})).expect(200);
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("Cookie", &cookie)], None).status, 401);
    assert_eq!(app.login("ann", PASSWORD).status, 401);
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let app = TestApp::new();
    app.user("ann", Role::Reader, TenantScope::All);
    let cookie = session_of(&app.login("ann", PASSWORD));
    let change = |current: &str, password: &str| {
        let headers =
            [("Cookie", cookie.as_str()), ("Origin", app.base.as_str()), ("Content-Type", "application/json")];
        let body = json!({"current": current, "password": password}).to_string();
        app.send("POST", "/api/v1/auth/password", &headers, Some(body.as_bytes())).status
    };
    assert_eq!(change("wrong", "another long password"), 403);
    assert_eq!(change(PASSWORD, "short"), 400);
    assert_eq!(change(PASSWORD, "another long password"), 204);
    assert_eq!(app.send("GET", "/api/v1/auth/me", &[("Cookie", &cookie)], None).status, 401, "sessions end");
    assert_eq!(app.login("ann", "another long password").status, 200);
}
