//! IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/>.

use super::xml::{items, some_text, text};
use super::{PAGES_MAX, Query};
use crate::{AwsError, Call, Client, Operation, Service};

/// Tells whose an access key is.
pub static GET_ACCESS_KEY_LAST_USED: Operation = Operation::read(Service::Iam, "GetAccessKeyLastUsed");
/// Lists the access keys of a user.
pub static LIST_ACCESS_KEYS: Operation = Operation::read(Service::Iam, "ListAccessKeys");
/// Makes an access key active or inactive.
pub static UPDATE_ACCESS_KEY: Operation = Operation::write(Service::Iam, "UpdateAccessKey");
/// Reads a role.
pub static GET_ROLE: Operation = Operation::read(Service::Iam, "GetRole");
/// Reads an inline policy of a role.
pub static GET_ROLE_POLICY: Operation = Operation::read(Service::Iam, "GetRolePolicy");
/// Writes an inline policy of a role.
pub static PUT_ROLE_POLICY: Operation = Operation::write(Service::Iam, "PutRolePolicy");
/// Deletes an inline policy of a role.
pub static DELETE_ROLE_POLICY: Operation = Operation::write(Service::Iam, "DeleteRolePolicy");
/// Lists the managed policies of a user.
pub static LIST_ATTACHED_USER_POLICIES: Operation = Operation::read(Service::Iam, "ListAttachedUserPolicies");
/// Attaches a managed policy to a user.
pub static ATTACH_USER_POLICY: Operation = Operation::write(Service::Iam, "AttachUserPolicy");
/// Detaches a managed policy from a user.
pub static DETACH_USER_POLICY: Operation = Operation::write(Service::Iam, "DetachUserPolicy");

/// Whether an access key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// Whoever signs with it is refused.
    Inactive,
}

impl KeyStatus {
    /// Returns the word that IAM uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The path within its ARN: `/`, `/aws-service-role/…`.
    pub path: String,
}

/// Returns the call that tells whose an access key is.
pub fn get_access_key_last_used_call(key: &str) -> Call {
    Query::default().with("AccessKeyId", key).call(&GET_ACCESS_KEY_LAST_USED)
}

/// Returns the user whose an access key is; `None` where IAM names nobody.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn get_access_key_last_used(client: &Client, key: &str) -> Result<Option<String>, AwsError> {
    let reply = client.send(&get_access_key_last_used_call(key))?;
    reply.xml(|root| some_text(root, &["GetAccessKeyLastUsedResult", "UserName"]))
}

/// Returns the call that lists a user's access keys.
pub fn list_access_keys_call(user: &str) -> Call {
    Query::default().with("UserName", user).call(&LIST_ACCESS_KEYS)
}

/// Returns the access keys of a user with their status. A user has two at most, so there is one page.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn list_access_keys(client: &Client, user: &str) -> Result<Vec<(String, KeyStatus)>, AwsError> {
    client.send(&list_access_keys_call(user))?.xml(|root| {
        items(root, &["ListAccessKeysResult", "AccessKeyMetadata"])
            .into_iter()
            .map(|key| {
                let active = text(key, &["Status"]) == "Active";
                (text(key, &["AccessKeyId"]), if active { KeyStatus::Active } else { KeyStatus::Inactive })
            })
            .collect()
    })
}

/// Returns the call that makes an access key active or inactive.
pub fn update_access_key_call(user: &str, key: &str, status: KeyStatus) -> Call {
    Query::default()
        .with("UserName", user)
        .with("AccessKeyId", key)
        .with("Status", status.as_str())
        .call(&UPDATE_ACCESS_KEY)
}

/// Returns the call that reads a role.
pub fn get_role_call(role: &str) -> Call {
    Query::default().with("RoleName", role).call(&GET_ROLE)
}

/// Reads a role.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn get_role(client: &Client, role: &str) -> Result<Role, AwsError> {
    client.send(&get_role_call(role))?.xml(|root| Role {
        name: text(root, &["GetRoleResult", "Role", "RoleName"]),
        path: text(root, &["GetRoleResult", "Role", "Path"]),
    })
}

/// Returns the call that reads an inline policy of a role.
pub fn get_role_policy_call(role: &str, policy: &str) -> Call {
    Query::default().with("RoleName", role).with("PolicyName", policy).call(&GET_ROLE_POLICY)
}

/// Returns an inline policy of a role, as JSON; `None` where there is none.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn get_role_policy(client: &Client, role: &str, policy: &str) -> Result<Option<String>, AwsError> {
    match client.send(&get_role_policy_call(role, policy)) {
        Ok(reply) => {
            let document = reply.xml(|root| some_text(root, &["GetRolePolicyResult", "PolicyDocument"]))?;
            Ok(document.map(|document| percent_decoded(&document)))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the call that writes an inline policy of a role.
pub fn put_role_policy_call(role: &str, policy: &str, document: &str) -> Call {
    Query::default()
        .with("RoleName", role)
        .with("PolicyName", policy)
        .with("PolicyDocument", document)
        .call(&PUT_ROLE_POLICY)
}

/// Returns the call that deletes an inline policy of a role.
pub fn delete_role_policy_call(role: &str, policy: &str) -> Call {
    Query::default().with("RoleName", role).with("PolicyName", policy).call(&DELETE_ROLE_POLICY)
}

/// Returns the call that lists the first managed policies of a user.
pub fn list_attached_user_policies_call(user: &str) -> Call {
    Query::default().with("UserName", user).call(&LIST_ATTACHED_USER_POLICIES)
}

/// Returns the ARNs of the managed policies of a user.
///
/// # Errors
/// AWS said no, or could not be reached.
pub fn list_attached_user_policies(client: &Client, user: &str) -> Result<Vec<String>, AwsError> {
    let mut all = Vec::new();
    let mut marker = None;
    for _ in 0..PAGES_MAX {
        let query = Query::default().with("UserName", user).page("Marker", marker.as_deref());
        marker = client.send(&query.call(&LIST_ATTACHED_USER_POLICIES))?.xml(|root| {
            let policies = items(root, &["ListAttachedUserPoliciesResult", "AttachedPolicies"]);
            all.extend(policies.into_iter().map(|policy| text(policy, &["PolicyArn"])));
            some_text(root, &["ListAttachedUserPoliciesResult", "Marker"])
        })?;
        if marker.is_none() {
            break;
        }
    }
    Ok(all)
}

/// Returns the call that attaches a managed policy to a user.
pub fn attach_user_policy_call(user: &str, policy_arn: &str) -> Call {
    Query::default().with("UserName", user).with("PolicyArn", policy_arn).call(&ATTACH_USER_POLICY)
}

/// Returns the call that detaches a managed policy from a user.
pub fn detach_user_policy_call(user: &str, policy_arn: &str) -> Call {
    Query::default().with("UserName", user).with("PolicyArn", policy_arn).call(&DETACH_USER_POLICY)
}

/// IAM answers policies percent-encoded (RFC 3986), which JSON never begins with.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let (b'%', Some(byte)) = (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn policies_are_decoded() {
        for (encoded, expected) in [
            ("%7B%22a%22%3A%20%221%25%22%7D", r#"{"a": "1%"}"#),
            (r#"{"a": "plus + stays"}"#, r#"{"a": "plus + stays"}"#),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%C3%A9", "é"),
        ] {
            assert_eq!(percent_decoded(encoded), expected);
        }
    }
}
