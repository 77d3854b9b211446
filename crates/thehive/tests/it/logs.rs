//! Logs of tasks, and their files.

use serde_json::{Value, json};
use vigie_cases::PARTS_MAX;
use vigie_model::{CaseId, Stamp, TaskId, TaskLog, TaskLogId, TenantId};

use crate::check::{check, golden, includes};
use crate::client::{Asker, Client};
use crate::house::add_user;
use crate::opened::{bytes, case, id, make, query};

/// Makes a case and a task, and returns their ids.
async fn task(client: &Client, admin: &Asker<'_>) -> (String, String) {
    let case = case(client).await;
    let task = make(admin, &format!("/api/v1/case/{case}/task"), json!({"title": "t"})).await;
    (case, id(&task))
}

#[tokio::test]
async fn a_log_is_fetched_as_it_was_created() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (_, task) = task(&client, &admin).await;
    let path = format!("/api/v1/task/{task}/log");
    let full = json!({"message": "called **them**", "startDate": 5, "includeInTimeline": 7});
    let nulls = json!({"message": "x", "startDate": null, "includeInTimeline": null});
    let mut all = Vec::new();
    for body in [full, json!({"message": "wrote to them"}), nulls] {
        let created = make(&admin, &path, body).await;
        check(&admin, &format!("GET /api/v1/log/{}", id(&created)), Value::Null, 200, created.clone()).await;
        all.push(created);
    }
    golden("logs", &json!(all));
    let get = |operation: Value| query(&admin, operation);
    assert_eq!(get(json!([{"_name": "listLog"}])).await, json!(all), "in the order in which they were made");
    assert_eq!(get(json!([{"_name": "getLog", "idOrName": all[0]["_id"]}])).await, json!([all[0]]));
    assert_eq!(get(json!([{"_name": "getTask", "idOrName": task}, {"_name": "logs"}])).await, json!(all));
    let up = json!([{"_name": "getLog", "idOrName": all[0]["_id"]}, {"_name": "task"}]);
    assert!(includes(&get(up).await, &json!([{"_id": task}])));
}

#[tokio::test]
async fn files_come_with_a_log() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (case, task) = task(&client, &admin).await;
    let json = br#"{"message": "two files", "attachments": ["/tmp/a.txt", "/tmp/b.txt"]}"#;
    let parts: [(&str, Option<&str>, &[u8]); 3] =
        [("attachments", Some("a.txt"), b"one"), ("attachments", Some("a.txt"), b"two"), ("_json", None, json)];
    let created = admin.form(&format!("/api/v1/task/{task}/log"), &parts).await;
    assert_eq!(created.status, 201, "{}", created.body);
    golden("log-with-files", &created.body);
    let log = format!("/api/v1/log/{}", id(&created.body));
    check(&admin, &format!("GET {log}"), Value::Null, 200, created.body.clone()).await;
    let hung = json!([{"_name": "getLog", "idOrName": created.body["_id"]}, {"_name": "attachments"}]);
    assert_eq!(query(&admin, hung).await, created.body["attachments"]);

    let added = admin.form(&format!("{log}/attachments"), &[("attachments", Some("c.txt"), b"three")]).await;
    assert_eq!((added.status, added.body["attachments"].as_array().unwrap().len()), (201, 1));
    let file = id(&added.body["attachments"][0]);
    let answer = admin.get(&format!("{log}/attachments/{file}/download")).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, b"three".as_slice()));
    assert_eq!(answer.headers["content-disposition"], "attachment; filename*=UTF-8''c.txt");
    assert_eq!(admin.get(&format!("/api/v1/attachment/{file}/download")).await.bytes, b"three");
    let nothing = admin.form(&format!("{log}/attachments"), &[("other", Some("c.txt"), b"three")]).await;
    assert_eq!(nothing.status, 400, "{}", nothing.body);

    let other = make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "other"})).await;
    let (of_other, own) =
        (format!("/api/v1/log/{}/attachments/{file}", id(&other)), format!("{log}/attachments/{file}"));
    check(&admin, &format!("GET {of_other}/download"), Value::Null, 404, Value::Null).await;
    check(&admin, &format!("DELETE {of_other}"), Value::Null, 404, Value::Null).await;
    check(&admin, &format!("DELETE {own}"), Value::Null, 204, Value::Null).await;
    check(&admin, &format!("DELETE {own}"), Value::Null, 404, Value::Null).await;
    check(&admin, &format!("GET {log}"), Value::Null, 200, created.body).await;

    // What hangs on a task goes with it; the case stays.
    check(&admin, &format!("DELETE /api/v1/task/{task}"), Value::Null, 204, Value::Null).await;
    for list in ["listTask", "listLog", "listAttachment"] {
        assert_eq!(query(&admin, json!([{"_name": list}])).await, json!([]), "{list}");
    }
    check(&admin, &format!("GET {log}"), Value::Null, 404, Value::Null).await;
    make(&admin, &format!("/api/v1/case/{case}/task"), json!({"title": "still there"})).await;
}

#[tokio::test]
async fn a_log_is_changed_and_what_is_wrong_is_named() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (_, task) = task(&client, &admin).await;
    let post = format!("POST /api/v1/task/{task}/log");
    let log = make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "m"})).await;
    let (get, patch) = (format!("GET /api/v1/log/{}", id(&log)), format!("PATCH /api/v1/log/{}", id(&log)));
    let long = "x".repeat(1_000_000);
    for (body, expected) in [
        (json!({"message": " "}), "…`message` is empty"),
        (json!({"message": long}), "…`message` is too long"),
        (json!({"message": {}}), "…message: invalid type"),
        (json!({"message": "m", "startDate": "x"}), "…startDate: expected milliseconds"),
        (json!({"message": "m", "includeInTimeline": true}), "…includeInTimeline: expected milliseconds"),
    ] {
        check(&admin, &post, body.clone(), 400, json!({"message": expected})).await;
        check(&admin, &patch, body, 400, json!({"message": expected})).await;
    }
    check(&admin, &post, json!({}), 400, json!({"message": "…missing field `message`"})).await;
    check(&admin, &get, Value::Null, 200, log.clone()).await;
    let markup = "<script>alert(1)</script>\u{0}\u{202e}'; DROP TABLE task_logs; --";
    for (change, expected) in [
        (json!({"message": "m"}), json!({"message": "m", "_updatedAt": "-"})),
        (json!({"message": markup}), json!({"message": markup, "_updatedBy": "admin@thehive.local"})),
        (json!({"includeInTimeline": 9}), json!({"includeInTimeline": 9, "message": markup})),
        (json!({"includeInTimeline": null}), json!({"includeInTimeline": "-"})),
        (json!({"startDate": 3}), json!({"date": 3})),
    ] {
        check(&admin, &patch, change, 204, Value::Null).await;
        check(&admin, &get, Value::Null, 200, expected).await;
    }
    check(&admin, &patch.replace("PATCH", "DELETE"), Value::Null, 204, Value::Null).await;
    check(&admin, &get, Value::Null, 404, Value::Null).await;
    let gone = json!({"query": [{"_name": "getLog", "idOrName": log["_id"]}]});
    check(&admin, "POST /api/v1/query", gone, 404, Value::Null).await;
}

#[tokio::test]
async fn lists_of_logs_are_filtered_and_say_what_they_are_on() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (case, task) = task(&client, &admin).await;
    let path = format!("/api/v1/task/{task}/log");
    make(&admin, &path, json!({"message": "a word", "startDate": 20, "includeInTimeline": 7})).await;
    make(&admin, &path, json!({"message": "b", "startDate": 10})).await;
    for (steps, expected) in [
        (json!({"_name": "filter", "_like": {"message": "*WORD*"}}), json!([{"message": "a word"}])),
        (json!({"_name": "filter", "_has": "includeInTimeline"}), json!([{"message": "a word"}])),
        (json!({"_name": "filter", "_lt": {"date": 20}}), json!([{"message": "b"}])),
        (json!({"_name": "filter", "_eq": {"taskId": task}}), json!([{}, {}])),
        (json!({"_name": "filter", "_eq": {"caseId": "~1"}}), json!([])),
        (json!({"_name": "filter", "_eq": {"owner": "admin@thehive.local"}}), json!([{}, {}])),
        (json!({"_name": "sort", "_fields": [{"date": "asc"}]}), json!([{"message": "b"}, {"message": "a word"}])),
        (
            json!({"_name": "page", "from": 0, "to": 1, "extraData": ["task", "taskId", "case", "links", "x"]}),
            json!([{"extraData": {"task": {"_id": task, "title": "t"}, "taskId": task, "case": {"_id": case, "number": 1},
                "links": {"case": {"_id": case}}, "x": "-"}}]),
        ),
    ] {
        let found = query(&admin, json!([{"_name": "listLog"}, steps])).await;
        assert!(includes(&found, &expected), "{steps}: {found}");
    }
}

#[tokio::test]
async fn a_task_has_so_many_logs() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (case, task) = task(&client, &admin).await;
    let log = |number: usize| TaskLog {
        id: TaskLogId::derive([number.to_string()]),
        tenant: TenantId::new("main-org").unwrap(),
        case: CaseId::from_bytes(bytes(&json!(case))),
        task: TaskId::from_bytes(bytes(&json!(task))),
        text: "x".into(),
        date: client.now(),
        on_timeline: None,
        stamp: Stamp::new("x", client.now()),
    };
    let mut tx = client.door.store.begin().await.unwrap();
    for number in 1..PARTS_MAX {
        tx.put(&log(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let post = format!("POST /api/v1/task/{task}/log");
    check(&admin, &post, json!({"message": "the last"}), 201, Value::Null).await;
    check(&admin, &post, json!({"message": "x"}), 400, json!({"message": "…too many logs: at most 10000"})).await;
}

#[tokio::test]
async fn another_organisation_sees_no_log() {
    let client = Client::stand().await;
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    add_user(&client.door.store, client.now(), "rod", "x", &[("main-org", "read-only")]).await;
    let (admin, eve, rod) = (client.admin("main-org"), client.user("eve", "x", None), client.user("rod", "x", None));
    let (_, task) = task(&client, &admin).await;
    let log = make(&admin, &format!("/api/v1/task/{task}/log"), json!({"message": "secret"})).await;
    let path = format!("/api/v1/log/{}", id(&log));
    let added = admin.form(&format!("{path}/attachments"), &[("attachments", Some("a"), b"x")]).await;
    let file = format!("{path}/attachments/{}", id(&added.body["attachments"][0]));
    for (request, body) in [
        (format!("GET {path}"), Value::Null),
        (format!("PATCH {path}"), json!({"message": "x"})),
        (format!("DELETE {path}"), Value::Null),
        (format!("GET {file}/download"), Value::Null),
        (format!("DELETE {file}"), Value::Null),
    ] {
        check(&eve, &request, body.clone(), 404, json!({"type": "NotFoundError"})).await;
        if !request.starts_with("GET") {
            check(&rod, &request, body, 403, json!({"type": "AuthorizationError"})).await;
        }
    }
    for (asker, status) in [(&eve, 404), (&rod, 403)] {
        let answer = asker.form(&format!("{path}/attachments"), &[("attachments", Some("a"), b"x")]).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    assert_eq!(query(&eve, json!([{"_name": "listLog"}])).await, json!([]));
    assert!(includes(&query(&rod, json!([{"_name": "listLog"}])).await, &json!([{"_id": log["_id"]}])));
}
