//! GuardDuty findings: <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>. EventBridge writes
//! names in camelCase, the `GetFindings` call in PascalCase; rules and this source see camelCase.

use std::net::IpAddr;

use serde_json::{Map, Value};
use vigie_model::{Document, Severity};

use crate::entities::address;
use crate::json::text;

/// The kinds of `service.action` that have a remote address.
const ACTIONS: [&str; 6] = [
    "networkConnectionAction",
    "awsApiCallAction",
    "portProbeAction",
    "kubernetesApiCallAction",
    "rdsLoginAttemptAction",
    "kubernetesPermissionCheckedDetails",
];

/// Which part our resource plays: `service.resourceRole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceRole {
    /// Ours is attacked: the remote address is the attacker's.
    Target,
    /// Ours attacks: the remote address is the victim's, or the attacker's server.
    Actor,
}

/// Returns the role; `Target` where the finding names none.
pub(super) fn resource_role(finding: &Document) -> ResourceRole {
    match text(finding, "service.resourceRole") {
        Some(role) if role.eq_ignore_ascii_case("actor") => ResourceRole::Actor,
        _ => ResourceRole::Target,
    }
}

/// Returns the severity of a number: AWS's own bands, 9 critical, 7 high, 4 medium, 1 low.
pub(super) fn severity(number: f64) -> Severity {
    match number {
        number if number >= 9.0 => Severity::Critical,
        number if number >= 7.0 => Severity::High,
        number if number >= 4.0 => Severity::Medium,
        number if number >= 1.0 => Severity::Low,
        _ => Severity::Informational,
    }
}

/// Returns the object under `service.action`, whatever its kind.
pub(super) fn action(finding: &Document) -> Option<&Value> {
    ACTIONS.iter().find_map(|kind| finding.get(&format!("service.action.{kind}")).filter(|value| value.is_object()))
}

/// Returns the addresses at the other end, in the finding's order: one, or for a port probe several.
pub(super) fn remotes(finding: &Document) -> Vec<IpAddr> {
    let Some(action) = action(finding) else { return Vec::new() };
    let details = action.get("portProbeDetails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    details.iter().chain([action]).filter_map(remote).collect()
}

fn remote(part: &Value) -> Option<IpAddr> {
    let details = part.get("remoteIpDetails")?;
    let text = ["ipAddressV4", "ipAddressV6"].iter().find_map(|name| details.get(name)?.as_str())?;
    address(text)
}

/// Returns the finding with its names in camelCase; those of an EventBridge event already are.
pub(super) fn camel_case(finding: Map<String, Value>) -> Map<String, Value> {
    let pascal = ["Type", "Severity", "Service", "Resource"].iter().any(|name| finding.contains_key(*name));
    if pascal { lower_names(finding) } else { finding }
}

fn lower_names(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (lower_first(name), lower_value(value))).collect()
}

fn lower_value(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(lower_names(fields)),
        Value::Array(items) => Value::Array(items.into_iter().map(lower_value).collect()),
        other => other,
    }
}

fn lower_first(mut name: String) -> String {
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}
