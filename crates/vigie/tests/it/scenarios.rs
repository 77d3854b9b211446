//! Replays of `tests/scenarios`: raw records in; alerts, cases and actions out, no more and no fewer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::Timestamp;
use vigie_server::{FixedClock, Options, SeededEntropy};

use crate::test_server::TestServer;

/// How long before `now` the last event of a scenario may lie.
const STALE_S: u64 = 15 * 60;

/// `scenario.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[expect(dead_code, reason = "for the reader of the file")]
    description: String,
    /// When the records arrive: shortly after the last of them.
    now: String,
    send: Vec<Send>,
}

/// One file and where it goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    tenant: String,
    source: String,
    file: PathBuf,
}

/// What came of a scenario: the server that judged it, and its tenants.
struct Replay {
    server: TestServer,
    tenants: BTreeSet<String>,
}

#[test]
fn a_quiet_day_calls_nobody() {
    let replay = check("quiet-day");
    for list in ["alerts", "cases", "actions"] {
        assert!(replay.server.rows(&format!("/api/v1/{list}")).is_empty(), "{list}");
    }
}

#[test]
fn an_ssh_takeover_is_one_case() {
    let replay = check("ssh-takeover");
    replay.one_case_holds_the_attack("acme");
}

#[test]
fn a_web_attack_is_one_case() {
    let replay = check("web-attack");
    replay.one_case_holds_the_attack("acme");
}

#[test]
fn a_stolen_key_is_one_case_and_its_victim_is_not_blocked() {
    let replay = check("stolen-key");
    // Our instance that attacks somebody has nothing to do with the key but the account: that is a second case.
    let cases = replay.server.rows("/api/v1/cases?tenant=acme");
    assert_eq!(cases.len(), 2, "{cases:#?}");
    for alert in replay.server.rows("/api/v1/alerts?tenant=acme") {
        let of_the_instance = alert["key"].to_string().contains("198.51.100.9");
        let number = cases.iter().find(|case| case["id"] == alert["case"]).map(|case| &case["number"]);
        assert_eq!(number, Some(&json!(if of_the_instance { 2 } else { 1 })), "{}", alert["title"]);
    }
    for action in replay.server.rows("/api/v1/actions") {
        assert_ne!(action["target"]["value"], "198.51.100.9", "our instance attacked this address: {action}");
    }
}

#[test]
fn two_tenants_do_not_meet() {
    let replay = check("two-tenants");
    replay.one_case_holds_the_attack("initech");
    for tenant in ["acme", "globex"] {
        for list in ["alerts", "cases", "actions", "observables"] {
            let rows = replay.server.rows(&format!("/api/v1/{list}?tenant={tenant}"));
            assert!(rows.is_empty(), "{tenant} has {list}: {rows:#?}");
        }
    }
}

/// Replays a scenario and compares what came out with its `expected.json`.
#[track_caller]
fn check(name: &str) -> Replay {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios").join(name);
    let scenario: Scenario = toml::from_str(&fs::read_to_string(folder.join("scenario.toml")).unwrap()).unwrap();
    let replay = Replay::of(&scenario, &folder);
    replay.nothing_crosses_tenants();
    let came = format!("{:#}\n", replay.outcome());
    let golden = folder.join("expected.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &came).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert!(expected == came, "{name}: run with UPDATE_GOLDEN=1 and read the difference; what came out is\n{came}");
    replay
}

impl Replay {
    fn of(scenario: &Scenario, folder: &Path) -> Self {
        let tenants: BTreeSet<String> = scenario.send.iter().map(|send| send.tenant.clone()).collect();
        let now: Timestamp = scenario.now.parse().unwrap();
        let options = Options {
            clock: Arc::new(FixedClock::at(now)),
            entropy: Arc::new(SeededEntropy::new(1)),
            executors: Vec::new(),
            samples: None,
        };
        let names: Vec<&str> = tenants.iter().map(String::as_str).collect();
        let server = TestServer::start(options, &names, |_| {});
        for send in &scenario.send {
            server.ingest_file(&send.tenant, &send.source, &folder.join(&send.file));
        }
        // Workers carry out what needs nobody's word: in a dry run, they say what would be done.
        server.eventually("/api/v1/actions?limit=1000", |answer| {
            let on_its_way = |action: &Value| matches!(action["status"].as_str(), Some("approved" | "executing"));
            !answer["rows"].as_array().unwrap().iter().any(on_its_way)
        });
        let replay = Self { server, tenants };
        let times = replay.tenants.iter().flat_map(|tenant| replay.events(tenant));
        let last = times.map(|event| text(&event["time"]).parse::<Timestamp>().unwrap()).max().unwrap();
        assert!(last <= now && now.since(last).as_secs() <= STALE_S, "`now` is {now}, the last event is of {last}");
        replay
    }

    fn events(&self, tenant: &str) -> Vec<Value> {
        let answer = self.server.get(&format!("/api/v1/events?tenant={tenant}&limit=1000"));
        let events = answer["events"].as_array().unwrap().clone();
        assert_eq!(events.len() as u64, answer["total"].as_u64().unwrap(), "a scenario has at most a page of events");
        events
    }

    /// What `expected.json` holds: nothing in it depends on ids or on the order of the work.
    fn outcome(&self) -> Value {
        let numbers: BTreeMap<String, Value> =
            self.server.rows("/api/v1/cases").iter().map(|case| (text(&case["id"]), case["number"].clone())).collect();
        let alerts = self.server.rows("/api/v1/alerts").into_iter().map(|alert| {
            json!({
                "tenant": alert["tenant"], "rule": alert["rule"]["title"], "severity": alert["severity"],
                "key": pairs(&alert["key"]), "findings": alert["count"],
                "case": alert["case"].as_str().and_then(|case| numbers.get(case)),
            })
        });
        let cases = self.server.rows("/api/v1/cases").into_iter().map(|case| {
            let file = self.server.get(&format!("/api/v1/cases/{}", text(&case["id"])));
            json!({
                "tenant": case["tenant"], "number": case["number"], "title": case["title"],
                "severity": case["severity"], "alerts": file["alerts"].as_array().unwrap().len(),
                "observables": pairs(&file["observables"]),
            })
        });
        let actions = self.server.rows("/api/v1/actions").into_iter().map(|action| {
            json!({
                "tenant": action["tenant"], "kind": action["kind"], "target": action["target"]["value"],
                "status": action["status"], "summary": action["summary"],
            })
        });
        json!({"alerts": sorted(alerts), "cases": sorted(cases), "actions": sorted(actions)})
    }

    /// Every alert that is bad enough to open a case is part of the tenant's only one.
    #[track_caller]
    fn one_case_holds_the_attack(&self, tenant: &str) {
        let cases = self.server.rows(&format!("/api/v1/cases?tenant={tenant}"));
        let titles: Vec<&Value> = cases.iter().map(|case| &case["title"]).collect();
        assert_eq!(cases.len(), 1, "{titles:?}");
        for alert in self.server.rows(&format!("/api/v1/alerts?tenant={tenant}")) {
            let severe = !matches!(alert["severity"].as_str(), Some("low" | "informational"));
            assert!(!severe || alert["case"] == cases[0]["id"], "outside the case: {}", alert["title"]);
        }
    }

    /// Issue 2, "It is done when" 5: no alert, finding, case, observable or action of a tenant tells of another's events.
    #[track_caller]
    fn nothing_crosses_tenants(&self) {
        for tenant in &self.tenants {
            let events = self.events(tenant);
            assert!(events.iter().all(|event| event["tenant"] == tenant.as_str()));
            let own: BTreeSet<String> = events.iter().map(|event| text(&event["id"])).collect();
            let told = events.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            let alerts = self.server.rows(&format!("/api/v1/alerts?tenant={tenant}"));
            let ids: BTreeSet<String> = alerts.iter().map(|alert| text(&alert["id"])).collect();
            for alert in &alerts {
                assert_eq!(alert["tenant"], tenant.as_str());
                references_stay(tenant, &own, &alert["samples"]);
                entities_stay(tenant, &told, &alert["entities"]);
                let findings = self.server.get(&format!("/api/v1/alerts/{}/findings", text(&alert["id"])));
                let findings = findings.as_array().or(findings["rows"].as_array()).unwrap().clone();
                assert!(!findings.is_empty(), "{alert}");
                for finding in findings {
                    assert_eq!(finding["tenant"], tenant.as_str());
                    references_stay(tenant, &own, &finding["events"]);
                    entities_stay(tenant, &told, &finding["entities"]);
                }
            }
            for case in self.server.rows(&format!("/api/v1/cases?tenant={tenant}")) {
                let file = self.server.get(&format!("/api/v1/cases/{}", text(&case["id"])));
                for alert in file["alerts"].as_array().unwrap() {
                    assert!(ids.contains(&text(&alert["id"])), "{tenant}'s case holds {alert}");
                }
                entities_stay(tenant, &told, &file["observables"]);
            }
            entities_stay(tenant, &told, &self.server.rows(&format!("/api/v1/observables?tenant={tenant}")).into());
            for action in self.server.rows(&format!("/api/v1/actions?tenant={tenant}")) {
                assert_eq!(action["tenant"], tenant.as_str());
                assert!(ids.contains(&text(&action["trigger"]["alert"])), "{tenant}'s action answers {action}");
                entities_stay(
                    tenant,
                    &told,
                    &[action["target"].clone()].into_iter().filter(Value::is_object).collect(),
                );
            }
        }
    }
}

#[track_caller]
fn references_stay(tenant: &str, own: &BTreeSet<String>, events: &Value) {
    for event in events.as_array().unwrap() {
        assert!(own.contains(&text(&event["id"])), "{tenant} has no event {event}");
    }
}

#[track_caller]
fn entities_stay(tenant: &str, told: &str, entities: &Value) {
    for entity in entities.as_array().unwrap() {
        let value = entity["value"].to_string();
        assert!(told.contains(value.trim_matches('"')), "no event of {tenant} tells of {entity}");
    }
}

fn pairs(entities: &Value) -> Vec<String> {
    let pair = |entity: &Value| format!("{}:{}", text(&entity["kind"]), text(&entity["value"]));
    let mut pairs: Vec<String> = entities.as_array().unwrap().iter().map(pair).collect();
    pairs.sort();
    pairs
}

fn sorted(rows: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut rows: Vec<Value> = rows.collect();
    rows.sort_by_key(ToString::to_string);
    rows
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
