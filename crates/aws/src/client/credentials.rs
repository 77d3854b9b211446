//! What requests are signed with.

use std::fmt;

use super::AwsError;

/// What requests are signed with. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The id, `AKIA…` or `ASIA…`.
    pub key_id: String,
    /// The secret.
    pub secret: String,
    /// The token that goes with a session's key.
    pub token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Where credentials come from.
pub(super) struct Source {
    fixed: Option<Credentials>,
}

impl Source {
    pub(super) fn new(fixed: Option<Credentials>) -> Self {
        Self { fixed }
    }

    pub(super) fn get(&self, _agent: &ureq::Agent) -> Result<Credentials, AwsError> {
        self.fixed.clone().ok_or(AwsError::NoCredentials { tried: Vec::new() })
    }
}
