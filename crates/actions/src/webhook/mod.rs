//! `notify.webhook`: posts JSON to a URL.
//!
//! The request is a POST of `application/json` with an `Idempotency-Key` header that holds the action's id and, where a
//! secret is set, `X-Vigie-Signature: sha256=HEX`, the HMAC-SHA256 (RFC 2104) of the body. Redirects are not followed: a
//! receiver that moved must be named again, by a person.

mod config;
mod payload;

use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use vigie_model::{Action, Decision};
use vigie_respond::{ActionSpec, BoxFuture, ExecuteError, Executor, NOTIFY_WEBHOOK, Outcome};

pub(crate) use config::check_url;
pub use config::{WebhookConfig, WebhookFormat};

use crate::ConfigError;
use config::Hook;

/// How much of an answer is read.
const RESPONSE_BYTES_MAX: u64 = 64 * 1024;
/// How much of an answer is kept for the record.
const RESPONSE_CHARS_KEPT: usize = 200;

/// Posts to webhooks.
pub struct WebhookNotify {
    hooks: BTreeMap<String, Arc<Hook>>,
}

impl WebhookNotify {
    /// Returns an executor for these webhooks, by name. Secrets and certificates are read; nothing is sent.
    ///
    /// # Errors
    /// What is wrong with the configuration: see [`ConfigError`].
    pub fn new(webhooks: &BTreeMap<String, WebhookConfig>) -> Result<Self, ConfigError> {
        let hook = |(name, config): (&String, &WebhookConfig)| Ok((name.clone(), Arc::new(config.hook(name)?)));
        Ok(Self { hooks: webhooks.iter().map(hook).collect::<Result<_, ConfigError>>()? })
    }

    /// Posts a JSON text to the webhook of this name. The key goes with it as `Idempotency-Key`.
    ///
    /// # Errors
    /// [`ExecuteError::Parameter`] where there is no such webhook; else what the receiver said.
    pub async fn post_json(&self, name: &str, key: &str, body: String) -> Result<Outcome, ExecuteError> {
        deliver(self.hook(name)?, name, key.to_owned(), body).await
    }

    fn hook(&self, name: &str) -> Result<&Arc<Hook>, ExecuteError> {
        self.hooks.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.hooks.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let name = name.escape_debug();
            let reason = format!("there is no webhook `{name}` in the configuration; there is {known}");
            ExecuteError::Parameter { name: "to".to_owned(), reason }
        })
    }

    async fn post(&self, action: &Action) -> Result<Outcome, ExecuteError> {
        let name = action.parameters.get("to").and_then(Value::as_str);
        let name = name.ok_or_else(|| ExecuteError::Parameter {
            name: "to".to_owned(),
            reason: "is missing or not a text".to_owned(),
        })?;
        let hook = self.hook(name)?;
        deliver(hook, name, action.id.to_string(), payload::build(action, hook.format)?).await
    }
}

async fn deliver(hook: &Arc<Hook>, name: &str, key: String, body: String) -> Result<Outcome, ExecuteError> {
    let (hook, what) = (Arc::clone(hook), format!("post to the webhook `{name}`"));
    let failed = what.clone();
    let posted = tokio::task::spawn_blocking(move || send(&hook, &what, &key, &body)).await;
    posted.unwrap_or_else(|error| {
        Err(ExecuteError::Unavailable { what: failed, reason: format!("the worker ended early: {error}") })
    })
}

impl Executor for WebhookNotify {
    fn spec(&self) -> &'static ActionSpec {
        &NOTIFY_WEBHOOK
    }

    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(self.post(action))
    }

    fn undo<'a>(&'a self, _: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(std::future::ready(Err(ExecuteError::Unable {
            what: "call back a post".to_owned(),
            reason: NOTIFY_WEBHOOK.undo.as_str().to_owned(),
        })))
    }
}

impl std::fmt::Debug for WebhookNotify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.hooks.keys()).finish()
    }
}

fn send(hook: &Hook, what: &str, key: &str, body: &str) -> Result<Outcome, ExecuteError> {
    let mut request =
        hook.agent.post(hook.url.expose()).header("Content-Type", "application/json").header("Idempotency-Key", key);
    if let Some(secret) = &hook.secret {
        request = request.header("X-Vigie-Signature", signature(secret.expose().as_bytes(), body.as_bytes()));
    }
    let mut response = request.send(body).map_err(|error| explain(what, &error))?;
    let status = response.status().as_u16();
    let said = response.body_mut().with_config().limit(RESPONSE_BYTES_MAX).lossy_utf8(true).read_to_string();
    let said: String = said
        .unwrap_or_default()
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(RESPONSE_CHARS_KEPT)
        .collect();
    judge(what, status, &said)
}

/// Returns the value of the signature header.
fn signature(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// 408, 425, 429 and 5xx say to come back later (RFC 9110 §15); other codes will be the same tomorrow.
fn judge(what: &str, status: u16, said: &str) -> Result<Outcome, ExecuteError> {
    let what = what.to_owned();
    let reason = if said.trim().is_empty() { format!("status {status}") } else { format!("status {status}: {said}") };
    match status {
        200..=299 => Ok(Outcome { note: format!("the receiver answered with status {status}"), undo: Value::Null }),
        300..=399 => Err(ExecuteError::Rejected {
            what,
            reason: format!("status {status}: redirects are not followed, configure the final URL"),
        }),
        408 | 425 | 429 | 500..=599 => Err(ExecuteError::Unavailable { what, reason }),
        _ => Err(ExecuteError::Rejected { what, reason }),
    }
}

/// The URL is left out of every message: for many chat services it is the secret.
pub(crate) fn explain(what: &str, error: &ureq::Error) -> ExecuteError {
    let what = what.to_owned();
    match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) | ureq::Error::RequireHttpsOnly(_) => {
            ExecuteError::Unable { what, reason: "TLS failed: check the certificate and `ca_file`".to_owned() }
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            ExecuteError::Unable { what, reason: "the URL is not valid".to_owned() }
        }
        ureq::Error::Io(error) if error.to_string().contains("certificate") => {
            ExecuteError::Unable { what, reason: error.to_string() }
        }
        ureq::Error::HostNotFound => {
            ExecuteError::Unavailable { what, reason: "the receiver's name is not known".to_owned() }
        }
        other => ExecuteError::Unavailable { what, reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn signatures() {
        assert_eq!(
            signature(b"Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            signature(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
