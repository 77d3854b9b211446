//! What belongs to one tenant is never shown to another, on any route that lists or gets.

use serde_json::{Value, json};
use vigie_model::Role;
use vigie_server::route_table;

use crate::app::TestApp;
use crate::case_desk::upload;

/// Fills a tenant with one of everything, and returns the ids by route.
fn fill(app: &TestApp, tenant: &str, address: &str) -> Value {
    let alert = app.raise_alert(tenant, address);
    let case = app.post(&app.admin, "/api/v1/cases", &json!({"alerts": [alert["id"]]})).expect(201);
    let at = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let task = json!({"title": format!("task of {tenant}")});
    let task = app.post(&app.admin, &format!("{at}/tasks"), &task).expect(201);
    let file = upload(app, &app.admin, &format!("{at}/attachments"), tenant, b"bytes").expect(201);
    app.post(&app.admin, &format!("{at}/comments"), &json!({"text": format!("comment of {tenant}")})).expect(201);
    let order = json!({"kind": "host.block_ip", "parameters": {"ip": address}, "alert": alert["id"], "key": tenant});
    let action = app.post(&app.admin, "/api/v1/actions", &order).expect(201);
    app.ingest("json", &[("X-Vigie-Tenant", tenant)], format!("{{broken by {tenant}").as_bytes()).expect(200);
    let csv = format!("type,value\ndomain,{tenant}-evil.example\n");
    let path = format!("/api/v1/indicators?format=csv&list=list-of-{tenant}&tenant={tenant}");
    let authorization = crate::app::bearer(&app.admin);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "text/csv")];
    app.send("POST", &path, &headers, Some(csv.as_bytes())).expect(200);
    let user = json!({"name": format!("user-of-{tenant}"), "password": "a long password", "role": "reader", "tenants": {"only": [tenant]}});
    app.post(&app.admin, "/api/v1/users", &user).expect(201);
    let suppression = json!({"tenant": tenant, "reason": format!("known at {tenant}"), "expires": "2026-03-02T12:00:00Z",
        "conditions": [{"is": "value", "kind": "user", "value": format!("nobody-of-{tenant}")}]});
    let suppression = app.post(&app.admin, "/api/v1/suppressions", &suppression).expect(201);
    app.settle();
    let events = app.get(&app.admin, &format!("/api/v1/events?tenant={tenant}")).expect(200);
    let event = events["events"][0]["id"].clone();
    let report = app.post(&app.admin, "/api/v1/reports", &json!({"tenant": tenant, "kind": "weekly"})).expect(201);
    let schedule = json!({"tenant": tenant, "period": "weekly", "day": 1, "hour": 6, "zone": "UTC"});
    let schedule = app.post(&app.admin, "/api/v1/report-schedules", &schedule).expect(201);
    json!({
        "alerts": alert["id"], "cases": case["id"], "actions": action["id"], "events": event, "tasks": task["id"],
        "attachments": file[0]["id"], "suppressions": suppression["id"], "reports": report["id"],
        "report-schedules": schedule["id"],
    })
}

#[test]
fn no_route_shows_another_tenants_objects() {
    let app = TestApp::with(|config| config.respond.host_block_ip = true, Vec::new());
    let own = fill(&app, "acme", "203.0.113.7");
    let foreign = fill(&app, "globex", "198.51.100.9");
    let acme = app.key_for(Role::Admin, "acme");
    let mut walked = 0;
    for (method, path, need) in route_table() {
        let is_stream = path.ends_with("/live");
        if method != "GET" || need.is_none() || !path.starts_with("/api/v1/") || is_stream {
            continue;
        }
        // Rules are everybody's; what they brought is looked at in `rules.rs`.
        if path.starts_with("/api/v1/rules/{id}") {
            continue;
        }
        walked += 1;
        let query = if path.contains("/top") { "?field=source" } else { "" };
        if path.contains('{') {
            let kind = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
            let filled = |objects: &Value| {
                let Some(id) = objects[kind].as_str() else { panic!("no object for {path}") };
                path.replace("{id}", id).replace("{attachment}", objects["attachments"].as_str().unwrap())
            };
            assert_eq!(app.get(&acme, &filled(&foreign)).status, 404, "{path} of another tenant");
            assert_eq!(app.get(&acme, &filled(&own)).status, 200, "{path} of one's own");
            continue;
        }
        let answer = app.get(&acme, &format!("{path}{query}"));
        let text = answer.text();
        assert!(matches!(answer.status, 200 | 403), "{path}: {text}");
        for foreign in ["globex", "198.51.100.9"] {
            assert!(!text.contains(foreign), "{path} shows {foreign}: {text}");
        }
        if text.contains("\"rows\"") {
            assert!(text.contains("acme") || text.contains("\"rows\":[]"), "{path} shows one's own: {text}");
            let asked = app.get(&acme, &format!("{path}?tenant=globex"));
            assert_eq!(asked.status, 404, "{path}?tenant=globex");
        }
    }
    assert!(walked > 25, "only {walked} routes were walked");
}

#[test]
fn nothing_of_another_tenant_can_be_changed() {
    let app = TestApp::with(|config| config.respond.host_block_ip = true, Vec::new());
    let own = fill(&app, "acme", "203.0.113.7");
    let foreign = fill(&app, "globex", "198.51.100.9");
    let acme = app.key_for(Role::Admin, "acme");
    let id = |kind: &str| foreign[kind].as_str().unwrap();
    for (verb, body) in [
        ("acknowledge", json!({})),
        ("assign", json!({"assignee": null})),
        ("close", json!({"resolution": {"verdict": "benign", "summary": "x"}})),
        ("reopen", json!({})),
        ("plan", json!({})),
    ] {
        assert_eq!(app.post(&acme, &format!("/api/v1/alerts/{}/{verb}", id("alerts")), &body).status, 404, "{verb}");
    }
    for change in [
        json!({"kind": "acknowledge"}),
        json!({"kind": "assign", "assignee": null}),
        json!({"kind": "close", "resolution": {"verdict": "benign", "summary": "x"}}),
        json!({"kind": "reopen"}),
        json!({"kind": "merge", "case": own["cases"]}),
        json!({"kind": "open_case"}),
    ] {
        let many = json!({"alerts": [id("alerts")], "change": change});
        let answer = app.post(&acme, "/api/v1/alerts/bulk", &many).expect(200);
        assert_eq!(answer["outcomes"][0]["outcome"], "not_found", "{change}: {answer}");
        assert!(answer.get("case").is_none(), "{change}: {answer}");
    }
    let into = json!({"alerts": [own["alerts"]], "change": {"kind": "merge", "case": id("cases")}});
    assert_eq!(app.post(&acme, "/api/v1/alerts/bulk", &into).status, 404, "into another tenant's case");
    for (verb, body) in [
        ("alerts", json!({"alerts": [own["alerts"]]})),
        ("acknowledge", json!({})),
        ("close", json!({"resolution": {"verdict": "benign", "summary": "x"}})),
        ("tasks", json!({"title": "x"})),
        ("comments", json!({"text": "x"})),
        ("timeline", json!({"text": "x"})),
        ("observables", json!({"kind": "ip", "value": "192.0.2.1"})),
        ("attachments", json!({})),
    ] {
        assert_eq!(app.post(&acme, &format!("/api/v1/cases/{}/{verb}", id("cases")), &body).status, 404, "{verb}");
    }
    for verb in ["approve", "reject", "undo"] {
        assert_eq!(
            app.post(&acme, &format!("/api/v1/actions/{}/{verb}", id("actions")), &json!({})).status,
            404,
            "{verb}"
        );
    }
    assert_eq!(app.post(&acme, "/api/v1/cases", &json!({"alerts": [id("alerts")]})).status, 404);
    assert_eq!(app.post(&acme, "/api/v1/cases", &json!({"title": "x", "tenant": "globex"})).status, 404);
    let schedule = format!("/api/v1/report-schedules/{}", id("report-schedules"));
    let body = json!({"period": "monthly", "day": 1, "hour": 1, "zone": "UTC"});
    assert_eq!(app.change(&acme, "PUT", &schedule, &body).status, 404);
    assert_eq!(app.post(&acme, &format!("{schedule}/run"), &json!({})).status, 404);
    assert_eq!(app.change(&acme, "DELETE", &schedule, &json!({})).status, 404);
    let theirs = json!({"tenant": "globex", "kind": "weekly", "period": "weekly", "day": 1, "hour": 1, "zone": "UTC"});
    let only = |names: &[&str]| -> Value {
        let fields = theirs.as_object().unwrap().iter().filter(|(name, _)| names.contains(&name.as_str()));
        Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    assert_eq!(app.post(&acme, "/api/v1/reports", &only(&["tenant", "kind"])).status, 404);
    let schedule = only(&["tenant", "period", "day", "hour", "zone"]);
    assert_eq!(app.post(&acme, "/api/v1/report-schedules", &schedule).status, 404);
    assert_eq!(app.change(&acme, "PUT", "/api/v1/report-style?tenant=globex", &json!({"name": "x"})).status, 404);
    let lists = "/api/v1/indicators/lists/list-of-globex";
    assert_eq!(app.change(&acme, "DELETE", lists, &json!({})).status, 404);
    assert_eq!(app.change(&acme, "DELETE", &format!("{lists}?tenant=globex"), &json!({})).status, 404);
}
