//! SNS: <https://docs.aws.amazon.com/sns/latest/api/>.

use super::Query;
use super::xml::some_text;
use crate::{AwsError, Call, Client, Operation, Service};

/// Sends a message to whoever subscribed to a topic. A repeat sends it again.
pub static PUBLISH: Operation = Operation::write_once(Service::Sns, "Publish");

/// Returns the call that sends a message; `message` is JSON with a text for each kind of subscriber.
pub fn publish_call(topic: &str, subject: &str, message: &str) -> Call {
    Query::default()
        .with("TopicArn", topic)
        .with("Subject", subject)
        .with("MessageStructure", "json")
        .with("Message", message)
        .call(&PUBLISH)
}

/// Sends a message, and returns its id.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn publish(client: &Client, topic: &str, subject: &str, message: &str) -> Result<Option<String>, AwsError> {
    client.send(&publish_call(topic, subject, message))?.xml(|root| some_text(root, &["PublishResult", "MessageId"]))
}
