//! Alerts that come into cases.

use serde_json::{Value, json};
use vigie_model::{Alert, CaseId, TenantScope};

use crate::check::check;
use crate::client::{Asker, Client};
use crate::house::add_user;

/// Makes an alert with an observable, a comment, a procedure and a file, and returns its id.
async fn alert(asker: &Asker<'_>, reference: &str, address: &str) -> String {
    let alert = json!({
        "type": "t", "source": "s", "sourceRef": reference, "title": reference, "description": "d", "severity": 4,
        "tags": [reference], "caseTemplate": "there is none", "date": 1_600_000_000_000_i64,
        "observables": [{"dataType": "ip", "data": [address, "203.0.113.9"]}],
        "procedures": [{"patternId": "T1110", "occurDate": 1}],
    });
    let id = check(asker, "POST /api/v1/alert", alert, 201, Value::Null).await["_id"].as_str().unwrap().to_owned();
    let comment = format!("POST /api/v1/alert/{id}/comment");
    check(asker, &comment, json!({"message": reference}), 201, Value::Null).await;
    let files = asker.form(&format!("/api/v1/alert/{id}/attachments"), &[("attachments", Some("a"), b"x")]).await;
    assert_eq!(files.status, 201, "{}", files.body);
    id
}

async fn case(asker: &Asker<'_>) -> String {
    let case = json!({"title": "c", "description": "d", "severity": 1});
    check(asker, "POST /api/v1/case", case, 201, Value::Null).await["_id"].as_str().unwrap().to_owned()
}

/// Counts what is on a case: observables, comments, procedures, files.
async fn parts(asker: &Asker<'_>, case: &str) -> Vec<Value> {
    let mut counts = Vec::new();
    for part in ["observables", "comments", "procedures", "attachments"] {
        let query = json!([{"_name": "getCase", "idOrName": case}, {"_name": part}, {"_name": "count"}]);
        counts.push(check(asker, "POST /api/v1/query", json!({"query": query}), 200, Value::Null).await);
    }
    counts
}

#[tokio::test]
async fn a_case_is_opened_of_an_alert() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = alert(&admin, "1", "203.0.113.7").await;
    let promote = format!("POST /api/v1/alert/{id}/case");
    let fields = json!({"title": "mine", "tags": ["x"], "tasks": [{"title": "look"}]});
    let expected = json!({
        "title": "mine", "severity": 4, "tags": ["x"], "description": "d", "startDate": 1_600_000_000_000_i64,
    });
    let opened = check(&admin, &promote, fields.clone(), 201, expected).await;
    let case = opened["_id"].as_str().unwrap();
    assert_eq!(parts(&admin, case).await, [json!(2), json!(1), json!(1), json!(1)]);
    let imported = json!({"caseId": case, "status": "Imported", "stage": "Imported"});
    check(&admin, &format!("GET /api/v1/alert/{id}"), Value::Null, 200, imported).await;
    check(&admin, &promote, fields, 400, json!({"type": "CreateError", "message": "…part of case #1 already"})).await;
    let bare = alert(&admin, "2", "203.0.113.8").await;
    check(&admin, &format!("POST /api/v1/alert/{bare}/case"), Value::Null, 201, json!({"title": "2", "number": 2}))
        .await;
    let unlink = format!("DELETE /api/v1/case/{case}/alert/{id}");
    check(&admin, &unlink, Value::Null, 204, Value::Null).await;
    check(&admin, &format!("GET /api/v1/alert/{id}"), Value::Null, 200, json!({"caseId": "-", "status": "New"})).await;
}

#[tokio::test]
async fn alerts_are_merged_and_nothing_is_doubled() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let case = case(&admin).await;
    let ids = [alert(&admin, "1", "203.0.113.7").await, alert(&admin, "2", "203.0.113.8").await];
    let all = json!({"caseId": case, "alertIds": [ids[0], ids[1], ids[0]]});
    let merged = json!({"_id": case, "severity": 4, "tags": ["1", "2"]});
    check(&admin, "POST /api/v1/alert/merge/_bulk", all.clone(), 200, merged.clone()).await;
    let expected = [json!(3), json!(2), json!(2), json!(2)];
    assert_eq!(parts(&admin, &case).await, expected);
    check(&admin, "POST /api/v1/alert/merge/_bulk", all, 200, merged).await;
    check(&admin, &format!("POST /api/v1/alert/{}/import/{case}", ids[0]), Value::Null, 200, Value::Null).await;
    assert_eq!(parts(&admin, &case).await, expected, "a repeat changes nothing");
    for alert in &ids {
        check(&admin, &format!("GET /api/v1/alert/{alert}"), Value::Null, 200, json!({"caseId": case})).await;
        // What the case has got it keeps.
        check(&admin, &format!("DELETE /api/v1/alert/{alert}"), Value::Null, 204, Value::Null).await;
    }
    assert_eq!(parts(&admin, &case).await, expected);
}

#[tokio::test]
async fn a_merge_happens_whole_or_not_at_all() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    let eve = client.user("eve", "x", None);
    let (own, other) = (case(&admin).await, case(&admin).await);
    let foreign = case(&eve).await;
    let ids = [alert(&admin, "1", "203.0.113.7").await, alert(&admin, "2", "203.0.113.8").await];
    let foreign_alert = alert(&eve, "1", "203.0.113.7").await;
    check(&admin, &format!("POST /api/v1/alert/{}/merge/{other}", ids[1]), Value::Null, 200, Value::Null).await;
    let many: Vec<String> = (0..101).map(|number| format!("~{number}")).collect();
    for (case, alerts, status) in [
        (&own, json!(ids), 400),
        (&own, json!([ids[0], foreign_alert]), 404),
        (&own, json!([ids[0], "~1"]), 404),
        (&foreign, json!([ids[0]]), 404),
        (&own, json!([]), 400),
        (&own, json!(many), 400),
    ] {
        let body = json!({"caseId": case, "alertIds": alerts});
        check(&admin, "POST /api/v1/alert/merge/_bulk", body, status, Value::Null).await;
    }
    assert_eq!(parts(&admin, &own).await, [json!(0), json!(0), json!(0), json!(0)]);
    let stored: Option<Alert> = client
        .door
        .store
        .get(&TenantScope::All, &format!("{:032x}", ids[0].trim_start_matches('~').parse::<u128>().unwrap()))
        .await
        .unwrap();
    assert_eq!(stored.unwrap().case, None::<CaseId>);
    let close = json!({"status": "TruePositive", "summary": "s", "impactStatus": "NoImpact"});
    check(&admin, &format!("PATCH /api/v1/case/{own}"), close, 204, Value::Null).await;
    let closed = json!({"message": "…closed: reopen it first"});
    check(&admin, &format!("POST /api/v1/alert/{}/merge/{own}", ids[0]), Value::Null, 400, closed).await;
}

#[tokio::test]
async fn old_clients_open_cases_too() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = alert(&admin, "1", "203.0.113.7").await;
    let promote = format!("POST /api/alert/{id}/createCase");
    let expected = json!({"_type": "case", "status": "Open", "caseId": 1, "owner": null});
    check(&admin, &promote, json!({"caseTemplate": null}), 201, expected).await;
    check(&admin, &format!("GET /api/alert/{id}"), Value::Null, 200, json!({"status": "Imported"})).await;
    // All that thehive4py 1.8.1 sends.
    let new = json!({
        "title": "c", "description": "d", "tlp": 2, "pap": 2, "severity": 2, "flag": false, "tags": ["x"],
        "startDate": 1_600_000_000_000_i64, "metrics": {}, "customFields": {}, "template": null, "owner": null,
        "tasks": [{"id": null, "title": "t", "status": "Waiting", "flag": false, "description": null, "owner": null,
            "startDate": null, "group": null}],
    });
    let case = check(&admin, "POST /api/case", new, 201, json!({"caseId": 2, "tags": ["x"]})).await;
    let path = format!("/api/case/{}", case["id"].as_str().unwrap());
    check(&admin, &format!("GET {path}"), Value::Null, 200, json!({"title": "c", "resolutionStatus": null})).await;
    let task = json!({"title": "t2", "status": "Waiting", "flag": false, "description": null, "owner": null});
    check(&admin, &format!("POST {path}/task"), task, 201, json!({"_type": "case_task", "title": "t2"})).await;
    let artifact = json!({"dataType": "ip", "data": ["203.0.113.7"], "message": "m", "tlp": 2, "tags": []});
    check(&admin, &format!("POST {path}/artifact"), artifact, 201, json!([{"data": "203.0.113.7"}])).await;
    let close = json!({
        "status": "Resolved", "resolutionStatus": "FalsePositive", "impactStatus": "NoImpact", "summary": "s",
        "metrics": {}, "owner": "admin@thehive.local",
    });
    let closed = json!({"status": "Resolved", "resolutionStatus": "FalsePositive", "owner": "admin@thehive.local"});
    check(&admin, &format!("PATCH {path}"), close, 200, closed).await;
    let query = json!({"query": {"_field": "status", "_value": "Open"}});
    check(&admin, "POST /api/case/_search", query, 200, json!([{"caseId": 1}])).await;
    let parent = json!({"query": {"_parent": {"_type": "case", "_query": {"_id": case["id"]}}}});
    check(&admin, "POST /api/case/task/_search", parent, 200, json!([{"title": "t"}, {"title": "t2"}])).await;
}
