//! Actions: planned, approved, carried out once, taken back, over.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use vigie_model::{Action, Decision, Role, TenantScope};
use vigie_respond::{ActionSpec, BoxFuture, ExecuteError, Executor, HOST_BLOCK_IP, Outcome};
use vigie_server::{Config, RespondMode};

use crate::app::TestApp;
use crate::case_desk::close_to_ann;
use crate::stream::Stream;

/// Remembers what it was asked to do, and fails as often as it was told to.
#[derive(Default)]
struct Recorder {
    asked: Mutex<Vec<String>>,
    failures: Mutex<Vec<ExecuteError>>,
}

impl Recorder {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Executor for Recorder {
    fn spec(&self) -> &'static ActionSpec {
        &HOST_BLOCK_IP
    }

    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(async move {
            // Whoever looks now finds it recorded as begun.
            assert_eq!(action.status.as_str(), "executing");
            if let Some(error) = self.failures.lock().unwrap().pop() {
                return Err(error);
            }
            self.asked.lock().unwrap().push(format!("block {}", action.target.as_ref().unwrap().value));
            Ok(Outcome { note: "blocked".to_owned(), undo: json!({}) })
        })
    }

    fn undo<'a>(&'a self, decision: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(format!("unblock {}", decision.target.as_ref().unwrap().value));
            Ok(Outcome { note: "unblocked".to_owned(), undo: Value::Null })
        })
    }
}

const PLAYBOOK: &str = "name: Block who guesses
trigger:
  severity: high
actions:
  - do: host.block_ip
    with: {ip: \"{{attacker.ip}}\"}
    approval: APPROVAL
    expires: 1h
";

fn start(mode: RespondMode, approval: &str) -> (TestApp, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::default());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("block.yml"), PLAYBOOK.replace("APPROVAL", approval)).unwrap();
    let adjust = |config: &mut Config| {
        config.respond.mode = mode;
        config.respond.never_touch = vec!["203.0.113.128/25".parse().unwrap()];
        config.playbooks.folder = Some(folder.path().to_owned());
    };
    let app = TestApp::with(adjust, vec![recorder.clone()]);
    (app, recorder)
}

fn only_action(app: &TestApp, status: &str) -> Value {
    let actions = app.eventually("/api/v1/actions", |list| list["rows"][0]["status"] == status);
    assert_eq!(actions["total"], 1, "{actions}");
    actions["rows"][0].clone()
}

fn at(action: &Value, verb: &str) -> String {
    format!("/api/v1/actions/{}/{verb}", action["id"].as_str().unwrap())
}

#[test]
fn a_dry_run_plans_and_does_nothing() {
    let (app, recorder) = start(RespondMode::DryRun, "none");
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "simulated");
    assert_eq!(app.post(&app.admin, &at(&action, "run"), &json!({})).status, 409);
    assert!(recorder.asked().is_empty());
}

#[test]
fn what_needs_no_approval_is_done_once_and_ends_by_itself() {
    let (app, recorder) = start(RespondMode::Enforce, "none");
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "done");
    let statuses: Vec<&str> =
        action["steps"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect();
    assert!(statuses.ends_with(&["approved", "executing", "done"]), "{statuses:?}");
    assert_eq!(app.get(&app.admin, "/api/v1/decisions").expect(200)["total"], 1);
    app.raise_alert("acme", "203.0.113.7");
    app.clock.advance(Duration::from_secs(3_601));
    let action = only_action(&app, "expired");
    assert_eq!(recorder.asked(), ["block 203.0.113.7", "unblock 203.0.113.7"]);
    assert_eq!(app.get(&app.admin, "/api/v1/decisions").expect(200)["total"], 0);
    let decisions = app.get(&app.admin, "/api/v1/decisions?q=state:expired").expect(200);
    assert_eq!(decisions["rows"][0]["action"], action["id"]);
}

#[test]
fn an_analyst_approves_and_takes_back() {
    let (app, recorder) = start(RespondMode::Enforce, "analyst");
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "awaiting_approval");
    assert!(recorder.asked().is_empty());
    app.post(&app.admin, &at(&action, "approve"), &json!({"note": "go"})).expect(200);
    let action = only_action(&app, "done");
    assert_eq!(app.post(&app.admin, &at(&action, "approve"), &json!({})).status, 409, "it is done");
    app.post(&app.admin, &at(&action, "undo"), &json!({})).expect(200);
    let action = only_action(&app, "undone");
    assert_eq!(recorder.asked(), ["block 203.0.113.7", "unblock 203.0.113.7"]);
    assert_eq!(app.post(&app.admin, &at(&action, "undo"), &json!({})).status, 409, "nothing is in force");
}

#[test]
fn what_is_rejected_is_not_done() {
    let (app, recorder) = start(RespondMode::Enforce, "analyst");
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "awaiting_approval");
    app.post(&app.admin, &at(&action, "reject"), &json!({"note": "our own scanner"})).expect(200);
    let action = only_action(&app, "rejected");
    assert_eq!(app.post(&app.admin, &at(&action, "approve"), &json!({})).status, 409);
    assert!(recorder.asked().is_empty());
}

#[test]
fn the_never_touch_list_holds_for_playbooks_and_people() {
    let (app, recorder) = start(RespondMode::Enforce, "none");
    app.raise_alert("acme", "203.0.113.200");
    let listed = app.get(&app.admin, "/api/v1/actions").expect(200);
    let done = listed["rows"].as_array().unwrap().iter().filter(|action| action["status"] != "refused").count();
    assert_eq!(done, 0, "{listed}");
    let order = |address| json!({"kind": "host.block_ip", "parameters": {"ip": address}, "tenant": "acme"});
    let action = app.post(&app.admin, "/api/v1/actions", &order("203.0.113.200")).expect(201);
    assert_eq!(action["status"], "refused", "{action}");
    for address in ["127.0.0.1", "10.0.0.1", "nonsense"] {
        let answer = app.post(&app.admin, "/api/v1/actions", &order(address)).expect(400);
        assert_eq!(answer["errors"][0]["field"], "parameters.ip", "{answer}");
    }
    assert!(recorder.asked().is_empty());
    let list = app.get(&app.admin, "/api/v1/never-touch").expect(200).to_string();
    assert!(list.contains("203.0.113.128/25"), "{list}");
}

#[test]
fn an_order_is_done_once_however_often_it_is_sent() {
    let (app, recorder) = start(RespondMode::Enforce, "analyst");
    let order = json!({"kind": "host.block_ip", "parameters": {"ip": "203.0.113.9"}, "tenant": "acme", "key": "one"});
    let first = app.post(&app.admin, "/api/v1/actions", &order).expect(201);
    let again = app.post(&app.admin, "/api/v1/actions", &order).expect(200);
    assert_eq!(first["id"], again["id"]);
    only_action(&app, "done");
    assert_eq!(recorder.asked(), ["block 203.0.113.9"]);
    let unknown = app.post(&app.admin, "/api/v1/actions", &json!({"kind": "host.block_pi", "tenant": "acme"}));
    assert_eq!(unknown.status, 400);
    assert!(unknown.text().contains("did you mean `host.block_ip`"), "{}", unknown.text());
}

#[test]
fn what_may_work_later_is_tried_again_and_what_cannot_is_given_up() {
    let (app, recorder) = start(RespondMode::Enforce, "none");
    let unavailable = ExecuteError::Unavailable { what: "ask the firewall".into(), reason: "busy".into() };
    recorder.failures.lock().unwrap().push(unavailable);
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "approved");
    assert!(action["steps"].to_string().contains("busy"), "{action}");
    app.clock.advance(Duration::from_mins(50));
    only_action(&app, "done");
    assert_eq!(recorder.asked(), ["block 203.0.113.7"]);

    let (app, recorder) = start(RespondMode::Enforce, "none");
    let unable = ExecuteError::Unable { what: "ask the firewall".into(), reason: "nft is not installed".into() };
    recorder.failures.lock().unwrap().push(unable);
    app.raise_alert("acme", "203.0.113.7");
    let action = only_action(&app, "failed");
    app.post(&app.admin, &at(&action, "run"), &json!({"note": "installed it"})).expect(200);
    only_action(&app, "done");
    assert_eq!(recorder.asked(), ["block 203.0.113.7"]);
}

#[test]
fn a_plan_is_shown_before_it_is_made() {
    let (app, _) = start(RespondMode::DryRun, "analyst");
    let alert = app.raise_alert("acme", "203.0.113.7");
    let path = format!("/api/v1/alerts/{}/plan", alert["id"].as_str().unwrap());
    let shown = app.post(&app.admin, &path, &json!({"dry_run": true})).expect(200);
    let made = app.post(&app.admin, &path, &json!({})).expect(200);
    assert_eq!(shown["actions"].as_array().unwrap().len(), 1);
    assert_eq!(made["actions"][0]["id"], shown["actions"][0]["id"], "planning again plans nothing new");
}

/// What is done for a case that only some may open is told to those alone, wherever actions are told of.
#[test]
fn what_is_done_for_a_closed_case_is_closed_with_it() {
    const LIVE: &str = "/api/v1/live";
    let (app, _) = start(RespondMode::Enforce, "analyst");
    app.user("ann", Role::Analyst, TenantScope::All);
    let (ours, theirs) = (app.key_of("ann"), app.key_for(Role::Analyst, "acme"));
    let alert = app.raise_alert("acme", "203.0.113.7");
    only_action(&app, "awaiting_approval");
    let case = app.post(&ours, "/api/v1/cases", &json!({"alerts": [alert["id"]]})).expect(201);
    let order = |address: &str| json!({"kind": "host.block_ip", "parameters": {"ip": address}, "alert": alert["id"], "key": address});
    let action = app.post(&ours, "/api/v1/actions", &order("203.0.113.8")).expect(201);
    assert_eq!(action["trigger"]["case"], case["id"]);
    let path = format!("/api/v1/actions/{}", action["id"].as_str().unwrap());
    app.eventually(&path, |action| action["status"] == "done");
    let list = format!("/api/v1/actions?q=case:{}", case["id"].as_str().unwrap());
    let decisions = "/api/v1/decisions";
    let plan = format!("/api/v1/alerts/{}/plan", alert["id"].as_str().unwrap());
    let seen = |key: &str| {
        let planned = app.post(key, &plan, &json!({"dry_run": true})).expect(200);
        (
            app.get(key, &path).status,
            app.get(key, &list).expect(200)["total"].as_u64().unwrap(),
            app.get(key, decisions).expect(200)["total"].as_u64().unwrap(),
            planned["actions"].to_string().contains("203.0.113.8"),
        )
    };
    assert_eq!(seen(&theirs), (200, 1, 1, true), "as long as it is open");
    let mut watching = [Stream::open(&app, &theirs, LIVE, None), Stream::open(&app, &ours, LIVE, None)];

    close_to_ann(&app, &case);
    assert_eq!(seen(&theirs), (404, 0, 0, false));
    assert_eq!(seen(&ours), (200, 1, 1, true));
    for verb in ["approve", "reject", "run", "undo"] {
        assert_eq!(app.post(&theirs, &at(&action, verb), &json!({})).status, 404, "{verb}");
    }

    let secret = app.post(&ours, "/api/v1/actions", &order("203.0.113.9")).expect(201);
    let other = json!({"kind": "host.block_ip", "parameters": {"ip": "203.0.113.10"}, "tenant": "acme"});
    let open = app.post(&ours, "/api/v1/actions", &other).expect(201);
    let [first_theirs, first_ours] = watching.each_mut().map(|stream| stream.next("action").data);
    assert!(first_theirs.contains(open["id"].as_str().unwrap()), "{first_theirs}");
    assert!(first_ours.contains(secret["id"].as_str().unwrap()), "{first_ours}");

    for action in [&secret, &open] {
        let path = format!("/api/v1/actions/{}", action["id"].as_str().unwrap());
        app.eventually_as(&ours, &path, |action| action["status"] == "done");
    }
    app.clock.advance(Duration::from_hours(48));
    let report = "/api/v1/reports/weekly/figures?tenant=acme&days=7";
    let done = |key: &str| app.get(key, report).expect(200)["actions_done"].as_u64().unwrap();
    assert_eq!((done(&ours), done(&theirs)), (3, 1), "the report of who may see it, and of others");
}
