//! `notify.email`: tells people by mail.
//!
//! A message's id is derived from the action, so a mailbox can tell that a message which was sent again, after a
//! connection broke at the wrong moment, is the same one. Nothing that came out of a log can become a header or a
//! recipient: recipients are written in playbooks or the configuration, and every inserted text is one line.

mod config;
mod message;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde_json::Value;
use vigie_model::{Action, Decision};
use vigie_respond::{ActionSpec, BoxFuture, ExecuteError, Executor, NOTIFY_EMAIL, Outcome};

pub use config::{MailSecurity, SmtpConfig};

use crate::ConfigError;

/// Sends mail.
pub struct EmailNotify {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    from: Mailbox,
    recipients: Vec<Mailbox>,
}

impl EmailNotify {
    /// Returns an executor for this mail server. The password and the certificates are read; nothing is sent.
    ///
    /// # Errors
    /// What is wrong with the configuration: see [`ConfigError`].
    pub fn new(config: &SmtpConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            transport: config.transport()?,
            server: config.server.clone(),
            from: config::mailbox("from", &config.from)?,
            recipients: config.to.iter().map(|text| config::mailbox("to", text)).collect::<Result<_, _>>()?,
        })
    }

    async fn send(&self, action: &Action) -> Result<Outcome, ExecuteError> {
        let recipients = self.recipients_of(action)?;
        let message = message::build(action, &self.from, &recipients)?;
        let what = format!("send mail through `{}`", self.server);
        let response = self.transport.send(message).await.map_err(|error| explain(&what, &error))?;
        let said: String = response
            .message()
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|letter| !letter.is_control())
            .take(120)
            .collect();
        Ok(Outcome {
            note: format!("`{}` took it for {} recipients: {} {said}", self.server, recipients.len(), response.code()),
            undo: Value::Null,
        })
    }

    fn recipients_of(&self, action: &Action) -> Result<Vec<Mailbox>, ExecuteError> {
        let wrong = |reason: &str| ExecuteError::Parameter { name: "to".to_owned(), reason: reason.to_owned() };
        let texts: Vec<&str> = match action.parameters.get("to") {
            None if self.recipients.is_empty() => {
                return Err(wrong("no recipient: name one in the playbook or `to` in the configuration"));
            }
            None => return Ok(self.recipients.clone()),
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items
                .iter()
                .map(Value::as_str)
                .collect::<Option<_>>()
                .ok_or_else(|| wrong("expected mail addresses"))?,
            Some(_) => return Err(wrong("expected mail addresses")),
        };
        if texts.is_empty() {
            return Err(wrong("expected at least one mail address"));
        }
        texts.iter().map(|text| text.parse().map_err(|_| wrong("is not a mail address"))).collect()
    }
}

impl Executor for EmailNotify {
    fn spec(&self) -> &'static ActionSpec {
        &NOTIFY_EMAIL
    }

    fn execute<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(self.send(action))
    }

    fn undo<'a>(&'a self, _: &'a Decision) -> BoxFuture<'a, Result<Outcome, ExecuteError>> {
        Box::pin(std::future::ready(Err(ExecuteError::Unable {
            what: "call back a mail".to_owned(),
            reason: NOTIFY_EMAIL.undo.as_str().to_owned(),
        })))
    }
}

impl std::fmt::Debug for EmailNotify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmailNotify").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A refusal with a 5xx code comes again; a 4xx code, a broken connection or a silent server may not. A certificate that
/// does not fit, or a server without STARTTLS, is for a person to mend.
fn explain(what: &str, error: &lettre::transport::smtp::Error) -> ExecuteError {
    let what = what.to_owned();
    let reason = chain(error);
    if error.is_permanent() {
        return ExecuteError::Rejected { what, reason };
    }
    if error.is_client() || reason.contains("certificate") {
        return ExecuteError::Unable { what, reason };
    }
    ExecuteError::Unavailable { what, reason }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.extend([": ", &inner_text]);
        }
        cause = inner.source();
    }
    text.chars().filter(|letter| !letter.is_control()).take(400).collect()
}
