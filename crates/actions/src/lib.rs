//! What Vigie's server can do on its own host and for people: block an address, send a mail, post to a webhook.
//!
//! Each kind of action is one room and implements [`Executor`](vigie_respond::Executor):
//!
//! - [`NftablesBlock`] drops what an address sends, in a table of our own, with a timeout that the kernel keeps;
//! - [`EmailNotify`] sends mail over STARTTLS or TLS, in plain text to this host alone;
//! - [`WebhookNotify`] posts signed JSON over HTTPS;
//! - [`TheHiveForward`] makes alerts at a TheHive elsewhere.
//!
//! Doing one twice is as doing it once: the firewall's element is refreshed, and a message carries an id that is derived
//! from the action, so that a mailbox or receiver knows the repeat. What must not be touched is asked for again right
//! before the kernel is. [`host_facts`] reads from the running system what must not be locked out.

mod config_error;
mod email;
mod host_facts;
mod nftables;
mod secret;
mod thehive;
mod tls;
mod webhook;

pub use config_error::ConfigError;
pub use email::{EmailNotify, MailAttachment, MailLetter, MailSecurity, SmtpConfig, is_mail_address};
pub use host_facts::host_facts;
pub use nftables::{NeverTouchSource, NftablesBlock, NftablesConfig};
pub use secret::{Secret, SecretError, SecretRef};
pub use thehive::{TheHiveConfig, TheHiveForward};
pub use webhook::{WebhookConfig, WebhookFormat, WebhookNotify};
