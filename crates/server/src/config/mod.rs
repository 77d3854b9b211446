//! The configuration: one TOML file, versioned, unknown keys refused with a suggestion, secrets by reference.

mod check;
mod events;
mod explain;
mod feeds;
mod keys;
mod read;
mod schema;
mod secret;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use check::origin_of;
pub use events::{Events, TenantRetention};
pub use explain::{Origin, Setting};
pub use feeds::{Forward, Inbound, TheHive};
pub use keys::config_reference;
pub use schema::{
    Aws, Cases, Config, Http, Intel, IntelList, Limits, ListFormat, Log, LogFormat, Playbooks, Report, Respond,
    RespondMode, Rules, Smtp, SmtpSecurity, Syslog, SyslogProtocol, Tail, Webhook, WebhookFormat,
};
pub use secret::{SECRET_BYTES_MAX, Secret, SecretError, SecretRef};

/// The version of the file's shape that this Vigie reads.
pub const VERSION: u32 = 1;

/// How long a configuration file may be: 1 MiB.
pub const CONFIG_BYTES_MAX: usize = 1024 * 1024;

/// A configuration and where its values came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    lines: read::Lines,
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong and what to do. Never holds a value that may be a secret.
    pub message: String,
}

/// A configuration could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("read the configuration `{path}`", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is longer than [`CONFIG_BYTES_MAX`].
    #[error("the configuration `{path}` is longer than 1 MiB", path = path.display())]
    Length {
        /// The file.
        path: PathBuf,
    },
    /// Its content is refused.
    #[error("{}", lines_of(path, problems))]
    Refused {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong with it.
        problems: Vec<ConfigProblem>,
    },
}

fn lines_of(path: &Path, problems: &[ConfigProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}{problem}", path.display())).collect();
    lines.join("\n")
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, ":{line}: {}", self.message),
            None => write!(f, ": {}", self.message),
        }
    }
}

impl Config {
    /// Returns the configuration in a file. Relative paths in it start from the file's folder.
    ///
    /// # Errors
    /// Where the file cannot be read, or with everything that is wrong with its content.
    pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
        let read = |source| ConfigError::Read { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(read)?;
        if text.len() > CONFIG_BYTES_MAX {
            return Err(ConfigError::Length { path: path.to_owned() });
        }
        let refused = |problems| ConfigError::Refused { path: path.to_owned(), problems };
        let mut loaded = Self::parse(&text).map_err(refused)?;
        loaded.config.resolve_paths(path.parent().unwrap_or(Path::new("")));
        Ok(loaded)
    }

    /// Returns the configuration in a text, with its paths as written.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Loaded, Vec<ConfigProblem>> {
        let (config, lines) = read::read(text)?;
        let problems = check::check(&config, &lines);
        if problems.is_empty() { Ok(Loaded { config, lines }) } else { Err(problems) }
    }
}

impl Loaded {
    /// Returns every value that is in force and where it came from, in the order of the reference.
    pub fn explain(&self) -> Vec<Setting> {
        explain::explain(self)
    }
}
