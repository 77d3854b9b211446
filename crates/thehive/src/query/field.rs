//! What clients call the fields of an object, and what the store calls them.

use serde_json::Value;
use vigie_model::{Comparison, Filter};

use crate::Fault;

/// A field that clients filter and sort by.
pub(crate) struct QueryField {
    /// What clients call it.
    pub(crate) theirs: &'static str,
    /// What the store's list calls it.
    pub(crate) ours: &'static str,
    /// How values are written.
    pub(crate) kind: FieldKind,
}

/// How clients write a field's values, and what becomes of them.
pub(crate) enum FieldKind {
    /// Text, as it is.
    Text,
    /// A whole number, as it is.
    Number,
    /// True or false.
    Flag,
    /// Milliseconds since 1970.
    Time,
    /// `~` and a number.
    Id,
    /// 1 to 4; ours begin with 0, informational, which counts as 1.
    Severity,
    /// 0 to 4.
    Tlp,
    /// 0 to 3.
    Pap,
    /// Words of theirs, each with ours.
    Words(&'static [(&'static str, &'static str)]),
    /// What only this field knows: a comparison with a value becomes a filter.
    Special(fn(Comparison, &Value) -> Result<Filter, Fault>),
}
