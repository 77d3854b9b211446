//! `notify.webhook` against a real HTTP receiver.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use vigie_actions::{WebhookConfig, WebhookNotify};
use vigie_model::Action;
use vigie_respond::{ExecuteError, Executor as _, Outcome};

use crate::sample::message;

struct Request {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Answers every request with the same bytes, and hands the requests over.
fn receiver(answer: Vec<u8>) -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                lines.push(line.trim_end().to_owned());
            }
            if lines.is_empty() {
                continue;
            }
            let headers: BTreeMap<String, String> = lines[1..]
                .iter()
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            // A caller that has read enough hangs up.
            let _ = stream.write_all(&answer);
            if sender.send(Request { line: lines[0].clone(), headers, body }).is_err() {
                return;
            }
        }
    });
    (port, requests)
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

fn post(config: &Value, action: &Action) -> Result<Outcome, ExecuteError> {
    let config: WebhookConfig = serde_json::from_value(config.clone()).unwrap();
    let executor = WebhookNotify::new(&BTreeMap::from([("chat".to_owned(), config)])).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(executor.execute(action))
}

fn hello(parameters: &Value) -> Action {
    let mut all: Map<String, Value> = json!({"to": "chat"}).as_object().unwrap().clone();
    all.extend(parameters.as_object().unwrap().clone());
    message("notify.webhook", all)
}

#[test]
fn a_post_is_signed_and_known_again() {
    let (port, requests) = receiver(answer("200 OK", "", "ok"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "k3y\n").unwrap();
    let config =
        json!({"url": format!("http://127.0.0.1:{port}/hook?x=1"), "secret": format!("file:{}", path.display())});
    for _ in 0..2 {
        post(&config, &hello(&json!({}))).unwrap();
    }
    let (first, second) = (requests.recv().unwrap(), requests.recv().unwrap());
    assert_eq!(first.line, "POST /hook?x=1 HTTP/1.1");
    assert_eq!(first.headers["content-type"], "application/json");
    assert_eq!(first.headers["idempotency-key"], hello(&json!({})).id.to_string());
    assert!(first.headers["user-agent"].starts_with("vigie/"));
    if let Some(signature) = openssl_hmac("k3y", &first.body) {
        assert_eq!(first.headers["x-vigie-signature"], signature);
    }
    assert_eq!(first.headers["x-vigie-signature"].len(), "sha256=".len() + 64);
    assert_eq!((&first.body, &first.headers["idempotency-key"]), (&second.body, &second.headers["idempotency-key"]));
    let body: Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!((&body["version"], &body["tenant"]), (&json!(1), &json!("acme")));
    assert_eq!(body["text"], "[CRITICAL] Break-in x</td><script>alert(1)</script> (acme, case #7): 203.0.113.7");
    assert_eq!(body["about"]["entities"][0]["value"], "203.0.113.7");
}

/// OpenSSL is the peer for the signature, where it is installed.
fn openssl_hmac(key: &str, body: &[u8]) -> Option<String> {
    use std::process::{Command, Stdio};
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-hmac", key, "-r"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: openssl is not installed, the signature is not compared");
        return None;
    };
    child.stdin.take().unwrap().write_all(body).unwrap();
    let printed = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    Some(format!("sha256={}", printed.split_whitespace().next().unwrap()))
}

/// The bytes of version 1, frozen: receivers are written for them.
#[test]
fn the_body_is_as_it_was() {
    let (port, requests) = receiver(answer("200 OK", "", "ok"));
    post(&json!({"url": format!("http://127.0.0.1:{port}/")}), &hello(&json!({}))).unwrap();
    let seen: Value = serde_json::from_slice(&requests.recv().unwrap().body).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/webhook_v1.out.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&seen).unwrap() + "\n").unwrap();
    }
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(seen, expected);
}

#[test]
fn slack_calls_nobody() {
    let (port, requests) = receiver(answer("200 OK", "", "ok"));
    let config = json!({"url": format!("http://localhost:{port}/"), "format": "slack"});
    post(&config, &hello(&json!({"text": "hi <!channel> & all"}))).unwrap();
    let request = requests.recv().unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({"text": "hi &lt;!channel&gt; &amp; all"}));
    assert!(!request.headers.contains_key("x-vigie-signature"));
}

#[track_caller]
fn check_answer(answer: Vec<u8>, retryable: bool, part: &str) {
    let (port, requests) = receiver(answer);
    let url = format!("http://127.0.0.1:{port}/s3cret-path");
    let error = post(&json!({"url": url}), &hello(&json!({}))).unwrap_err();
    assert_eq!(error.is_retryable(), retryable, "{error:?}");
    assert!(error.to_string().contains(part) && !error.to_string().contains("s3cret"), "{error}");
    assert!(requests.recv_timeout(Duration::from_secs(5)).is_ok());
    assert!(requests.recv_timeout(Duration::from_millis(50)).is_err(), "it was called twice");
}

#[test]
fn answers() {
    check_answer(answer("500 Oops", "", "later\nplease"), true, "status 500: later please");
    check_answer(answer("503 Busy", "Retry-After: 5\r\n", ""), true, "status 503");
    check_answer(answer("429 Slow", "", ""), true, "status 429");
    check_answer(answer("404 Gone", "", "no_team"), false, "status 404: no_team");
    check_answer(answer("302 Found", "Location: http://127.0.0.1:1/evil\r\n", ""), false, "redirects are not followed");
    check_answer(answer("307 Found", "Location: http://127.0.0.1:1/evil\r\n", ""), false, "redirects are not followed");
    check_answer(b"nonsense\r\n\r\n".to_vec(), true, "post to the webhook `chat`");
}

#[test]
fn an_endless_answer_is_cut() {
    let body = "x".repeat(5_000_000);
    let (port, _requests) = receiver(answer("400 Bad", "", &body));
    let error = post(&json!({"url": format!("http://127.0.0.1:{port}/")}), &hello(&json!({}))).unwrap_err();
    assert!(error.to_string().len() < 400, "{}", error.to_string().len());
}

#[test]
fn a_silent_receiver_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let begun = Instant::now();
    let error = post(&json!({"url": url, "timeout_s": 1}), &hello(&json!({}))).unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = post(&json!({"url": format!("http://127.0.0.1:{port}/")}), &hello(&json!({}))).unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}

#[test]
fn a_webhook_must_be_configured() {
    let error = post(&json!({"url": "https://example.org/"}), &hello(&json!({"to": "char"}))).unwrap_err();
    assert!(error.to_string().contains("no webhook `char` in the configuration; there is chat"), "{error}");
    let config: WebhookConfig = serde_json::from_value(json!({"url": "http://192.0.2.1/s3cret"})).unwrap();
    let error = WebhookNotify::new(&BTreeMap::from([("chat".to_owned(), config)])).unwrap_err().to_string();
    assert!(error.contains("use https") && !error.contains("s3cret"), "{error}");
}
