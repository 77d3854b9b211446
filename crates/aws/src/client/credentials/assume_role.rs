//! A role, here or in another account: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{AwsError, Client, Found};
use crate::services::sts;

/// A role to take on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Which one: `arn:aws:iam::111122223333:role/vigie`.
    pub arn: String,
    /// What the session is called in CloudTrail; `None` for `vigie-` and the time.
    pub session: Option<String>,
    /// What the role's owner asks for, so that nobody else makes us take it on.
    pub external_id: Option<String>,
    /// How long it lasts, in seconds; `None` for AWS's hour.
    pub duration_s: Option<u32>,
}

impl Role {
    /// Returns a role with nothing but its name.
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), session: None, external_id: None, duration_s: None }
    }
}

pub(super) fn assume(client: &Client, role: &Role) -> Result<Found, AwsError> {
    let session = role.session.clone().unwrap_or_else(session_name);
    sts::assume_role(client, role, &session)
}

pub(super) fn session_name() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    format!("vigie-{seconds}")
}
