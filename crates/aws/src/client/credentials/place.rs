//! What the places have in common: files with an end, and JSON that a small server on this host answers with.

use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::{Credentials, Found};
use crate::client::reply::read_body;

/// Answers are some hundred bytes.
const REPLY_BYTES_MAX: u64 = 64 * 1024;
/// How often a server on this host is asked at most, where it says that it is out of order.
const TRIES_MAX: u32 = 3;

/// Reads a text file of at most so many bytes.
pub(super) fn read(file: &Path, bytes_max: u64) -> Result<String, String> {
    let wrong = |reason: &dyn std::fmt::Display| format!("{}: {reason}", file.display());
    let open = std::fs::File::open(file).map_err(|error| wrong(&error))?;
    let mut text = String::new();
    open.take(bytes_max + 1).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    if text.len() as u64 > bytes_max {
        return Err(wrong(&format!("more than {bytes_max} bytes")));
    }
    Ok(text)
}

/// Returns the way to a server on this host or its link: never through a proxy, which would see the credentials.
pub(super) fn agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

/// What a server on this host answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Asks a server on this host.
pub(super) fn ask(agent: &ureq::Agent, method: &str, url: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
    let mut tries = 1;
    loop {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let wrong = |error: &dyn std::fmt::Display| format!("{url}: {error}");
        let mut response = if method == "GET" {
            agent.run(request.body(()).map_err(|error| wrong(&error))?)
        } else {
            // An empty body has a length; none at all would be sent as chunks, which not every such server takes.
            agent.run(request.body(Vec::new()).map_err(|error| wrong(&error))?)
        }
        .map_err(|error| wrong(&error))?;
        let status = response.status().as_u16();
        if status >= 500 && tries < TRIES_MAX {
            tries += 1;
            std::thread::sleep(Duration::from_millis(100));
            continue;
        }
        return match read_body(response.body_mut(), REPLY_BYTES_MAX) {
            Ok(Some(body)) => Ok(Answer { status, body }),
            Ok(None) => Err(wrong(&format!("more than {REPLY_BYTES_MAX} bytes"))),
            Err(error) => Err(wrong(&error)),
        };
    }
}

/// Reads credentials as container and instance answer them.
pub(super) fn read_credentials(url: &str, text: &str) -> Result<Found, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Fields {
        code: Option<String>,
        access_key_id: Option<String>,
        secret_access_key: Option<String>,
        token: Option<String>,
        expiration: Option<String>,
    }
    // The parser's own words may repeat what it read: a secret.
    let fields: Fields = serde_json::from_str(text).map_err(|_| format!("{url}: the answer is not JSON"))?;
    let (Some(key_id), Some(secret)) = (fields.access_key_id, fields.secret_access_key) else {
        let code = fields.code.unwrap_or_else(|| "no AccessKeyId or SecretAccessKey in the answer".to_owned());
        return Err(format!("{url}: {code}"));
    };
    let expires = match fields.expiration {
        Some(text) => Some(time(&text).ok_or_else(|| format!("{url}: `{text}` is no time"))?),
        None => None,
    };
    Ok(Found { credentials: Credentials { key_id, secret, token: fields.token }, expires })
}

/// Reads a time such as `2026-11-22T12:00:00Z`.
fn time(text: &str) -> Option<SystemTime> {
    text.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}
