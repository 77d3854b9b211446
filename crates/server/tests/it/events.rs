//! `/api/v1/events`: searches, counts, the live tail, and what they refuse.

use serde_json::{Value, json};
use vigie_model::Role;

use crate::app::TestApp;
use crate::stream::Stream;

/// Takes in failed sign-ins of two users within the last hour, and of another the day before. It is noon.
fn filled() -> TestApp {
    let app = TestApp::new();
    let line = |day: u32, minute: u32, user: &str, address: &str| {
        format!(
            "Mar  {day} 11:{minute:02}:00 web-1 sshd[7]: Failed password for {user} from {address} port 4242 ssh2\n"
        )
    };
    let lines = [
        line(1, 50, "root", "203.0.113.1"),
        line(1, 40, "root", "203.0.113.2"),
        line(1, 5, "ann", "203.0.113.1"),
        "Feb 28 09:00:00 web-1 sshd[7]: Failed password for bob from 2001:db8::1 port 4242 ssh2\n".to_owned(),
    ];
    app.ingest("linux_auth", &[], lines.concat().as_bytes()).expect(200);
    app.settle();
    app
}

#[test]
fn times_are_reckoned_from_now() {
    let app = filled();
    let count =
        |query: &str| app.get(&app.admin, &format!("/api/v1/events?tenant=acme&{query}")).expect(200)["total"].clone();
    assert_eq!(count(""), 4);
    assert_eq!(count("from=now-15m"), 1);
    assert_eq!(count("from=now-1h&until=now-15m"), 2);
    assert_eq!(count("until=now/d"), 1);
    assert_eq!(count("from=2026-02-28&until=2026-03-01"), 1);
    assert_eq!(count("q=time:now-1d/d"), 1);
    let histogram =
        app.get(&app.admin, "/api/v1/events/histogram?tenant=acme&from=now-1d/d&until=now%2B1d/d&interval_s=86400");
    let counts: Vec<Value> =
        histogram.expect(200)["buckets"].as_array().unwrap().iter().map(|b| b["count"].clone()).collect();
    assert_eq!(counts, [json!(1), json!(3)]);
    let refused = app.get(&app.admin, "/api/v1/events?until=now-15min").expect(400);
    assert_eq!(refused["errors"][0]["field"], "until");
    assert!(refused["detail"].as_str().unwrap().contains("did you mean `m`?"), "{refused}");
}

#[test]
fn counts_come_in_the_json_of_elasticsearch() {
    let app = filled();
    let ask = json!({"size": 0, "aggs": {
        "users": {"terms": {"field": "user"}, "aggs": {"addresses": {"cardinality": {"field": "src.ip"}}}},
    }});
    let answer = app.post(&app.admin, "/api/v1/events/aggregate?tenant=acme&from=now/d", &ask).expect(200);
    let expected = json!({"total": 3, "aggregations": {"users": {
        "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "missing": 0,
        "buckets": [
            {"key": "root", "doc_count": 2, "addresses": {"value": 2}},
            {"key": "ann", "doc_count": 1, "addresses": {"value": 1}},
        ],
    }}});
    assert_eq!(answer, expected);
    let misspelt = json!({"aggs": {"users": {"term": {"field": "user"}}}});
    let refused = app.post(&app.admin, "/api/v1/events/aggregate", &misspelt).expect(400);
    assert_eq!(refused["errors"][0]["field"], "aggs.users.term");
    assert!(refused["detail"].as_str().unwrap().contains("did you mean `terms`?"), "{refused}");
    let refused = app.post(&app.admin, "/api/v1/events/aggregate?q=usr:x", &ask).expect(400);
    assert_eq!(refused["errors"][0]["field"], "q");

    let other = app.key_for(Role::Reader, "globex");
    assert_eq!(app.post(&other, "/api/v1/events/aggregate", &ask).expect(200)["total"], 0);
    app.post(&other, "/api/v1/events/aggregate?tenant=acme", &ask).expect(404);
}

fn sign_in(app: &TestApp, tenant: &str, user: &str) {
    let line = format!("Mar  1 11:59:00 web-1 sshd[9]: Failed password for {user} from 203.0.113.9 port 1 ssh2\n");
    app.ingest("linux_auth", &[("X-Vigie-Tenant", tenant)], line.as_bytes()).expect(200);
}

#[test]
fn events_are_shown_as_they_come_and_who_comes_back_goes_on() {
    let app = filled();
    let reader = app.key_for(Role::Reader, "acme");
    let mut stream = Stream::open(&app, &reader, "/api/v1/events/live?q=user:*nn*", None);
    stream.next("ready");
    sign_in(&app, "globex", "anne");
    sign_in(&app, "acme", "bob");
    sign_in(&app, "acme", "anna");
    let first = stream.next("event");
    assert!(first.data.contains("for anna from"), "{first:?}");
    drop(stream);
    sign_in(&app, "acme", "joanna");
    sign_in(&app, "acme", "hannah");
    app.settle();
    let mut back = Stream::open(&app, &reader, "/api/v1/events/live?q=user:*nn*", Some(&first.id));
    for user in ["joanna", "hannah"] {
        let next = back.next("event");
        assert!(next.data.contains(&format!("for {user} from")), "{next:?}");
    }
    let refused = app.send(
        "GET",
        "/api/v1/events/live",
        &[("Authorization", &crate::app::bearer(&reader)), ("Last-Event-ID", "x")],
        None,
    );
    assert_eq!(refused.status, 400);
}
