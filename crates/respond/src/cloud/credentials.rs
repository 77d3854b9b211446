//! Taking credentials out of an intruder's hands.

use super::CloudPolicy;
use super::finding::{AccessKey, CredentialOwner};
use super::plan::CloudPlan;
use crate::{IAM_DISABLE_ACCESS_KEY, IAM_QUARANTINE_USER, IAM_REVOKE_ROLE_SESSIONS};

/// Below this, what a model finds unusual is told and nothing more: it may be a colleague on a new task.
const ANOMALY_MIN_SEVERITY: f64 = 7.0;

/// Adds what is done about credentials: a user's key is disabled and the user quarantined, the sessions of a role are revoked.
pub(super) fn answer(plan: &mut CloudPlan, key: &AccessKey, kind: &str, severity: f64, policy: &CloudPolicy) {
    let anomaly = if kind.contains("Anomalous") { ANOMALY_MIN_SEVERITY } else { 0.0 };
    let least = policy.credential_min_severity.max(anomaly);
    if kind.starts_with("Policy:") {
        plan.notes.push("the finding is about a setting: the credentials that changed it are left alone".to_owned());
        return;
    }
    if severity < least {
        plan.notes.push(format!("the credentials are left alone below severity {least:.1}"));
        return;
    }
    take_away(plan, key);
}

/// Adds what is done about credentials, whatever the severity.
pub(super) fn take_away(plan: &mut CloudPlan, key: &AccessKey) {
    let named = is_iam_name(&key.name);
    let session = key.id.starts_with("ASIA");
    match key.owner {
        CredentialOwner::User => {
            if !session && is_key_id(&key.id) {
                plan.add(
                    &IAM_DISABLE_ACCESS_KEY,
                    &key.id,
                    None,
                    format!("the key of the user {} is used by a stranger", key.name),
                );
                if named {
                    plan.with("user", &key.name);
                }
            }
            if named {
                let why = if session {
                    "a session of the user is used by a stranger; the key of a session cannot be disabled"
                } else {
                    "the user's key is used by a stranger, who may have made more keys"
                };
                plan.add(&IAM_QUARANTINE_USER, &key.name, None, why.to_owned());
            }
        }
        CredentialOwner::Role if named => {
            let why = "a session of the role is used by a stranger; the key of a session cannot be disabled";
            plan.add(&IAM_REVOKE_ROLE_SESSIONS, &key.name, None, why.to_owned());
        }
        CredentialOwner::Role => plan.notes.push("the finding names no role: revoke its sessions by hand".to_owned()),
        CredentialOwner::Root => plan.notes.push(
            "the credentials are the root user's, which nobody but the root user can disable: change its password and \
             delete its keys now"
                .to_owned(),
        ),
        CredentialOwner::Other => {
            plan.notes.push(
                "the credentials belong to another account, a service or nobody: nothing to disable here".to_owned(),
            );
        }
    }
}

/// Names of users and roles: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub(super) fn is_iam_name(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    (1..=64).contains(&text.len()) && text.chars().all(plain)
}

/// Ids of keys: 16 to 128 letters and digits.
pub(super) fn is_key_id(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
