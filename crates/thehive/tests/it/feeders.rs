//! Version 0 of the API: what old feeders send, above all Wazuh's well-known integration.

use serde_json::{Value, json};
use vigie_model::{Alert, Filter, Selection, TenantScope};

use crate::check::{check, golden, includes};
use crate::client::{Asker, Client};
use crate::house::add_user;

/// What `custom-w2thive.py` sends, of an alert of this level.
fn wazuh(reference: &str, level: u8) -> Value {
    let description = format!(
        "### Timestamp\n| key | val |\n| ------ | ------ |\n| **timestamp** | 2026-11-22T00:32:34.000+0000 |\n\
         ### Rule\n| key | val |\n| ------ | ------ |\n| **rule.level** | {level} |\n\
         | **rule.description** | sshd: brute force trying to get access to the system. |\n| **rule.id** | 5763 |\n\
         | **rule.mitre.id** | ['T1110', 'T1110.001'] |\n| **rule.mitre.tactic** | ['Credential Access'] |\n\
         ### Agent\n| key | val |\n| ------ | ------ |\n| **agent.id** | 001 |\n| **agent.name** | web01 |\n\
         | **agent.ip** | 10.0.0.5 |\n### Full_log\n| key | val |\n| ------ | ------ |\n\
         | **full_log** | Failed password for root from 203.0.113.7 port 22 ssh2 |\n"
    );
    let artifact = |data_type: &str, data: &str| {
        json!({
            "data": data, "dataType": data_type, "ioc": false, "message": null, "sighted": false, "tags": [], "tlp": 2,
        })
    };
    json!({
        "artifacts": [
            artifact("ip", "203.0.113.7"), artifact("ip", "203.0.113.7"), artifact("ip", "10.0.0.5"),
            artifact("url", "http://evil.example/x"), artifact("domain", "evil.example"),
        ],
        "caseTemplate": null, "customFields": {}, "date": 1_600_000_000_000_i64, "description": description,
        "severity": 2, "source": "wazuh", "sourceRef": reference,
        "tags": ["wazuh", "rule=5763", "agent_name=web01", "agent_id=001", "agent_ip=10.0.0.5"],
        "title": "sshd: brute force trying to get access to the system.", "tlp": 2, "type": "wazuh_alert",
    })
}

async fn alerts(client: &Client) -> Vec<Alert> {
    client.door.store.select(&TenantScope::All, &Selection::of(Filter::All, 100)).await.unwrap()
}

async fn count(asker: &Asker<'_>, kind: &str) -> Value {
    check(asker, "POST /api/v1/query", json!({"query": [{"_name": kind}, {"_name": "count"}]}), 200, Value::Null).await
}

#[tokio::test]
async fn wazuh_is_understood() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let created = check(&admin, "POST /api/alert", wazuh("8ace33", 10), 201, Value::Null).await;
    golden("v0-alert", &created);
    let path = format!("GET /api/alert/{}", created["id"].as_str().unwrap());
    let fetched = check(&admin, &path, Value::Null, 200, json!({"artifacts": created["artifacts"]})).await;
    assert_eq!(fetched["updatedBy"], "admin@thehive.local");
    let procedures = json!({"query": [{"_name": "listAlert"}, {"_name": "procedures"}]});
    let expected = json!([
        {"patternId": "T1110", "tactic": "credential-access", "occurDate": 1_600_000_000_000_i64},
        {"patternId": "T1110.001"},
    ]);
    check(&admin, "POST /api/v1/query", procedures, 200, expected).await;
    assert_eq!(alerts(&client).await[0].rule.id.to_string(), "wazuh:5763");
}

#[tokio::test]
async fn the_level_says_how_severe_it_is() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for (level, severity) in [(0, 1), (3, 1), (4, 2), (7, 2), (8, 3), (11, 3), (12, 4), (16, 4), (17, 2)] {
        let mut alert = wazuh(&level.to_string(), level);
        alert["tags"][1] = format!("rule={level}").into();
        check(&admin, "POST /api/alert", alert, 201, json!({"severity": severity})).await;
    }
}

#[tokio::test]
async fn a_repeat_is_counted_and_nothing_is_doubled() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let first = check(&admin, "POST /api/alert", wazuh("aaaaaa", 10), 201, Value::Null).await;
    for reference in ["bbbbbb", "aaaaaa", "cccccc"] {
        let again = json!({"id": first["id"], "sourceRef": "aaaaaa", "artifacts": first["artifacts"]});
        check(&admin, "POST /api/alert", wazuh(reference, 10), 201, again).await;
    }
    let stored = alerts(&client).await;
    assert_eq!((stored.len(), stored[0].count, stored[0].version), (1, 4, 1));
    assert_eq!([count(&admin, "listObservable").await, count(&admin, "listProcedure").await], [json!(5), json!(2)]);

    // Another agent, another thing that it is about, another rule: another alert.
    let change = |change: fn(&mut Value)| {
        let mut alert = wazuh("aaaaaa", 10);
        change(&mut alert);
        alert
    };
    for (index, alert) in [
        change(|alert| alert["tags"][3] = "agent_id=002".into()),
        change(|alert| alert["artifacts"][0]["data"] = "203.0.113.8".into()),
        change(|alert| alert["tags"][1] = "rule=5764".into()),
        change(|alert| alert["source"] = "wazuh-2".into()),
    ]
    .into_iter()
    .enumerate()
    {
        let other = check(&admin, "POST /api/alert", alert.clone(), 201, Value::Null).await;
        assert_ne!(other["id"], first["id"], "{index}");
        check(&admin, "POST /api/alert", alert, 201, json!({"id": other["id"]})).await;
        assert_eq!(alerts(&client).await.len(), index + 2);
    }
    add_user(&client.door.store, client.now(), "eve", "x", &[("other-org", "org-admin")]).await;
    let foreign = check(&client.user("eve", "x", None), "POST /api/alert", wazuh("aaaaaa", 10), 201, Value::Null).await;
    assert_ne!(foreign["id"], first["id"]);

    // One that is closed rises again as another, unless nobody follows it.
    let path = format!("/api/alert/{}", first["id"].as_str().unwrap());
    check(&admin, &format!("POST {path}/markAsRead"), Value::Null, 200, json!({"status": "Ignored"})).await;
    check(&admin, &format!("POST {path}/unfollow"), Value::Null, 200, json!({"follow": false})).await;
    check(&admin, "POST /api/alert", wazuh("dddddd", 10), 201, json!({"id": first["id"]})).await;
    check(&admin, &format!("POST {path}/follow"), Value::Null, 200, Value::Null).await;
    let risen = check(&admin, "POST /api/alert", wazuh("dddddd", 10), 201, json!({"status": "New"})).await;
    assert_ne!(risen["id"], first["id"]);
    check(&admin, "POST /api/alert", wazuh("eeeeee", 10), 201, json!({"id": risen["id"]})).await;
}

#[tokio::test]
async fn fields_that_somebody_has_defined_are_filled() {
    let client = Client::stand().await;
    let (platform, admin) = (client.admin("admin"), client.admin("main-org"));
    for (name, kind) in [("agent_name", "string"), ("rule_level", "integer"), ("agent_id", "date"), ("own", "string")] {
        let field = json!({"name": name, "displayName": name, "group": "g", "description": "d", "type": kind});
        check(&platform, "POST /api/v1/customField", field, 201, Value::Null).await;
    }
    let mut alert = wazuh("1", 10);
    alert["customFields"] = json!({"own": {"order": 0, "string": "x"}});
    let expected = json!({
        "own": {"string": "x", "order": 0}, "agent_name": {"string": "web01"}, "rule_level": {"integer": 10},
        "agent_id": "-",
    });
    check(&admin, "POST /api/alert", alert, 201, json!({"customFields": expected})).await;
}

#[tokio::test]
async fn other_feeders_send_nulls_files_and_duplicates() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let bare = json!({"type": "t", "source": "s", "sourceRef": "1", "title": "x", "description": "d"});
    check(&admin, "POST /api/alert", bare.clone(), 201, json!({"severity": 2, "pap": 2, "case": null})).await;
    check(&admin, "POST /api/alert", bare, 400, json!({"type": "CreateError"})).await;
    let nulls = json!({
        "type": "t", "source": "s", "sourceRef": "2", "title": "x", "description": null, "severity": null, "date": null,
        "tags": null, "tlp": null, "pap": null, "customFields": null, "caseTemplate": null, "externalLink": null,
        "artifacts": [
            {"dataType": "ip", "data": "10.0.0.1", "message": null, "tags": null, "tlp": null, "ioc": null},
            {"dataType": "file", "data": "a;b/eicar.com;application/x-dosexec;WDVP", "tags": ["x"]},
            {"dataType": "port", "data": 22},
        ],
    });
    let artifacts = json!([
        {"dataType": "ip", "data": "10.0.0.1"},
        {"dataType": "file", "data": null, "attachment": {"name": "eicar.com", "size": 3}},
        {"dataType": "port", "data": "22"},
    ]);
    check(&admin, "POST /api/alert", nulls, 201, json!({"artifacts": artifacts})).await;
    for (artifact, expected) in [
        (json!({"dataType": "file", "data": "a;b"}), "…artifacts[0].data: expected a file as"),
        (json!({"dataType": "file", "data": "a;b;?"}), "…artifacts[0].data: expected a file as"),
        (json!({"dataType": "ip", "data": null}), "…artifacts[0].data: missing"),
        (json!({"dataType": "ip", "data": "x".repeat(5_000)}), "…`data` is too long"),
    ] {
        let alert = json!({"type": "t", "source": "s", "sourceRef": "3", "title": "x", "artifacts": [artifact]});
        check(&admin, "POST /api/alert", alert, 400, json!({"message": expected})).await;
    }
    assert_eq!(client.files(), 1);
}

#[tokio::test]
async fn alerts_and_artifacts_are_changed() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let bare = json!({"type": "t", "source": "s", "sourceRef": "1", "title": "x", "description": "d"});
    let id = check(&admin, "POST /api/alert", bare, 201, Value::Null).await["id"].as_str().unwrap().to_owned();
    let patch = format!("PATCH /api/alert/{id}");
    // All that thehive4py 1.8.1 sends of an alert that it has fetched.
    let change = json!({
        "tlp": 3, "pap": 2, "severity": 4, "tags": ["a"], "caseTemplate": null, "title": "y", "description": "d",
        "customFields": {}, "artifacts": [{"dataType": "domain", "data": "evil.example", "tlp": 2}],
    });
    let expected = json!({"title": "y", "severity": 4, "artifacts": [{"data": "evil.example"}]});
    check(&admin, &patch, change.clone(), 200, expected.clone()).await;
    check(&admin, &patch, change, 200, expected).await;
    check(&admin, &patch, json!({"status": "Updated"}), 200, json!({"status": "Updated"})).await;
    check(&admin, &patch, json!({"status": "Imported"}), 200, json!({"status": "Updated"})).await;
    check(&admin, &patch, json!({"status": "Ignored"}), 200, json!({"status": "Ignored"})).await;
    let mark = format!("POST /api/alert/{id}/markAsUnread");
    check(&admin, &mark, Value::Null, 200, json!({"status": "New"})).await;
    let post = format!("POST /api/alert/{id}/artifact");
    let made = check(&admin, &post, json!({"dataType": "ip", "data": "10.0.0.1"}), 201, Value::Null).await;
    assert!(includes(&made, &json!([{"_type": "case_artifact", "data": "10.0.0.1"}])), "{made}");
    let artifact = format!("/api/case/artifact/{}", made[0]["id"].as_str().unwrap());
    let change =
        json!({"message": "m", "tlp": 1, "tags": ["t"], "ioc": true, "sighted": true, "ignoreSimilarity": false});
    check(&admin, &format!("PATCH {artifact}"), change.clone(), 200, change).await;
    check(&admin, &format!("GET {artifact}"), Value::Null, 200, json!({"message": "m"})).await;
    check(&admin, &format!("DELETE {artifact}"), Value::Null, 204, Value::Null).await;
    check(&admin, &format!("DELETE /api/alert/{id}"), Value::Null, 204, Value::Null).await;
    check(&admin, &format!("GET /api/alert/{id}"), Value::Null, 404, Value::Null).await;
}

#[tokio::test]
async fn old_queries_find_alerts_and_artifacts() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for (reference, status) in [("1", "New"), ("2", "InProgress"), ("3", "Ignored")] {
        let alert = json!({
            "type": "t", "source": "s", "sourceRef": reference, "title": "x", "description": "d", "status": status,
            "observables": [{"dataType": "ip", "data": format!("10.0.0.{reference}")}],
        });
        check(&admin, "POST /api/v1/alert", alert, 201, Value::Null).await;
    }
    let eq = |field: &str, value: &str| json!({"_field": field, "_value": value});
    for (query, expected) in [
        (json!({}), &["1", "2", "3"][..]),
        (Value::Null, &["1", "2", "3"]),
        (eq("sourceRef", "2"), &["2"]),
        (eq("status", "Updated"), &["2"]),
        (json!({"status": "Ignored"}), &["3"]),
        (json!({"_and": [[eq("type", "t"), {"_not": eq("status", "New")}]]}), &["2", "3"]),
        (json!({"_or": [eq("sourceRef", "1"), {"_in": {"_field": "sourceRef", "_values": ["3"]}}]}), &["1", "3"]),
        (json!({"_wildcard": {"_field": "sourceRef", "_value": "*3"}}), &["3"]),
        (json!({"_string": "sourceRef:\"1\""}), &["1"]),
    ] {
        let path = "POST /api/alert/_search?range=all&sort=%2BcreatedAt";
        let found = check(&admin, path, json!({"query": query}), 200, Value::Null).await;
        let found: Vec<&Value> = found.as_array().unwrap().iter().map(|alert| &alert["sourceRef"]).collect();
        assert_eq!(found, expected, "{query}");
    }
    let page = admin.post("/api/alert/_search?range=1-2&sort=-createdAt", json!({"query": {}})).await;
    assert_eq!(page.headers["x-total"], "3");
    let expected = json!([{"sourceRef": "2", "artifacts": [{"data": "10.0.0.2"}]}]);
    assert!(includes(&page.body, &expected), "{}", page.body);
    let hanging = json!({"query": {"_and": [{"_parent": {"_type": "alert", "_query": {"_id": page.body[0]["id"]}}}]}});
    check(&admin, "POST /api/case/artifact/_search", hanging, 200, json!([{"data": "10.0.0.2"}])).await;
    for bad in [
        json!({"_child": {"_type": "case_artifact", "_query": {}}}),
        json!({"_parent": {"_type": "case", "_query": {"_and": []}}}),
        json!({"_not": {"_not": {"_parent": {"_type": "alert", "_id": "~1"}}}}),
        json!({"_x": 1}),
        json!(1),
        (0..40).fold(json!({}), |inner, _| json!({"_not": inner})),
    ] {
        check(&admin, "POST /api/alert/_search", json!({"query": bad}), 400, Value::Null).await;
    }
    check(&admin, "POST /api/alert/_search?range=x", json!({"query": {}}), 400, Value::Null).await;
}
