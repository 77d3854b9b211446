//! The Security Token Service: <https://docs.aws.amazon.com/STS/latest/APIReference/>.

use std::time::SystemTime;

use crate::client::{Found, Role};
use crate::{AwsError, Call, Client, Credentials, Input, Operation, Reply, Service};

/// Returns who calls.
pub static GET_CALLER_IDENTITY: Operation = Operation::read(Service::Sts, "GetCallerIdentity");
/// Takes on a role. It changes nothing, so a dry run does it too.
pub static ASSUME_ROLE: Operation = Operation::read(Service::Sts, "AssumeRole");
/// Takes on a role with a token of somebody else's.
pub static ASSUME_ROLE_WITH_WEB_IDENTITY: Operation = Operation::unsigned(Service::Sts, "AssumeRoleWithWebIdentity");

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: String,
    /// The user or the session of a role.
    pub arn: String,
}

/// Returns who calls. AWS allows it to everybody who can sign.
///
/// # Errors
/// As [`Client::send`].
pub fn get_caller_identity(client: &Client) -> Result<CallerIdentity, AwsError> {
    let reply = client.send(&Call { operation: &GET_CALLER_IDENTITY, input: Input::Query(Vec::new()) })?;
    let (account, arn) = reply.xml(|root| (text(root, "Account"), text(root, "Arn")))?;
    match (account, arn) {
        (Some(account), Some(arn)) => Ok(CallerIdentity { account, arn }),
        _ => Err(reply.unreadable(&"it names no Account and Arn")),
    }
}

pub(crate) fn assume_role(client: &Client, role: &Role, session: &str) -> Result<Found, AwsError> {
    let mut pairs = vec![pair("RoleArn", &role.arn), pair("RoleSessionName", session)];
    pairs.extend(role.external_id.as_deref().map(|id| pair("ExternalId", id)));
    pairs.extend(role.duration_s.map(|seconds| pair("DurationSeconds", &seconds.to_string())));
    read(&client.send(&Call { operation: &ASSUME_ROLE, input: Input::Query(pairs) })?)
}

/// What a role is taken on with, where somebody else says who we are.
pub(crate) struct WebIdentity<'a> {
    pub(crate) role_arn: &'a str,
    pub(crate) session: &'a str,
    pub(crate) token: &'a str,
}

pub(crate) fn assume_role_with_web_identity(client: &Client, request: &WebIdentity<'_>) -> Result<Found, AwsError> {
    let pairs = vec![
        pair("RoleArn", request.role_arn),
        pair("RoleSessionName", request.session),
        pair("WebIdentityToken", request.token),
    ];
    read(&client.send(&Call { operation: &ASSUME_ROLE_WITH_WEB_IDENTITY, input: Input::Query(pairs) })?)
}

fn read(reply: &Reply) -> Result<Found, AwsError> {
    let found = reply.xml(|root| {
        let credentials = Credentials {
            key_id: text(root, "AccessKeyId")?,
            secret: text(root, "SecretAccessKey")?,
            token: text(root, "SessionToken"),
        };
        let expires: jiff::Timestamp = text(root, "Expiration")?.parse().ok()?;
        Some(Found { credentials, expires: Some(SystemTime::from(expires)) })
    })?;
    found.ok_or_else(|| reply.unreadable(&"it has no AccessKeyId, SecretAccessKey and Expiration"))
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn text(root: roxmltree::Node<'_, '_>, name: &str) -> Option<String> {
    root.descendants().find(|node| node.tag_name().name() == name)?.text().map(|text| text.trim().to_owned())
}
