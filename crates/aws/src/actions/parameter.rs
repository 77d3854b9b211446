//! What an action is given, read and checked.

use ipnet::IpNet;
use vigie_model::Action;
use vigie_respond::ExecuteError;

/// Returns a parameter; `None` where it is left out.
pub(super) fn optional<'a>(action: &'a Action, name: &str) -> Result<Option<&'a str>, ExecuteError> {
    match action.parameters.get(name) {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong(name, "expected a text")),
    }
}

/// Returns a parameter that must be there and look as it should.
pub(super) fn required<'a>(
    action: &'a Action,
    name: &str,
    looks: fn(&str) -> bool,
    expected: &str,
) -> Result<&'a str, ExecuteError> {
    let text = optional(action, name)?.ok_or_else(|| wrong(name, "is missing"))?;
    if looks(text) { Ok(text) } else { Err(wrong(name, &format!("expected {expected}"))) }
}

/// Returns the network to block. The guard rails were passed before; what nobody ever means is refused once more.
pub(super) fn network(action: &Action) -> Result<IpNet, ExecuteError> {
    let text = optional(action, "ip")?.ok_or_else(|| wrong("ip", "is missing"))?;
    let network = read_network(text).ok_or_else(|| wrong("ip", "expected an IP address or network"))?;
    if network.prefix_len() == 0 {
        return Err(wrong("ip", "a network of all addresses is never blocked"));
    }
    Ok(network)
}

/// Reads an address or network, in its canonical form.
pub(super) fn read_network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))?;
    Some(network.trunc())
}

/// Returns the id of an instance.
pub(super) fn instance(action: &Action) -> Result<&str, ExecuteError> {
    required(action, "instance", is_instance_id, "the id of an instance: i-0123456789abcdef0")
}

/// Returns whether a text is the id of an instance.
pub(super) fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-").is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Returns whether a text may be the name of a user or role of IAM.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub(super) fn is_iam_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@-_".contains(&b))
}

/// Returns whether a text may be the name of a bucket; it becomes part of a host's name.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
pub(super) fn is_bucket(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..")
}

/// Returns the error of a parameter.
pub(super) fn wrong(name: &str, reason: &str) -> ExecuteError {
    ExecuteError::Parameter { name: name.to_owned(), reason: reason.to_owned() }
}

/// Returns a text of what an action needs to be taken back.
pub(super) fn kept<'a>(undo: &'a serde_json::Value, name: &str) -> Result<&'a str, ExecuteError> {
    undo.get(name).and_then(serde_json::Value::as_str).ok_or_else(|| ExecuteError::Unable {
        what: "take it back".to_owned(),
        reason: format!("what was kept for it lacks `{name}`"),
    })
}
