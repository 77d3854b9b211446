//! `notify.email` against a real SMTP server.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Map, Value, json};
use vigie_actions::{ConfigError, EmailNotify, SmtpConfig};
use vigie_model::Action;
use vigie_respond::{ExecuteError, Executor as _, Outcome};

use crate::sample::message;

/// A mail server that ends with its test.
struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input closes, so it ends by itself; a server that hangs is ended.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server, or returns `None` where there is no Python for it.
fn server(mode: &str) -> Option<Server> {
    let Some(python) = std::env::var_os("VIGIE_TEST_PYTHON") else {
        assert!(
            std::env::var_os("VIGIE_REQUIRE_SMTP").is_none(),
            "VIGIE_REQUIRE_SMTP is set, but VIGIE_TEST_PYTHON is not"
        );
        eprintln!("skipped: VIGIE_TEST_PYTHON is not set (a Python with aiosmtpd and cryptography)");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp_server.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(mode)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("VIGIE_TEST_PYTHON starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().parse().expect("the server prints its port; is aiosmtpd installed?");
    Some(Server { child, port, folder })
}

impl Server {
    fn config(&self, security: &str, more: &Value) -> SmtpConfig {
        let mut config = json!({
            "server": "127.0.0.1", "port": self.port, "security": security, "timeout_s": 10,
            "from": "Vigie <vigie@soc.example>", "to": ["Duty Officer <duty@soc.example>"],
        });
        if security != "plain" {
            config["ca_file"] = json!(self.folder.path().join("ca.pem"));
        }
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        serde_json::from_value(config).unwrap()
    }

    fn mail(&self, number: u32) -> (String, Value) {
        let read =
            |ending: &str| std::fs::read_to_string(self.folder.path().join(format!("{number}.{ending}"))).unwrap();
        (read("eml"), serde_json::from_str(&read("json")).unwrap())
    }
}

fn send(config: &SmtpConfig, action: &Action) -> Result<Outcome, ExecuteError> {
    let executor = EmailNotify::new(config).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(executor.execute(action))
}

fn plain_message() -> Action {
    message("notify.email", Map::new())
}

#[test]
fn plain_to_this_host() {
    let Some(server) = server("plain") else { return };
    let outcome = send(&server.config("plain", &json!({})), &plain_message()).unwrap();
    assert!(outcome.note.contains("took it for 1 recipients: 250 taken as 1"), "{}", outcome.note);
    let (mail, envelope) = server.mail(1);
    assert_eq!(envelope, json!({"from": "vigie@soc.example", "to": ["duty@soc.example"], "tls": false, "user": null}));
    let headers: Vec<&str> = mail.split("\r\n\r\n").next().unwrap().lines().collect();
    let has = |header: &str| assert!(headers.contains(&header), "{header} is not in {headers:?}");
    has("Subject: [CRITICAL] Break-in x</td><script>alert(1)</script>");
    has("Auto-Submitted: auto-generated");
    has(&format!("Message-ID: <{}@soc.example>", plain_message().id));
    for part in ["SSH brute force (r-1)", "#7 Intrusion", "ip 203.0.113.7", "and 3 more", "T1110.001"] {
        assert!(mail.matches(part).count() >= 2, "{part} is not in both bodies of\n{mail}");
    }
    assert!(mail.contains("&lt;script&gt;"), "{mail}");
    let html = mail.split("Content-Type: text/html").nth(1).unwrap();
    assert!(!html.contains("<script>"), "{html}");
    // A repeat carries the same id.
    send(&server.config("plain", &json!({})), &plain_message()).unwrap();
    assert!(server.mail(2).0.contains(&format!("<{}@soc.example>", plain_message().id)));
}

#[test]
fn starttls() {
    let Some(server) = server("starttls") else { return };
    send(&server.config("starttls", &json!({})), &plain_message()).unwrap();
    assert_eq!(server.mail(1).1["tls"], true);
    let named = server.config("starttls", &json!({"server": "localhost"}));
    send(&named, &plain_message()).unwrap();
}

#[test]
fn tls_from_the_first_byte() {
    let Some(server) = server("tls") else { return };
    send(&server.config("tls", &json!({})), &plain_message()).unwrap();
    assert_eq!(server.mail(1).1["tls"], true);
}

#[test]
fn an_unknown_certificate_is_for_a_person_to_mend() {
    let Some(server) = server("starttls") else { return };
    let error = send(&server.config("starttls", &json!({"ca_file": null})), &plain_message()).unwrap_err();
    assert!(matches!(error, ExecuteError::Unable { .. }) && error.to_string().contains("certificate"), "{error:?}");
}

#[test]
fn a_server_without_starttls_gets_nothing() {
    let Some(server) = server("plain") else { return };
    let config = server.config("starttls", &json!({"ca_file": null}));
    let error = send(&config, &plain_message()).unwrap_err();
    assert!(!server.folder.path().join("1.eml").exists());
    assert!(!error.is_retryable(), "{error:?}");
}

#[test]
fn signing_in() {
    let Some(server) = server("auth") else { return };
    let password = server.folder.path().join("password");
    std::fs::write(&password, "s3cret\n").unwrap();
    let more = json!({"username": "vigie", "password": format!("file:{}", password.display())});
    send(&server.config("starttls", &more), &plain_message()).unwrap();
    assert_eq!(server.mail(1).1["user"], "vigie");
    std::fs::write(&password, "wrong\n").unwrap();
    let error = send(&server.config("starttls", &more), &plain_message()).unwrap_err();
    assert!(!error.is_retryable() && error.to_string().contains("535"), "{error:?}");
    assert!(!error.to_string().contains("wrong"));
}

#[test]
fn who_says_later_is_asked_later() {
    let Some(busy) = server("busy") else { return };
    let error = send(&busy.config("plain", &json!({})), &plain_message()).unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("451"), "{error:?}");
    let Some(reject) = server("reject") else { return };
    let error = send(&reject.config("plain", &json!({})), &plain_message()).unwrap_err();
    assert!(matches!(error, ExecuteError::Rejected { .. }) && error.to_string().contains("550"), "{error:?}");
}

#[test]
fn nothing_from_a_log_becomes_a_header_or_recipient() {
    let Some(server) = server("plain") else { return };
    let hostile = "Hello\r\nBcc: victim@example.org\r\n\r\n.\r\nMAIL FROM:<x@example.org>";
    let parameters = json!({"subject": hostile, "text": hostile, "to": ["a@soc.example", "b@soc.example"]});
    send(&server.config("plain", &json!({})), &message("notify.email", parameters.as_object().unwrap().clone()))
        .unwrap();
    let (mail, envelope) = server.mail(1);
    assert_eq!(envelope["to"], json!(["a@soc.example", "b@soc.example"]));
    let headers = mail.split("\r\n\r\n").next().unwrap();
    assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
    assert!(!server.folder.path().join("2.eml").exists());
    for to in ["a@b.example\r\nRCPT TO:<c@d.example>", "no address", ""] {
        let action = message("notify.email", json!({"to": [to]}).as_object().unwrap().clone());
        let error = send(&server.config("plain", &json!({})), &action).unwrap_err();
        assert!(matches!(error, ExecuteError::Parameter { .. }), "{to:?}: {error:?}");
    }
}

fn offline(more: &Value) -> SmtpConfig {
    let mut config = json!({"server": "127.0.0.1", "security": "plain", "from": "vigie@soc.example", "timeout_s": 2});
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    serde_json::from_value(config).unwrap()
}

#[test]
fn a_server_that_is_down_may_come_back() {
    // Bound and dropped, so that nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = send(&offline(&json!({"port": port, "to": ["a@soc.example"]})), &plain_message()).unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}

#[test]
fn configurations_that_are_refused() {
    let refused = |more: &Value| EmailNotify::new(&offline(more)).unwrap_err();
    for server in ["mail.example.org", "192.0.2.25", "localhost.example.org"] {
        let error = refused(&json!({"server": server}));
        assert!(matches!(error, ConfigError::PlainToRemote { .. }), "{error}");
        assert!(error.to_string().contains("set security to `starttls` or `tls`"), "{error}");
    }
    assert!(matches!(refused(&json!({"username": "x"})), ConfigError::HalfCredentials));
    assert!(matches!(refused(&json!({"from": "x\r\ny@z"})), ConfigError::Address { field: "from", .. }));
    assert!(matches!(refused(&json!({"to": ["x"]})), ConfigError::Address { field: "to", .. }));
    let missing = json!({"security": "tls", "ca_file": "/nonexistent/ca.pem"});
    assert!(matches!(refused(&missing), ConfigError::CaFile { .. }));
    let error = send(&offline(&json!({})), &plain_message()).unwrap_err();
    assert!(error.to_string().contains("no recipient"), "{error}");
}
