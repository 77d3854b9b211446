//! Cases as they change.

use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};
use vigie_model::{Filter, ObjectKind, Selection, TenantScope, Verb};

use super::{case, count, id, make, query};
use crate::check::{check, includes};
use crate::client::Client;
use crate::house::add_user;

#[tokio::test]
async fn a_case_is_changed_field_by_field() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = case(&admin, "x").await;
    let (patch, get) = (format!("PATCH /api/v1/case/{id}"), format!("GET /api/v1/case/{id}"));
    for (change, expected) in [
        (json!({"title": "y", "tags": ["a", "b"]}), json!({"title": "y", "tags": ["a", "b"]})),
        (json!({"addTags": ["c", "a"], "removeTags": ["b"]}), json!({"tags": ["a", "c"]})),
        (json!({"severity": 4, "tlp": 0, "pap": 3}), json!({"severityLabel": "CRITICAL", "tlp": 0, "papLabel": "RED"})),
        (json!({"startDate": 5, "endDate": 9}), json!({"startDate": 5, "endDate": 9, "handlingDuration": 4})),
        (json!({"endDate": null}), json!({"startDate": 5, "endDate": "-", "handlingDuration": "-"})),
        (
            json!({"assignee": "admin@thehive.local", "flag": true}),
            json!({"assignee": "admin@thehive.local", "flag": true}),
        ),
        (json!({"summary": "s", "impactStatus": "NoImpact"}), json!({"summary": "s", "impactStatus": "NoImpact"})),
        (
            json!({"summary": null, "impactStatus": null, "assignee": null}),
            json!({"summary": "-", "impactStatus": "-", "assignee": "-"}),
        ),
        (json!({"status": "InProgress"}), json!({"stage": "InProgress", "closedDate": "-", "timeToResolve": "-"})),
        (json!({"status": "Duplicated"}), json!({"status": "Duplicated", "stage": "Closed", "summary": "-"})),
        (json!({"title": "closed, and changed"}), json!({"status": "Duplicated", "title": "closed, and changed"})),
        (json!({"status": "Other", "summary": "s"}), json!({"status": "Other", "summary": "s"})),
        (json!({"status": "New"}), json!({"stage": "New", "closedDate": "-", "endDate": "-", "summary": "s"})),
        (json!({"unknown": 1}), json!({"title": "closed, and changed", "_updatedBy": "admin@thehive.local"})),
    ] {
        check(&admin, &patch, change, 204, Value::Null).await;
        check(&admin, &get, Value::Null, 200, expected).await;
    }
    for (change, message) in [
        (json!({"title": ""}), "…`title` is empty"),
        (json!({"status": "x"}), "…there is no status `x`"),
        (json!({"assignee": "nobody"}), "…there is no user nobody"),
        (json!({"taskRule": "manual"}), "…only `all` is known"),
    ] {
        check(&admin, &patch, change, 400, json!({"message": message})).await;
    }
    let other = case(&admin, "other").await;
    check(&admin, "PATCH /api/v1/case/_bulk", json!({"ids": [id, other], "title": "both"}), 204, Value::Null).await;
    check(&admin, &get, Value::Null, 200, json!({"title": "both"})).await;
    check(&admin, "PATCH /api/v1/case/_bulk", json!({"ids": [id, "~1"], "title": "all"}), 404, Value::Null).await;
    check(&admin, &get, Value::Null, 200, json!({"title": "both"})).await;
    let many: Vec<String> = (0..1_001).map(|number| format!("~{number}")).collect();
    check(&admin, "PATCH /api/v1/case/_bulk", json!({"ids": many, "title": "x"}), 400, Value::Null).await;
}

#[tokio::test]
async fn closing_cancels_what_is_open_and_opening_needs_leave() {
    let client = Client::stand().await;
    let (admin, now) = (client.admin("main-org"), client.now());
    let profile = json!({"name": "closer", "permissions": ["manageCase/update"]});
    make(&client.admin("admin"), "/api/v1/profile", profile).await;
    add_user(&client.door.store, now, "bob", "pw", &[("main-org", "closer")]).await;
    let bob = client.user("bob", "pw", None);
    let id = case(&admin, "x").await;
    for (title, status) in [("a", "Waiting"), ("b", "InProgress"), ("c", "Completed")] {
        make(&admin, &format!("/api/v1/case/{id}/task"), json!({"title": title, "status": status})).await;
    }
    let patch = format!("PATCH /api/v1/case/{id}");
    check(&bob, &patch, json!({"status": "TruePositive", "summary": "done"}), 204, Value::Null).await;
    let tasks = query(&admin, json!([{"_name": "listTask"}, {"_name": "sort", "_fields": [{"title": "asc"}]}])).await;
    let expected = json!([{"status": "Cancel"}, {"status": "Cancel"}, {"status": "Completed"}]);
    assert!(includes(&tasks, &expected), "{tasks}");
    check(&bob, &patch, json!({"status": "FalsePositive"}), 204, Value::Null).await;
    let refused = json!({"message": "…manageCase/reopen"});
    check(&bob, &patch, json!({"status": "InProgress"}), 403, refused).await;
    check(&admin, &patch, json!({"status": "InProgress"}), 204, Value::Null).await;
    // Each of these is one row of the audit log that says what was before and after.
    let entries = client.door.store.audit(&TenantScope::All, &vigie_store::Listing::first(1_000)).await.unwrap().rows;
    let verbs: Vec<Verb> =
        entries.iter().rev().filter(|entry| entry.object == ObjectKind::Case).map(|entry| entry.verb).collect();
    assert_eq!(verbs, [Verb::Create, Verb::Close, Verb::Update, Verb::Reopen]);
    let close = entries.iter().find(|entry| entry.verb == Verb::Close).unwrap();
    assert_eq!(close.actor.to_string(), "bob");
    assert_eq!(
        (&close.details["before"]["status"], &close.details["after"]["status"]),
        (&json!("open"), &json!("closed"))
    );
}

#[tokio::test]
async fn custom_fields_are_set_one_by_one() {
    let client = Client::stand().await;
    let platform = client.admin("admin");
    for (name, options) in [("a", json!([])), ("b", json!(["x", "y"]))] {
        let field = json!({"name": name, "group": "g", "description": "d", "type": "string", "options": options});
        make(&platform, "/api/v1/customField", field).await;
    }
    let admin = client.admin("main-org");
    let id = case(&admin, "x").await;
    let (patch, get) = (format!("PATCH /api/v1/case/{id}"), format!("GET /api/v1/case/{id}"));
    check(&admin, &patch, json!({"customFields": {"b": "x"}}), 204, Value::Null).await;
    check(&admin, &patch, json!({"customFields": [{"name": "a", "value": "1"}]}), 204, Value::Null).await;
    let expected =
        json!({"customFields": [{"name": "b", "value": "x"}, {"name": "a", "value": "1", "type": "string"}]});
    let got = check(&admin, &get, Value::Null, 200, expected).await;
    check(&admin, &patch, json!({"customFields": {"b": "z"}}), 400, json!({"message": "…expected one of"})).await;
    let field = got["customFields"][0]["_id"].as_str().unwrap().to_owned();
    check(&admin, &format!("DELETE /api/v1/case/customField/{field}"), Value::Null, 204, Value::Null).await;
    check(&admin, &get, Value::Null, 200, json!({"customFields": [{"name": "a"}]})).await;
    check(&admin, &format!("DELETE /api/v1/case/customField/{field}"), Value::Null, 404, Value::Null).await;
    let filter = json!({"_name": "filter", "_eq": {"_field": "customFields.a", "_value": "1"}});
    assert_eq!(count(&admin, &[json!({"_name": "listCase"}), filter]).await, 1);
}

#[tokio::test]
async fn what_is_on_a_case_goes_with_it_and_its_alerts_stay() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = case(&admin, "x").await;
    let task = make(&admin, &format!("/api/v1/case/{id}/task"), json!({"title": "t"})).await;
    let log = make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "m"})).await;
    let file = [("attachments", Some("a.txt"), &b"bytes"[..])];
    for path in [format!("/api/v1/log/{log}/attachments"), format!("/api/v1/case/{id}/attachments")] {
        assert_eq!(admin.form(&path, &file).await.status, 201);
    }
    make(&admin, &format!("/api/v1/case/{id}/observable"), json!({"dataType": "ip", "data": "203.0.113.7"})).await;
    make(&admin, &format!("/api/v1/case/{id}/comment"), json!({"message": "m"})).await;
    make(&admin, &format!("/api/v1/case/{id}/procedure"), json!({"patternId": "T1059", "occurDate": 1})).await;
    make(&admin, &format!("/api/v1/case/{id}/page"), json!({"title": "p", "content": "c", "category": "c"})).await;
    make(&admin, &format!("/api/v1/case/{id}/customEvent"), json!({"date": 1, "title": "e"})).await;
    let lists = ["Case", "Task", "Log", "Observable", "Comment", "Procedure", "Page", "Attachment"];
    for list in lists {
        assert!(count(&admin, &[json!({"_name": format!("list{list}")})]).await > 0, "{list}");
    }
    check(&admin, &format!("DELETE /api/v1/case/{id}"), Value::Null, 204, Value::Null).await;
    for list in lists {
        assert_eq!(count(&admin, &[json!({"_name": format!("list{list}")})]).await, 0, "{list}");
    }
    check(&admin, &format!("DELETE /api/v1/case/{id}"), Value::Null, 404, Value::Null).await;
    check(&admin, &format!("GET /api/v1/case/{id}/timeline"), Value::Null, 404, Value::Null).await;
    let second = case(&admin, "y").await;
    check(&admin, &format!("GET /api/v1/case/{second}"), Value::Null, 200, json!({"number": 1})).await;
}

#[tokio::test]
async fn extra_data_is_what_was_asked_for() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = case(&admin, "x").await;
    let other = case(&admin, "y").await;
    for on in [&id, &other] {
        let observable = json!({"dataType": "domain", "data": "evil.example", "ioc": true});
        make(&admin, &format!("/api/v1/case/{on}/observable"), observable).await;
    }
    for status in ["Waiting", "Completed", "Completed"] {
        make(&admin, &format!("/api/v1/case/{id}/task"), json!({"title": status, "status": status})).await;
    }
    make(&admin, &format!("/api/v1/case/{id}/comment"), json!({"message": "m"})).await;
    let asked = json!([
        "observableStats",
        "taskStats",
        "alertCount",
        "commentCount",
        "procedureCount",
        "shareCount",
        "isOwner",
        "contributors",
        "similarCasesCount",
        "similarAlertsCount",
        "links",
        "status",
        "actionRequired",
        "nonsense"
    ]);
    let page = json!({"_name": "page", "from": 0, "to": 10, "extraData": asked});
    let listed = query(&admin, json!([{"_name": "listCase"}, page])).await;
    let expected = json!({
        "observableStats": {"total": 1, "ioc": 1},
        "taskStats": {"total": 3, "waiting": 1, "inProgress": 0, "completed": 2, "cancel": 0},
        "alertCount": 0, "commentCount": 1, "procedureCount": 0, "shareCount": 0, "isOwner": true,
        "contributors": ["admin@thehive.local"], "similarCasesCount": 1, "similarAlertsCount": 0,
        "links": {"caseLinks": [], "externalLinks": []}, "status": {"value": "New", "stage": "New"},
        "actionRequired": false, "nonsense": "-",
    });
    assert!(includes(&listed[0]["extraData"], &expected), "{}", listed[0]);
    assert!(includes(&listed[1]["extraData"]["taskStats"], &json!({"total": 0})), "{}", listed[1]);
}

#[tokio::test]
async fn twenty_people_lose_nothing() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = case(&admin, "x").await;
    let path = format!("/api/v1/case/{id}");
    let fields = [
        json!({"title": "together"}),
        json!({"description": "d2"}),
        json!({"severity": 4}),
        json!({"tlp": 4}),
        json!({"pap": 3}),
        json!({"flag": true}),
        json!({"summary": "s"}),
        json!({"impactStatus": "WithImpact"}),
        json!({"assignee": "admin@thehive.local"}),
        json!({"startDate": 7}),
    ];
    let tags: Vec<Value> = (0..10).map(|number| json!({"addTags": [format!("tag-{number}")]})).collect();
    let all: Vec<&Value> = fields.iter().chain(&tags).collect();
    assert_eq!(all.len(), 20);
    let edits = all.iter().map(|change| admin.json(Method::PATCH, &path, change));
    for answer in futures_util::future::join_all(edits).await {
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    let got = check(&admin, &format!("GET {path}"), Value::Null, 200, Value::Null).await;
    for change in &fields {
        assert!(includes(&got, change), "{change} was lost: {got}");
    }
    let mut tags: Vec<&str> = got["tags"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    tags.sort_unstable();
    assert_eq!(tags, (0..10).map(|number| format!("tag-{number}")).collect::<Vec<_>>());
    let entries: Vec<vigie_model::Case> =
        client.door.store.select(&TenantScope::All, &Selection::of(Filter::All, 10)).await.unwrap();
    assert_eq!(entries[0].version, 21, "each change is one version");
    assert_eq!(client.house.file_bytes_max.load(Ordering::Relaxed) > 0, true);
}

#[tokio::test]
async fn the_timeline_tells_what_happened() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let input = json!({"title": "x", "description": "d", "startDate": 1_000});
    let id = id(&check(&admin, "POST /api/v1/case", input, 201, Value::Null).await);
    let on = |path: &str| format!("/api/v1/case/{id}/{path}");
    let task =
        make(&admin, &on("task"), json!({"title": "t", "status": "Completed", "startDate": 2_000, "endDate": 3_000}))
            .await;
    make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "shown", "includeInTimeline": 4_000})).await;
    make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "not shown"})).await;
    make(&admin, &on("procedure"), json!({"patternId": "T1059", "occurDate": 5_000, "tactic": "execution"})).await;
    for (data, start) in [("a.example", 6_000), ("b.example", 7_000)] {
        let observable = json!({"dataType": "domain", "data": data, "startDate": start, "sightedAt": start + 1});
        make(&admin, &on("observable"), observable).await;
    }
    let note = json!({"date": 8_000, "endDate": 9_000, "title": "seen", "description": "by me"});
    let event = check(&admin, &format!("POST {}", on("customEvent")), note.clone(), 201, note).await;
    let read = async || {
        check(&admin, &format!("GET {}", on("timeline")), Value::Null, 200, Value::Null).await["events"].clone()
    };
    let events = read().await;
    let kinds: Vec<(i64, &str)> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["date"].as_i64().unwrap(), event["kind"].as_str().unwrap()))
        .filter(|(date, _)| *date < 1_000_000)
        .collect();
    let expected = [
        (1_000, "StartCase"),
        (2_000, "StartTask"),
        (3_000, "EndTask"),
        (4_000, "TaskLog"),
        (5_000, "Procedure"),
        (6_000, "FirstObservable"),
        (6_001, "SightedObservable"),
        (7_000, "LastObservable"),
        (7_001, "SightedObservable"),
        (8_000, "Custom"),
    ];
    assert_eq!(kinds, expected);
    let custom = events.as_array().unwrap().iter().find(|event| event["kind"] == "Custom").unwrap();
    let expected = json!({"endDate": 9_000, "entity": "CustomEvent", "entityId": event["_id"], "details": {"title": "seen", "description": "by me"}});
    assert!(includes(custom, &expected), "{custom}");
    let path = format!("/api/v1/customEvent/{}", super::id(&event));
    check(&admin, &format!("PATCH {path}"), json!({"endDate": 7_999}), 400, json!({"message": "…`endDate` is before"}))
        .await;
    check(&admin, &format!("PATCH {path}"), json!({"endDate": null, "title": "seen again"}), 204, Value::Null).await;
    let events = read().await;
    let custom = events.as_array().unwrap().iter().find(|event| event["kind"] == "Custom").unwrap();
    assert!(includes(custom, &json!({"endDate": "-", "details": {"title": "seen again"}})), "{custom}");
    check(&admin, &format!("DELETE {path}"), Value::Null, 204, Value::Null).await;
    assert!(read().await.as_array().unwrap().iter().all(|event| event["kind"] != "Custom"));
    // What follows from something else is not somebody's to change.
    let case = json!({"status": "Other"});
    check(&admin, &format!("PATCH /api/v1/case/{id}"), case, 204, Value::Null).await;
    assert!(read().await.as_array().unwrap().iter().any(|event| event["kind"] == "EndCase"));
    let own: Vec<vigie_model::TimelineEntry> =
        client.door.store.select(&TenantScope::All, &Selection::of(Filter::All, 10)).await.unwrap();
    let derived = vigie_model::TimelineId::as_bytes(&own[0].id);
    let wire = format!("~{}", u128::from_be_bytes(*derived));
    check(&admin, &format!("DELETE /api/v1/customEvent/{wire}"), Value::Null, 404, Value::Null).await;
}
