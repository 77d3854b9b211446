//! Log lines as JSON: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html>.

use serde_json::{Map, Value};
use vigie_model::Timestamp;

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Info,
    /// Something was refused, or is to be looked at.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A line of the log: readable alone, and found by its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    fields: Map<String, Value>,
}

impl Line {
    /// Returns a line.
    pub fn new(level: Level, message: impl Into<String>, request: &str, now: Timestamp) -> Self {
        let mut fields = Map::new();
        fields.insert("timestamp".to_owned(), now.to_string().into());
        fields.insert("level".to_owned(), level.as_str().into());
        fields.insert("message".to_owned(), message.into().into());
        fields.insert("requestId".to_owned(), request.into());
        Self { fields }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Value::Object(self.fields.clone()).fmt(f)
    }
}
