//! Who we are at the source. None of it prints itself.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Who we are at the source.
#[derive(Clone)]
pub enum Credentials {
    /// A user's API key.
    Key(String),
    /// A user's name and password.
    Password {
        /// What they sign in with.
        user: String,
        /// Their password.
        password: String,
    },
}

impl Credentials {
    /// Returns the `Authorization` header, or `None` where it would be none: a key with a line break, say.
    pub(super) fn header(&self) -> Option<String> {
        let header = match self {
            Self::Key(key) => format!("Bearer {}", key.trim()),
            Self::Password { user, password } => format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        };
        header.bytes().all(|byte| (b' '..=b'~').contains(&byte)).then_some(header)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key(…)"),
            Self::Password { user, .. } => write!(f, "Password({user:?}, …)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_headers_and_do_not_print_themselves() {
        let key = Credentials::Key("abc\n".into());
        assert_eq!(key.header().as_deref(), Some("Bearer abc"));
        let pair = Credentials::Password { user: "ann".into(), password: "säcret".into() };
        assert_eq!(pair.header().as_deref(), Some("Basic YW5uOnPDpGNyZXQ="));
        assert_eq!(Credentials::Key("a\r\nX-Evil: 1".into()).header(), None);
        assert_eq!(format!("{key:?} {pair:?}"), "Key(…) Password(\"ann\", …)");
    }
}
