//! Tenants with and without an account on AWS. What is done in an account is tested with the binary, which has an
//! environment of its own for credentials.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vigie_server::{Aws, Config, Options, RespondMode, serve};

use crate::app::{TestApp, tenant};

fn account(settings: PathBuf) -> Aws {
    Aws {
        tenant: tenant("initech"),
        region: "eu-west-3".to_owned(),
        settings,
        assume_role: None,
        external_id: None,
        // Nobody answers there.
        endpoint: Some("http://127.0.0.1:9".to_owned()),
    }
}

fn enforce(config: &mut Config) {
    config.respond.mode = RespondMode::Enforce;
    config.rules.builtin = true;
    config.playbooks.builtin = true;
}

/// A port probe, as EventBridge delivers it.
fn probe() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lambda/events/port_probe.json");
    std::fs::read(path).unwrap()
}

#[test]
fn without_an_account_nothing_is_planned_on_aws() {
    let app = TestApp::with(enforce, Vec::new());
    app.ingest("guardduty", &[], &probe()).expect(200);
    app.settle();
    app.eventually("/api/v1/alerts", |list| list["total"] == 1);
    assert_eq!(app.get(&app.admin, "/api/v1/actions").expect(200)["total"], 0);
    let order = json!({"kind": "waf.block_ip", "parameters": {"ip": "203.0.113.9"}, "tenant": "acme"});
    let answer = app.post(&app.admin, "/api/v1/actions", &order).expect(400);
    assert!(answer.to_string().contains("waf.block_ip"), "{answer}");
}

#[test]
fn a_tenant_without_an_account_is_told_where_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("responder.json");
    std::fs::write(&settings, r#"{"waf": [{"ipv4": {"name": "v4", "id": "1"}}]}"#).unwrap();
    let adjust = |config: &mut Config| {
        enforce(config);
        config.aws = vec![account(settings)];
    };
    let app = TestApp::with(adjust, Vec::new());
    app.ingest("guardduty", &[], &probe()).expect(200);
    app.settle();
    let all_failed = |list: &Value| {
        let rows = list["rows"].as_array().unwrap();
        rows.len() == 4 && rows.iter().all(|action| action["status"] == "failed")
    };
    let actions = app.eventually("/api/v1/actions", all_failed);
    for action in actions["rows"].as_array().unwrap() {
        assert!(action["steps"].to_string().contains("add an [[aws]] part"), "{action}");
    }
    // Whoever has an account is a tenant, whether events came in for it or not.
    let tenants = app.get(&app.admin, "/api/v1/tenants").expect(200).to_string();
    assert!(tenants.contains("initech"), "{tenants}");
}

#[test]
fn settings_that_cannot_be_read_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("responder.json");
    let check = |part: &str| {
        let data_folder = folder.path().join("data");
        let mut config = Config { data_folder, aws: vec![account(settings.clone())], ..Config::default() };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let Err(error) = runtime.block_on(serve(config, Options::default())) else { panic!("{part}: it started") };
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let said = format!("{error}: {cause}");
        assert!(said.contains("responder.json") && said.contains(part), "{said}");
    };
    check("No such file");
    for (text, part) in [
        ("{", "not a JSON object"),
        (r#"{"wuf": []}"#, "did you mean `waf`?"),
        (r#"{"nacl": {"rules": "many"}}"#, "many"),
    ] {
        std::fs::write(&settings, text).unwrap();
        check(part);
    }
}
