//! Speaks to a running server's HTTP API.

use std::io::Read as _;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder};

use crate::cli::Connection;

/// The largest answer that is read: a report or a page of rows.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why the server gave no answer that we can use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection, no answer in time, or not HTTP.
    #[error("ask the server at {url} (is it running? `--server` or VIGIE_URL says where it is)")]
    Connect {
        /// What was asked for.
        url: String,
        /// What went wrong.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The server refused, and said why.
    #[error("the server refused ({status}): {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its words.
        detail: String,
    },
    /// The answer is not what the API describes.
    #[error("read the server's answer from {url}: {reason}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A server and the key for it.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    key: Option<String>,
    agent: Agent,
}

impl Client {
    /// Returns a client for a server; nothing is asked yet.
    pub fn new(connection: &Connection) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_mins(2)));
        Self {
            base: connection.server.trim_end_matches('/').to_owned(),
            key: connection.key.clone(),
            agent: config.build().new_agent(),
        }
    }

    /// Asks for JSON.
    pub fn get(&self, path: &str) -> Result<Value, ClientError> {
        let url = self.url(path);
        let answer = self.authorised(self.agent.get(&url)).call();
        self.json(&url, answer)
    }

    /// Asks for bytes, such as a report.
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let url = self.url(path);
        let answer = self.authorised(self.agent.get(&url)).call();
        self.bytes(&url, answer)
    }

    /// Asks for text, such as a report.
    pub fn get_text(&self, path: &str) -> Result<String, ClientError> {
        let url = self.url(path);
        let answer = self.authorised(self.agent.get(&url)).call();
        let bytes = self.bytes(&url, answer)?;
        String::from_utf8(bytes).map_err(|_| ClientError::Answer { url, reason: "not UTF-8".to_owned() })
    }

    /// Sends JSON.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let url = self.url(path);
        let answer = self.authorised(self.agent.post(&url)).send_json(body);
        self.json(&url, answer)
    }

    /// Deletes, and returns what the server says of what is gone.
    pub fn delete(&self, path: &str) -> Result<Value, ClientError> {
        let url = self.url(path);
        let answer = self.authorised(self.agent.delete(&url)).call();
        self.json(&url, answer)
    }

    /// Sends bytes with these headers.
    pub fn post_bytes(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Value, ClientError> {
        let url = self.url(path);
        let request = self.authorised(self.agent.post(&url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send(body);
        self.json(&url, answer)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn authorised<Kind>(&self, request: RequestBuilder<Kind>) -> RequestBuilder<Kind> {
        match &self.key {
            Some(key) => request.header("Authorization", format!("Bearer {key}")),
            None => request,
        }
    }

    fn json(&self, url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<Value, ClientError> {
        let bytes = self.bytes(url, answer)?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| ClientError::Answer { url: url.to_owned(), reason: error.to_string() })
    }

    fn bytes(&self, url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<Vec<u8>, ClientError> {
        let answer = answer.map_err(|source| ClientError::Connect { url: url.to_owned(), source: Box::new(source) })?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        let mut reader = answer.into_body().into_reader().take(ANSWER_BYTES_MAX);
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| ClientError::Answer { url: url.to_owned(), reason: error.to_string() })?;
        if (200..300).contains(&status) {
            return Ok(bytes);
        }
        let mut detail = problem(&bytes);
        if status == 401 && self.key.is_none() {
            detail.push_str(" (give a key with --key or VIGIE_API_KEY)");
        }
        Err(ClientError::Refused { status, detail })
    }
}

/// Returns the words of a problem document (RFC 9457), or the body as it is.
fn problem(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let Ok(problem) = serde_json::from_slice::<Value>(bytes) else {
        return text.chars().take(300).collect();
    };
    let part = |name: &str| problem.get(name).and_then(Value::as_str);
    match (part("title"), part("detail")) {
        (Some(title), Some(detail)) => format!("{title}: {detail}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => text.chars().take(300).collect(),
    }
}

/// Returns a text as it stands in a query string (RFC 3986).
pub fn query_value(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
