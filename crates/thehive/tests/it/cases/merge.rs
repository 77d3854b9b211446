//! Cases that become one.

use serde_json::{Value, json};
use vigie_model::TenantScope;

use super::{case, count, id, make, query};
use crate::check::{check, includes};
use crate::client::{Asker, Client};

/// Puts one of everything on a case.
async fn fill(admin: &Asker<'_>, id: &str, title: &str) {
    let on = |path: &str| format!("/api/v1/case/{id}/{path}");
    let task = make(admin, &on("task"), json!({"title": format!("task of {title}")})).await;
    let log = make(admin, &format!("/api/v1/task/{task}/log"), json!({"message": "m"})).await;
    let file = [("attachments", Some("a.txt"), title.as_bytes())];
    for path in [format!("/api/v1/log/{log}/attachments"), on("attachments")] {
        assert_eq!(admin.form(&path, &file).await.status, 201);
    }
    for (data, tags) in [("same.example", json!([title])), (&*format!("{title}.example"), json!([]))] {
        make(admin, &on("observable"), json!({"dataType": "domain", "data": data, "tags": tags})).await;
    }
    let form = [("_json", None, &br#"{"dataType":"file"}"#[..]), ("attachment", Some("evil.exe"), b"the same bytes")];
    assert_eq!(admin.form(&on("observable"), &form).await.status, 201);
    make(admin, &on("comment"), json!({"message": "m"})).await;
    make(admin, &on("procedure"), json!({"patternId": "T1059", "occurDate": 1})).await;
    make(admin, &on("page"), json!({"title": title, "content": "c", "category": "c"})).await;
    make(admin, &on("customEvent"), json!({"date": 1, "title": title})).await;
}

#[tokio::test]
async fn what_is_on_cases_moves_to_the_one_that_they_become() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let ids = [case(&admin, "one").await, case(&admin, "two").await];
    for (id, title) in ids.iter().zip(["one", "two"]) {
        fill(&admin, id, title).await;
    }
    let third = case(&admin, "three").await;
    for (from, to) in [(&ids[0], &ids[1]), (&third, &ids[0]), (&ids[1], &third)] {
        let link = json!({"type": "kin", "caseId": to});
        check(&admin, &format!("POST /api/v1/case/{from}/link/case/add"), link, 204, Value::Null).await;
    }
    let job = json!({"analyzerId": "a", "cortexId": "c", "artifactId": observable(&admin, &ids[1]).await});
    let job = check(&admin, "POST /api/connector/cortex/job", job, 201, Value::Null).await;
    let path = format!("POST /api/v1/case/_merge/{},{},{}", ids[0], ids[1], ids[0]);
    let merged = check(&admin, &path, Value::Null, 200, json!({"title": "one / two", "number": 4})).await;
    assert!(merged.get("_updatedAt").is_none(), "{merged}");
    for id in &ids {
        check(&admin, &format!("GET /api/v1/case/{id}"), Value::Null, 404, Value::Null).await;
    }
    let get = json!({"_name": "getCase", "idOrName": id(&merged)});
    for (hop, expected) in
        [("tasks", 2), ("comments", 2), ("procedures", 2), ("pages", 2), ("attachments", 2), ("observables", 4)]
    {
        assert_eq!(count(&admin, &[get.clone(), json!({"_name": hop})]).await, expected, "{hop}");
    }
    for (list, expected) in [("Case", 2), ("Task", 2), ("Log", 2), ("Attachment", 5), ("Observable", 4)] {
        assert_eq!(count(&admin, &[json!({"_name": format!("list{list}")})]).await, expected, "{list}");
    }
    let same = json!({"_name": "filter", "_eq": {"_field": "data", "_value": "same.example"}});
    let same = query(&admin, json!([get, {"_name": "observables"}, same])).await;
    assert!(includes(&same, &json!([{"tags": ["one", "two"]}])), "{same}");
    let path = format!("GET /api/connector/cortex/job/{}", id(&job));
    check(&admin, &path, Value::Null, 200, Value::Null).await;
    let page = json!({"_name": "page", "from": 0, "to": 10, "extraData": ["links"]});
    let linked = query(&admin, json!([{"_name": "listCase"}, page])).await;
    for (from, to) in [(&linked[0], &linked[1]), (&linked[1], &linked[0])] {
        assert_eq!(from["extraData"]["links"]["caseLinks"], json!([{"caseId": to["_id"], "type": "kin"}]));
    }
    let events =
        check(&admin, &format!("GET /api/v1/case/{}/timeline", id(&merged)), Value::Null, 200, Value::Null).await;
    let notes = events["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "Custom").count();
    assert_eq!(notes, 2);
    assert_eq!(client.door.store.verify_chain().await.unwrap().broken, None);
}

async fn observable(admin: &Asker<'_>, case: &str) -> Value {
    let got = json!({"_name": "getCase", "idOrName": case});
    let same = json!({"_name": "filter", "_eq": {"_field": "data", "_value": "same.example"}});
    query(admin, json!([got, {"_name": "observables"}, same])).await[0]["_id"].clone()
}

#[tokio::test]
async fn some_cases_are_not_merged() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let one = case(&admin, "one").await;
    let many = vec!["~1"; 51].join(",");
    for (ids, status) in [
        (one.clone(), 400),
        (format!("{one},{one}"), 400),
        (format!("{one},~1"), 404),
        (",".to_owned(), 400),
        (many, 400),
    ] {
        check(&admin, &format!("POST /api/v1/case/_merge/{ids}"), Value::Null, status, Value::Null).await;
    }
    assert_eq!(client.door.store.cases(&TenantScope::All, &vigie_store::Listing::default()).await.unwrap().total, 1);
}
