//! Keys in the environment: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>.

use super::{Asked, Client, Credentials, Environment, Found};

pub(super) fn ask(_client: &Client, environment: &Environment) -> Result<Asked, String> {
    let key_id = environment.get("AWS_ACCESS_KEY_ID");
    let secret = environment.get("AWS_SECRET_ACCESS_KEY");
    match (key_id, secret) {
        (Some(key_id), Some(secret)) => {
            let credentials = Credentials { key_id, secret, token: environment.get("AWS_SESSION_TOKEN") };
            Ok(Asked::Found(Found { credentials, expires: None }))
        }
        (None, None) => Ok(Asked::Nothing("AWS_ACCESS_KEY_ID is not set".to_owned())),
        (Some(_), None) => Err("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not".to_owned()),
        (None, Some(_)) => Err("AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not".to_owned()),
    }
}
