//! What a colleague needs who takes a case over: what is like it, its files, its history, what was done about its tasks.

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::{Answer, TestApp, bearer};

const BOUNDARY: &str = "a-boundary";

fn open(app: &TestApp, key: &str, tenant: &str, title: &str) -> (Value, String) {
    let case = app.post(key, "/api/v1/cases", &json!({"title": title, "tenant": tenant, "tlp": "red"})).expect(201);
    let at = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    (case, at)
}

/// Puts a file on a case.
pub(crate) fn upload(app: &TestApp, key: &str, path: &str, name: &str, bytes: &[u8]) -> Answer {
    let authorization = bearer(key);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", kind.as_str())];
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"\r\n");
    body.push_str("Content-Type: text/html\r\n\r\n");
    let body = [body.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    app.send("POST", path, &headers, Some(&body))
}

#[test]
fn files_come_in_and_go_out_as_downloads_only() {
    let app = TestApp::with(|config| config.limits.attachment_bytes_max = 1_024, Vec::new());
    let (acme, globex) = (app.key_for(Role::Analyst, "acme"), app.key_for(Role::Analyst, "globex"));
    let (_, at) = open(&app, &acme, "acme", "A laptop");
    let files = format!("{at}/attachments");
    let page = b"<script>alert(1)</script>";
    let added = upload(&app, &acme, &files, "../../evil\u{202e}.html", page).expect(201);
    assert_eq!((added[0]["name"].as_str(), added[0]["bytes"].as_u64()), (Some("evil\u{202e}.html"), Some(25)));
    assert_eq!(added[0]["created_by"], "key:test analyst");
    let again = upload(&app, &acme, &files, "evil\u{202e}.html", page).expect(201);
    assert_eq!(again[0]["name"], "evil\u{202e} (1).html");
    assert_eq!(app.get(&acme, &files).expect(200).as_array().unwrap().len(), 2);

    let path = format!("{files}/{}", added[0]["id"].as_str().unwrap());
    let answer = app.get(&acme, &path);
    assert_eq!((answer.status, answer.body.as_slice()), (200, page.as_slice()));
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-disposition"), "attachment; filename*=UTF-8''evil%E2%80%AE.html");
    assert!(answer.header("content-security-policy").starts_with("sandbox"));

    assert_eq!(upload(&app, &acme, &files, "fits.bin", &[7; 1_024]).status, 201);
    assert_eq!(upload(&app, &acme, &files, "long.bin", &[7; 1_025]).status, 413, "one byte too many");
    assert_eq!(app.post(&acme, &files, &json!({})).status, 400, "no form");
    for (method, path) in [("GET", &files), ("GET", &path), ("DELETE", &path)] {
        assert_eq!(app.change(&globex, method, path, &json!({})).status, 404, "{method} {path} of another tenant");
    }
    assert_eq!(upload(&app, &globex, &files, "x", b"x").status, 404);
    let (_, other) = open(&app, &acme, "acme", "Another");
    let elsewhere = format!("{other}/attachments/{}", added[0]["id"].as_str().unwrap());
    assert_eq!(app.get(&acme, &elsewhere).status, 404, "it is on the first case");
    assert_eq!(app.change(&acme, "DELETE", &path, &json!({})).status, 204);
    assert_eq!(app.get(&acme, &path).status, 404);
    let history = app.get(&acme, &format!("{at}/history")).expect(200);
    let verbs: Vec<&str> =
        history["rows"].as_array().unwrap().iter().map(|row| row["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["delete", "create", "create", "create", "create"], "also of what is gone: {history}");
}

#[test]
fn cases_are_like_each_other_by_what_they_hold() {
    let app = TestApp::new();
    let all = app.key(Role::Analyst, &TenantScope::All);
    let observe = |at: &str, kind: &str, value: &str| {
        app.post(&all, &format!("{at}/observables"), &json!({"kind": kind, "value": value})).expect(201)
    };
    let (first, at) = open(&app, &all, "acme", "First");
    let (second, other) = open(&app, &all, "acme", "Second");
    let (_, foreign) = open(&app, &all, "globex", "Foreign");
    for at in [&at, &other, &foreign] {
        observe(at, "ip", "203.0.113.7");
        observe(at, "ip", "10.0.0.1");
    }
    let weak = observe(&at, "domain", "evil-panel.net");
    observe(&other, "domain", "evil-panel.net");
    let alert = app.raise_alert("acme", "203.0.113.7");
    app.raise_alert("globex", "203.0.113.7");
    let path = format!("{at}/similar");
    let like = app.get(&all, &path).expect(200);
    let cases = like["cases"].as_array().unwrap();
    assert_eq!((cases.len(), &cases[0]["case"]["id"]), (1, &second["id"]), "never of another tenant: {like}");
    let shared = cases[0]["shared"].to_string();
    assert!(shared.contains("203.0.113.7") && shared.contains("evil-panel.net"), "{shared}");
    let alerts = like["alerts"].as_array().unwrap();
    assert_eq!((alerts.len(), &alerts[0]["alert"]["id"]), (1, &alert["id"]));
    app.post(&all, &format!("{at}/alerts"), &json!({"alerts": [alert["id"]]})).expect(200);
    let like = app.get(&all, &path).expect(200);
    assert_eq!(like["alerts"], json!([]), "what is part of the case is not like it");

    let patch = json!({"unlike": true});
    app.change(&all, "PATCH", &format!("{at}/observables/{}", weak["id"].as_str().unwrap()), &patch).expect(200);
    let shared = app.get(&all, &path).expect(200)["cases"][0]["shared"].to_string();
    assert!(!shared.contains("evil-panel.net"), "{shared}");
    let globex = app.key_for(Role::Analyst, "globex");
    assert_eq!(app.get(&globex, &path).status, 404);
    app.user("ann", Role::Analyst, TenantScope::All);
    close_to_ann(&app, &first);
    assert_eq!(app.get(&all, &path).status, 404, "closed to others");
    let like = app.get(&all, &format!("{other}/similar")).expect(200);
    assert_eq!(like["cases"], json!([]), "a case that only some may open is not told of");
}

/// Closes a case to everybody but the user ann.
pub(crate) fn close_to_ann(app: &TestApp, case: &Value) {
    let acme = app.key_for(Role::Analyst, "acme");
    let wire = u128::from_str_radix(case["id"].as_str().unwrap(), 16).unwrap();
    let access = json!({"access": {"_kind": "UserAccessKind", "users": ["ann"]}});
    app.post(&acme, &format!("/api/v1/case/~{wire}/access"), &access).expect(204);
}

#[test]
fn what_only_some_may_open_keeps_all_that_is_on_it() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Analyst, "acme");
    let (case, at) = open(&app, &acme, "acme", "The chief's laptop");
    let file = upload(&app, &acme, &format!("{at}/attachments"), "a.txt", b"a").expect(201);
    let task = app.post(&acme, &format!("{at}/tasks"), &json!({"title": "Call"})).expect(201);
    let seen = json!({"kind": "ip", "value": "203.0.113.7"});
    let seen = app.post(&acme, &format!("{at}/observables"), &seen).expect(201);
    let id = |object: &Value| object["id"].as_str().unwrap().to_owned();
    let (file, task, observable) = (id(&file[0]), id(&task), format!("{at}/observables/{}", id(&seen)));
    let logs = format!("/api/v1/tasks/{task}/logs");
    let paths =
        ["/attachments", &format!("/attachments/{file}"), "/similar", "/history"].map(|path| format!("{at}{path}"));
    for path in paths.iter().chain([&logs]) {
        assert_eq!(app.get(&acme, path).status, 200, "{path}");
    }
    app.user("ann", Role::Analyst, TenantScope::All);
    close_to_ann(&app, &case);
    for path in paths.iter().chain([&logs]) {
        assert_eq!(app.get(&acme, path).status, 404, "{path}");
    }
    assert_eq!(app.post(&acme, &logs, &json!({"text": "x"})).status, 404);
    assert_eq!(app.change(&acme, "PATCH", &observable, &json!({"ioc": true})).status, 404);
    assert_eq!(upload(&app, &acme, &paths[0], "b.txt", b"b").status, 404);
    assert_eq!(app.change(&acme, "DELETE", &paths[1], &json!({})).status, 404);
}

#[test]
fn the_history_says_who_changed_what_from_what() {
    let app = TestApp::new();
    let acme = app.key_for(Role::Analyst, "acme");
    let (case, at) = open(&app, &acme, "acme", "A call");
    assert_eq!((&case["tlp"], &case["desk"]["created_by"]), (&json!("red"), &json!("key:test analyst")));
    let edited = app.change(&acme, "PATCH", &at, &json!({"severity": "high"})).expect(200);
    assert_eq!(edited["desk"]["updated_by"], "key:test analyst");
    let due = "2026-03-02T12:00:00Z";
    let task = json!({"title": "Call", "group": "client", "mandatory": true, "due": due});
    let task = app.post(&acme, &format!("{at}/tasks"), &task).expect(201);
    assert_eq!((&task["group"], &task["mandatory"]), (&json!("client"), &json!(true)), "{task}");
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let begun = app.change(&acme, "PATCH", &path, &json!({"status": "in_progress", "due": ""})).expect(200);
    assert_eq!((&begun["due"], &begun["updated_by"]), (&json!(null), &json!("key:test analyst")));
    assert_eq!(app.change(&acme, "PATCH", &path, &json!({"due": "soon"})).status, 400);
    let seen = json!({"kind": "ip", "value": "203.0.113.7"});
    let seen = app.post(&acme, &format!("{at}/observables"), &seen).expect(201);
    let observable = format!("{at}/observables/{}", seen["id"].as_str().unwrap());
    let patch = json!({"ioc": true, "sighted": true, "tags": ["c2"], "tlp": "green", "message": "beacon"});
    let patched = app.change(&acme, "PATCH", &observable, &patch).expect(200);
    assert_eq!(
        (&patched["ioc"], &patched["message"], &patched["tlp"]),
        (&json!(true), &json!("beacon"), &json!("green"))
    );
    assert!(patched["sighted"].is_string(), "{patched}");
    let (_, other) = open(&app, &acme, "acme", "Another");
    let elsewhere = format!("{other}/observables/{}", seen["id"].as_str().unwrap());
    assert_eq!(app.change(&acme, "PATCH", &elsewhere, &patch).status, 404, "it is on the first case");
    assert_eq!(app.change(&acme, "DELETE", &observable, &json!({})).status, 204);
    let close =
        json!({"resolution": {"verdict": "benign", "summary": "A test."}, "impact": "no_impact", "cancel_tasks": true});
    assert_eq!(app.post(&acme, &format!("{at}/close"), &close).expect(200)["desk"]["impact"], "no_impact");

    let first = app.get(&acme, &format!("{at}/history?limit=3")).expect(200);
    let rest = app.get(&acme, &format!("{at}/history?cursor={}", first["next"].as_str().unwrap())).expect(200);
    let rows = [&first, &rest].map(|page| page["rows"].as_array().unwrap().clone()).concat();
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["verb"].as_str().unwrap(), row["object"].as_str().unwrap()))
        .collect();
    let expected = ["close case", "delete observable", "update observable", "create observable", "update task"];
    assert_eq!(told[..5], expected);
    assert_eq!(told[5..], ["create task", "update case", "create case"]);
    assert_eq!(rows[0]["details"]["before"]["status"], "open");
    assert_eq!(rows[0]["details"]["after"]["status"], "closed");
    assert_eq!(rows[6]["details"], json!({"before": {"severity": "medium"}, "after": {"severity": "high"}}));
    assert_eq!(rest["next"], json!(null));
    assert_eq!(app.get(&acme, &format!("{at}/history?cursor=x")).status, 400);
    let globex = app.key_for(Role::Analyst, "globex");
    assert_eq!(app.get(&globex, &format!("{at}/history")).status, 404);
}

#[test]
fn a_task_keeps_what_was_done_about_it() {
    let app = TestApp::new();
    let (acme, globex) = (app.key_for(Role::Analyst, "acme"), app.key_for(Role::Analyst, "globex"));
    let (_, at) = open(&app, &acme, "acme", "A call");
    let task = app.post(&acme, &format!("{at}/tasks"), &json!({"title": "Call"})).expect(201);
    let logs = format!("/api/v1/tasks/{}/logs", task["id"].as_str().unwrap());
    let log = app.post(&acme, &logs, &json!({"text": "Called. No answer.", "on_timeline": true})).expect(201);
    assert_eq!((&log["created_by"], &log["on_timeline"]), (&json!("key:test analyst"), &log["date"]));
    assert_eq!(app.post(&acme, &logs, &json!({"text": " "})).status, 400);
    assert_eq!(app.get(&acme, &logs).expect(200), json!([log]));
    app.post(&acme, &logs, &json!({"text": "Nobody else need know."})).expect(201);
    assert_eq!(app.get(&acme, &at).expect(200)["logs"], json!([log]), "what is to be on the timeline");
    assert_eq!(app.get(&globex, &logs).status, 404);
    assert_eq!(app.post(&globex, &logs, &json!({"text": "x"})).status, 404);
}
