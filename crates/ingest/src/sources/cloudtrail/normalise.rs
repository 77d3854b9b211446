//! CloudTrail record to event.

use serde_json::{Map, Value};
use vigie_model::{
    Class, Cloud, Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Outcome, Severity,
};

use super::schema;
use crate::Fault;
use crate::entities::{EntityList, address};
use crate::json::{first_text, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a record.
pub(super) fn draft(fields: Map<String, Value>) -> Result<Draft, Fault> {
    let document = schema::record(fields)?;
    let time = match document.get("eventTime").or_else(|| document.get("@timestamp")) {
        None | Some(Value::Null) => None,
        Some(value) => Some(times::json(value).ok_or_else(|| Fault::bad_time("eventTime", value))?),
    };
    let service = text(&document, "eventSource").unwrap_or_default().trim_end_matches(".amazonaws.com").to_owned();
    let name =
        first_text(&document, &["eventName", "insightDetails.eventName", "eventType"]).unwrap_or("event").to_owned();
    let user = schema::caller(&document).map(str::to_owned);
    let caller = text(&document, "sourceIPAddress");
    let failed =
        text(&document, "errorCode").is_some() || text(&document, "responseElements.ConsoleLogin") == Some("Failure");
    let mut envelope = Envelope {
        class: class(&service, &name),
        activity: name.clone(),
        outcome: if failed { Outcome::Failure } else { Outcome::Success },
        severity: Severity::Informational,
        logsource: Logsource::new("aws", "", "cloudtrail"),
        user,
        src: Endpoint {
            ip: caller.and_then(address),
            port: None,
            host: caller.filter(|caller| address(caller).is_none()).map(str::to_owned),
        },
        cloud: Cloud {
            provider: Some("aws".to_owned()),
            account: first_text(&document, &["recipientAccountId", "userIdentity.accountId"]).map(str::to_owned),
            region: text(&document, "awsRegion").map(str::to_owned),
        },
        ..Envelope::default()
    };
    envelope.message = message(&service, &envelope, text(&document, "errorCode"));
    Ok(Draft { time, entities: entities(&document, &envelope), envelope, document })
}

fn class(service: &str, name: &str) -> Class {
    let changes =
        ["Create", "Delete", "Update", "Attach", "Detach", "Put", "Add", "Remove", "Deactivate", "Enable", "Change"];
    match service {
        "signin" => Class::Authentication,
        "iam" if changes.iter().any(|verb| name.starts_with(verb)) => Class::AccountChange,
        _ => Class::ApiActivity,
    }
}

fn message(service: &str, envelope: &Envelope, error: Option<&str>) -> String {
    let mut message =
        if service.is_empty() { envelope.activity.clone() } else { format!("{service}:{}", envelope.activity) };
    let from = envelope.src.ip.map(|ip| ip.to_string()).or_else(|| envelope.src.host.clone());
    for (word, value) in [("by", envelope.user.clone()), ("from", from)] {
        if let Some(value) = value {
            message.extend([" ", word, " ", &value]);
        }
    }
    if let Some(error) = error {
        message.extend([" (", error, ")"]);
    } else if envelope.outcome == Outcome::Failure {
        message.push_str(" (failed)");
    }
    message
}

fn entities(record: &Document, envelope: &Envelope) -> EntityList {
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    // A service that acts for itself is nobody's account.
    let account = envelope.user.as_deref().filter(|user| !user.ends_with(".amazonaws.com"));
    entities.add_some(Kind::User, account, EntityRole::Actor);
    entities.add_some(Kind::AwsKey, text(record, "userIdentity.accessKeyId"), EntityRole::Actor);
    entities.add_some(Kind::AwsArn, text(record, "userIdentity.arn"), EntityRole::Related);
    entities.add_some(Kind::AwsAccount, envelope.cloud.account.as_deref(), EntityRole::Related);
    entities.add_some(Kind::UserAgent, text(record, "userAgent"), EntityRole::Related);
    for path in schema::INSTANCE {
        entities.add_some(
            Kind::AwsInstance,
            text(record, path).filter(|value| value.starts_with("i-")),
            EntityRole::Target,
        );
    }
    for path in ["requestParameters.instancesSet.items", "responseElements.instancesSet.items"] {
        let items = record.get(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for item in items {
            entities.add_some(Kind::AwsInstance, item.get("instanceId").and_then(Value::as_str), EntityRole::Target);
        }
    }
    entities.add_some(Kind::AwsBucket, text(record, "requestParameters.bucketName"), EntityRole::Target);
    for path in schema::CHANGED_USER {
        entities.add_some(Kind::User, text(record, path), EntityRole::Target);
    }
    for path in schema::OTHER_KEYS {
        entities.add_some(Kind::AwsKey, text(record, path), EntityRole::Target);
    }
    entities.add_some(Kind::AwsArn, text(record, "requestParameters.roleArn"), EntityRole::Target);
    entities
}
