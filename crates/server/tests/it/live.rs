//! `/api/v1/live`: the stream, and what a client that comes back gets.

use serde_json::json;
use vigie_model::{Role, TenantScope};

use crate::app::TestApp;
use crate::case_desk::close_to_ann;
use crate::stream::Stream;

const LIVE: &str = "/api/v1/live";

#[test]
fn what_changes_is_told_and_what_was_missed_is_told_again() {
    let app = TestApp::new();
    let mut stream = Stream::open(&app, &app.admin, LIVE, None);
    let first = app.raise_alert("acme", "203.0.113.1");
    let seen = stream.next("alert");
    assert!(seen.data.contains(first["id"].as_str().unwrap()));
    drop(stream);
    let second = app.raise_alert("acme", "203.0.113.2");
    let mut back = Stream::open(&app, &app.admin, LIVE, Some(&seen.id));
    let missed = back.next("alert");
    assert!(missed.data.contains(second["id"].as_str().unwrap()), "{missed:?}");
    let third = app.raise_alert("acme", "203.0.113.3");
    assert!(back.next("alert").data.contains(third["id"].as_str().unwrap()));
}

#[test]
fn a_client_that_was_away_too_long_reads_everything_again() {
    let app = TestApp::new();
    let mut stream = Stream::open(&app, &app.admin, LIVE, Some("dead-7"));
    assert_eq!(stream.next("reload").data, "{}");
    let alert = app.raise_alert("acme", "203.0.113.1");
    assert!(stream.next("alert").data.contains(alert["id"].as_str().unwrap()));
}

#[test]
fn a_tenant_is_told_of_its_own_only() {
    let app = TestApp::new();
    let reader = app.key_for(Role::Reader, "acme");
    let mut stream = Stream::open(&app, &reader, LIVE, None);
    app.raise_alert("globex", "203.0.113.1");
    let own = app.raise_alert("acme", "203.0.113.2");
    let seen = stream.next("alert");
    assert!(seen.data.contains(own["id"].as_str().unwrap()), "{seen:?}");
}

/// What only some may open is told to those alone.
#[test]
fn a_case_that_is_closed_to_others_is_not_told_of() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Analyst, "acme");
    let secret = app.post(&acme, "/api/v1/cases", &json!({"title": "Secret"})).expect(201);
    app.user("ann", Role::Analyst, TenantScope::All);
    let [mut stream, mut hers] = [&acme, &app.key_of("ann")].map(|key| Stream::open(&app, key, LIVE, None));
    close_to_ann(&app, &secret);
    let open = app.post(&acme, "/api/v1/cases", &json!({"title": "Open"})).expect(201);
    let seen = stream.next("case");
    assert!(seen.data.contains(open["id"].as_str().unwrap()), "{seen:?}");
    let seen = hers.next("case");
    assert!(seen.data.contains(secret["id"].as_str().unwrap()), "she may open it: {seen:?}");
}

#[test]
fn the_number_of_watchers_is_limited() {
    let app = TestApp::with(|config| config.limits.live_clients_max = 1, Vec::new());
    let _stream = Stream::open(&app, &app.admin, LIVE, None);
    let answer = app.get(&app.admin, "/api/v1/live");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "30");
}
