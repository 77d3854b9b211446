//! Secrets by reference: the file names where a secret lies, never the secret.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How much of a secret's file is read: 64 KiB.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Where a secret lies. Written `env:NAME` or `file:PATH`; a secret itself is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// In an environment variable of this name.
    Env(String),
    /// In a file, of which the last line break is not part of the secret.
    File(PathBuf),
}

/// A secret. It cannot print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set, or is not text.
    #[error("read the secret from environment variable `{0}`: set it before the start")]
    Env(String),
    /// The file could not be read.
    #[error("read the secret from `{path}`", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing in it, or too much.
    #[error("the secret in `{0}` is empty or longer than 64 KiB")]
    Length(String),
}

impl SecretRef {
    /// Returns the secret.
    ///
    /// # Errors
    /// Where the variable or file is missing, empty or too long.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::Env(name.clone()))?,
            Self::File(path) => {
                let read = |source| SecretError::File { path: path.clone(), source };
                let text = std::fs::read_to_string(path).map_err(read)?;
                text.trim_end_matches(['\n', '\r']).to_owned()
            }
        };
        if text.is_empty() || text.len() > SECRET_BYTES_MAX {
            return Err(SecretError::Length(self.to_string()));
        }
        Ok(Secret(text))
    }

    pub(super) fn resolve_path(&mut self, base: &Path) {
        if let Self::File(path) = self {
            *path = base.join(&*path);
        }
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

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for SecretRef {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            // The text is not repeated: it may be the secret.
            _ => Err("a secret is not written here: name where it lies, as `env:NAME` or `file:PATH`"),
        }
    }
}

impl Secret {
    /// Returns the secret itself. Never log what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_where_it_lies_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "hunter2\n").unwrap();
        let secret = SecretRef::File(path).resolve().unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn a_literal_secret_is_refused_without_being_repeated() {
        for text in ["hunter2", "env:", "vault:hunter2", ""] {
            let error = SecretRef::try_from(text.to_owned()).unwrap_err();
            assert!(!error.contains("hunter2"));
        }
    }
}
