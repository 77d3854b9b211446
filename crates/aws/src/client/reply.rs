//! What AWS answers.

use serde_json::Value;

use super::AwsError;
use crate::operation::{Operation, Protocol};

/// How many bytes of an answer are read: more is not what we asked for.
const REPLY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Reply {
    operation: &'static Operation,
    body: String,
}

impl Reply {
    /// The answer to a call that a dry run did not send.
    pub(crate) fn nothing(operation: &'static Operation) -> Self {
        Self { operation, body: String::new() }
    }

    /// Returns the body as it came.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the body as JSON; an empty one is an empty object.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn json(&self) -> Result<Value, AwsError> {
        if self.body.trim().is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_str(&self.body).map_err(|error| self.unreadable(&error))
    }

    /// Hands the root of the XML body to a reader. An empty body is `<nothing/>`.
    ///
    /// # Errors
    /// It is not XML.
    pub fn xml<T>(&self, read: impl FnOnce(roxmltree::Node<'_, '_>) -> T) -> Result<T, AwsError> {
        let text = if self.body.trim().is_empty() { "<nothing/>" } else { &self.body };
        let document = roxmltree::Document::parse(text).map_err(|error| self.unreadable(&error))?;
        Ok(read(document.root_element()))
    }

    fn unreadable(&self, error: &dyn std::fmt::Display) -> AwsError {
        AwsError::Unreadable { operation: self.operation.to_string(), reason: error.to_string() }
    }
}

/// Reads what came back.
pub(super) fn read(
    operation: &'static Operation,
    outcome: Result<http::Response<ureq::Body>, ureq::Error>,
) -> Result<Reply, AwsError> {
    let unavailable = |reason: String, may_be_done: bool| AwsError::Unavailable {
        operation: operation.to_string(),
        reason,
        may_be_done,
    };
    let mut response = outcome.map_err(|error| unavailable(error.to_string(), true))?;
    let status = response.status();
    let body = response
        .body_mut()
        .with_config()
        .limit(REPLY_BYTES_MAX)
        .read_to_string()
        .map_err(|error| unavailable(format!("the answer broke off: {error}"), true))?;
    if status.is_success() {
        return Ok(Reply { operation, body });
    }
    let (code, message) = error_of(operation, &body);
    Err(classify(operation, status.as_u16(), code, message))
}

/// Returns AWS's word and message, from JSON (`__type`, `message`) or XML (`Code`, `Message`).
fn error_of(operation: &Operation, body: &str) -> (String, String) {
    match operation.service.protocol() {
        Protocol::Json { .. } | Protocol::RestJson => {
            let value: Value = serde_json::from_str(body).unwrap_or_default();
            let text =
                |names: &[&str]| names.iter().find_map(|name| value.get(*name)?.as_str()).unwrap_or("").to_owned();
            let kind = text(&["__type", "code", "Code"]);
            let code = kind.rsplit('#').next().unwrap_or("").to_owned();
            (code, text(&["message", "Message"]))
        }
        Protocol::Query { .. } | Protocol::RestXml => {
            let Ok(document) = roxmltree::Document::parse(body) else { return (String::new(), String::new()) };
            let text = |name: &str| {
                let node = document.descendants().find(|node| node.tag_name().name() == name);
                node.and_then(|node| node.text()).unwrap_or("").to_owned()
            };
            (text("Code"), text("Message"))
        }
    }
}

/// Sorts AWS's words into what a caller can do about them.
fn classify(operation: &Operation, status: u16, code: String, message: String) -> AwsError {
    let operation = operation.to_string();
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if status == 429
        || has(&["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "PriorRequestNotComplete"])
    {
        return AwsError::Throttled { operation, code, message };
    }
    if status >= 500 {
        return AwsError::Unavailable {
            operation,
            reason: format!("HTTP {status} {code} {message}"),
            may_be_done: true,
        };
    }
    if has(&["OptimisticLock", "ConditionalCheckFailed", "TransactionConflict", "ConcurrentModification"]) {
        return AwsError::Conflict { operation, code, message };
    }
    if has(&["AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError", "InvalidClientTokenId"])
        || status == 403
    {
        return AwsError::Denied { operation, code, message };
    }
    if has(&["NotFound", "NoSuch", "Nonexistent", "NonExistent", "DoesNotExist"]) || status == 404 {
        return AwsError::NotFound { operation, code, message };
    }
    AwsError::Rejected { operation, code, message }
}
