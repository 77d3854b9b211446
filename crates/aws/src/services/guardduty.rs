//! GuardDuty: <https://docs.aws.amazon.com/guardduty/latest/APIReference/>.

use serde_json::Value;

use crate::{AwsError, Call, Client, Input, Operation, Service};

/// Names the detectors of a Region: one, or none.
pub static LIST_DETECTORS: Operation = Operation::read(Service::GuardDuty, "ListDetectors");
/// Tells how a detector is set up.
pub static GET_DETECTOR: Operation = Operation::read(Service::GuardDuty, "GetDetector");

/// How a detector is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detector {
    /// Whether it detects.
    pub enabled: bool,
    /// How often repeats of a finding are told: `FIFTEEN_MINUTES`, `ONE_HOUR`, `SIX_HOURS`.
    pub frequency: String,
}

fn get(client: &Client, operation: &'static Operation, path: String) -> Result<Value, AwsError> {
    let input = Input::Rest { method: "GET", bucket: None, path, query: String::new(), body: String::new() };
    client.send(&Call { operation, input })?.json()
}

/// Returns the ids of the detectors of the client's Region.
///
/// # Errors
/// As [`Client::send`].
pub fn list_detectors(client: &Client) -> Result<Vec<String>, AwsError> {
    let value = get(client, &LIST_DETECTORS, "/detector".to_owned())?;
    let ids = value.get("detectorIds").and_then(Value::as_array).into_iter().flatten();
    Ok(ids.filter_map(|id| id.as_str().map(str::to_owned)).collect())
}

/// Returns how a detector is set up.
///
/// # Errors
/// As [`Client::send`].
pub fn get_detector(client: &Client, id: &str) -> Result<Detector, AwsError> {
    // The id becomes part of a path.
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let value = get(client, &GET_DETECTOR, format!("/detector/{id}"))?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Detector { enabled: text("status") == "ENABLED", frequency: text("findingPublishingFrequency") })
}
