//! What is wrong with the configuration of an action.

use std::path::PathBuf;

use crate::SecretError;

/// What is wrong with the configuration of an action. None of them repeats a secret or the path of a webhook's URL,
/// which often is one.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Mail would cross a network in plain text.
    #[error(
        "mail to `{server}` would go in plain text: set security to `starttls` or `tls`, `plain` is for this host only"
    )]
    PlainToRemote {
        /// The mail server.
        server: String,
    },
    /// A text is no mail address.
    #[error("`{field}`: `{text}` is not a mail address")]
    Address {
        /// Which field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// A user without a password, or a password without a user.
    #[error("give both `username` and `password`, or neither")]
    HalfCredentials,
    /// A secret cannot be read.
    #[error("`{field}`")]
    Secret {
        /// Which field.
        field: String,
        /// Why not.
        #[source]
        source: SecretError,
    },
    /// A file of certificates cannot be read.
    #[error("read certificates from `{}`: {reason}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A webhook's URL will not do.
    #[error("webhook `{webhook}`: {reason}")]
    Url {
        /// Its name.
        webhook: String,
        /// Why not.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("set up TLS to `{server}`: {reason}")]
    Tls {
        /// The other side.
        server: String,
        /// Why not.
        reason: String,
    },
}
