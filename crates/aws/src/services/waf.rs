//! WAF, version 2: <https://docs.aws.amazon.com/waf/latest/APIReference/>.

use serde_json::{Value, json};

use crate::{AwsError, Call, Client, Input, IpSet, Operation, Scope, Service};

/// Reads an IP set with its lock token.
pub static GET_IP_SET: Operation = Operation::read(Service::Waf, "GetIPSet");
/// Replaces what is in an IP set. With an old lock token it is refused, so a repeat does no harm.
pub static UPDATE_IP_SET: Operation = Operation::write(Service::Waf, "UpdateIPSet");

/// What is in an IP set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpSetContent {
    /// The networks as WAF writes them.
    pub addresses: Vec<String>,
    /// Its description: an update that leaves it out would delete it.
    pub description: Option<String>,
    /// What an update must bring.
    pub lock_token: String,
}

/// Returns the call that reads an IP set.
pub fn get_ip_set_call(scope: Scope, set: &IpSet) -> Call {
    let input = json!({"Scope": scope.as_str(), "Name": set.name, "Id": set.id});
    Call { operation: &GET_IP_SET, input: Input::Json(input) }
}

/// Reads an IP set.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn get_ip_set(client: &Client, scope: Scope, set: &IpSet) -> Result<IpSetContent, AwsError> {
    let reply = client.send(&get_ip_set_call(scope, set))?.json()?;
    let addresses = reply["IPSet"]["Addresses"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(IpSetContent {
        addresses: addresses.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        description: reply["IPSet"]["Description"].as_str().filter(|text| !text.is_empty()).map(str::to_owned),
        lock_token: reply["LockToken"].as_str().unwrap_or_default().to_owned(),
    })
}

/// Returns the call that replaces what is in an IP set.
pub fn update_ip_set_call(scope: Scope, set: &IpSet, content: &IpSetContent) -> Call {
    let mut input = json!({
        "Scope": scope.as_str(), "Name": set.name, "Id": set.id,
        "Addresses": content.addresses, "LockToken": content.lock_token,
    });
    if let Some(description) = &content.description {
        input["Description"] = json!(description);
    }
    Call { operation: &UPDATE_IP_SET, input: Input::Json(input) }
}

/// Replaces what is in an IP set.
///
/// # Errors
/// AWS said no, or could not be reached; [`AwsError::Conflict`] where somebody else changed the set meanwhile.
pub fn update_ip_set(client: &Client, scope: Scope, set: &IpSet, content: &IpSetContent) -> Result<(), AwsError> {
    client.send(&update_ip_set_call(scope, set, content)).map(drop)
}
