//! A call as HTTP.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{AwsError, Endpoints, Region};
use crate::operation::{Operation, Protocol, Service};

/// An operation with what it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which one.
    pub operation: &'static Operation,
    /// What it is given.
    pub input: Input,
}

/// What an operation is given. Its `Debug` is [`Input::to_json`], which hides secrets.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// For the JSON protocols.
    Json(Value),
    /// For the Query protocol: names as AWS writes them (`GroupId.1`), without `Action` and `Version`.
    Query(Vec<(String, String)>),
    /// For the REST protocols.
    Rest {
        /// `GET`, `PUT`, `DELETE`, `POST`.
        method: &'static str,
        /// The bucket, for S3.
        bucket: Option<String>,
        /// The path, encoded, from `/`.
        path: String,
        /// The query, encoded, without `?`.
        query: String,
        /// The body: XML or JSON.
        body: String,
    },
}

impl Input {
    /// Returns it as JSON, for people and records. A web identity token is left out: whoever has it is us.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Query(pairs) => {
                let shown =
                    |name: &str, value: &str| if name == "WebIdentityToken" { "<hidden>" } else { value }.to_owned();
                let fields: Map<String, Value> =
                    pairs.iter().map(|(name, value)| (name.clone(), Value::String(shown(name, value)))).collect();
                Value::Object(fields)
            }
            Self::Rest { method, bucket, path, query, body } => {
                json!({"method": method, "bucket": bucket, "path": path, "query": query, "body": body})
            }
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

/// Sends a request.
pub(super) fn run(
    agent: &ureq::Agent,
    request: http::Request<Vec<u8>>,
    timeout: Duration,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    if request.body().is_empty() && matches!(*request.method(), http::Method::GET | http::Method::DELETE) {
        let request = agent.configure_request(request.map(|_| ())).timeout_global(Some(timeout)).build();
        return agent.run(request);
    }
    agent.run(agent.configure_request(request).timeout_global(Some(timeout)).build())
}

/// Returns the HTTP request of a call, not signed yet.
pub(super) fn build(call: &Call, endpoints: &Endpoints, region: &Region) -> Result<http::Request<Vec<u8>>, AwsError> {
    let operation = call.operation;
    let base = endpoints.url(operation.service, region);
    let builder = http::Request::builder();
    let request = match (&call.input, operation.service.protocol()) {
        (Input::Json(body), Protocol::Json { target, version }) => builder
            .method("POST")
            .uri(format!("{base}/"))
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", format!("{target}.{}", operation.name))
            .body(body.to_string().into_bytes()),
        (Input::Query(pairs), Protocol::Query { version }) => builder
            .method("POST")
            .uri(format!("{base}/"))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(form(operation.name, version, pairs).into_bytes()),
        (Input::Rest { method, bucket, path, query, body }, Protocol::RestXml | Protocol::RestJson) => {
            let base = match bucket {
                // The certificate of `*.s3.…` covers no name with a dot in it.
                Some(bucket)
                    if operation.service == Service::S3 && endpoints.is_own(Service::S3) && !bucket.contains('.') =>
                {
                    base.replacen("https://", &format!("https://{bucket}."), 1)
                }
                Some(bucket) => format!("{base}/{bucket}"),
                None => base,
            };
            let question = if query.is_empty() { "" } else { "?" };
            let mut builder = builder;
            if operation.service == Service::S3 && !body.is_empty() {
                // Changes of a bucket's settings are refused without a checksum.
                builder = builder.header("x-amz-checksum-sha256", STANDARD.encode(Sha256::digest(body)));
            }
            if operation.service.protocol() == Protocol::RestJson && !body.is_empty() {
                builder = builder.header("content-type", "application/json");
            }
            builder.method(*method).uri(format!("{base}{path}{question}{query}")).body(body.clone().into_bytes())
        }
        (Input::Json(_) | Input::Query(_) | Input::Rest { .. }, _) => {
            return Err(unreadable(operation, "the input does not fit the service's protocol"));
        }
    };
    request.map_err(|error| unreadable(operation, &error.to_string()))
}

fn unreadable(operation: &Operation, reason: &str) -> AwsError {
    AwsError::Unreadable { operation: operation.to_string(), reason: reason.to_owned() }
}

fn form(action: &str, version: &str, pairs: &[(String, String)]) -> String {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in pairs {
        body.push('&');
        encode(name, &mut body);
        body.push('=');
        encode(value, &mut body);
    }
    body
}

/// Percent-encodes all but unreserved letters (RFC 3986 §2.3).
fn encode(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
}
