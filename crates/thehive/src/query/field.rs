//! What clients call the fields of an object, and what the store calls them.

use serde_json::Value;
use vigie_model::{Comparison, Filter};
use vigie_store::List;

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

impl QueryField {
    pub(crate) const fn new(theirs: &'static str, ours: &'static str, kind: FieldKind) -> Self {
        Self { theirs, ours, kind }
    }
}

/// How clients write a field's values, and what becomes of them.
pub(crate) enum FieldKind {
    /// Text, as it is.
    Text,
    /// A whole number, as it is.
    Number,
    /// A number.
    Real,
    /// True or false.
    Flag,
    /// Milliseconds since 1970.
    Time,
    /// `~` and a number.
    Id,
    /// An organisation, by name or id; ours are tenants.
    Tenant,
    /// Who made or changed something; what Vigie made is the system's.
    Author,
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

/// The names that stand for all the text of an object.
pub(super) const TEXT: [&str; 4] = ["keyword", "_any", "_all", "fulltext"];

/// The fields of every kind whose list has them.
const COMMON: &[QueryField] = &[
    QueryField::new("_id", "id", FieldKind::Id),
    QueryField::new("_createdAt", "created", FieldKind::Time),
    QueryField::new("_createdBy", "created_by", FieldKind::Author),
    QueryField::new("_updatedAt", "updated", FieldKind::Time),
    QueryField::new("_updatedBy", "updated_by", FieldKind::Author),
    // What version 0 and the forms of old dashboards call them.
    QueryField::new("id", "id", FieldKind::Id),
    QueryField::new("createdAt", "created", FieldKind::Time),
    QueryField::new("createdBy", "created_by", FieldKind::Author),
    QueryField::new("updatedAt", "updated", FieldKind::Time),
    QueryField::new("updatedBy", "updated_by", FieldKind::Author),
];

/// Returns the fields of a kind: its own, then those of every kind.
pub(super) fn fields(own: &'static [QueryField], list: List) -> impl Iterator<Item = &'static QueryField> {
    let there = list.fields();
    let is_new = |common: &QueryField| own.iter().all(|field| field.theirs != common.theirs);
    own.iter().chain(COMMON.iter().filter(move |common| is_new(common) && there.contains(&common.ours)))
}
