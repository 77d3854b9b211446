//! `/api/v1/live`: the stream, and what a client that comes back gets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use vigie_model::Role;

use crate::app::{TestApp, bearer};

struct Stream(BufReader<TcpStream>);

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Message {
    id: String,
    event: String,
    data: String,
}

impl Stream {
    fn open(app: &TestApp, key: &str, last_seen: Option<&str>) -> Self {
        let address = app.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let last_seen = last_seen.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!(
            "GET /api/v1/live HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n{last_seen}\r\n",
            bearer(key)
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        Self(reader)
    }

    /// Returns the next message of that kind. The lengths of chunks stand between the fields and are passed over.
    fn next(&mut self, kind: &str) -> Message {
        let mut message = Message::default();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut message.id),
                Some(("event", event)) => event.clone_into(&mut message.event),
                Some(("data", data)) => data.clone_into(&mut message.data),
                _ => {}
            }
            if message.event == kind && !message.data.is_empty() && (kind == "reload" || !message.id.is_empty()) {
                return message;
            }
            if !message.data.is_empty() && message.event != kind && !message.event.is_empty() {
                message = Message::default();
            }
        }
    }
}

#[test]
fn what_changes_is_told_and_what_was_missed_is_told_again() {
    let app = TestApp::new();
    let mut stream = Stream::open(&app, &app.admin, None);
    let first = app.raise_alert("acme", "203.0.113.1");
    let seen = stream.next("alert");
    assert!(seen.data.contains(first["id"].as_str().unwrap()));
    drop(stream);
    let second = app.raise_alert("acme", "203.0.113.2");
    let mut back = Stream::open(&app, &app.admin, Some(&seen.id));
    let missed = back.next("alert");
    assert!(missed.data.contains(second["id"].as_str().unwrap()), "{missed:?}");
    let third = app.raise_alert("acme", "203.0.113.3");
    assert!(back.next("alert").data.contains(third["id"].as_str().unwrap()));
}

#[test]
fn a_client_that_was_away_too_long_reads_everything_again() {
    let app = TestApp::new();
    let mut stream = Stream::open(&app, &app.admin, Some("dead-7"));
    assert_eq!(stream.next("reload").data, "{}");
    let alert = app.raise_alert("acme", "203.0.113.1");
    assert!(stream.next("alert").data.contains(alert["id"].as_str().unwrap()));
}

#[test]
fn a_tenant_is_told_of_its_own_only() {
    let app = TestApp::new();
    let reader = app.key_for(Role::Reader, "acme");
    let mut stream = Stream::open(&app, &reader, None);
    app.raise_alert("globex", "203.0.113.1");
    let own = app.raise_alert("acme", "203.0.113.2");
    let seen = stream.next("alert");
    assert!(seen.data.contains(own["id"].as_str().unwrap()), "{seen:?}");
}

#[test]
fn the_number_of_watchers_is_limited() {
    let app = TestApp::with(|config| config.limits.live_clients_max = 1, Vec::new());
    let _stream = Stream::open(&app, &app.admin, None);
    let answer = app.get(&app.admin, "/api/v1/live");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "30");
}
