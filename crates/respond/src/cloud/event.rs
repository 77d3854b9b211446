//! What EventBridge, a topic, a forwarder or a file hands over.

use serde_json::Value;

use super::alarm::Alarm;
use super::finding::{Finding, at, list, text};

/// How long an event may be: EventBridge's own limit is 256 KB, `GetFindings` answers are longer.
pub const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many findings one event may carry; GuardDuty's own pages hold 50.
const FINDINGS_MAX: usize = 100;
/// How deep topics may be wrapped in one another.
const WRAPPINGS_MAX: usize = 3;

/// Something to answer.
#[derive(Debug, Clone, PartialEq)]
pub enum CloudEvent {
    /// A GuardDuty finding.
    Finding(Box<Finding>),
    /// A CloudWatch alarm that changed its state.
    Alarm(Box<Alarm>),
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadEventError {
    /// It is too long.
    #[error("the event has {bytes} bytes: at most {EVENT_BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is not JSON.
    #[error("the event is not JSON: {0}")]
    NotJson(String),
    /// A field is missing, or is not what it should be.
    #[error("{what}: `{field}` is missing or wrong: expected {expected}")]
    Field {
        /// Of what.
        what: &'static str,
        /// Which field.
        field: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// It is nothing that is answered.
    #[error("not a GuardDuty finding and not a CloudWatch alarm: {0}")]
    Foreign(String),
    /// It carries too much.
    #[error("the event carries {0} findings: at most {FINDINGS_MAX} are taken at once, so send them in parts")]
    TooMany(usize),
}

/// Reads an event: of EventBridge, bare or within messages of SNS or SQS; a finding by itself; a list of findings as
/// `GetFindings` and some forwarders write it. Fields that are not known are left alone.
///
/// # Errors
/// What is wrong, and with which field.
pub fn read_cloud_event(bytes: &[u8]) -> Result<Vec<CloudEvent>, ReadEventError> {
    if bytes.len() > EVENT_BYTES_MAX {
        return Err(ReadEventError::TooLong { bytes: bytes.len() });
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| ReadEventError::NotJson(error.to_string()))?;
    let mut events = Vec::new();
    unwrap(&value, 0, &mut events)?;
    if events.len() > FINDINGS_MAX {
        return Err(ReadEventError::TooMany(events.len()));
    }
    Ok(events)
}

fn unwrap(value: &Value, depth: usize, events: &mut Vec<CloudEvent>) -> Result<(), ReadEventError> {
    let records = list(value, "records");
    if !records.is_empty() && depth < WRAPPINGS_MAX {
        for record in records {
            let message = text(record, "sns.message").or_else(|| text(record, "body"));
            let message = message.ok_or(field("a message", "Records[].Sns.Message", "the text of a message"))?;
            inner(message, depth, events)?;
        }
        return Ok(());
    }
    // An SNS notification as a queue or a web hook gets it.
    if let (Some("Notification"), Some(message), true) =
        (text(value, "type"), text(value, "message"), depth < WRAPPINGS_MAX)
    {
        return inner(message, depth, events);
    }
    if let Some(alarm) = Alarm::read(value) {
        events.push(CloudEvent::Alarm(Box::new(alarm.map_err(|(name, expected)| field("an alarm", name, expected))?)));
        return Ok(());
    }
    let envelope = value;
    let finding = at(value, "detail").unwrap_or(value);
    let several = list(finding, "findings");
    if !several.is_empty() {
        return several.iter().try_for_each(|finding| take(finding, envelope, events));
    }
    take(finding, envelope, events)
}

fn inner(message: &str, depth: usize, events: &mut Vec<CloudEvent>) -> Result<(), ReadEventError> {
    let value: Value = serde_json::from_str(message).map_err(|error| ReadEventError::NotJson(error.to_string()))?;
    unwrap(&value, depth + 1, events)
}

fn take(finding: &Value, envelope: &Value, events: &mut Vec<CloudEvent>) -> Result<(), ReadEventError> {
    let is_finding = ["type", "severity", "service", "resource"].iter().filter(|name| at(finding, name).is_some());
    if is_finding.count() < 2 {
        let kind = text(envelope, "detail-type").or_else(|| text(envelope, "type")).unwrap_or("no detail-type");
        return Err(ReadEventError::Foreign(kind.chars().take(80).collect()));
    }
    // Some templates leave the account and Region to the envelope.
    let mut whole = finding.clone();
    if let Some(fields) = whole.as_object_mut() {
        for (name, outer) in [("accountId", "account"), ("region", "region")] {
            if at(finding, name).is_none()
                && let Some(value) = text(envelope, outer)
            {
                fields.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        }
    }
    let finding = Finding::read(&whole).map_err(|(name, expected)| field("a finding", name, expected))?;
    events.push(CloudEvent::Finding(Box::new(finding)));
    Ok(())
}

const fn field(what: &'static str, field: &'static str, expected: &'static str) -> ReadEventError {
    ReadEventError::Field { what, field, expected }
}
