//! Custom fields in filters: `customFields.NAME`, compared as the type of the field says.

use serde_json::Value;
use vigie_model::{Comparison, CustomField, FieldType, Filter};
use vigie_store::OWN_FIELD;

use super::context::Context;
use super::field::{FieldKind, QueryField};
use super::kinds::Kind;
use super::value::compare_as;
use crate::Fault;

/// What the name of a custom field begins with; the second is what old clients write.
const PREFIXES: [&str; 2] = ["customFields.", "customField."];

/// A field that a filter names.
pub(super) enum Named {
    /// One of the kind's own.
    Field(&'static QueryField),
    /// A custom field.
    Custom(String, FieldType),
    /// A custom field, before it is known which there are: what is read now is thrown away.
    NotYet,
}

impl Named {
    /// Returns the field that clients call by this name.
    pub(super) fn of(kind: &Kind, name: &str, context: &Context<'_>) -> Result<Self, Fault> {
        let custom = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        let Some(custom) = custom.filter(|_| kind.has_custom_fields()) else {
            return kind.field(name).map(Self::Field);
        };
        let Some(fields) = context.custom_fields() else { return Ok(Self::NotYet) };
        let found = fields.iter().find(|field: &&CustomField| field.name.eq_ignore_ascii_case(custom));
        let field = found.ok_or_else(|| {
            let known: Vec<&str> = fields.iter().take(100).map(|field| field.name.as_str()).collect();
            let custom: String = custom.chars().take(80).collect();
            Fault::bad(format!("there is no custom field {custom}: known are {}", known.join(", ")))
        })?;
        Ok(Self::Custom(field.name.clone(), field.kind))
    }

    /// Returns the condition that the field compares so with a value.
    pub(super) fn compare(
        &self,
        comparison: Comparison,
        value: &Value,
        context: &Context<'_>,
    ) -> Result<Filter, Fault> {
        match self {
            Self::Field(field) => compare_as(field.theirs, field.ours, &field.kind, comparison, value, context),
            Self::NotYet => Ok(Filter::All),
            Self::Custom(name, kind) => {
                let kind = match kind {
                    FieldType::String | FieldType::Url => FieldKind::Text,
                    FieldType::Integer => FieldKind::Number,
                    FieldType::Float => FieldKind::Real,
                    FieldType::Boolean => FieldKind::Flag,
                    FieldType::Date => FieldKind::Time,
                };
                compare_as(name, &format!("{OWN_FIELD}{name}"), &kind, comparison, value, context)
            }
        }
    }
}
