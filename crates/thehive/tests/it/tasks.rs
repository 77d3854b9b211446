//! Tasks on cases.

use serde_json::{Value, json};
use vigie_cases::TASKS_MAX;
use vigie_model::{CaseId, Stamp, Task, TaskId, TaskStatus, TenantId, TenantScope};
use vigie_thehive::House as _;

use crate::check::{check, golden, includes};
use crate::client::Client;
use crate::house::add_user;
use crate::opened::{bytes, case, id, make, query, share};

#[tokio::test]
async fn a_task_is_fetched_as_it_was_created() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = format!("/api/v1/case/{}/task", case(&client).await);
    let full = json!({
        "title": " look at the mail ", "group": "Phishing", "description": "**all** of it", "status": "InProgress",
        "flag": true, "startDate": 1_000, "endDate": 3_000, "order": 7, "dueDate": 2_000,
        "assignee": "admin@thehive.local", "mandatory": true,
    });
    let nulls = json!({"title": "x", "group": null, "description": null, "status": null, "flag": null, "startDate": null,
        "endDate": null, "order": null, "dueDate": null, "assignee": null, "mandatory": null});
    let mut all = Vec::new();
    for body in [full, json!({"title": "call them"}), nulls, json!({"title": "done", "status": "Completed"})] {
        let created = make(&admin, &path, body).await;
        check(&admin, &format!("GET /api/v1/task/{}", id(&created)), Value::Null, 200, created.clone()).await;
        all.push(created);
    }
    golden("tasks", &json!(all));
    check(&admin, "POST /api/v1/case/1/task", json!({"title": " "}), 400, Value::Null).await;
    assert_eq!(query(&admin, json!([{"_name": "listTask"}])).await, json!(all), "in the order in which they were made");
    let of_case = json!([{"_name": "getCase", "idOrName": "1"}, {"_name": "tasks"}]);
    assert_eq!(query(&admin, of_case).await, json!(all));
    let one = json!([{"_name": "getTask", "idOrName": all[1]["_id"]}]);
    assert_eq!(query(&admin, one).await, json!([all[1]]));
}

#[tokio::test]
async fn what_is_wrong_with_a_task_is_named() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&client).await;
    let task = make(&admin, &format!("/api/v1/case/{case}/task"), json!({"title": "as it was"})).await;
    let long = "x".repeat(1_000_000);
    let post = format!("POST /api/v1/case/{case}/task");
    let patch = format!("PATCH /api/v1/task/{}", id(&task));
    for (field, value, expected) in [
        ("title", json!(" "), "…`title` is empty"),
        ("title", json!(long), "…`title` is too long"),
        ("title", json!(7), "…title: invalid type"),
        ("description", json!(long), "…`description` is too long"),
        ("group", json!(long), "…`group` is too long"),
        ("status", json!("Done"), "…status: there is no status `Done`: expected one of Waiting, InProgress, Comp"),
        ("status", json!(long), "…status: there is no status `xxx"),
        ("flag", json!("yes"), "…flag: invalid type"),
        ("startDate", json!("today"), "…startDate: expected milliseconds"),
        ("endDate", json!([]), "…endDate: expected milliseconds"),
        ("dueDate", json!({}), "…dueDate: expected milliseconds"),
        ("order", json!(-1), "…order: invalid value"),
        ("order", json!(4_294_967_296_u64), "…order: invalid value"),
        ("assignee", json!("nobody"), "…assignee: there is no user nobody"),
        ("assignee", json!(""), "…assignee: there is no user"),
        ("mandatory", json!(1), "…mandatory: invalid type"),
    ] {
        let mut body = json!({"title": "x"});
        body[field] = value;
        check(&admin, &post, body.clone(), 400, json!({"message": expected})).await;
        check(&admin, &patch, body, 400, json!({"message": expected})).await;
    }
    check(&admin, &post, json!({}), 400, json!({"message": "…missing field `title`"})).await;
    check(&admin, &post, Value::Null, 400, Value::Null).await;
    assert_eq!(query(&admin, json!([{"_name": "listTask"}])).await, json!([task]), "nothing was half done");
}

#[tokio::test]
async fn a_task_is_changed_field_by_field() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&client).await;
    let task = make(&admin, &format!("/api/v1/case/{case}/task"), json!({"title": "t", "_createdBy": "eve"})).await;
    let (get, patch) = (format!("GET /api/v1/task/{}", id(&task)), format!("PATCH /api/v1/task/{}", id(&task)));
    check(&admin, &patch, json!({"title": "t"}), 204, Value::Null).await;
    check(&admin, &get, Value::Null, 200, json!({"_updatedAt": "-", "_createdBy": "admin@thehive.local"})).await;
    let markup = "<img src=x onerror=alert(1)>\u{0}\u{202e}'; DROP TABLE tasks; --";
    for (change, expected) in [
        (json!({"title": "new"}), json!({"title": "new", "_updatedBy": "admin@thehive.local"})),
        (json!({"title": markup, "description": markup, "group": markup}), json!({"title": markup, "group": markup})),
        (json!({"description": null, "group": " "}), json!({"description": "-", "group": "default"})),
        (json!({"flag": true, "mandatory": true, "order": 3}), json!({"flag": true, "mandatory": true, "order": 3})),
        (json!({"dueDate": 5}), json!({"dueDate": 5})),
        (json!({"dueDate": null}), json!({"dueDate": "-"})),
        (json!({"dueDate": 1e300}), json!({"dueDate": 253_402_207_200_000_i64})),
        (json!({"assignee": "admin@thehive.local"}), json!({"assignee": "admin@thehive.local"})),
        (json!({"assignee": null}), json!({"assignee": "-"})),
        (
            json!({"startDate": 9, "status": "InProgress"}),
            json!({"status": "InProgress", "startDate": 9, "endDate": "-"}),
        ),
        (json!({"status": "Cancel"}), json!({"status": "Cancel", "startDate": 9, "endDate": null})),
        (json!({"status": "Waiting"}), json!({"status": "Waiting", "endDate": "-"})),
        (json!({"unknown": 1, "_id": "~1"}), json!({"status": "Waiting", "_id": task["_id"]})),
    ] {
        check(&admin, &patch, change, 204, Value::Null).await;
        check(&admin, &get, Value::Null, 200, expected).await;
    }
    let rows = client.door.store.audit(&TenantScope::All, &vigie_store::Listing::first(1_000)).await.unwrap().rows;
    let about = |row: &&vigie_model::AuditEntry| row.object == vigie_model::ObjectKind::Task;
    let renamed = rows.iter().filter(about).find(|row| row.details["after"]["title"] == "new").unwrap();
    assert_eq!(renamed.details, json!({"before": {"title": "t"}, "after": {"title": "new"}}));
    assert_eq!(renamed.actor.to_string(), "admin@thehive.local");
}

#[tokio::test]
async fn all_of_several_tasks_are_changed_or_none() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = format!("/api/v1/case/{}/task", case(&client).await);
    let first = make(&admin, &path, json!({"title": "1"})).await;
    let second = make(&admin, &path, json!({"title": "2"})).await;
    let titles = || async {
        let all = query(&admin, json!([{"_name": "listTask"}])).await;
        all.as_array().unwrap().iter().map(|task| task["title"].clone()).collect::<Value>()
    };
    let bulk = |ids: Value| json!({"ids": ids, "title": "both"});
    let many: Vec<String> = (0..1_001).map(|number| format!("~{number}")).collect();
    for (body, status) in [
        (bulk(json!([first["_id"], "~1"])), 404),
        (bulk(json!([first["_id"], "x"])), 404),
        (bulk(json!(many)), 400),
        (json!({"title": "both"}), 400),
        (json!({"ids": [first["_id"], second["_id"]], "assignee": "nobody"}), 400),
        (bulk(json!([])), 204),
    ] {
        check(&admin, "PATCH /api/v1/task/_bulk", body, status, Value::Null).await;
        assert_eq!(titles().await, json!(["1", "2"]));
    }
    check(&admin, "PATCH /api/v1/task/_bulk", bulk(json!([first["_id"], second["_id"]])), 204, Value::Null).await;
    assert_eq!(titles().await, json!(["both", "both"]));
}

#[tokio::test]
async fn who_is_gone_stays_on_a_task() {
    let client = Client::stand().await;
    add_user(&client.door.store, client.now(), "rod", "x", &[("main-org", "analyst")]).await;
    let admin = client.admin("main-org");
    let path = format!("/api/v1/case/{}/task", case(&client).await);
    let task = make(&admin, &path, json!({"title": "t", "assignee": "ROD"})).await;
    let other = make(&admin, &path, json!({"title": "u"})).await;
    assert_eq!(task["assignee"], "rod");
    let rod = query(&admin, json!([{"_name": "getUser", "idOrName": "rod"}])).await;
    check(&admin, &format!("DELETE /api/v1/user/{}", id(&rod[0])), Value::Null, 204, Value::Null).await;
    let kept = json!({"ids": [task["_id"]], "assignee": "rod", "title": "kept"});
    check(&admin, "PATCH /api/v1/task/_bulk", kept, 204, Value::Null).await;
    let given = json!({"ids": [task["_id"], other["_id"]], "assignee": "rod", "title": "given"});
    check(&admin, "PATCH /api/v1/task/_bulk", given, 400, json!({"message": "…no user rod"})).await;
    check(
        &admin,
        &format!("GET /api/v1/task/{}", id(&task)),
        Value::Null,
        200,
        json!({"title": "kept", "assignee": "rod"}),
    )
    .await;
}

#[tokio::test]
async fn a_case_has_so_many_tasks() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&client).await;
    let mut tx = client.door.store.begin().await.unwrap();
    for number in 1..TASKS_MAX {
        let task = Task {
            id: TaskId::derive([number.to_string()]),
            tenant: TenantId::new("main-org").unwrap(),
            case: CaseId::from_bytes(bytes(&json!(case))),
            title: "t".into(),
            description: String::new(),
            status: TaskStatus::Waiting,
            assignee: None,
            group: Task::usual_group(),
            position: 4_294_967_295,
            mandatory: false,
            flag: false,
            due: None,
            started: None,
            ended: None,
            asked_of: Vec::new(),
            stamp: Stamp::new("x", client.house.now()),
        };
        tx.put(&task).await.unwrap();
    }
    tx.commit().await.unwrap();
    let post = format!("POST /api/v1/case/{case}/task");
    check(&admin, &post, json!({"title": "the last"}), 201, json!({"order": 4_294_967_295_u64})).await;
    check(&admin, &post, json!({"title": "x"}), 400, json!({"message": "…too many tasks: at most 1000"})).await;
}

#[tokio::test]
async fn lists_of_tasks_are_filtered_and_sorted() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (one, two) = (case(&client).await, case(&client).await);
    for (case, body) in [
        (&one, json!({"title": "a", "group": "G", "order": 3, "status": "Completed", "dueDate": 50})),
        (&one, json!({"title": "b", "flag": true, "order": 2, "assignee": "admin@thehive.local", "startDate": 10})),
        (&two, json!({"title": "c", "mandatory": true, "order": 1, "status": "Cancel"})),
    ] {
        make(&admin, &format!("/api/v1/case/{case}/task"), body).await;
    }
    let eq = |field: &str, value: Value| json!({"_name": "filter", "_eq": {"_field": field, "_value": value}});
    let by = |field: &str| json!({"_name": "sort", "_fields": [{field: "asc"}]});
    let page = json!({"_name": "page", "from": 1, "to": 2});
    for (steps, expected) in [
        (vec![eq("status", json!("Completed"))], &["a"][..]),
        (vec![eq("status", json!("Cancel"))], &["c"]),
        (vec![json!({"_name": "filter", "_ne": {"_field": "status", "_value": "Waiting"}})], &["a", "c"]),
        (vec![eq("title", json!("B"))], &["b"]),
        (vec![eq("group", json!("g"))], &["a"]),
        (vec![eq("flag", json!(true))], &["b"]),
        (vec![eq("mandatory", json!(true))], &["c"]),
        (vec![eq("assignee", json!("admin@thehive.local"))], &["b"]),
        (vec![json!({"_name": "filter", "_not": {"_has": "assignee"}})], &["a", "c"]),
        (vec![eq("caseId", json!(two))], &["c"]),
        (vec![eq("dueDate", json!(50))], &["a"]),
        (vec![eq("startDate", json!(10))], &["b"]),
        (vec![json!({"_name": "filter", "_gte": {"order": 2}})], &["a", "b"]),
        (vec![eq("organisation", json!("main-org"))], &["a", "b", "c"]),
        (vec![by("order")], &["c", "b", "a"]),
        (vec![by("dueDate"), page], &["c"]),
        (vec![json!({"_name": "sort", "_fields": ["-title"]})], &["c", "b", "a"]),
    ] {
        let operations: Vec<Value> = [json!({"_name": "listTask"})].into_iter().chain(steps).collect();
        let found = query(&admin, json!(operations)).await;
        let found: Vec<&str> = found.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{operations:?}");
    }
    let extra = json!(["case", "caseId", "isOwner", "shareCount", "actionRequired", "actionRequiredMap", "nonsense"]);
    let page = json!({"_name": "page", "from": 0, "to": 1, "extraData": extra});
    let found = query(&admin, json!([{"_name": "listTask"}, by("title"), page])).await;
    let data = json!({"case": {"_id": one, "number": 1, "title": "A case"}, "caseId": one, "isOwner": true, "shareCount": 0,
        "actionRequired": false, "actionRequiredMap": {}, "nonsense": "-"});
    assert!(includes(&found[0]["extraData"], &data), "{found}");
}

/// A case with one task, and two organisations that may come to share it: `client-org` with `eve`, `other-org` with `oskar`.
async fn task_of_three(client: &Client) -> (String, String) {
    for (name, organisation) in [("eve", "client-org"), ("oskar", "other-org")] {
        add_user(&client.door.store, client.now(), name, "x", &[(organisation, "org-admin")]).await;
    }
    let case = case(client).await;
    let task = make(&client.admin("main-org"), &format!("/api/v1/case/{case}/task"), json!({"title": "t"})).await;
    (case, format!("/api/v1/task/{}", id(&task)))
}

#[tokio::test]
async fn a_task_is_shared_with_its_case() {
    let client = Client::stand().await;
    let (case, task) = task_of_three(&client).await;
    let (admin, eve, oskar) =
        (client.admin("main-org"), client.user("eve", "x", None), client.user("oskar", "x", None));
    let with = |name: &str, times: usize| json!({"organisations": vec![name; times]});
    let shares = |method: &str| format!("{method} {task}/shares");
    for (organisation, times, status) in [
        ("main-org", 1, 204),
        ("main-org", 100, 204),
        ("main-org", 101, 400),
        ("client-org", 1, 404),
        ("nowhere", 1, 404),
    ] {
        check(&admin, &shares("POST"), with(organisation, times), status, Value::Null).await;
    }
    check(&admin, &shares("GET"), Value::Null, 200, json!([])).await;

    share(&client, &case, "client-org", "analyst").await;
    share(&client, &case, "other-org", "read-only").await;
    check(&admin, &shares("POST"), with("client-org", 1), 204, Value::Null).await;
    check(&admin, &shares("DELETE"), with("client-org", 1), 400, json!({"message": "…sees all tasks"})).await;
    let both = json!([{"organisationName": "client-org", "profileName": "analyst", "caseId": case}, {}]);
    check(&admin, &shares("GET"), Value::Null, 200, both).await;
    check(&eve, &shares("GET"), Value::Null, 200, json!([{"organisationName": "client-org"}])).await;
    check(&eve, &format!("PATCH {task}"), json!({"assignee": "eve"}), 204, Value::Null).await;
    check(&oskar, &format!("PATCH {task}"), json!({"title": "x"}), 403, Value::Null).await;
    check(&oskar, &format!("POST /api/v1/case/{case}/task"), json!({"title": "x"}), 403, Value::Null).await;
    check(&oskar, &format!("GET {task}"), Value::Null, 200, json!({"title": "t", "assignee": "eve"})).await;
}

#[tokio::test]
async fn who_sees_a_task_can_be_asked_to_do_something_about_it() {
    let client = Client::stand().await;
    let (case, task) = task_of_three(&client).await;
    let (admin, eve, oskar) =
        (client.admin("main-org"), client.user("eve", "x", None), client.user("oskar", "x", None));
    let get = format!("GET {task}/actionRequired");
    check(&admin, &get, Value::Null, 200, json!({"main-org": false, "client-org": "-"})).await;
    check(&admin, &format!("PUT {task}/actionRequired/client-org"), Value::Null, 404, Value::Null).await;
    share(&client, &case, "client-org", "analyst").await;
    share(&client, &case, "other-org", "read-only").await;
    for (asker, status, request, main, theirs) in [
        (&admin, 204, "actionRequired/client-org", false, true),
        (&admin, 204, "actionRequired/client-org", false, true),
        (&admin, 204, "actionRequired/main-org", true, true),
        (&oskar, 404, "actionDone/client-org", true, true),
        (&oskar, 403, "actionRequired/other-org", true, true),
        (&eve, 204, "actionDone/client-org", true, false),
        (&admin, 204, "actionDone/main-org", false, false),
    ] {
        check(asker, &format!("PUT {task}/{request}"), Value::Null, status, Value::Null).await;
        let expected = json!({"main-org": main, "client-org": theirs, "other-org": false});
        check(&admin, &get, Value::Null, 200, expected).await;
    }
    // Each knows of the owner and of itself.
    check(&eve, &get, Value::Null, 200, json!({"main-org": false, "client-org": false, "other-org": "-"})).await;
}

#[tokio::test]
async fn another_organisation_sees_no_task() {
    let client = Client::stand().await;
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    add_user(&client.door.store, client.now(), "rod", "x", &[("main-org", "read-only")]).await;
    let (admin, eve, rod) = (client.admin("main-org"), client.user("eve", "x", None), client.user("rod", "x", None));
    let case = case(&client).await;
    let task = make(&admin, &format!("/api/v1/case/{case}/task"), json!({"title": "secret"})).await;
    let path = format!("/api/v1/task/{}", id(&task));
    for (request, body) in [
        (format!("POST /api/v1/case/{case}/task"), json!({"title": "x"})),
        (format!("GET {path}"), Value::Null),
        (format!("PATCH {path}"), json!({"title": "x"})),
        ("PATCH /api/v1/task/_bulk".to_owned(), json!({"ids": [task["_id"]], "title": "x"})),
        (format!("DELETE {path}"), Value::Null),
        (format!("GET {path}/shares"), Value::Null),
        (format!("POST {path}/shares"), json!({"organisations": ["main-org"]})),
        (format!("DELETE {path}/shares"), json!({"organisations": ["main-org"]})),
        (format!("GET {path}/actionRequired"), Value::Null),
        (format!("PUT {path}/actionRequired/main-org"), Value::Null),
        (format!("PUT {path}/actionDone/main-org"), Value::Null),
        (format!("POST {path}/log"), json!({"message": "x"})),
    ] {
        check(&eve, &request, body.clone(), 404, json!({"type": "NotFoundError"})).await;
        if !request.starts_with("GET") {
            check(&rod, &request, body, 403, json!({"type": "AuthorizationError"})).await;
        }
    }
    assert_eq!(query(&eve, json!([{"_name": "listTask"}])).await, json!([]));
    assert_eq!(query(&rod, json!([{"_name": "listTask"}])).await, json!([task]));
}
