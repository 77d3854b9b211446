//! A regular expression.

use regex::Regex;

use super::need::Need;

/// A regular expression, and what must stand in a text for it to fit.
#[derive(Debug)]
pub(crate) struct Pattern {
    expression: Regex,
    needs: Option<Vec<Need>>,
}

impl Pattern {
    /// Returns the pattern; `needs` is what a text must have, any of it, or `None` where nothing can be said.
    pub(crate) fn new(expression: Regex, needs: Option<Vec<Need>>) -> Self {
        Self { expression, needs }
    }

    /// Tells whether it fits somewhere in the text.
    pub(crate) fn fits(&self, text: &str) -> bool {
        self.expression.is_match(text)
    }

    /// Returns what a text must have, any of it, or `None` where nothing can be said.
    pub(crate) fn needs(&self) -> Option<&[Need]> {
        self.needs.as_deref()
    }
}
