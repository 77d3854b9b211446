//! A role for the bearer of a token that somebody else issued (Kubernetes, a CI server):
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>.

use std::path::Path;

use super::{Asked, Client, Environment, Found, assume_role, place};
use crate::services::sts::{self, WebIdentity};

/// STS takes at most 20,000 letters.
const TOKEN_BYTES_MAX: u64 = 20_000;

pub(super) fn ask(client: &Client, environment: &Environment) -> Result<Asked, String> {
    let (file, role) = (environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"), environment.get("AWS_ROLE_ARN"));
    match (file, role) {
        (Some(file), Some(role)) => {
            let session = environment.get("AWS_ROLE_SESSION_NAME");
            assume(client, Path::new(&file), &role, session.as_deref()).map(Asked::Found)
        }
        (Some(_), None) => Err("AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not".to_owned()),
        (None, _) => Ok(Asked::Nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned())),
    }
}

/// Takes on a role with the token in a file, which is read anew each time: it is replaced before it ends.
pub(super) fn assume(client: &Client, file: &Path, role: &str, session: Option<&str>) -> Result<Found, String> {
    let token = place::read(file, TOKEN_BYTES_MAX)?;
    let session = session.map_or_else(assume_role::session_name, str::to_owned);
    let request = WebIdentity { role_arn: role, session: &session, token: token.trim() };
    sts::assume_role_with_web_identity(client, &request).map_err(|error| format!("{role}: {error}"))
}
