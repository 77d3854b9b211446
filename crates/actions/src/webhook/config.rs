//! Where webhooks go.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use crate::tls::{agent, is_loopback};
use crate::{ConfigError, Secret, SecretRef};

/// What a receiver reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// Vigie's own JSON: `version`, `action`, `tenant`, `text` and, for an alert, `about`.
    #[default]
    Generic,
    /// `{"text": …}` as Slack takes it, and Mattermost and Rocket.Chat after it.
    Slack,
}

/// Where a webhook goes.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The URL, or where it is kept: `env:NAME` or `file:PATH`. HTTPS, but for this host.
    pub url: String,
    /// What the body is signed with, by reference.
    #[serde(default)]
    pub secret: Option<SecretRef>,
    /// What the receiver reads.
    #[serde(default)]
    pub format: WebhookFormat,
    /// Certificates in PEM to trust in place of the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How many seconds the whole exchange may take.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u64,
}

const fn default_timeout_s() -> u64 {
    10
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("WebhookConfig");
        shown.field("url", &"***").field("secret", &self.secret).field("format", &self.format);
        shown.field("ca_file", &self.ca_file).field("timeout_s", &self.timeout_s).finish()
    }
}

/// A webhook that is ready to be called.
pub(super) struct Hook {
    pub(super) url: Secret,
    pub(super) secret: Option<Secret>,
    pub(super) format: WebhookFormat,
    pub(super) agent: ureq::Agent,
}

impl WebhookConfig {
    pub(super) fn hook(&self, name: &str) -> Result<Hook, ConfigError> {
        let secret = |field: &str, reference: &SecretRef| {
            let field = format!("webhooks.{name}.{field}");
            reference.read().map_err(|source| ConfigError::Secret { field, source })
        };
        let url = match SecretRef::parse(&self.url) {
            Ok(reference) => secret("url", &reference)?,
            Err(_) => Secret::new(self.url.as_str()),
        };
        check_url(name, url.expose())?;
        Ok(Hook {
            secret: self.secret.as_ref().map(|reference| secret("secret", reference)).transpose()?,
            format: self.format,
            agent: agent(self.ca_file.as_deref(), self.timeout_s)?,
            url,
        })
    }
}

pub(crate) fn check_url(webhook: &str, url: &str) -> Result<(), ConfigError> {
    let wrong = |reason: &str| ConfigError::Url { webhook: webhook.to_owned(), reason: reason.to_owned() };
    let uri: ureq::http::Uri = url.parse().map_err(|_| wrong("the URL is not valid"))?;
    let authority = uri.authority().ok_or_else(|| wrong("the URL names no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("a user name in the URL is not supported: use `secret`"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_loopback(authority.host()) => Ok(()),
        Some("http") => Err(wrong("use https: plain http is for this host only")),
        Some(_) | None => Err(wrong("the URL must begin with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Result<(), &str>) {
        let seen = check_url("chat", url).map_err(|error| error.to_string());
        match expected {
            Ok(()) => assert_eq!(seen, Ok(()), "{url}"),
            Err(part) => assert!(seen.as_ref().is_err_and(|error| error.contains(part)), "{url}: {seen:?}"),
        }
    }

    #[test]
    fn urls() {
        check("https://hooks.example.org/T0/B0/secret", Ok(()));
        check("http://127.0.0.1:9000/x", Ok(()));
        check("http://[::1]:9000/x", Ok(()));
        check("http://localhost/x", Ok(()));
        check("http://192.0.2.1/x", Err("use https"));
        check("http://localhost.example.org/x", Err("use https"));
        check("http://127.0.0.1@example.org/x", Err("user name"));
        check("ftp://example.org/x", Err("must begin with https"));
        check("/x", Err("names no host"));
        check("", Err("not valid"));
    }

    #[test]
    fn a_url_does_not_print() {
        let config: WebhookConfig = serde_json::from_str(r#"{"url": "https://hooks.example.org/s3cret"}"#).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        let refused = serde_json::from_str::<WebhookConfig>(r#"{"url": "https://x", "secert": "env:X"}"#);
        assert!(refused.unwrap_err().to_string().contains("secert"));
    }
}
