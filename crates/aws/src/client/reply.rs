//! What AWS answers.

use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use serde_json::Value;

use super::{AwsError, Credentials, Fault, Region, fault};
use crate::operation::Operation;

/// How many bytes of an answer are read: more is not what we asked for.
const REPLY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A successful answer. Its `Debug` hides the body, which may hold credentials.
#[derive(Clone)]
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

    /// Returns the error that says what is missing in the answer.
    pub(crate) fn unreadable(&self, reason: &dyn fmt::Display) -> AwsError {
        AwsError::Unreadable { operation: self.operation.to_string(), reason: reason.to_string() }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply to {} of {} bytes", self.operation, self.body.len())
    }
}

/// A call that came to nothing, with what the next try needs to know.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: AwsError,
    /// When AWS answered, by its own clock.
    pub(super) date: Option<SystemTime>,
    /// How long AWS wants us to wait.
    pub(super) retry_after: Option<Duration>,
    /// What the call was signed with.
    pub(super) credentials: Option<Credentials>,
}

impl From<AwsError> for Box<Failure> {
    fn from(error: AwsError) -> Self {
        Self::new(Failure { error, date: None, retry_after: None, credentials: None })
    }
}

impl Failure {
    /// Returns whether AWS may have refused because our clock is wrong. The codes are those of the SDKs.
    pub(super) fn may_be_the_clock(&self) -> bool {
        const CODES: [&str; 6] = [
            "AuthFailure",
            "InvalidSignatureException",
            "RequestExpired",
            "RequestInTheFuture",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
        ];
        self.error.code().is_some_and(|code| CODES.contains(&code))
    }
}

/// Reads what came back.
pub(super) fn read(
    operation: &'static Operation,
    region: &Region,
    outcome: Result<http::Response<ureq::Body>, ureq::Error>,
) -> Result<Reply, Box<Failure>> {
    let unavailable = |reason: String, may_be_done: bool| AwsError::Unavailable {
        operation: operation.to_string(),
        reason,
        may_be_done,
    };
    let mut response = outcome.map_err(|error| unavailable(error.to_string(), was_sent(&error)))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = read_body(response.body_mut(), REPLY_BYTES_MAX)
        .map_err(|error| unavailable(format!("the answer broke off: {error}"), true))?;
    let Some(body) = body else {
        let reason = format!("it has more than {REPLY_BYTES_MAX} bytes");
        return Err(AwsError::Unreadable { operation: operation.to_string(), reason }.into());
    };
    if status.is_success() {
        return Ok(Reply { operation, body });
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut fault = Fault::read(operation.service.protocol(), &body);
    complete(&mut fault, status.as_u16(), &headers, region);
    Err(Box::new(Failure {
        error: classify(operation, status.as_u16(), fault),
        date: jiff::fmt::rfc2822::parse(text("date")).ok().map(|date| SystemTime::from(date.timestamp())),
        retry_after: text("retry-after").trim().parse().ok().map(Duration::from_secs),
        credentials: None,
    }))
}

/// Reads a body; `None` where it has more bytes than `bytes_max`, which counts them after decompression.
pub(super) fn read_body(body: &mut ureq::Body, bytes_max: u64) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    // ureq's own limit counts the bytes on the wire.
    body.with_config().limit(bytes_max + 1).reader().take(bytes_max + 1).read_to_string(&mut text)?;
    Ok((text.len() as u64 <= bytes_max).then_some(text))
}

/// Returns whether a call may have reached AWS. One whose connection did not open has not.
fn was_sent(error: &ureq::Error) -> bool {
    use ureq::{Error, Timeout};
    match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::InvalidProxyUrl
        | Error::BadUri(_)
        | Error::Http(_)
        | Error::TlsRequired
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => false,
        Error::Io(error) => !matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::NetworkUnreachable
                | ErrorKind::HostUnreachable
                | ErrorKind::AddrNotAvailable
        ),
        _ => true,
    }
}

/// Adds what only the headers say.
fn complete(fault: &mut Fault, status: u16, headers: &HeaderMap, region: &Region) {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| headers.get(*name)?.to_str().ok()).unwrap_or_default().trim().to_owned()
    };
    if fault.code.is_empty() {
        // REST JSON says it in a header; SQS says there what it was in the Query protocol, for old callers.
        let query = text(&["x-amzn-query-error"]);
        let query = query.split(';').next().unwrap_or_default();
        fault.code = [fault::bare(&text(&["x-amzn-errortype"])), query.to_owned(), format!("HTTP {status}")]
            .into_iter()
            .find(|code| !code.is_empty())
            .unwrap_or_default();
    }
    if fault.message.is_empty() {
        fault.message = format!("HTTP {status} without a message");
    }
    if fault.region.is_empty() {
        fault.region = text(&["x-amz-bucket-region"]);
    }
    let elsewhere = matches!(
        &*fault.code,
        "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
    ) || (300..400).contains(&status);
    if elsewhere && !fault.region.is_empty() && fault.region != region.as_str() {
        fault.message = format!(
            "the bucket is in {}, the call went to {region}: call it in its own Region ({})",
            fault.region, fault.message
        );
    }
    if fault.request.is_empty() {
        fault.request = text(&["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"]);
    }
    if !fault.request.is_empty() {
        fault.message = format!("{} (request {})", fault.message, fault.request);
    }
}

/// "Too fast", in the words of every service: as the SDKs have it.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// "Out of order", where the status does not say so.
const OUT_OF_ORDER: [&str; 9] = [
    "IDPCommunicationError",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "Unavailable",
    "WAFUnavailableEntityException",
];

/// Sorts AWS's words into what a caller can do about them.
fn classify(operation: &Operation, status: u16, fault: Fault) -> AwsError {
    let Fault { code, message, .. } = fault;
    let operation = operation.to_string();
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if status == 429 || THROTTLING.contains(&&*code) {
        return AwsError::Throttled { operation, code, message };
    }
    if status >= 500 || OUT_OF_ORDER.contains(&&*code) {
        let reason = format!("out of order (HTTP {status}, {code}): {message}");
        return AwsError::Unavailable { operation, reason, may_be_done: true };
    }
    if has(&["OptimisticLock", "ConditionalCheckFailed", "TransactionConflict", "ConcurrentModification"])
        || matches!(&*code, "OperationAborted" | "ReplicatedWriteConflictException")
    {
        return AwsError::Conflict { operation, code, message };
    }
    if has(&["NotFound", "NoSuch", "Nonexistent", "NonExistent", "DoesNotExist"]) || status == 404 {
        return AwsError::NotFound { operation, code, message };
    }
    let denied = [
        "AccessDenied",
        "AuthFailure",
        "AuthorizationError",
        "AuthorizationHeaderMalformed",
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignature",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClient",
    ];
    if has(&denied) || matches!(status, 401 | 403) {
        return AwsError::Denied { operation, code, message };
    }
    AwsError::Rejected { operation, code, message }
}
