//! What is wrong with a search, where, and what may have been meant.

use serde::Serialize;

/// What is wrong with a search, where, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("at byte {position}: {message}{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct SearchSyntaxError {
    /// The byte offset of the fault in the text, from 0; always on a character boundary of the text or at its end.
    pub position: usize,
    /// What is wrong.
    pub message: String,
    /// The nearest thing that would have been right.
    pub suggestion: Option<String>,
}

impl SearchSyntaxError {
    pub(super) fn new(position: usize, message: impl Into<String>) -> Self {
        Self { position, message: message.into(), suggestion: None }
    }
}
