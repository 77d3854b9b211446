//! SNS: <https://docs.aws.amazon.com/sns/latest/api/>.

use super::Query;
use super::xml::{items, some_text, text};
use crate::{AwsError, Call, Client, Operation, Service};

/// Sends a message to whoever subscribed to a topic. A repeat sends it again.
pub static PUBLISH: Operation = Operation::write_once(Service::Sns, "Publish");

/// Lists who listens to a topic.
pub static LIST_SUBSCRIPTIONS_BY_TOPIC: Operation = Operation::read(Service::Sns, "ListSubscriptionsByTopic");

/// How many listen to a topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// Those that get its messages.
    pub confirmed: usize,
    /// Those that were asked and did not say yes.
    pub pending: usize,
}

/// Returns how many listen to a topic, of the first hundred.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn subscriptions(client: &Client, topic: &str) -> Result<Subscriptions, AwsError> {
    client.send(&Query::default().with("TopicArn", topic).call(&LIST_SUBSCRIPTIONS_BY_TOPIC))?.xml(|root| {
        let all = items(root, &["ListSubscriptionsByTopicResult", "Subscriptions"]);
        let confirmed = all.iter().filter(|one| text(**one, &["SubscriptionArn"]).starts_with("arn:")).count();
        Subscriptions { confirmed, pending: all.len() - confirmed }
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
