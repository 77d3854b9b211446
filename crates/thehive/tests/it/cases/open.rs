//! Cases as they are opened.

use serde_json::{Value, json};
use vigie_model::UserId;

use super::{case, id, make, query};
use crate::check::{check, golden, includes};
use crate::client::{Asker, Client};
use crate::house::add_user;

/// Makes the custom fields and the template that the golden case names.
async fn prepare(client: &Client) {
    let platform = client.admin("admin");
    for (name, kind) in [("cost", "integer"), ("seen", "date"), ("owner", "string")] {
        let field = json!({"name": name, "group": "g", "description": "d", "type": kind});
        make(&platform, "/api/v1/customField", field).await;
    }
    let (admin, store) = (client.admin("main-org"), &client.door.store);
    add_user(store, client.now(), "gone@thehive.local", "pw", &[("main-org", "analyst")]).await;
    let page = json!({"title": "Playbook", "content": "Do this", "category": "general"});
    let page = make(&admin, "/api/v1/pageTemplate", page).await;
    let template = json!({
        "name": "steps", "titlePrefix": "[STEPS]", "description": "not this", "severity": 1, "tlp": 4, "pap": 3,
        "tags": ["steps", "vip"], "summary": "not this", "flag": false, "pageTemplateIds": [page],
        "tasks": [{"title": "First"}, {"title": "Second", "assignee": "gone@thehive.local"}],
        "customFields": [{"name": "owner", "value": "somebody"}, {"name": "cost", "value": 1}],
    });
    make(&admin, "/api/v1/caseTemplate", template).await;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.delete_user(UserId::derive(["gone@thehive.local"])).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_case_is_fetched_as_it_was_created() {
    let client = Client::stand().await;
    prepare(&client).await;
    let admin = client.admin("main-org");
    let input: Value = serde_json::from_str(include_str!("../../golden/case.in.json")).unwrap();
    let created = check(&admin, "POST /api/v1/case", input, 201, json!({"_updatedAt": "-", "number": 1})).await;
    golden("case", &created);
    for path in [id(&created), "1".into()] {
        assert_eq!(check(&admin, &format!("GET /api/v1/case/{path}"), Value::Null, 200, Value::Null).await, created);
    }
    let listed = query(&admin, json!([{"_name": "listCase"}])).await;
    assert_eq!(listed, json!([created]));
    for number in [json!(1), json!("1"), json!(id(&created))] {
        let got = json!({"_name": "getCase", "idOrName": number});
        assert_eq!(query(&admin, json!([got])).await, listed);
        let tasks =
            query(&admin, json!([got, {"_name": "tasks"}, {"_name": "sort", "_fields": [{"order": "asc"}]}])).await;
        let expected = json!([
            {"title": "First", "order": 0},
            {"title": "Second", "order": 1, "assignee": "-"},
            {"title": "Own", "order": 2, "group": "mine", "mandatory": true, "assignee": "admin@thehive.local"},
            {"title": "Begun", "status": "InProgress"},
        ]);
        assert!(includes(&tasks, &expected), "{tasks}");
        let pages = query(&admin, json!([got, {"_name": "pages"}])).await;
        assert!(includes(&pages, &json!([{"title": "Notes", "order": 2}, {"title": "Playbook"}])), "{pages}");
    }
}

#[tokio::test]
async fn numbers_count_within_an_organisation() {
    let client = Client::stand().await;
    let now = client.now();
    add_user(&client.door.store, now, "eve", "pw", &[("other-org", "org-admin")]).await;
    let (admin, eve) = (client.admin("main-org"), client.user("eve", "pw", None));
    for asker in [&admin, &eve] {
        case(asker, "one").await;
        case(asker, "two").await;
    }
    check(&admin, "GET /api/v1/case/2", Value::Null, 200, json!({"title": "two", "number": 2})).await;
    check(&eve, "GET /api/v1/case/2", Value::Null, 200, json!({"title": "two", "number": 2})).await;
    for bad in ["3", "-1", "x", "~1", "2x", "999999999999999999999"] {
        check(&admin, &format!("GET /api/v1/case/{bad}"), Value::Null, 404, Value::Null).await;
    }
}

async fn wrong(asker: &Asker<'_>, changes: Value, expected: &str) {
    let mut input = json!({"title": "t", "description": "d"});
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    check(asker, "POST /api/v1/case", input, 400, json!({"message": expected})).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_case_is_named() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let long = "x".repeat(1_000_000);
    for (changes, expected) in [
        (json!({"title": " "}), "…`title` is empty"),
        (json!({"title": null}), "…title: invalid type: null"),
        (json!({"title": long}), "…`title` is too long"),
        (json!({"description": long}), "…`description` is too long"),
        (json!({"summary": long}), "…`summary` is too long"),
        (json!({"tags": [long]}), "…`tags` is too long"),
        (json!({"severity": 0}), "…severity: expected a number from 1 to 4"),
        (json!({"status": "Contained"}), "…there is no status `Contained`: expected one of New"),
        (json!({"impactStatus": "Bad"}), "…impactStatus: expected one of"),
        (json!({"startDate": "soon"}), "…startDate: expected milliseconds"),
        (json!({"assignee": "nobody"}), "…there is no user nobody"),
        (json!({"access": {"_kind": "x"}}), "…access"),
        (json!({"access": {"_kind": "UserAccessKind", "users": []}}), "…`access.users` is empty"),
        (json!({"access": {"_kind": "UserAccessKind", "users": ["nobody"]}}), "…there is no user nobody"),
        (json!({"customFields": {"x": 1}}), "…there is no custom field `x`"),
        (json!({"tasks": [{"title": ""}]}), "…`title` is empty"),
        (json!({"tasks": [{"title": "x", "assignee": "nobody"}]}), "…there is no user nobody"),
        (json!({"pages": [{"title": "x", "content": "x", "category": ""}]}), "…`category` is empty"),
        (json!({"sharingParameters": [{"organisation": "x", "taskRule": "manual"}]}), "…only `all` is known"),
    ] {
        wrong(&admin, changes, expected).await;
    }
    let missing = json!({"title": "t", "description": "d", "caseTemplate": "none"});
    check(&admin, "POST /api/v1/case", missing, 404, json!({"message": "CaseTemplate none not found"})).await;
    assert_eq!(query(&admin, json!([{"_name": "listCase"}])).await, json!([]), "nothing was half done");
}

#[tokio::test]
async fn markup_is_text() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let markup = "<script>alert(1)</script>\u{0}\u{202e}'; DROP TABLE cases; --";
    let mut input = json!({"tags": [markup], "startDate": -1, "endDate": 99_999_999_999_999_i64});
    for name in ["title", "description", "summary"] {
        input[name] = markup.into();
    }
    let created = check(&admin, "POST /api/v1/case", input.clone(), 201, Value::Null).await;
    assert!(includes(&created, &input), "{created}");
}

#[tokio::test]
async fn cases_are_found_by_their_words() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for status in ["New", "InProgress", "TruePositive", "Other", "Duplicated"] {
        let input = json!({"title": status, "description": "x", "status": status, "impactStatus": "NoImpact"});
        check(&admin, "POST /api/v1/case", input, 201, json!({"status": status})).await;
    }
    let titles = |filter: Value| {
        let admin = &admin;
        async move {
            let mut filter = filter;
            filter["_name"] = "filter".into();
            let found = query(admin, json!([{"_name": "listCase"}, filter])).await;
            let titles = found.as_array().unwrap().iter().map(|case| case["title"].as_str().unwrap().to_owned());
            titles.collect::<Vec<_>>()
        }
    };
    for (filter, expected) in [
        (json!({"_eq": {"_field": "status", "_value": "New"}}), &["New"][..]),
        (json!({"_eq": {"_field": "status", "_value": "Other"}}), &["Other"]),
        (json!({"_ne": {"_field": "status", "_value": "New"}}), &["InProgress", "TruePositive", "Other", "Duplicated"]),
        (json!({"_in": {"_field": "status", "_values": ["New", "Duplicated"]}}), &["New", "Duplicated"]),
        (json!({"_like": {"_field": "status", "_value": "*Positive"}}), &["TruePositive"]),
        (json!({"_eq": {"_field": "stage", "_value": "Closed"}}), &["TruePositive", "Other", "Duplicated"]),
        (json!({"_gt": {"_field": "number", "_value": 3}}), &["Other", "Duplicated"]),
        (json!({"_eq": {"_field": "impactStatus", "_value": "WithImpact"}}), &[]),
        (json!({"_has": "closedDate"}), &["TruePositive", "Other", "Duplicated"]),
        (json!({"_has": "endDate"}), &["TruePositive", "Other", "Duplicated"]),
    ] {
        assert_eq!(titles(filter.clone()).await, expected, "{filter}");
    }
}
