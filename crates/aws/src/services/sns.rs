//! SNS: <https://docs.aws.amazon.com/sns/latest/api/>.

use super::Query;
use super::xml::{items, some_text, text};
use crate::{AwsError, Call, Client, Operation, Service};

/// Sends a message to whoever subscribed to a topic. A repeat sends it again.
pub static PUBLISH: Operation = Operation::write_once(Service::Sns, "Publish");

/// Reads how a topic is set up.
pub static GET_TOPIC_ATTRIBUTES: Operation = Operation::read(Service::Sns, "GetTopicAttributes");

/// How many listen to a topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// Those that get its messages.
    pub confirmed: u32,
    /// Those that were asked and did not say yes.
    pub pending: u32,
}

/// Returns how many listen to a topic.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn subscriptions(client: &Client, topic: &str) -> Result<Subscriptions, AwsError> {
    client.send(&Query::default().with("TopicArn", topic).call(&GET_TOPIC_ATTRIBUTES))?.xml(|root| {
        let entries = items(root, &["GetTopicAttributesResult", "Attributes"]);
        let number = |name: &str| {
            let entry = entries.iter().find(|entry| text(**entry, &["key"]) == name);
            entry.and_then(|entry| text(*entry, &["value"]).parse().ok()).unwrap_or_default()
        };
        Subscriptions { confirmed: number("SubscriptionsConfirmed"), pending: number("SubscriptionsPending") }
    })
}

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
