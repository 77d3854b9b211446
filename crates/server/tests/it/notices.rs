//! Who is told of what: rules, and mail at a real server that was away for a while.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};
use vigie_server::{Smtp, SmtpSecurity};

use crate::app::TestApp;

/// A mail server that ends with its test.
pub(crate) struct MailServer(Child);

impl MailServer {
    pub(crate) fn start(python: &Path, folder: &Path, port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../actions/tests/peers/smtp_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg("plain")
            .arg(folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("VIGIE_TEST_PYTHON starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), port.to_string(), "is aiosmtpd installed?");
        Self(child)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("VIGIE_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        assert!(std::env::var_os("VIGIE_REQUIRE_SMTP").is_none(), "VIGIE_REQUIRE_SMTP asks for VIGIE_TEST_PYTHON");
        eprintln!("skipped: VIGIE_TEST_PYTHON is not set (a Python with aiosmtpd)");
    }
    python
}

pub(crate) fn with_mail(port: u16) -> TestApp {
    let adjust = move |config: &mut vigie_server::Config| {
        config.http.public_url = Some("https://soc.example/".into());
        config.smtp = Some(Smtp {
            server: "127.0.0.1".into(),
            port: Some(port),
            security: SmtpSecurity::Plain,
            from: "Vigie <vigie@soc.example>".into(),
            to: vec!["duty@soc.example".into()],
            username: None,
            password: None,
            ca_file: None,
        });
    };
    TestApp::with(adjust, Vec::new())
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn add(app: &TestApp, rule: &Value) -> Value {
    app.post(&app.admin, "/api/v1/notification-rules", rule).expect(201)
}

pub(crate) fn mails(folder: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Rings until so many mails have come, for at most ten seconds; the clock goes on meanwhile, past every wait.
pub(crate) fn wait_for(app: &TestApp, folder: &Path, count: usize) -> Vec<String> {
    let start = Instant::now();
    loop {
        let mails = mails(folder);
        if mails.len() >= count {
            return mails;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{} mails of {count} came", mails.len());
        app.clock.advance(Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn mail_comes_once_also_where_the_server_was_away() {
    let Some(python) = python() else { return };
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let app = with_mail(port);
    app.user("ann@soc.example", Role::Analyst, TenantScope::All);
    add(
        &app,
        &json!({"tenant": "acme", "name": "critical", "trigger": "case_created", "severity_min": "critical", "channel": {"kind": "email"}}),
    );
    add(&app, &json!({"tenant": "acme", "name": "yours", "trigger": "case_assigned", "channel": {"kind": "email"}}));
    add(
        &app,
        &json!({"tenant": "acme", "name": "off", "enabled": false, "trigger": "case_created", "channel": {"kind": "email"}}),
    );
    let case = json!({"tenant": "acme", "title": "Break-in <b>at</b> web-1", "severity": "critical"});
    let case = app.post(&app.admin, "/api/v1/cases", &case).expect(201);
    app.post(&app.admin, "/api/v1/cases", &json!({"tenant": "acme", "title": "Noise", "severity": "low"})).expect(201);
    app.post(&app.admin, "/api/v1/cases", &json!({"tenant": "globex", "title": "Theirs", "severity": "critical"}))
        .expect(201);
    let path = format!("/api/v1/cases/{}/assign", case["id"].as_str().unwrap());
    app.post(&app.admin, &path, &json!({"assignee": "ann@soc.example"})).expect(200);

    // Nobody listens yet: it is tried, and waits.
    std::thread::sleep(Duration::from_millis(500));
    let _server = MailServer::start(&python, folder.path(), port);
    let mails = wait_for(&app, folder.path(), 2);
    let of =
        |needle: &str| mails.iter().find(|mail| mail.contains(needle)).unwrap_or_else(|| panic!("{needle}: {mails:?}"));
    let opened = of("Subject: [acme] critical case #1 opened: Break-in");
    assert!(opened.contains("To: duty@soc.example"), "{opened}");
    assert!(opened.contains("Content-Type: text/plain") && opened.contains("Content-Type: text/html"), "{opened}");
    assert!(opened.contains("&lt;b&gt;at&lt;/b&gt;") && opened.contains("https://soc.example/cases/"), "{opened}");
    assert!(of("case #1 is yours").contains("To: ann@soc.example"));

    // Nothing comes twice.
    app.clock.advance(Duration::from_hours(2));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(self::mails(folder.path()).len(), 2);
}

#[test]
fn a_rule_that_could_never_work_is_refused() {
    let app = TestApp::new();
    let check = |rule: Value, expected: &str| {
        let answer = app.post(&app.admin, "/api/v1/notification-rules", &rule);
        assert_eq!(answer.status, 400, "{rule}: {}", answer.text());
        assert!(answer.text().contains(expected), "{}", answer.text());
    };
    let rule = |channel: Value| json!({"tenant": "acme", "name": "x", "trigger": "alert_created", "channel": channel});
    check(rule(json!({"kind": "email"})), "has no `[smtp]`");
    check(rule(json!({"kind": "slack", "name": "ops"})), "no such `[[webhook]]`; there is none");
    check(rule(json!({"kind": "pigeon"})), "unknown variant");
    let mut template = rule(json!({"kind": "email"}));
    template["subject"] = json!("{{titel}}");
    check(template, "which is not known");

    let app = with_mail(free_port());
    let bad = rule(json!({"kind": "email", "to": ["nobody"]}));
    let answer = app.post(&app.admin, "/api/v1/notification-rules", &bad);
    assert!(answer.text().contains("`nobody` is no mail address"), "{}", answer.text());
}

#[test]
fn a_rule_is_made_changed_and_taken_away_by_its_tenants_administrator() {
    let app = with_mail(free_port());
    let body = json!({"name": "x", "trigger": "alert_created", "channel": {"kind": "email", "to": ["a@b.example"]}});
    let (acme, globex) = (app.key_for(Role::Admin, "acme"), app.key_for(Role::Admin, "globex"));
    let rule = app.post(&acme, "/api/v1/notification-rules", &body).expect(201);
    let path = format!("/api/v1/notification-rules/{}", rule["id"].as_str().unwrap());
    assert_eq!(app.change(&globex, "PUT", &path, &body).status, 404);
    assert_eq!(app.change(&globex, "DELETE", &path, &json!({})).status, 404);
    let mut other = body.clone();
    other["enabled"] = json!(false);
    assert_eq!(app.change(&acme, "PUT", &path, &other).expect(200)["enabled"], false);
    assert_eq!(app.get(&globex, "/api/v1/notification-rules").expect(200), json!([]));
    assert_eq!(app.get(&acme, "/api/v1/notification-rules").expect(200)[0]["enabled"], false);
    app.change(&acme, "DELETE", &path, &json!({})).expect(204);
    let audit = app.get(&app.admin, "/api/v1/audit?q=object:notice_rule").expect(200);
    let verbs: Vec<&str> = audit["rows"].as_array().unwrap().iter().map(|row| row["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["delete", "update", "create"]);
    assert_eq!(audit["rows"][1]["details"], json!({"before": {"enabled": true}, "after": {"enabled": false}}));
}

#[test]
fn a_case_that_is_late_is_told_once() {
    let Some(python) = python() else { return };
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let _server = MailServer::start(&python, folder.path(), port);
    let app = with_mail(port);
    for trigger in ["sla_near", "sla_breached"] {
        add(&app, &json!({"tenant": "acme", "name": trigger, "trigger": trigger, "channel": {"kind": "email"}}));
    }
    let policy = json!({"tenant": "acme", "acknowledge_minutes": {"critical": 60}});
    assert_eq!(app.change(&app.admin, "PUT", "/api/v1/sla", &policy).expect(200)["near_percent"], 80);
    let bad = json!({"tenant": "acme", "resolve_minutes": {"critical": 0}});
    let refused = app.change(&app.admin, "PUT", "/api/v1/sla", &bad).expect(400);
    assert_eq!(refused["errors"][0]["field"], "resolve_minutes");
    let case = json!({"tenant": "acme", "title": "Break-in", "severity": "critical"});
    let case = app.post(&app.admin, "/api/v1/cases", &case).expect(201);
    let state = |expected: &str| {
        let path = format!("/api/v1/cases/{}/sla", case["id"].as_str().unwrap());
        let steps = app.get(&app.admin, &path).expect(200);
        assert_eq!((&steps[0]["step"], &steps[0]["state"]), (&json!("acknowledge"), &json!(expected)));
    };
    state("running");
    app.clock.advance(Duration::from_mins(50));
    state("near");
    // The worker's rounds are in real time.
    let patient = |count: usize| {
        let start = Instant::now();
        while mails(folder.path()).len() < count {
            assert!(start.elapsed() < Duration::from_mins(1), "{count} mails did not come");
            std::thread::sleep(Duration::from_millis(200));
        }
        mails(folder.path())
    };
    assert!(patient(1)[0].contains("case #1 is due at"));
    app.clock.advance(Duration::from_mins(11));
    state("breached");
    let second = patient(2);
    assert!(second.iter().any(|mail| mail.contains("case #1 is late since")), "{second:?}");
    app.clock.advance(Duration::from_hours(1));
    std::thread::sleep(Duration::from_secs(7));
    assert_eq!(mails(folder.path()).len(), 2);
}
