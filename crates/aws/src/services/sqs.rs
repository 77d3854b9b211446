//! The Simple Queue Service: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{AwsError, Call, Client, Input, Operation, Service};

/// Puts a message into a queue. With a deduplication id a repeat within five minutes does no harm.
pub static SEND_MESSAGE: Operation = Operation::write(Service::Sqs, "SendMessage");
/// Puts up to ten messages into a queue. IAM asks for `sqs:SendMessage`.
pub static SEND_MESSAGE_BATCH: Operation = Operation::write(Service::Sqs, "SendMessageBatch");
/// Tells how a queue is set up.
pub static GET_QUEUE_ATTRIBUTES: Operation = Operation::read(Service::Sqs, "GetQueueAttributes");

/// How many messages a batch takes.
const BATCH_MAX: usize = 10;
/// How many bytes a batch takes, all messages together; queues made before August 2025 take no more.
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// A message for a FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub body: String,
    /// Messages of one group come out one after the other.
    pub group: String,
    /// A second message with this id within five minutes is taken and thrown away.
    pub deduplication: String,
}

impl Message {
    fn to_json(&self) -> Map<String, Value> {
        [("MessageBody", &self.body), ("MessageGroupId", &self.group), ("MessageDeduplicationId", &self.deduplication)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect()
    }
}

/// A message of a batch that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Which one, by its place in what was passed.
    pub index: usize,
    /// AWS's own word.
    pub code: String,
    /// AWS's own message.
    pub message: String,
    /// Whether sending it again, unchanged, may work.
    pub may_work_later: bool,
}

/// Puts a message into a FIFO queue and returns its id.
///
/// # Errors
/// As [`Client::send`].
pub fn send_message(client: &Client, queue: &str, message: &Message) -> Result<String, AwsError> {
    let mut input = message.to_json();
    input.insert("QueueUrl".to_owned(), json!(queue));
    let reply = client.send(&Call { operation: &SEND_MESSAGE, input: Input::Json(Value::Object(input)) })?;
    Ok(reply.json()?.get("MessageId").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Puts messages into a FIFO queue, in their order, ten at a time. Returns those that were not taken; the others are in the
/// queue. Order holds among those that were taken only.
///
/// # Errors
/// As [`Client::send`], where no message was taken at all. What fails later stands in the list.
pub fn send_message_batch(client: &Client, queue: &str, messages: &[Message]) -> Result<Vec<Unsent>, AwsError> {
    let mut unsent = Vec::new();
    for range in batches(messages) {
        let entries: Vec<Value> = range
            .clone()
            .filter_map(|index| {
                let mut entry = messages.get(index)?.to_json();
                entry.insert("Id".to_owned(), json!(index.to_string()));
                Some(Value::Object(entry))
            })
            .collect();
        let input = Input::Json(json!({"QueueUrl": queue, "Entries": entries}));
        match client.send(&Call { operation: &SEND_MESSAGE_BATCH, input }) {
            Ok(reply) => unsent.extend(failed(&reply.json()?)),
            Err(error) if range.start == 0 => return Err(error),
            Err(error) => {
                let code = error.code().unwrap_or("Unavailable").to_owned();
                let may_work_later = matches!(error, AwsError::Throttled { .. } | AwsError::Unavailable { .. });
                let message = error.to_string();
                unsent.extend(range.map(|index| Unsent {
                    index,
                    code: code.clone(),
                    message: message.clone(),
                    may_work_later,
                }));
            }
        }
    }
    Ok(unsent)
}

fn failed(reply: &Value) -> Vec<Unsent> {
    let entries = reply.get("Failed").and_then(Value::as_array).into_iter().flatten();
    entries
        .filter_map(|entry| {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
            Some(Unsent {
                index: text("Id").parse().ok()?,
                code: text("Code").to_owned(),
                message: text("Message").to_owned(),
                may_work_later: entry.get("SenderFault").and_then(Value::as_bool) == Some(false),
            })
        })
        .collect()
}

/// Returns which messages go together. One that is too big goes alone, and AWS says so.
fn batches(messages: &[Message]) -> Vec<std::ops::Range<usize>> {
    let (mut batches, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (index, message) in messages.iter().enumerate() {
        let more = message.body.len();
        if index > start && (index - start == BATCH_MAX || bytes + more > BATCH_BYTES_MAX) {
            batches.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += more;
    }
    if start < messages.len() {
        batches.push(start..messages.len());
    }
    batches
}

/// Returns how a queue is set up: `FifoQueue`, `RedrivePolicy`, `ApproximateNumberOfMessages`…
///
/// # Errors
/// As [`Client::send`].
pub fn get_queue_attributes(client: &Client, queue: &str) -> Result<BTreeMap<String, String>, AwsError> {
    let input = Input::Json(json!({"QueueUrl": queue, "AttributeNames": ["All"]}));
    let value = client.send(&Call { operation: &GET_QUEUE_ATTRIBUTES, input })?.json()?;
    let attributes = value.get("Attributes").and_then(Value::as_object).into_iter().flatten();
    Ok(attributes.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::server::{Answer, Server};

    fn message(bytes: usize) -> Message {
        Message { body: "x".repeat(bytes), group: "g".to_owned(), deduplication: "d".to_owned() }
    }

    #[test]
    fn batches_keep_both_limits() {
        let sizes = |messages: &[Message]| batches(messages).iter().map(ExactSizeIterator::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&vec![message(1); 10]), [10]);
        assert_eq!(sizes(&vec![message(1); 21]), [10, 10, 1]);
        assert_eq!(sizes(&vec![message(BATCH_BYTES_MAX / 2); 3]), [2, 1]);
        assert_eq!(sizes(&[message(BATCH_BYTES_MAX + 1), message(1)]), [1, 1]);
    }

    #[test]
    fn what_a_batch_did_not_take_is_named() {
        let server = Server::start(|_, before| match before {
            0 => Answer::new(
                200,
                r#"{"Failed":[{"Id":"3","Code":"InternalError","SenderFault":false,"Message":"later"},
                    {"Id":"5","Code":"InvalidMessageContents","SenderFault":true}]}"#,
            ),
            _ => Answer::new(403, r#"{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"no"}"#),
        });
        let client = crate::client::client_of_tests(&server.url());
        let unsent = send_message_batch(&client, "https://q", &vec![message(1); 12]).unwrap();
        let found: Vec<_> = unsent.iter().map(|unsent| (unsent.index, &*unsent.code, unsent.may_work_later)).collect();
        assert_eq!(
            found,
            [
                (3, "InternalError", true),
                (5, "InvalidMessageContents", false),
                (10, "AccessDeniedException", false),
                (11, "AccessDeniedException", false)
            ]
        );
        assert!(matches!(send_message_batch(&client, "https://q", &[message(1)]), Err(AwsError::Denied { .. })));
    }
}
