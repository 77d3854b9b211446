//! Errors have one shape, name the field and say what to do.

use serde_json::{Value, json};

use crate::app::{Answer, TestApp, bearer};

#[track_caller]
fn check(answer: &Answer, status: u16, code: &str, part: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["type"], format!("urn:vigie:problem:{code}"));
    assert_eq!(body["status"], status);
    assert!(body["title"].is_string());
    assert_eq!(body["request_id"], answer.header("x-request-id"), "the id is that of the header");
    assert!(body["detail"].as_str().unwrap().contains(part), "{body}");
    body
}

#[test]
fn every_kind_of_error_has_the_same_shape() {
    let app = TestApp::new();
    let admin = app.admin.clone();
    check(&app.send("GET", "/api/v1/alerts", &[], None), 401, "unauthenticated", "sign in");
    check(&app.get(&admin, "/api/v1/nothing"), 404, "not_found", "route");
    check(&app.post(&admin, "/api/v1/rules", &json!({})), 405, "method_not_allowed", "method");
    let missing = format!("/api/v1/alerts/{}", "0".repeat(32));
    check(&app.get(&admin, &missing), 404, "not_found", "alert");
    check(&app.get(&admin, "/api/v1/alerts/zz"), 400, "invalid", "id");
    let authorization = bearer(&admin);
    let plain = [("Authorization", authorization.as_str()), ("Content-Type", "text/plain")];
    check(&app.send("POST", "/api/v1/tenants", &plain, Some(b"{}")), 415, "unsupported_media_type", "application/json");
}

#[test]
fn errors_name_the_field() {
    let app = TestApp::new();
    let admin = app.admin.clone();
    let body =
        check(&app.post(&admin, "/api/v1/tenants", &json!({"id": "UPPER", "name": "x"})), 400, "invalid", "UPPER");
    assert_eq!(body["errors"][0]["field"], "id");
    let body = check(&app.post(&admin, "/api/v1/tenants", &json!({"id": "a", "nmae": "x"})), 400, "invalid", "nmae");
    assert_eq!(body["errors"][0]["field"], "nmae");
    let body = check(&app.get(&admin, "/api/v1/alerts?limit=0"), 400, "invalid", "1 and 1000");
    assert_eq!(body["errors"][0]["field"], "limit");
    let body = check(&app.get(&admin, "/api/v1/alerts?limit=many"), 400, "invalid", "");
    assert_eq!(body["errors"][0]["field"], "limit");
    let body = check(&app.get(&admin, "/api/v1/alerts?q=sverity:high"), 400, "invalid", "sverity");
    assert_eq!(body["errors"][0]["field"], "q");
    let body = check(&app.get(&admin, "/api/v1/alerts?q=(("), 400, "invalid", "");
    assert_eq!(body["errors"][0]["field"], "q");
    let body = check(&app.get(&admin, "/api/v1/alerts?cursor=zz"), 400, "invalid", "");
    assert_eq!(body["errors"][0]["field"], "cursor");
    check(&app.get(&admin, "/api/v1/alerts?serverity=high"), 400, "invalid", "serverity");
    let body = check(&app.get(&admin, "/api/v1/events?q=usr:root"), 400, "invalid", "usr");
    assert_eq!(body["errors"][0]["field"], "q");
    check(&app.get(&admin, "/api/v1/events?from=yesterday"), 400, "invalid", "now-1d/d");
}

#[test]
fn bodies_have_limits() {
    let app = TestApp::with(|config| config.limits.request_body_bytes_max = 1_024, Vec::new());
    let name = "x".repeat(2_000);
    check(&app.post(&app.admin, "/api/v1/tenants", &json!({"id": "a", "name": name})), 413, "too_large", "limits");
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let authorization = bearer(&app.admin);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let answer = app.send("POST", "/api/v1/tenants", &headers, Some(deep.as_bytes()));
    check(&answer, 400, "invalid", "");
}
