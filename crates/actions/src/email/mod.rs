//! `notify.email`: tells people by mail.
//!
//! A message's id is derived from the action, so a mailbox can tell that a message which was sent again, after a
//! connection broke at the wrong moment, is the same one. Nothing that came out of a log can become a header or a
//! recipient: recipients are written in playbooks or the configuration, and every inserted text is one line.

mod config;
mod message;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde_json::Value;
use vigie_model::{Action, Decision};
use vigie_respond::{ActionSpec, BoxFuture, ExecuteError, Executor, NOTIFY_EMAIL, Outcome};

pub use config::{MailSecurity, SmtpConfig};

use crate::ConfigError;

/// Returns whether mail can be addressed so: `duty@soc.example`, or `Duty Officer <duty@soc.example>`.
pub fn is_mail_address(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

/// A letter that is written already.
#[derive(Debug, Clone, Copy)]
pub struct MailLetter<'a> {
    /// What it is: the same key is the same letter.
    pub key: &'a str,
    /// To whom, by address; empty for those of the configuration.
    pub to: &'a [String],
    /// One line; a line break in it becomes a blank.
    pub subject: &'a str,
    /// The words as plain text.
    pub text: &'a str,
    /// The same words as HTML; empty where there is only the text.
    pub html: &'a str,
    /// What is attached.
    pub attachments: &'a [MailAttachment],
}

/// A file that is attached to a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAttachment {
    /// Its name.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

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

    /// Sends a letter as text and HTML. Its `Message-ID` is made of the key, so that a mailbox can tell a repeat.
    ///
    /// # Errors
    /// [`ExecuteError::Parameter`] where nobody is named, or by no address; else what the server said.
    pub async fn send_letter(&self, letter: &MailLetter<'_>) -> Result<Outcome, ExecuteError> {
        let wrong = |reason: String| ExecuteError::Parameter { name: "to".to_owned(), reason };
        let mut recipients = Vec::with_capacity(letter.to.len());
        for text in letter.to {
            recipients.push(text.parse().map_err(|_| wrong(format!("`{}` is no mail address", text.escape_debug())))?);
        }
        if recipients.is_empty() {
            recipients.clone_from(&self.recipients);
        }
        if recipients.is_empty() {
            return Err(wrong("no recipient: name one in the rule, or `to` in `[smtp]`".to_owned()));
        }
        self.deliver(message::letter(letter, &self.from, &recipients)?, recipients.len()).await
    }

    async fn send(&self, action: &Action) -> Result<Outcome, ExecuteError> {
        let recipients = self.recipients_of(action)?;
        self.deliver(message::build(action, &self.from, &recipients)?, recipients.len()).await
    }

    async fn deliver(&self, message: Message, recipients: usize) -> Result<Outcome, ExecuteError> {
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
            note: format!("`{}` took it for {recipients} recipients: {} {said}", self.server, response.code()),
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
