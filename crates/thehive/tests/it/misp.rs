//! MISP events as cases.

use serde_json::{Value, json};

use crate::client::{Answer, Client};

/// Imports a file, with the fields of a case.
async fn import(client: &Client, fields: &str, file: &str) -> Answer {
    let part = |head: &str, body: &str| format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let form = part("name=\"_json\"", fields) + &part("name=\"file\"; filename=\"e.json\"", file) + "--x--\r\n";
    let admin = client.admin("main-org");
    let path = "/api/v1/connector/misp/case/import";
    admin.send(axum::http::Method::POST, path, Some("multipart/form-data; boundary=x"), &form).await
}

#[tokio::test]
async fn an_event_becomes_a_case_with_its_observables() {
    let client = Client::stand().await;
    let event = json!({"Event": {
        "info": "<b>Phish</b>", "date": "2026-11-22", "threat_level_id": "1", "uuid": "u", "Orgc": {"name": "ORG"},
        "Tag": [{"name": "tlp:red"}, {"name": "phishing"}],
        "Attribute": [
            {"type": "domain|ip", "value": "evil.example.com|203.0.113.7", "to_ids": true, "comment": "c2"},
            {"type": "ip-dst", "value": "203.0.113.7"},
            {"type": "email-subject", "value": "Invoice"},
        ],
    }});
    let answer =
        import(&client, r#"{"assignee":"admin@thehive.local","tasks":[{"title":"Look"}]}"#, &event.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let case = &answer.body;
    for (field, expected) in [
        ("title", json!("<b>Phish</b>")),
        ("description", json!("MISP event u of ORG.")),
        ("severity", json!(3)),
        ("tlp", json!(4)),
        ("tags", json!(["tlp:red", "phishing"])),
        ("assignee", json!("admin@thehive.local")),
        ("startDate", json!(1_795_305_600_000_i64)),
    ] {
        assert_eq!(case[field], expected, "{field}");
    }
    let asked = |hop: &str| json!({"query": [{"_name": "getCase", "idOrName": case["_id"]}, {"_name": hop}]});
    let main = client.admin("main-org");
    let found = main.post("/api/v1/query", asked("observables")).await.body;
    let found: Vec<Value> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|found| json!([found["dataType"], found["data"], found["ioc"], found["tlp"]]))
        .collect();
    assert_eq!(
        json!(found),
        json!([
            ["domain", "evil.example.com", true, 4],
            ["ip", "203.0.113.7", true, 4],
            ["mail-subject", "Invoice", false, 4],
        ])
    );
    assert_eq!(main.post("/api/v1/query", asked("tasks")).await.body[0]["title"], "Look");
}

#[tokio::test]
async fn what_is_no_event_makes_no_case() {
    let client = Client::stand().await;
    for (fields, file, says) in [
        ("{}", "{}", "Could not convert json to MISP event"),
        ("{}", "not json", "Could not convert json to MISP event"),
        ("{}", r#"{"Event":{"info":""}}"#, "title"),
        (r#"{"caseTemplate":"none"}"#, r#"{"Event":{"info":"x"}}"#, "none"),
    ] {
        let answer = import(&client, fields, file).await;
        assert!([400, 404].contains(&answer.status), "{fields} {file}: {}", answer.body);
        assert!(answer.body["message"].as_str().unwrap().contains(says), "{fields} {file}: {}", answer.body);
    }
    let count = json!({"query": [{"_name": "listCase"}, {"_name": "count"}]});
    assert_eq!(client.admin("main-org").post("/api/v1/query", count).await.body, 0);
}
