//! Passwords and keys that cannot print themselves.

use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

/// How long a secret may be.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// A password, key or token. It has no `Display` and no `Serialize`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the secret of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Where a secret is kept: `env:NAME` or `file:PATH`. A secret itself does not belong in a configuration file, so
/// anything else is refused, without repeating it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable.
    Env(String),
    /// In a file; one line break at its end is not part of it.
    File(PathBuf),
}

/// What is wrong with a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text is no reference.
    #[error("a secret is given by reference: write `env:NAME` or `file:PATH`, never the secret itself")]
    NotAReference,
    /// The variable is not set.
    #[error("the environment variable `{0}` is not set or not UTF-8")]
    Env(String),
    /// The file cannot be read.
    #[error("read the secret file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing in it, or far too much.
    #[error("the secret at {0} is empty or longer than 64 KiB")]
    Length(String),
}

impl SecretRef {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`SecretError::NotAReference`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err(SecretError::NotAReference),
        }
    }

    /// Returns the secret from where it is kept.
    ///
    /// # Errors
    /// It is not there, empty, or longer than 64 KiB.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::Env(name.clone()))?,
            Self::File(path) => {
                let failed = |source| SecretError::File { path: path.clone(), source };
                let mut text = String::new();
                let file = std::fs::File::open(path).map_err(failed)?;
                file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
                text
            }
        };
        let secret = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if secret.is_empty() || secret.len() as u64 > SECRET_BYTES_MAX {
            return Err(SecretError::Length(self.to_string()));
        }
        Ok(Secret::new(secret))
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
        let refused = serde_json::from_str::<SecretRef>("\"hunter2\"").unwrap_err().to_string();
        assert!(refused.contains("by reference") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn files_and_variables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "s3cret \r\n").unwrap();
        let reference = SecretRef::parse(&format!("file:{}", path.display())).unwrap();
        assert_eq!(reference.read().unwrap().expose(), "s3cret ");
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(reference.read(), Err(SecretError::Length(_))));
        assert!(matches!(SecretRef::parse("env:VIGIE_NO_SUCH_VARIABLE").unwrap().read(), Err(SecretError::Env(_))));
    }
}
