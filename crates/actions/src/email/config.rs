//! How the mail server is reached.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use serde::Deserialize;

use crate::tls::{is_loopback, read_ca_file};
use crate::{ConfigError, SecretRef};

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// It begins in plain text and must change to TLS (RFC 3207). Port 587.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314). Port 465.
    Tls,
    /// Plain text, to this host only. Port 25.
    Plain,
}

/// How mail is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// The mail server's name or address.
    pub server: String,
    /// Its port; that of `security` where it is left out.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the way there is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// Who signs in; nobody where it is left out.
    #[serde(default)]
    pub username: Option<String>,
    /// The password, by reference.
    #[serde(default)]
    pub password: Option<SecretRef>,
    /// Certificates in PEM to trust besides those of the system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Whom mail is from.
    pub from: String,
    /// Who gets mail where a playbook names nobody.
    #[serde(default)]
    pub to: Vec<String>,
    /// How many seconds each step of the conversation may take.
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u64,
}

const fn default_timeout_s() -> u64 {
    30
}

impl SmtpConfig {
    pub(super) fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, ConfigError> {
        let (tls, usual_port) = match self.security {
            MailSecurity::Starttls => (Tls::Required(self.tls()?), 587),
            MailSecurity::Tls => (Tls::Wrapper(self.tls()?), 465),
            MailSecurity::Plain if is_loopback(&self.server) => (Tls::None, 25),
            MailSecurity::Plain => return Err(ConfigError::PlainToRemote { server: self.server.clone() }),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.server.as_str())
            .port(self.port.unwrap_or(usual_port))
            .tls(tls)
            .timeout(Some(Duration::from_secs(self.timeout_s.clamp(1, 600))));
        match (&self.username, &self.password) {
            (Some(username), Some(password)) => {
                let password =
                    password.read().map_err(|source| ConfigError::Secret { field: "password".to_owned(), source })?;
                builder = builder.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err(ConfigError::HalfCredentials),
        }
        Ok(builder.build())
    }

    fn tls(&self) -> Result<TlsParameters, ConfigError> {
        let mut builder = TlsParameters::builder(self.server.clone());
        if let Some(path) = &self.ca_file {
            let failed = |reason: String| ConfigError::CaFile { path: path.clone(), reason };
            let pem = read_ca_file(path)?;
            if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
                return Err(failed("no PEM in it".to_owned()));
            }
            builder =
                builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| failed(error.to_string()))?);
        }
        builder.build().map_err(|error| ConfigError::Tls { server: self.server.clone(), reason: error.to_string() })
    }
}

pub(super) fn mailbox(field: &'static str, text: &str) -> Result<Mailbox, ConfigError> {
    text.parse().map_err(|_| ConfigError::Address { field, text: text.chars().take(80).collect() })
}
