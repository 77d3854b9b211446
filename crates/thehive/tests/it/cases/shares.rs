//! Cases that others see: within the organisation, and in another one.

use axum::http::Method;
use serde_json::{Value, json};

use super::{case, count, id, make, query};
use crate::check::{check, includes};
use crate::client::{Asker, Client};
use crate::house::add_user;

/// A door with the organisations main-org and partner, which are linked, and stranger, which is not; each with somebody who
/// may do everything there.
async fn three() -> Client {
    let client = Client::stand().await;
    let (store, now) = (&client.door.store, client.now());
    for (name, organisation) in [("bob", "main-org"), ("eve", "partner"), ("mallory", "stranger")] {
        add_user(store, now, name, "pw", &[(organisation, "org-admin")]).await;
    }
    add_user(store, now, "rita", "pw", &[("partner", "read-only")]).await;
    let links = client.admin("admin").json(Method::PUT, "/api/v1/organisation/main-org/link/partner", &json!({})).await;
    assert!(links.status < 300, "{}", links.body);
    client
}

#[tokio::test]
async fn a_case_is_closed_to_others_of_the_organisation() {
    let client = three().await;
    let (admin, bob) = (client.admin("main-org"), client.user("bob", "pw", None));
    let id = case(&admin, "secret").await;
    let task = make(&admin, &format!("/api/v1/case/{id}/task"), json!({"title": "t"})).await;
    make(&admin, &format!("/api/v1/case/{id}/comment"), json!({"message": "m"})).await;
    make(&admin, &format!("/api/v1/case/{id}/observable"), json!({"dataType": "ip", "data": "203.0.113.7"})).await;
    let access = |users: Value| json!({"access": {"_kind": "UserAccessKind", "users": users}});
    let path = format!("POST /api/v1/case/{id}/access");
    check(&admin, &path, access(json!(["nobody"])), 400, Value::Null).await;
    check(&admin, &path, access(json!(["ADMIN@thehive.local"])), 204, Value::Null).await;
    let users = json!({"access": {"_kind": "UserAccessKind", "users": ["admin@thehive.local"]}});
    check(&admin, &format!("GET /api/v1/case/{id}"), Value::Null, 200, users).await;
    for request in [
        format!("GET /api/v1/case/{id}"),
        "GET /api/v1/case/1".into(),
        format!("PATCH /api/v1/case/{id}"),
        format!("DELETE /api/v1/case/{id}"),
        format!("GET /api/v1/case/{id}/timeline"),
        format!("GET /api/v1/case/{id}/export?password=x"),
        format!("GET /api/v1/task/{task}"),
        format!("POST /api/v1/case/{id}/task"),
        format!("POST /api/v1/case/{id}/access"),
    ] {
        let body = if request.starts_with("GET") {
            Value::Null
        } else {
            json!({"title": "x", "access": {"_kind": "OrganisationAccessKind"}})
        };
        check(&bob, &request, body, 404, Value::Null).await;
    }
    for list in ["Case", "Task", "Comment", "Observable"] {
        let list = json!({"_name": format!("list{list}")});
        assert_eq!((count(&bob, &[list.clone()]).await, count(&admin, &[list.clone()]).await), (0, 1), "{list}");
    }
    check(&admin, &path, json!({"access": {"_kind": "OrganisationAccessKind"}}), 204, Value::Null).await;
    check(&bob, &format!("GET /api/v1/case/{id}"), Value::Null, 200, Value::Null).await;
}

/// Everything that a share may allow: a request on a shared case, its body, and the permission.
fn writes(case: &str, parts: &Parts) -> Vec<(Method, String, Value, &'static str)> {
    let on = |path: &str| format!("/api/v1/case/{case}{path}");
    let Parts { task, observable, page, event, comment: _ } = parts;
    vec![
        (Method::PATCH, on(""), json!({"title": "theirs"}), "manageCase/update"),
        (Method::PATCH, "/api/v1/case/_bulk".into(), json!({"ids": [case], "flag": true}), "manageCase/update"),
        (
            Method::POST,
            on("/link/external/add"),
            json!({"type": "x", "url": "https://example.com"}),
            "manageCase/update",
        ),
        (Method::POST, on("/task"), json!({"title": "theirs"}), "manageTask"),
        (Method::PATCH, format!("/api/v1/task/{task}"), json!({"title": "theirs"}), "manageTask"),
        (Method::POST, format!("/api/v1/task/{task}/log"), json!({"message": "theirs"}), "manageTask"),
        (Method::POST, on("/observable"), json!({"dataType": "ip", "data": "203.0.113.9"}), "manageObservable"),
        (Method::PATCH, format!("/api/v1/observable/{observable}"), json!({"message": "theirs"}), "manageObservable"),
        (Method::POST, on("/observable/_merge"), json!({}), "manageObservable"),
        (Method::POST, on("/comment"), json!({"message": "theirs"}), "manageComment"),
        (Method::POST, on("/procedure"), json!({"patternId": "T1059", "occurDate": 1}), "manageProcedure"),
        (Method::POST, on("/page"), json!({"title": "t", "content": "c", "category": "c"}), "managePage"),
        (Method::PATCH, on(&format!("/page/{page}")), json!({"title": "theirs"}), "managePage"),
        (Method::POST, on("/customEvent"), json!({"date": 1, "title": "theirs"}), "manageCustomEvent"),
        (Method::PATCH, format!("/api/v1/customEvent/{event}"), json!({"title": "theirs"}), "manageCustomEvent"),
    ]
}

/// What only the owner does, whatever the share allows.
fn owners(case: &str) -> Vec<(Method, String, Value)> {
    let on = |path: &str| format!("/api/v1/case/{case}{path}");
    vec![
        (Method::DELETE, on(""), json!({})),
        (Method::POST, format!("/api/v1/case/_merge/{case},{case}"), json!({})),
        (Method::POST, on("/access"), json!({"access": {"_kind": "OrganisationAccessKind"}})),
        (Method::POST, on("/owner"), json!({"organisation": "partner"})),
        (Method::POST, on("/shares"), json!({"shares": []})),
        (Method::PUT, on("/shares"), json!({"shares": []})),
        (Method::DELETE, on("/shares"), json!({"organisations": ["partner"]})),
    ]
}

struct Parts {
    task: String,
    observable: String,
    page: String,
    event: String,
    comment: String,
}

async fn fill(asker: &Asker<'_>, case: &str) -> Parts {
    let on = |path: &str| format!("/api/v1/case/{case}/{path}");
    Parts {
        task: make(asker, &on("task"), json!({"title": "t"})).await,
        observable: make(asker, &on("observable"), json!({"dataType": "ip", "data": "203.0.113.7"})).await,
        page: make(asker, &on("page"), json!({"title": "t", "content": "c", "category": "c"})).await,
        event: make(asker, &on("customEvent"), json!({"date": 1, "title": "e"})).await,
        comment: make(asker, &on("comment"), json!({"message": "m"})).await,
    }
}

#[tokio::test]
async fn a_share_gives_what_its_profile_allows_and_no_more() {
    let client = three().await;
    let admin = client.admin("main-org");
    let platform = client.admin("admin");
    for permission in ["manageTask", "manageComment"] {
        let profile = json!({"name": format!("only {permission}"), "permissions": [permission]});
        make(&platform, "/api/v1/profile", profile).await;
    }
    let (eve, rita) = (client.user("eve", "pw", None), client.user("rita", "pw", None));
    let mallory = client.user("mallory", "pw", None);
    for (profile, allowed) in [
        (None, Vec::new()),
        (Some("read-only"), Vec::new()),
        (Some("only manageTask"), vec!["manageTask"]),
        (Some("only manageComment"), vec!["manageComment"]),
        (Some("analyst"), writes("", &nothing()).into_iter().map(|(.., permission)| permission).collect()),
    ] {
        let id = case(&admin, "shared").await;
        let parts = fill(&admin, &id).await;
        let before = check(&eve, &format!("GET /api/v1/case/{id}"), Value::Null, 404, Value::Null).await;
        assert_eq!(before["type"], "NotFoundError");
        let share = json!({"shares": [{"organisation": "partner", "profile": profile}]});
        let made = check(&admin, &format!("POST /api/v1/case/{id}/shares"), share, 201, Value::Null).await;
        let expected = json!([{"organisationName": "partner", "owner": false, "caseId": id}]);
        assert!(includes(&made, &expected), "{made}");
        // Reading: the case and what is on it, each by its id and in lists.
        for asker in [&eve, &rita] {
            let got = check(asker, &format!("GET /api/v1/case/{id}"), Value::Null, 200, Value::Null).await;
            let may = got["userPermissions"].as_array().unwrap();
            assert!(may.len() < 24, "{profile:?}: {may:?}");
            check(asker, &format!("GET /api/v1/task/{}", parts.task), Value::Null, 200, Value::Null).await;
            check(asker, &format!("GET /api/v1/observable/{}", parts.observable), Value::Null, 200, Value::Null).await;
            let get = json!({"_name": "getComment", "idOrName": parts.comment});
            assert_eq!(query(asker, json!([get])).await.as_array().unwrap().len(), 1);
            assert_eq!(
                count(asker, &[json!({"_name": "getCase", "idOrName": id}), json!({"_name": "tasks"})]).await,
                1
            );
        }
        for (method, path, body, permission) in writes(&id, &parts) {
            let answer = eve.json(method.clone(), &path, &body).await;
            let expected = if allowed.contains(&permission) { 200..300 } else { 403..404 };
            assert!(
                expected.contains(&answer.status),
                "{profile:?} {method} {path}: {} {}",
                answer.status,
                answer.body
            );
            assert_eq!(rita.json(method.clone(), &path, &body).await.status, 403, "read-only at home: {method} {path}");
            assert_eq!(mallory.json(method.clone(), &path, &body).await.status, 404, "a stranger: {method} {path}");
        }
        for (method, path, body) in owners(&id) {
            let answer = eve.json(method.clone(), &path, &body).await;
            assert_eq!(answer.status, 403, "{profile:?} {method} {path}: {}", answer.body);
        }
        let path = format!("/api/v1/case/share/{}", made[0]["_id"].as_str().unwrap());
        check(&eve, &format!("DELETE {path}"), Value::Null, 403, Value::Null).await;
        check(&mallory, &format!("DELETE {path}"), Value::Null, 404, Value::Null).await;
        check(&admin, &format!("DELETE {path}"), Value::Null, 204, Value::Null).await;
        check(&eve, &format!("GET /api/v1/case/{id}"), Value::Null, 404, Value::Null).await;
        check(&eve, &format!("GET /api/v1/task/{}", parts.task), Value::Null, 404, Value::Null).await;
    }
}

fn nothing() -> Parts {
    let none = String::new;
    Parts { task: none(), observable: none(), page: none(), event: none(), comment: none() }
}

#[tokio::test]
async fn shares_are_set_listed_and_taken_away() {
    let client = three().await;
    let (admin, eve) = (client.admin("main-org"), client.user("eve", "pw", None));
    let created = json!({"title": "x", "description": "d", "sharingParameters": [{"organisation": "partner", "profile": "analyst", "taskRule": "all"}]});
    let id = id(&check(&admin, "POST /api/v1/case", created, 201, Value::Null).await);
    let shares = format!("/api/v1/case/{id}/shares");
    let list = async || check(&admin, &format!("GET {shares}"), Value::Null, 200, Value::Null).await;
    assert!(includes(&list().await, &json!([{"profileName": "analyst", "organisationName": "partner"}])));
    assert_eq!(check(&eve, &format!("GET {shares}"), Value::Null, 200, Value::Null).await, json!([]), "with others");
    let foreign = check(&eve, &format!("GET /api/v1/case/{id}"), Value::Null, 200, Value::Null).await;
    assert!(foreign["userPermissions"].as_array().unwrap().contains(&json!("manageTask")), "{foreign}");
    assert!(!foreign["userPermissions"].as_array().unwrap().contains(&json!("manageUser")), "{foreign}");
    // Again changes nothing; setting does.
    let again = json!({"shares": [{"organisation": "PARTNER", "profile": "read-only"}, {"organisation": "main-org"}]});
    check(&admin, &format!("POST {shares}"), again.clone(), 201, json!([])).await;
    check(&admin, &format!("PUT {shares}"), again, 200, json!([{"profileName": "read-only"}])).await;
    assert_eq!(eve.json(Method::PATCH, &format!("/api/v1/case/{id}"), &json!({"title": "y"})).await.status, 403);
    for (body, status) in [
        (json!({"shares": [{"organisation": "stranger"}]}), 404),
        (json!({"shares": [{"organisation": "nobody"}]}), 404),
        (json!({"shares": [{"organisation": "partner", "profile": "none"}]}), 400),
        (json!({"shares": [{"organisation": "partner", "taskRule": "manual"}]}), 400),
    ] {
        check(&admin, &format!("PUT {shares}"), body, status, Value::Null).await;
    }
    check(&admin, &format!("DELETE {shares}"), json!({"organisations": ["stranger"]}), 404, Value::Null).await;
    check(&admin, &format!("DELETE {shares}"), json!({"organisations": ["partner"]}), 204, Value::Null).await;
    assert_eq!(list().await, json!([]));
    check(&admin, &format!("PUT {shares}"), json!({"shares": [{"organisation": "partner"}]}), 200, Value::Null).await;
    check(&admin, &format!("PUT {shares}"), json!({"shares": []}), 200, json!([])).await;
    check(&eve, &format!("GET /api/v1/case/{id}"), Value::Null, 404, Value::Null).await;
}

#[tokio::test]
async fn nobody_sees_more_by_a_merge() {
    let client = three().await;
    let (admin, bob) = (client.admin("main-org"), client.user("bob", "pw", None));
    let eve = client.user("eve", "pw", None);
    for (first, second, expected) in [
        (Some("analyst"), None, None),
        (Some("analyst"), Some("analyst"), Some("analyst")),
        (Some("analyst"), Some("org-admin"), Some("read-only")),
    ] {
        let ids = [case(&admin, "one").await, case(&admin, "two").await];
        for (id, profile) in ids.iter().zip([first, second]) {
            let Some(profile) = profile else { continue };
            let share = json!({"shares": [{"organisation": "partner", "profile": profile}]});
            check(&admin, &format!("POST /api/v1/case/{id}/shares"), share, 201, Value::Null).await;
        }
        let merge = format!("POST /api/v1/case/_merge/{},{}", ids[0], ids[1]);
        check(&eve, &merge, Value::Null, if second.is_some() { 403 } else { 403 }, Value::Null).await;
        let merged = id(&check(&admin, &merge, Value::Null, 200, Value::Null).await);
        let shares = check(&admin, &format!("GET /api/v1/case/{merged}/shares"), Value::Null, 200, Value::Null).await;
        let profiles: Vec<&str> =
            shares.as_array().unwrap().iter().filter_map(|share| share["profileName"].as_str()).collect();
        assert_eq!(profiles, expected.into_iter().collect::<Vec<_>>(), "{first:?} and {second:?}");
    }
    let ids = [case(&admin, "open").await, case(&admin, "closed").await];
    let access = json!({"access": {"_kind": "UserAccessKind", "users": ["admin@thehive.local"]}});
    check(&admin, &format!("POST /api/v1/case/{}/access", ids[1]), access, 204, Value::Null).await;
    let merge = format!("POST /api/v1/case/_merge/{},{}", ids[0], ids[1]);
    check(&bob, &merge, Value::Null, 404, Value::Null).await;
    let merged = id(&check(&admin, &merge, Value::Null, 200, Value::Null).await);
    check(&bob, &format!("GET /api/v1/case/{merged}"), Value::Null, 404, Value::Null).await;
}

#[tokio::test]
async fn a_case_is_given_away_with_all_that_is_on_it() {
    let client = three().await;
    let (admin, eve) = (client.admin("main-org"), client.user("eve", "pw", None));
    let path = |id: &str| format!("POST /api/v1/case/{id}/owner");
    let given = case(&admin, "given").await;
    case(&eve, "theirs").await;
    fill(&admin, &given).await;
    check(&admin, &path(&given), json!({"organisation": "stranger"}), 404, Value::Null).await;
    check(&admin, &path(&given), json!({"organisation": "main-org"}), 204, Value::Null).await;
    check(&admin, &format!("GET /api/v1/case/{given}"), Value::Null, 200, json!({"number": 1})).await;
    check(&admin, &path(&given), json!({"organisation": "partner"}), 204, Value::Null).await;
    check(&admin, &format!("GET /api/v1/case/{given}"), Value::Null, 404, Value::Null).await;
    check(&eve, &format!("GET /api/v1/case/{given}"), Value::Null, 200, json!({"number": 2})).await;
    for (list, theirs) in [("Case", 2), ("Task", 1), ("Observable", 1), ("Comment", 1), ("Page", 1)] {
        let list = json!({"_name": format!("list{list}")});
        assert_eq!((count(&admin, &[list.clone()]).await, count(&eve, &[list.clone()]).await), (0, theirs), "{list}");
    }
    check(&eve, &format!("PATCH /api/v1/case/{given}"), json!({"title": "ours"}), 204, Value::Null).await;
    // What is given with a profile kept is still seen, within that.
    let kept = case(&admin, "kept").await;
    let owner = json!({"organisation": "partner", "keepProfile": "read-only"});
    check(&admin, &path(&kept), owner, 204, Value::Null).await;
    check(&admin, &format!("GET /api/v1/case/{kept}"), Value::Null, 200, json!({"title": "kept"})).await;
    check(&admin, &format!("PATCH /api/v1/case/{kept}"), json!({"title": "x"}), 403, Value::Null).await;
    assert_eq!(client.door.store.verify_chain().await.unwrap().broken, None);
}
