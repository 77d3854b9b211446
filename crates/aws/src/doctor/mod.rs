//! Whether an account is ready for the responder: what is there, what is missing, what is not allowed. It only looks.

mod attempts;
mod parts;

use serde::Serialize;

use crate::permissions::iam_actions_of;
use crate::services::sts;
use crate::{AwsError, Client, Settings};

/// Whether a part is as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// That could not be found out.
    Unknown,
}

/// One part that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which part: `IP set vigie-blocked-v4`.
    pub what: String,
    /// Whether it is as it must be.
    pub state: Health,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty where nothing is to be done.
    pub fix: String,
}

impl Check {
    fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), state: Health::Good, detail: detail.into(), fix: String::new() }
    }

    fn bad(what: impl Into<String>, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), state: Health::Bad, detail: detail.into(), fix: fix.into() }
    }

    fn unknown(what: impl Into<String>, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), state: Health::Unknown, detail: detail.into(), fix: fix.into() }
    }

    /// Returns what an error says of a part. `otherwise` is what to do where the part does not exist.
    fn failed(what: impl Into<String>, error: &AwsError, otherwise: &str) -> Self {
        let detail = error.to_string();
        match error {
            AwsError::Denied { operation, .. } => Self::bad(what, detail, allow(operation)),
            AwsError::NoCredentials { .. } => Self::bad(what, detail, "set up credentials in one of these places"),
            AwsError::NotFound { .. } | AwsError::Conflict { .. } | AwsError::Rejected { .. } => {
                Self::bad(what, detail, otherwise)
            }
            AwsError::Throttled { .. } | AwsError::Unavailable { .. } | AwsError::Unreadable { .. } => {
                Self::unknown(what, detail, "look again later")
            }
        }
    }
}

/// Returns which permission an operation lacks. IAM's names are those of the operations, except where the table of
/// permissions says otherwise.
fn allow(operation: &str) -> String {
    let actions = iam_actions_of(operation).map_or_else(|| operation.to_owned(), |actions| actions.join(", "));
    format!("allow {actions} to whoever ran this; where the responder itself did, apply its Terraform module again")
}

/// Looks at what the settings name and at what the responder needs besides, with the permissions of whoever asks. Nothing is
/// changed: what would change something is tried with EC2's `DryRun` only.
pub fn doctor(client: &Client, settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    match sts::get_caller_identity(client) {
        Ok(caller) => checks.push(Check::good("identity", format!("{} in {}", caller.arn, client.region()))),
        Err(error) => {
            checks.push(Check::failed("identity", &error, "check the credentials and the Region"));
            // Everything else would say the same.
            return checks;
        }
    }
    parts::guard_duty(client, &mut checks);
    parts::ip_sets(client, settings, &mut checks);
    parts::network_acls(client, settings, &mut checks);
    parts::quarantine_groups(client, settings, &mut checks);
    parts::table(client, settings, &mut checks);
    parts::queue(client, settings, &mut checks);
    parts::topic(client, settings, &mut checks);
    attempts::ec2(client, settings, &mut checks);
    checks
}

#[cfg(test)]
mod tests;
