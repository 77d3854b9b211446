//! CloudTrail records: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.

use serde_json::{Map, Value};
use vigie_model::Document;

use crate::Fault;
use crate::json::{first_text, text};

/// The members of which a record has at least one; Insights events have no name.
const SIGNS: [&str; 3] = ["eventName", "eventSource", "insightDetails"];

/// Returns the record as a document, taken out of the EventBridge event (`"detail-type": "AWS API Call via CloudTrail"`)
/// where it stands in one.
///
/// # Errors
/// Fails on a document that is no CloudTrail record.
pub(super) fn record(mut fields: Map<String, Value>) -> Result<Document, Fault> {
    if fields.contains_key("detail-type")
        && let Some(Value::Object(detail)) = fields.remove("detail")
    {
        fields = detail;
    }
    if SIGNS.iter().any(|sign| fields.contains_key(*sign)) {
        return Ok(Document::new(fields));
    }
    Err(Fault::MissingField { field: "eventName" })
}

/// Returns the name by which a person knows who called: the user, the role, the federated user, the service.
pub(super) fn caller(record: &Document) -> Option<&str> {
    if text(record, "userIdentity.type") == Some("Root") {
        return Some("root");
    }
    first_text(
        record,
        &[
            "userIdentity.userName",
            "userIdentity.sessionContext.sessionIssuer.userName",
            "userIdentity.onBehalfOf.userId",
        ],
    )
    // `arn:aws:sts::111122223333:assumed-role/Admin/alice` names the role, then the session.
    .or_else(|| text(record, "userIdentity.arn").and_then(|arn| arn.split('/').nth(1)))
    .or_else(|| first_text(record, &["userIdentity.invokedBy", "userIdentity.principalId"]))
    .filter(|name| *name != "HIDDEN_DUE_TO_SECURITY_REASONS")
}

/// The members of `requestParameters` that name an EC2 instance.
pub(super) const INSTANCE: [&str; 3] =
    ["requestParameters.instanceId", "requestParameters.resourceId", "requestParameters.target"];

/// The members of `requestParameters` that name an account changed by the call.
pub(super) const CHANGED_USER: [&str; 1] = ["requestParameters.userName"];

/// The members that hold access keys other than the caller's.
pub(super) const OTHER_KEYS: [&str; 3] = [
    "requestParameters.accessKeyId",
    "responseElements.accessKey.accessKeyId",
    "responseElements.credentials.accessKeyId",
];
