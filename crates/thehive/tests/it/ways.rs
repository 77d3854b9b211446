//! From list to list in queries.

use serde_json::{Value, json};
use vigie_thehive::House as _;

use crate::client::Client;

/// What shares an observable is alike, unless that says nothing: marked so, or of another organisation.
#[tokio::test]
async fn alerts_that_share_an_observable_are_alike() {
    let client = Client::stand().await;
    crate::house::add_user(&client.door.store, client.house.now(), "eve", "secret", &[("globex", "analyst")]).await;
    let (main, eve) = (client.admin("main-org"), client.user("eve", "secret", None));
    for (asker, reference, observables) in [
        (&main, "a", json!([{"dataType": "domain", "data": "evil.example.com"}, {"dataType": "other", "data": "x"}])),
        (&main, "b", json!([{"dataType": "domain", "data": "EVIL.example.com"}])),
        (&main, "c", json!([{"dataType": "other", "data": "x", "ignoreSimilarity": true}])),
        (&main, "d", json!([{"dataType": "domain", "data": "good.example.com"}])),
        (&eve, "e", json!([{"dataType": "domain", "data": "evil.example.com"}])),
    ] {
        let alert = json!({"type": "t", "source": "s", "sourceRef": reference, "title": "x", "description": "x",
            "observables": observables});
        let answer = asker.post("/api/v1/alert", alert).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    for (reference, expected) in [("a", json!(["b"])), ("b", json!(["a"])), ("c", json!([])), ("d", json!([]))] {
        let first = json!({"_name": "getAlert", "idOrName": format!("t;s;{reference}")});
        let query = json!({"query": [first, {"_name": "similarAlertsLight"}]});
        let found = main.post("/api/v1/query", query).await.body;
        let found: Vec<&Value> = found.as_array().unwrap().iter().map(|alert| &alert["sourceRef"]).collect();
        assert_eq!(json!(found), expected, "{reference}");
    }
}

/// Every list is listed, sorted by each field that it may be, and left in every way that there is.
#[tokio::test]
async fn every_list_and_every_way_from_it_works() {
    let client = Client::stand().await;
    let main = client.admin("main-org");
    let ask = async |query: Value| main.post("/api/v1/query", json!({"query": query})).await;
    let refusal = async |query: Value| ask(query).await.body["message"].as_str().unwrap().to_owned();
    let words = |message: &str, after: &str| -> Vec<String> {
        message.split_once(after).unwrap().1.split(", ").map(str::to_owned).collect()
    };
    let lists = words(&refusal(json!([{"_name": "x"}])).await, "begins with one of ");
    let lists: Vec<&String> = lists.iter().filter(|name| name.starts_with("list")).collect();
    assert!(lists.len() > 15, "{lists:?}");
    let mut ways = 0;
    for list in lists {
        let first = json!({"_name": list});
        let hops = words(&refusal(json!([first, {"_name": "x"}])).await, "known are ");
        for hop in hops.iter().filter(|name| !["filter", "sort", "page"].contains(&name.as_str())) {
            ways += 1;
            let answer = ask(json!([first, {"_name": hop}])).await;
            assert_eq!(answer.status, 200, "{list} {hop}: {}", answer.body);
        }
        let fields = words(&refusal(json!([first, {"_name": "filter", "_has": "x"}])).await, "known are ");
        for field in fields.iter().filter(|name| !["keyword", "_any", "_all", "fulltext"].contains(&name.as_str())) {
            let answer = ask(json!([first, {"_name": "filter", "_has": field}, {"_name": "count"}])).await;
            assert!(answer.status == 200 || answer.body.to_string().contains("cannot be asked"), "{list} {field}");
            let answer = ask(json!([first, {"_name": "filter", "_eq": {"_field": field, "_value": null}}])).await;
            assert!(answer.status < 500, "{list} {field}: {}", answer.body);
            let answer = ask(json!([first, {"_name": "sort", "_fields": [{field: "desc"}]}])).await;
            assert!(
                answer.status == 200 || answer.body.to_string().contains("sort by"),
                "{list} {field}: {}",
                answer.body
            );
        }
        let found = ask(json!([first, {"_name": "filter", "_match": {"_field": "keyword", "_value": "x y"}}])).await;
        assert_eq!(found.status, 200, "{list}: {}", found.body);
    }
    assert!(ways > 60, "{ways}");
}

/// From a case to what is on it and back, each with one of a kind and a second case beside it that must not come along.
#[tokio::test]
async fn ways_lead_there_and_back() {
    let client = Client::stand().await;
    let main = client.admin("main-org");
    let make = async |path: &str, body: Value| {
        let answer = main.post(path, body.clone()).await;
        assert_eq!(answer.status, 201, "{path} {body}: {}", answer.body);
        let one = if answer.body.is_array() { answer.body[0].clone() } else { answer.body };
        one["_id"].as_str().unwrap().to_owned()
    };
    let count = async |query: Value| main.post("/api/v1/query", json!({"query": query})).await.body;
    let mut cases = Vec::new();
    for name in ["one", "two"] {
        let case = make("/api/v1/case", json!({"title": name, "description": "x"})).await;
        let on = |part: &str| format!("/api/v1/case/{case}/{part}");
        let me = "admin@thehive.local";
        let task = make(&on("task"), json!({"title": name, "assignee": me})).await;
        let log = make(&format!("/api/v1/task/{task}/log"), json!({"message": name})).await;
        let comment = make(&on("comment"), json!({"message": name})).await;
        let page = make(&on("page"), json!({"title": name, "content": "x", "category": "c"})).await;
        let procedure = make(&on("procedure"), json!({"patternId": "T1059", "occurDate": 1})).await;
        let observable = make(&on("observable"), json!({"dataType": "domain", "data": "evil.example.com"})).await;
        for (kind, id, hop) in [
            ("Task", &task, "tasks"),
            ("Comment", &comment, "comments"),
            ("Page", &page, "pages"),
            ("Procedure", &procedure, "procedures"),
            ("Observable", &observable, "observables"),
        ] {
            let there = json!([{"_name": "getCase", "idOrName": case}, {"_name": hop}, {"_name": "filter", "_id": id}]);
            assert_eq!(count(there).await[0]["_id"], json!(id), "{kind}");
            let all = json!([{"_name": "getCase", "idOrName": case}, {"_name": hop}, {"_name": "count"}]);
            assert_eq!(count(all).await, 1, "{kind}");
            let back = json!([{"_name": format!("get{kind}"), "idOrName": id}, {"_name": "case"}]);
            assert_eq!(count(back).await[0]["title"], name, "{kind}");
        }
        for (query, expected) in [
            (json!([{"_name": "getLog", "idOrName": log}, {"_name": "task"}, {"_name": "case"}]), 1),
            (json!([{"_name": "getTask", "idOrName": task}, {"_name": "logs"}]), 1),
            (json!([{"_name": "getCase", "idOrName": case}, {"_name": "tasks"}, {"_name": "logs"}]), 1),
            (json!([{"_name": "getCase", "idOrName": case}, {"_name": "allComments"}]), 1),
            (json!([{"_name": "getCase", "idOrName": case}, {"_name": "assignableUsers"}]), 1),
            (json!([{"_name": "getCase", "idOrName": case}, {"_name": "organisations"}]), 0),
            (json!([{"_name": "getOrganisation", "idOrName": "main-org"}, {"_name": "cases"}]), cases.len() + 1),
            (json!([{"_name": "getCase", "idOrName": case}, {"_name": "similarCasesLight"}]), cases.len()),
            (json!([{"_name": "myTasks"}]), cases.len() + 1),
            (json!([{"_name": "waitingTasks"}]), cases.len() + 1),
        ] {
            let found = count(query.clone()).await;
            assert_eq!(found.as_array().map(Vec::len), Some(expected), "{query}: {found}");
        }
        cases.push(case);
    }
}
