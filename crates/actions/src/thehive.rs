//! Alerts for a TheHive elsewhere: `POST /api/v1/alert` with a key.
//!
//! TheHive keeps one alert of a type, source and reference, and refuses the second (400, `CreateError`): that is taken as
//! done, so a repeat after a broken connection doubles nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use vigie_respond::{ExecuteError, Outcome};

use crate::tls::agent;
use crate::webhook::{check_url, explain};
use crate::{ConfigError, Secret, SecretRef};

/// How much of an answer is read.
const RESPONSE_BYTES_MAX: u64 = 64 * 1024;

/// A TheHive elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TheHiveConfig {
    /// Its address, such as `https://hive.example`. HTTPS, but for this host.
    pub url: String,
    /// The API key of a user there who may create alerts, by reference.
    pub key: SecretRef,
    /// The organisation there; the user's own where it is not said.
    pub organisation: Option<String>,
    /// Certificates in PEM to trust in place of the public ones.
    pub ca_file: Option<PathBuf>,
    /// How many seconds the whole exchange may take.
    pub timeout_s: u64,
}

/// Sends alerts to TheHives elsewhere, by name.
pub struct TheHiveForward {
    targets: BTreeMap<String, Arc<Target>>,
}

struct Target {
    url: String,
    key: Secret,
    organisation: Option<String>,
    agent: ureq::Agent,
}

impl TheHiveForward {
    /// Returns a sender for these servers, by name. Keys and certificates are read; nothing is sent.
    ///
    /// # Errors
    /// What is wrong with the configuration: see [`ConfigError`].
    pub fn new(servers: &BTreeMap<String, TheHiveConfig>) -> Result<Self, ConfigError> {
        let target = |(name, config): (&String, &TheHiveConfig)| {
            check_url(name, &config.url)?;
            let field = format!("forward.{name}.key");
            let key = config.key.read().map_err(|source| ConfigError::Secret { field, source })?;
            let agent = agent(config.ca_file.as_deref(), config.timeout_s)?;
            let url = format!("{}/api/v1/alert", config.url.trim_end_matches('/'));
            Ok((name.clone(), Arc::new(Target { url, key, organisation: config.organisation.clone(), agent })))
        };
        Ok(Self { targets: servers.iter().map(target).collect::<Result<_, ConfigError>>()? })
    }

    /// Makes an alert at the server of this name. One that is there already counts as made.
    ///
    /// # Errors
    /// [`ExecuteError::Unavailable`] where it is worth trying again, also where the key is refused, which somebody there can
    /// mend; [`ExecuteError::Rejected`] where the server says that the alert makes no sense.
    pub async fn create_alert(&self, name: &str, body: String) -> Result<Outcome, ExecuteError> {
        let what = format!("send an alert to `{name}`");
        let Some(target) = self.targets.get(name).map(Arc::clone) else {
            return Err(ExecuteError::Unable { what, reason: "it is not in the configuration any more".to_owned() });
        };
        let failed = what.clone();
        let sent = tokio::task::spawn_blocking(move || target.send(&what, &body)).await;
        sent.unwrap_or_else(|error| {
            Err(ExecuteError::Unavailable { what: failed, reason: format!("the worker ended early: {error}") })
        })
    }
}

impl std::fmt::Debug for TheHiveForward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.targets.keys()).finish()
    }
}

impl Target {
    fn send(&self, what: &str, body: &str) -> Result<Outcome, ExecuteError> {
        let authorization = format!("Bearer {}", self.key.expose());
        let mut request = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("Authorization", authorization);
        if let Some(organisation) = &self.organisation {
            request = request.header("X-Organisation", organisation);
        }
        let mut response = request.send(body).map_err(|error| explain(what, &error))?;
        let status = response.status().as_u16();
        let said = response.body_mut().with_config().limit(RESPONSE_BYTES_MAX).lossy_utf8(true).read_to_string();
        judge(what, status, &said.unwrap_or_default())
    }
}

fn judge(what: &str, status: u16, said: &str) -> Result<Outcome, ExecuteError> {
    let what = what.to_owned();
    let shown: String = said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(200).collect();
    let reason = format!("status {status}: {shown}");
    let done = |note: &str| Ok(Outcome { note: note.to_owned(), undo: Value::Null });
    match status {
        200..=299 => done("made"),
        400 if said.contains("CreateError") || said.contains("already exist") => done("it was there already"),
        401 | 403 => Err(ExecuteError::Unavailable { what, reason: format!("{reason}: check the key and its rights") }),
        408 | 425 | 429 | 500..=599 => Err(ExecuteError::Unavailable { what, reason }),
        _ => Err(ExecuteError::Rejected { what, reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let check = |status: u16, said: &str, expected: &str| {
            let word = match judge("send", status, said) {
                Ok(_) => "done",
                Err(ExecuteError::Unavailable { .. }) => "again",
                Err(_) => "never",
            };
            assert_eq!(word, expected, "{status} {said}");
        };
        check(201, "{}", "done");
        check(400, r#"{"type":"CreateError","message":"Alert already exist in organisation"}"#, "done");
        check(400, r#"{"type":"AttributeCheckingError"}"#, "never");
        check(401, "", "again");
        check(429, "", "again");
        check(503, "<html>", "again");
        check(302, "", "never");
        check(404, "", "never");
    }
}
