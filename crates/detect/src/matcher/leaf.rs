//! A single value of an event.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::{Number as JsonNumber, Value};

use super::fold::fold;

/// A single value of an event, with its text and folded text made once, when first asked for.
#[derive(Debug)]
pub(crate) struct Leaf<'e> {
    pub(crate) scalar: Scalar<'e>,
    text: OnceCell<Cow<'e, str>>,
    folded: OnceCell<Option<Box<str>>>,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scalar<'e> {
    Null,
    Bool(bool),
    Number(&'e JsonNumber),
    Text(&'e str),
    /// An object, or an array past the depth looked at: read as its JSON text.
    Json(&'e Value),
}

impl<'e> Leaf<'e> {
    pub(crate) fn of(value: &'e Value) -> Self {
        Self::new(match value {
            Value::Null => Scalar::Null,
            Value::Bool(truth) => Scalar::Bool(*truth),
            Value::Number(number) => Scalar::Number(number),
            Value::String(text) => Scalar::Text(text),
            other => Scalar::Json(other),
        })
    }

    pub(crate) fn text(text: &'e str) -> Self {
        Self::new(Scalar::Text(text))
    }

    fn new(scalar: Scalar<'e>) -> Self {
        Self { scalar, text: OnceCell::new(), folded: OnceCell::new() }
    }

    /// Returns the value as text: numbers in decimal, objects as compact JSON, null as nothing.
    pub(crate) fn as_text(&self) -> &str {
        if let Scalar::Text(text) = self.scalar {
            return text;
        }
        self.text.get_or_init(|| match self.scalar {
            Scalar::Null => Cow::Borrowed(""),
            Scalar::Bool(true) => Cow::Borrowed("true"),
            Scalar::Bool(false) => Cow::Borrowed("false"),
            Scalar::Number(number) => Cow::Owned(number.to_string()),
            Scalar::Text(text) => Cow::Borrowed(text),
            Scalar::Json(value) => Cow::Owned(value.to_string()),
        })
    }

    /// Returns the text with its letters folded.
    pub(crate) fn as_folded(&self) -> &str {
        let folded = self.folded.get_or_init(|| match fold(self.as_text()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(folded) => Some(folded.into()),
        });
        folded.as_deref().unwrap_or_else(|| self.as_text())
    }
}
