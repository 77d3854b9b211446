//! `sns.notify`: a message that a person reads, by e-mail or on a phone.
//!
//! What it tells comes from findings and logs, so from attackers too: control and invisible letters go, addresses of web
//! pages cannot be clicked, and everything has a length.
//! Limits: subjects of fewer than 100 plain letters, 256 KiB a message, 140 letters a text message.
//! Source: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.

mod layout;

use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, ExecuteError, Outcome, SNS_NOTIFY};

use super::{AwsAction, Context, cannot_be_undone, parameter};
use crate::permissions::{Resources, Statement};
use crate::services::sns::{publish, publish_call};
use crate::{Call, Settings};
use layout::{Message, message};

/// Tells people.
pub(super) struct Notify;

static STATEMENTS: [Statement; 2] = [
    Statement {
        sid: "TopicPublish",
        actions: &["sns:Publish"],
        resources: Resources::Optional { variable: "topic_arn", endings: &[""] },
        conditions: &[],
        why: "tells the subscribers of the topic",
    },
    Statement {
        sid: "TopicKey",
        actions: &["kms:Decrypt", "kms:GenerateDataKey"],
        resources: Resources::Optional { variable: "topic_key_arn", endings: &[""] },
        conditions: &[],
        why: "publishes to a topic that is encrypted with a key of the account",
    },
];

fn read(action: &Action) -> Result<Message, ExecuteError> {
    let about = action.parameters.get("about").unwrap_or(&Value::Null);
    Ok(message(parameter::optional(action, "subject")?, parameter::optional(action, "text")?, about))
}

impl Message {
    /// Returns the text for each kind of subscriber; what has none of its own gets `default`.
    fn to_json(&self) -> String {
        json!({"default": self.text, "email": self.text, "sms": self.sms}).to_string()
    }
}

impl AwsAction for Notify {
    fn spec(&self) -> &'static ActionSpec {
        &SNS_NOTIFY
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let message = read(action)?;
        Ok(vec![publish_call(topic(settings)?, &message.subject, &message.to_json())])
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let message = read(action)?;
        let topic = topic(context.settings)?;
        let id = publish(context.client, topic, &message.subject, &message.to_json())
            .map_err(|error| error.into_execute_error("tell the subscribers of the topic"))?;
        let name = topic.rsplit(':').next().unwrap_or(topic);
        let note = match id {
            Some(id) => format!("the subscribers of {name} were told (message {id})"),
            None => format!("the subscribers of {name} would be told"),
        };
        Ok(Outcome { note, undo: Value::Null })
    }

    fn undo(&self, _undo: &Value, _context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        Err(cannot_be_undone(self.spec()))
    }
}

fn topic(settings: &Settings) -> Result<&str, ExecuteError> {
    settings.topic.as_deref().ok_or_else(|| ExecuteError::Unable {
        what: "tell the subscribers of the topic".to_owned(),
        reason: "the settings name no topic: add `topic`".to_owned(),
    })
}
