//! Alerts from other programs and for them: inbound webhooks, and forwarding to a TheHive, for which a second server of
//! ours stands.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_model::{Role, Severity};
use vigie_server::{Config, Forward, Inbound, SecretRef};

use crate::app::{TestApp, bearer, tenant};

fn inbound(config: &mut Config) {
    let mapping = json!({
        "items": "/alerts", "title": "{/name}", "source": "monitor", "reference": "{/id}", "severity": "{/severity}",
        "observables": {"ip": ["{/peers}"]},
    });
    let mapping = serde_json::from_value(mapping).unwrap();
    config.inbound.push(Inbound { name: "monitor".into(), tenant: tenant("acme"), mapping });
}

fn document() -> Value {
    json!({"alerts": [
        {"name": "<script>", "id": "a-1", "severity": "critical", "peers": ["203.0.113.7", "203.0.113.7 "]},
        {"name": "noise", "id": "a-2", "severity": "low", "peers": []},
    ]})
}

#[test]
fn a_document_becomes_alerts_once() {
    let app = TestApp::with(inbound, Vec::new());
    let key = app.key_for(Role::Ingest, "acme");
    let path = "/api/v1/inbound/monitor";
    let first = app.post(&key, path, &document()).expect(200);
    assert_eq!(first["alerts"][0]["known"], false);
    let again = app.post(&key, path, &document()).expect(200);
    assert_eq!((&again["alerts"][0]["id"], &again["alerts"][0]["known"]), (&first["alerts"][0]["id"], &json!(true)));
    let alerts = app.get(&app.admin, "/api/v1/alerts?q=ip:203.0.113.7").expect(200);
    assert_eq!((&alerts["total"], &alerts["rows"][0]["title"]), (&json!(1), &json!("<script>")));
    let audit = app.get(&app.admin, "/api/v1/audit?q=object:alert%20verb:create").expect(200);
    assert_eq!(audit["total"], 2, "{audit}");

    // A document of which a part does not fit is refused whole.
    let mut broken = document();
    broken["alerts"].as_array_mut().unwrap().insert(0, json!({"name": "new", "id": "a-3"}));
    broken["alerts"][1]["severity"] = json!("dire");
    let refused = app.post(&key, path, &broken).expect(400);
    assert!(refused["detail"].as_str().unwrap().contains("`severity` is `dire`"), "{refused}");
    assert_eq!(app.get(&app.admin, "/api/v1/alerts").expect(200)["total"], 2);

    assert_eq!(app.post(&app.key_for(Role::Ingest, "globex"), path, &document()).status, 404);
    assert_eq!(app.post(&app.key_for(Role::Reader, "acme"), path, &document()).status, 403);
    assert_eq!(app.post(&key, "/api/v1/inbound/none", &document()).status, 404);
}

#[test]
fn new_alerts_go_on_to_a_thehive_elsewhere_once_each() {
    let elsewhere = TestApp::new();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, elsewhere.key_for(Role::Analyst, "acme")).unwrap();
    let url = elsewhere.base().to_owned();
    let adjust = move |config: &mut Config| {
        inbound(config);
        config.forward.push(Forward {
            name: "old hive".into(),
            url,
            key: SecretRef::File(key),
            organisation: Some("acme".into()),
            tenants: vec![tenant("acme")],
            severity_min: Severity::Medium,
            ca_file: None,
        });
    };
    let app = TestApp::with(adjust, Vec::new());
    app.post(&app.admin, "/api/v1/inbound/monitor", &document()).expect(200);
    app.raise_alert("acme", "198.51.100.9");
    app.raise_alert("globex", "198.51.100.10");
    let start = Instant::now();
    let there = loop {
        let there = elsewhere.get(&elsewhere.admin, "/api/v1/alerts?q=tenant:acme").expect(200);
        if there["total"] == 2 {
            break there;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{there}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let of = |title: &str| {
        let rows = there["rows"].as_array().unwrap();
        rows.iter()
            .find(|row| row["title"].as_str().unwrap().contains(title))
            .unwrap_or_else(|| panic!("{title}: {there}"))
            .clone()
    };
    assert_eq!(of("<script>")["origin"], json!({"kind": "external", "source": "monitor", "reference": "a-1"}));
    assert_eq!(of("198.51.100.9")["origin"]["kind"], "vigie");
    let authorization = bearer(&elsewhere.admin);
    let query = json!({"query": [{"_name": "listObservable"}]}).to_string();
    let headers = [("Authorization", authorization.as_str()), ("X-Organisation", "acme")];
    let observables = elsewhere.send("POST", "/api/v1/query", &headers, Some(query.as_bytes())).expect(200);
    assert!(observables.to_string().contains("203.0.113.7"), "{observables}");
}

#[test]
fn observables_come_out_of_a_csv_file() {
    let app = TestApp::new();
    let case = app.post(&app.admin, "/api/v1/cases", &json!({"tenant": "acme", "title": "x"})).expect(201);
    let path = format!("/api/v1/cases/{}/observables/csv", case["id"].as_str().unwrap());
    let csv = "dataType,data,tags,ioc\nip,203.0.113.7,c2|seen,yes\nip,203.0.113[.]7,,no\ndomain,evil.example,,maybe\nregistry,HKLM\\x,,\n";
    let send = |key: &str, query: &str| {
        let authorization = bearer(key);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "text/csv")];
        app.send("POST", &format!("{path}{query}"), &headers, Some(csv.as_bytes()))
    };
    let on_case = || app.get(&app.admin, "/api/v1/observables").expect(200)["total"].clone();
    let planned = send(&app.admin, "?dry_run=true").expect(200);
    assert_eq!((&planned["added"], on_case()), (&json!(2), json!(0)), "{planned}");
    let done = send(&app.admin, "").expect(200);
    assert_eq!((&done["added"], &done["known"], on_case()), (&json!(2), &json!(1), json!(2)), "{done}");
    assert_eq!((&done["refused"][0]["line"], &done["refused"][0]["column"]), (&json!(4), &json!("ioc")), "{done}");
    assert_eq!(send(&app.admin, "").expect(200)["added"], 0);
    assert_eq!(send(&app.key_for(Role::Analyst, "globex"), "").status, 404);
}
