//! Alerts.

use serde_json::{Value, json};
use vigie_model::ObjectKind;

use crate::check::{check, golden, includes};
use crate::client::{Asker, Client};
use crate::house::add_user;

fn alert(reference: &str) -> Value {
    json!({"type": "t", "source": "s", "sourceRef": reference, "title": "an alert", "description": "…"})
}

async fn query(asker: &Asker<'_>, operations: Value) -> Value {
    check(asker, "POST /api/v1/query", json!({"query": operations}), 200, Value::Null).await
}

#[tokio::test]
async fn an_alert_is_fetched_as_it_was_created() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let input: Value = serde_json::from_str(include_str!("../golden/alert.in.json")).unwrap();
    let created = check(&admin, "POST /api/v1/alert", input, 201, json!({"_updatedAt": "-"})).await;
    golden("alert", &created);
    let path = format!("GET /api/v1/alert/{}", created["_id"].as_str().unwrap());
    let mut fetched = check(&admin, &path, Value::Null, 200, json!({"_updatedBy": "admin@thehive.local"})).await;
    fetched.as_object_mut().unwrap().retain(|name, _| !name.starts_with("_updated"));
    assert_eq!(created, fetched);
    let observables =
        query(&admin, json!([{"_name": "getAlert", "idOrName": "siem;sensor-1;ref-1"}, {"_name": "observables"}]))
            .await;
    golden("alert-observables", &observables);
    let procedures = query(&admin, json!([{"_name": "listAlert"}, {"_name": "procedures"}])).await;
    golden("alert-procedures", &procedures);
    let plain = check(&admin, "POST /api/v1/alert", alert("2"), 201, Value::Null).await;
    let path = format!("GET /api/v1/alert/{}", plain["_id"].as_str().unwrap());
    assert_eq!(check(&admin, &path, Value::Null, 200, Value::Null).await, plain, "nothing was put on it");
}

#[tokio::test]
async fn what_is_wrong_with_an_alert_is_named() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let wrong = |changes: Value, expected: &'static str| {
        let mut alert = alert("1");
        for (name, value) in changes.as_object().unwrap() {
            alert[name] = value.clone();
        }
        (alert, expected)
    };
    let long = "x".repeat(1_000_000);
    for (alert, expected) in [
        wrong(json!({"severity": 5}), "…severity: expected a number from 1 to 4"),
        wrong(json!({"tlp": "x"}), "…tlp: expected a number"),
        wrong(json!({"date": "yesterday"}), "…date: expected milliseconds"),
        wrong(json!({"title": " "}), "…`title` is empty"),
        wrong(json!({"title": null}), "…title: invalid type: null"),
        wrong(json!({"title": long}), "…`title` is too long"),
        wrong(json!({"source": long}), "…`source` is too long"),
        wrong(json!({"tags": ["a", long]}), "…`tags` is too long"),
        wrong(json!({"description": long}), "…`description` is too long"),
        wrong(json!({"externalLink": " java\tscript:alert(1)"}), "…`externalLink` runs a script"),
        wrong(json!({"status": "Imported"}), "…by merging"),
        wrong(json!({"status": "x"}), "…there is no status `x`"),
        wrong(json!({"assignee": "nobody"}), "…there is no user nobody"),
        wrong(json!({"customFields": {"x": 1}}), "…there is no custom field `x`"),
        wrong(json!({"observables": [{"dataType": "ip"}]}), "…observables[0].data: missing"),
        wrong(json!({"observables": [{"dataType": "no", "data": "x"}]}), "…no observable type `no`"),
        wrong(json!({"observables": [{"dataType": "file", "data": "x"}]}), "…observables[0].attachment: missing"),
        wrong(json!({"observables": [{"dataType": "ip", "data": long}]}), "…`data` is too long"),
        wrong(json!({"procedures": [{"occurDate": 1, "patternId": "<b>"}]}), "…`patternId` is no technique"),
    ] {
        check(&admin, "POST /api/v1/alert", alert, 400, json!({"message": expected})).await;
    }
    check(&admin, "POST /api/v1/alert", json!([]), 400, Value::Null).await;
    assert_eq!(query(&admin, json!([{"_name": "listAlert"}])).await, json!([]), "nothing was half done");
}

#[tokio::test]
async fn markup_is_text() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let markup = "<script>alert(1)</script>\u{0}\u{202e}'; DROP TABLE alerts; --";
    let mut input = alert(markup);
    for name in ["type", "source", "title", "description", "summary"] {
        input[name] = markup.into();
    }
    input["tags"] = json!([markup]);
    input["observables"] = json!([{"dataType": "other", "data": markup, "message": markup, "tags": [markup]}]);
    let created = check(&admin, "POST /api/v1/alert", input.clone(), 201, Value::Null).await;
    input.as_object_mut().unwrap().remove("observables");
    assert!(includes(&created, &input), "{created}");
}

#[tokio::test]
async fn one_alert_of_one_reference() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let duplicate = json!({"type": "CreateError", "message": "…t;s;1 already"});
    let first = check(&admin, "POST /api/v1/alert", alert("1"), 201, Value::Null).await;
    check(&admin, "POST /api/v1/alert", alert(" 1 "), 400, duplicate.clone()).await;
    let second = check(&admin, "POST /api/v1/alert", alert("2"), 201, Value::Null).await;
    let path = format!("/api/v1/alert/{}", second["_id"].as_str().unwrap());
    check(&admin, &format!("PATCH {path}"), json!({"sourceRef": "1"}), 400, json!({"type": "CreateError"})).await;
    check(&admin, &format!("PATCH {path}"), json!({"sourceRef": "3"}), 204, Value::Null).await;
    check(&admin, "GET /api/v1/alert/t;s;3", Value::Null, 200, json!({"_id": second["_id"]})).await;
    check(&admin, "GET /api/v1/alert/t;s;2", Value::Null, 404, Value::Null).await;
    let again = check(&admin, "POST /api/v1/alert", alert("2"), 201, Value::Null).await;
    assert_ne!(again["_id"], second["_id"], "an id is never given twice");
    check(&admin, &format!("DELETE /api/v1/alert/{}", first["_id"].as_str().unwrap()), Value::Null, 204, Value::Null)
        .await;
    let reborn = check(&admin, "POST /api/v1/alert", alert("1"), 201, Value::Null).await;
    assert_ne!(reborn["_id"], first["_id"], "what the audit log says of the first is not said of the second");
}

#[tokio::test]
async fn an_alert_is_changed_field_by_field() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let mut input = alert("1");
    input["tags"] = json!(["a", "b"]);
    let id = check(&admin, "POST /api/v1/alert", input, 201, Value::Null).await["_id"].as_str().unwrap().to_owned();
    let (patch, get) = (format!("PATCH /api/v1/alert/{id}"), format!("GET /api/v1/alert/{id}"));
    for (change, expected) in [
        (json!({"addTags": ["c", "a"], "removeTags": ["b"]}), json!({"tags": ["a", "c"]})),
        (json!({"tags": []}), json!({"tags": []})),
        (json!({"severity": 4, "tlp": 0, "pap": 3}), json!({"severityLabel": "CRITICAL", "tlp": 0, "papLabel": "RED"})),
        (json!({"date": 5}), json!({"date": 5})),
        (json!({"assignee": "admin@thehive.local"}), json!({"assignee": "admin@thehive.local"})),
        (json!({"assignee": null, "summary": "s"}), json!({"assignee": "-", "summary": "s"})),
        (json!({"status": "InProgress"}), json!({"stage": "InProgress", "closedDate": "-"})),
        (json!({"status": "Pending"}), json!({"status": "Pending", "stage": "InProgress"})),
        (json!({"status": "Duplicated"}), json!({"status": "Duplicate", "stage": "Closed", "summary": "s"})),
        (json!({"title": "closed, and changed"}), json!({"status": "Duplicate", "title": "closed, and changed"})),
        (json!({"status": "Other", "summary": null}), json!({"status": "Other", "summary": "-"})),
        (json!({"status": "New"}), json!({"stage": "New", "closedDate": "-"})),
        (json!({"externalLink": "http://x"}), json!({"externalLink": "http://x"})),
        (json!({"externalLink": null, "follow": false}), json!({"externalLink": "-", "follow": false})),
        (json!({"unknown": 1}), json!({"title": "closed, and changed"})),
    ] {
        check(&admin, &patch, change, 204, Value::Null).await;
        check(&admin, &get, Value::Null, 200, expected).await;
    }
    check(&admin, &patch, json!({"status": "Imported"}), 400, Value::Null).await;
    check(&admin, &format!("POST /api/v1/alert/{id}/follow"), Value::Null, 200, json!({"follow": true})).await;
    let both = json!({"ids": [id, "~1"], "title": "all"});
    check(&admin, "PATCH /api/v1/alert/_bulk", both, 404, Value::Null).await;
    check(&admin, &get, Value::Null, 200, json!({"title": "closed, and changed"})).await;
    let many: Vec<String> = (0..1_001).map(|number| format!("~{number}")).collect();
    check(&admin, "PATCH /api/v1/alert/_bulk", json!({"ids": many, "title": "x"}), 400, Value::Null).await;
}

#[tokio::test]
async fn lists_are_filtered_by_what_is_shown() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for (reference, status) in
        [("1", "New"), ("2", "InProgress"), ("3", "Pending"), ("4", "FalsePositive"), ("5", "Ignored"), ("6", "Other")]
    {
        let mut input = alert(reference);
        input["status"] = status.into();
        check(&admin, "POST /api/v1/alert", input, 201, json!({"status": status})).await;
    }
    let eq = |field: &str, value: Value| json!({"_eq": {"_field": field, "_value": value}});
    for (filter, expected) in [
        (eq("status", json!("new")), &["1"][..]),
        (eq("status", json!("Pending")), &["3"]),
        (eq("status", json!("Other")), &["6"]),
        (eq("status", json!("Imported")), &[]),
        (eq("stage", json!("InProgress")), &["2", "3"]),
        (eq("stage", json!("Closed")), &["4", "5", "6"]),
        (json!({"_not": eq("stage", json!("Closed"))}), &["1", "2", "3"]),
        (json!({"_in": {"_field": "status", "_values": ["Ignored", "FalsePositive"]}}), &["4", "5"]),
        (json!({"_like": {"_field": "status", "_value": "*P*"}}), &["2", "3", "4"]),
        (eq("type", json!("T")), &["1", "2", "3", "4", "5", "6"]),
        (eq("type", json!("vigie")), &[]),
        (eq("source", json!("x")), &[]),
        (eq("sourceRef", json!("4")), &["4"]),
        (eq("follow", json!(false)), &[]),
    ] {
        let mut operation = filter.clone();
        operation["_name"] = "filter".into();
        let found = query(&admin, json!([{"_name": "listAlert"}, operation])).await;
        let found: Vec<&str> =
            found.as_array().unwrap().iter().map(|alert| alert["sourceRef"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{filter}");
    }
}

#[tokio::test]
async fn files_hang_on_an_alert() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id =
        check(&admin, "POST /api/v1/alert", alert("1"), 201, Value::Null).await["_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/alert/{id}/attachments");
    let added =
        admin.form(&path, &[("attachments", Some("a.txt"), b"one"), ("attachments", Some("a.txt"), b"two")]).await;
    assert_eq!(added.status, 201, "{}", added.body);
    golden("attachments", &added.body);
    let file = added.body["attachments"][1]["_id"].as_str().unwrap().to_owned();
    let answer = admin.get(&format!("/api/v1/alert/{id}/attachment/{file}/download")).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, b"two".as_slice()));
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename*=UTF-8''a%20%281%29.txt");
    let any = admin.get(&format!("/api/v1/attachment/{file}/download")).await;
    assert_eq!(any.bytes, b"two");
    let taken = admin.form(&path, &[("attachments", Some("a.txt"), b"x"), ("canRename", None, b"False")]).await;
    assert_eq!((taken.status, &taken.body["type"]), (400, &json!("CreateError")));
    let delete = format!("DELETE /api/v1/alert/{id}/attachment/{file}");
    check(&admin, &format!("DELETE /api/v1/attachment/{file}"), Value::Null, 404, Value::Null).await;
    check(&admin, &delete, Value::Null, 204, Value::Null).await;
    check(&admin, &delete, Value::Null, 404, Value::Null).await;
    let left = query(&admin, json!([{"_name": "getAlert", "idOrName": id}, {"_name": "attachments"}])).await;
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_organisation_sees_nothing() {
    let client = Client::stand().await;
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    add_user(&client.door.store, client.now(), "rod", "x", &[("main-org", "read-only")]).await;
    let (admin, eve, rod) = (client.admin("main-org"), client.user("eve", "x", None), client.user("rod", "x", None));
    let mut input = alert("1");
    input["observables"] = json!([{"dataType": "ip", "data": "203.0.113.7"}]);
    let id =
        check(&admin, "POST /api/v1/alert", input.clone(), 201, Value::Null).await["_id"].as_str().unwrap().to_owned();
    let files = admin.form(&format!("/api/v1/alert/{id}/attachments"), &[("attachments", Some("a"), b"x")]).await;
    let file = files.body["attachments"][0]["_id"].as_str().unwrap().to_owned();
    let observables = query(&admin, json!([{"_name": "listObservable"}])).await;
    let observable = observables[0]["_id"].as_str().unwrap().to_owned();
    for (request, body) in [
        (format!("GET /api/v1/alert/{id}"), Value::Null),
        ("GET /api/v1/alert/t;s;1".to_owned(), Value::Null),
        (format!("PATCH /api/v1/alert/{id}"), json!({"title": "x"})),
        ("PATCH /api/v1/alert/_bulk".to_owned(), json!({"ids": [id], "title": "x"})),
        (format!("DELETE /api/v1/alert/{id}"), Value::Null),
        ("POST /api/v1/alert/delete/_bulk".to_owned(), json!({"ids": [id]})),
        (format!("POST /api/v1/alert/{id}/follow"), Value::Null),
        (format!("POST /api/v1/alert/{id}/observable"), json!({"dataType": "ip", "data": "10.0.0.1"})),
        (format!("POST /api/v1/alert/{id}/comment"), json!({"message": "x"})),
        (format!("POST /api/v1/alert/{id}/procedure"), json!({"occurDate": 1, "patternId": "T1110"})),
        (format!("GET /api/v1/alert/{id}/attachment/{file}/download"), Value::Null),
        (format!("GET /api/v1/attachment/{file}/download"), Value::Null),
        (format!("DELETE /api/v1/alert/{id}/attachment/{file}"), Value::Null),
        (format!("GET /api/v1/alert/{id}/similar/{id}/observables"), Value::Null),
        (format!("GET /api/v1/observable/{observable}"), Value::Null),
        (format!("PATCH /api/v1/observable/{observable}"), json!({"ioc": true})),
        (format!("DELETE /api/v1/observable/{observable}"), Value::Null),
        (format!("GET /api/v1/observable/{observable}/shares"), Value::Null),
    ] {
        check(&eve, &request, body.clone(), 404, json!({"type": "NotFoundError"})).await;
        if !request.starts_with("GET") {
            check(&rod, &request, body, 403, json!({"type": "AuthorizationError"})).await;
        }
    }
    for kind in ["listAlert", "listObservable", "listAttachment"] {
        assert_eq!(query(&eve, json!([{"_name": kind}])).await, json!([]), "{kind}");
        assert_eq!(query(&rod, json!([{"_name": kind}])).await.as_array().unwrap().len(), 1, "{kind}");
    }
    // A file of another organisation cannot be had by naming its bytes either.
    let digest = files.body["attachments"][0]["id"].clone();
    let stolen = json!({"dataType": "file", "attachment": {"id": digest, "name": "a", "contentType": "x"}});
    let own = check(&eve, "POST /api/v1/alert", alert("1"), 201, Value::Null).await["_id"].as_str().unwrap().to_owned();
    check(&eve, &format!("POST /api/v1/alert/{own}/observable"), stolen.clone(), 404, Value::Null).await;
    check(&admin, &format!("POST /api/v1/alert/{id}/observable"), stolen, 201, json!([{"attachment": {"id": digest}}]))
        .await;
}

#[tokio::test]
async fn many_at_once_are_all_there_and_one_of_each() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let send = async |number: usize| {
        let mut alert = alert(&(number / 2).to_string());
        alert["observables"] = json!([{"dataType": "ip", "data": ["203.0.113.7", format!("10.0.0.{number}")]}]);
        admin.post("/api/v1/alert", alert).await.status
    };
    let statuses = futures_util::future::join_all((0..60).map(send)).await;
    let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(201), count(400)), (30, 30), "{statuses:?}");
    let counted = |kind: &str| json!([{"_name": kind}, {"_name": "count"}]);
    assert_eq!(query(&admin, counted("listAlert")).await, json!(30));
    assert_eq!(query(&admin, counted("listObservable")).await, json!(60));
    let told = client.house.changes.lock().unwrap().iter().filter(|change| change.object == ObjectKind::Alert).count();
    assert_eq!(told, 30, "each is told of once");
}
