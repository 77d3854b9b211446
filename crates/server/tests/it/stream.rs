//! A client of a stream of server-sent events.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::app::{TestApp, bearer};

/// A stream of server-sent events.
pub(crate) struct Stream(BufReader<TcpStream>);

/// One of its messages.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: String,
}

impl Stream {
    pub(crate) fn open(app: &TestApp, key: &str, path: &str, last_seen: Option<&str>) -> Self {
        let address = app.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let last_seen = last_seen.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n{last_seen}\r\n", bearer(key));
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
    pub(crate) fn next(&mut self, kind: &str) -> Message {
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
