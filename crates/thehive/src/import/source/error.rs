//! What goes wrong between us and the source, with what to do about it.

/// The source gave no answer that we can use.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The address is none.
    #[error("`{url}` is not the address of a TheHive: {reason}")]
    Address {
        /// What was given, without a password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The key or password cannot be sent.
    #[error("the key has characters that no key has: give it as TheHive shows it, on one line")]
    Credentials,
    /// The file of trusted certificates cannot be used.
    #[error(
        "the file of trusted certificates holds none: expected PEM, that is lines between BEGIN CERTIFICATE and END CERTIFICATE"
    )]
    NoCertificates,
    /// The other end could not prove that it is who it should be.
    #[error(
        "{host} cannot be trusted ({reason}): if your own authority signed its certificate, give that authority's \
         certificate with --ca-file; if the certificate is for another name, use that name in --url"
    )]
    Untrusted {
        /// The host.
        host: String,
        /// What is wrong with its certificate.
        reason: String,
    },
    /// No connection, or it broke off, or there was no answer in time; tried several times.
    #[error("{what}: no answer from {base} after {attempts} attempts: look whether it runs and --url is right")]
    Unreachable {
        /// What was asked for.
        what: String,
        /// The address.
        base: String,
        /// How often it was tried.
        attempts: u32,
        /// What went wrong last.
        #[source]
        source: Box<ureq::Error>,
    },
    /// Nobody is known by the key or password.
    #[error(
        "{what}: the source does not know the key or password ({message}): make a key in TheHive under your user's settings"
    )]
    Unknown {
        /// What was asked for.
        what: String,
        /// Its words.
        message: String,
    },
    /// The key is known, and may not.
    #[error("{what}: the key may not ({message}): give its user the permission for it in that organisation")]
    Forbidden {
        /// What was asked for.
        what: String,
        /// Its words.
        message: String,
    },
    /// There is no such thing, or not for this key.
    #[error("{what}: not found ({message})")]
    NotFound {
        /// What was asked for.
        what: String,
        /// Its words.
        message: String,
    },
    /// The source failed, or takes no such question.
    #[error("{what}: the source answers {status} ({message})")]
    Refused {
        /// What was asked for.
        what: String,
        /// The HTTP status.
        status: u16,
        /// Its words.
        message: String,
    },
    /// The source sends us elsewhere: a key is not sent to who was not asked for.
    #[error("{what}: the source sends us to {to}: give that address with --url")]
    Elsewhere {
        /// What was asked for.
        what: String,
        /// Where.
        to: String,
    },
    /// The answer is not what TheHive answers.
    #[error("{what}: the answer is not TheHive's: {reason}")]
    Answer {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl SourceError {
    /// Returns whether going on makes no sense: every other question would fail likewise.
    pub(in crate::import) const fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Address { .. }
                | Self::Credentials
                | Self::NoCertificates
                | Self::Untrusted { .. }
                | Self::Unreachable { .. }
                | Self::Unknown { .. }
                | Self::Elsewhere { .. }
        )
    }
}
