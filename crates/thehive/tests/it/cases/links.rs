//! Links between cases, and what cases have in common.

use serde_json::{Value, json};

use super::{case, make, query};
use crate::check::{check, includes};
use crate::client::{Asker, Client};

async fn links(admin: &Asker<'_>, number: u64) -> Value {
    let filter = json!({"_name": "filter", "_eq": {"_field": "number", "_value": number}});
    let page = json!({"_name": "page", "from": 0, "to": 1, "extraData": ["links"]});
    query(admin, json!([{"_name": "listCase"}, filter, page])).await[0]["extraData"]["links"].clone()
}

#[tokio::test]
async fn cases_are_linked_and_unlinked() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (one, two) = (case(&admin, "one").await, case(&admin, "two").await);
    let to_case = json!({"type": "kin", "caseId": two});
    let to_page = json!({"type": "ticket", "url": "https://example.com/1"});
    let path = |what: &str| format!("POST /api/v1/case/{one}/link/{what}");
    for _ in 0..2 {
        check(&admin, &path("case/add"), to_case.clone(), 204, Value::Null).await;
        check(&admin, &path("external/add"), to_page.clone(), 204, Value::Null).await;
    }
    let expected = json!({
        "caseLinks": [{"caseId": two, "type": "kin"}],
        "externalLinks": [{"url": "https://example.com/1", "type": "ticket"}],
    });
    assert_eq!(links(&admin, 1).await, expected);
    check(&admin, "GET /api/v1/case/link/types", Value::Null, 200, json!(["kin", "ticket"])).await;
    for (what, body, status) in [
        ("case/add", json!({"type": "kin", "caseId": one}), 400),
        ("case/add", json!({"type": "kin", "caseId": "~1"}), 404),
        ("case/add", json!({"type": " ", "caseId": two}), 400),
        ("external/add", json!({"type": "x", "url": "javascript:alert(1)"}), 400),
        ("external/add", json!({"type": "x", "url": ""}), 400),
        ("external/remove", json!({"type": "x", "url": "https://example.com/1"}), 404),
    ] {
        check(&admin, &path(what), body, status, Value::Null).await;
    }
    check(&admin, &path("case/remove"), to_case, 204, Value::Null).await;
    check(&admin, &path("external/remove"), to_page, 204, Value::Null).await;
    assert_eq!(links(&admin, 1).await, json!({"caseLinks": [], "externalLinks": []}));
    assert_eq!(check(&admin, "GET /api/v1/case/link/types", Value::Null, 200, Value::Null).await, json!([]));
}

#[tokio::test]
async fn cases_have_observables_in_common() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let (one, two, three) = (case(&admin, "one").await, case(&admin, "two").await, case(&admin, "three").await);
    for (on, kind, value, unlike) in [
        (&one, "domain", "a.example", false),
        (&one, "domain", "b.example", false),
        (&one, "other", "x", false),
        (&two, "domain", "a.example", false),
        (&two, "domain", "b.example", false),
        (&two, "hostname", "x", false),
        (&three, "domain", "b.example", false),
        (&three, "domain", "a.example", true),
    ] {
        let observable = json!({"dataType": kind, "data": value, "ignoreSimilarity": unlike});
        make(&admin, &format!("/api/v1/case/{on}/observable"), observable).await;
    }
    let found = check(&admin, &format!("GET /api/v1/case/{one}/links"), Value::Null, 200, Value::Null).await;
    let expected = json!([
        {"_id": two, "linksCount": 2, "linkedWith": [{}, {}]},
        {"_id": three, "linksCount": 1, "linkedWith": [{"data": "b.example"}]},
    ]);
    assert!(includes(&found, &expected), "{found}");
    let similar = |other: &str| format!("GET /api/v1/case/{one}/similar/{other}/observables");
    let expected = json!([{"data": "a.example"}, {"data": "b.example"}]);
    check(&admin, &similar(&two), Value::Null, 200, expected).await;
    check(&admin, &similar(&three), Value::Null, 200, json!([{"data": "b.example"}])).await;
    check(&admin, &similar("~1"), Value::Null, 404, Value::Null).await;
    let merged = json!({"untouched": 3, "updated": 0, "deleted": 0});
    check(&admin, &format!("POST /api/v1/case/{one}/observable/_merge"), Value::Null, 200, merged).await;
}
