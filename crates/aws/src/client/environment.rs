//! The variables that clients of AWS read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the variables that clients of AWS read (`AWS_REGION`, `AWS_PROFILE`, `HOME`…) come from.
#[derive(Clone, Default)]
pub struct Environment {
    /// `None`: the process's own.
    fixed: Option<Arc<BTreeMap<String, String>>>,
}

impl Environment {
    /// Returns the variables of this process.
    pub fn of_process() -> Self {
        Self { fixed: None }
    }

    /// Returns these variables and no others.
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { fixed: Some(Arc::new(variables)) }
    }

    /// Returns a variable. An empty one is as one that is not set.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = match &self.fixed {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Returns whether a variable says `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Returns the path that a variable names, or a file in the folder `.aws` of the user's home.
    pub(crate) fn file(&self, name: &str, otherwise: &str) -> Option<PathBuf> {
        let home = || self.get("HOME").map(PathBuf::from);
        match self.get(name) {
            Some(path) => match path.strip_prefix("~/") {
                Some(rest) => Some(home()?.join(rest)),
                None => Some(PathBuf::from(path)),
            },
            None => Some(home()?.join(".aws").join(otherwise)),
        }
    }
}

impl fmt::Debug for Environment {
    /// Variables may hold secrets: their values stay hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fixed {
            Some(variables) => f.debug_set().entries(variables.keys()).finish(),
            None => f.write_str("Environment of this process"),
        }
    }
}
