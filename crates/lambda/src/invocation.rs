//! What the function is invoked with.

use serde_json::{Value, json};
use vigie_respond::{CloudEvent, ReadEventError, read_cloud_event};

/// What the function is invoked with.
#[derive(Debug, Clone, PartialEq)]
pub enum Invocation {
    /// Findings and alarms to answer.
    Events(Vec<CloudEvent>),
    /// Changes at the edge, from the FIFO queue.
    Edge(Vec<EdgeRecord>),
    /// Take back what is over.
    Expire,
}

/// A message of the FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeRecord {
    /// What SQS calls it: failures are reported under this id.
    pub message: String,
    /// Its text.
    pub body: String,
}

/// What is wrong with an invocation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    /// It is no event that is answered.
    #[error(transparent)]
    Event(#[from] ReadEventError),
    /// It asks for something that there is not.
    #[error("unknown request `{0}`: expected {{\"vigie\": \"expire\"}}")]
    Request(String),
    /// A message of the queue has no id or no text.
    #[error("message {0} of the batch has no `messageId` or no `body`")]
    Message(usize),
}

impl Invocation {
    /// Reads an invocation.
    ///
    /// # Errors
    /// It is nothing that the function answers; the error names the field.
    pub fn read(payload: &Value) -> Result<Self, InvocationError> {
        if let Some(request) = payload.get("vigie") {
            return match request.as_str() {
                Some("expire") => Ok(Self::Expire),
                _ => Err(InvocationError::Request(request.to_string().chars().take(60).collect())),
            };
        }
        let records = payload.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // A queue between EventBridge and the function carries events; ours carries changes, and says so.
        if records.iter().any(is_edge) {
            let records = records.iter().enumerate().map(|(index, record)| {
                let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
                let (message, body) = text("messageId").zip(text("body")).ok_or(InvocationError::Message(index))?;
                Ok(EdgeRecord { message, body })
            });
            return records.collect::<Result<_, _>>().map(Self::Edge);
        }
        Ok(Self::Events(read_cloud_event(payload.to_string().as_bytes())?))
    }
}

fn is_edge(record: &Value) -> bool {
    let of_sqs = record.get("eventSource").and_then(Value::as_str) == Some("aws:sqs");
    of_sqs && record.get("body").and_then(Value::as_str).is_some_and(|body| body.contains("\"vigie_edge\""))
}

/// Returns what the function answers for a batch: the messages that must come back.
pub(crate) fn batch_failures(messages: &[String]) -> Value {
    let failures: Vec<Value> = messages.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}
