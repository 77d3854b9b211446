//! Values of custom fields: of the type that the field has, one of its options, in the order that people gave them.

use serde_json::Value;
use vigie_model::{CustomField, FieldType, FieldValue, NamedValue, Timestamp};

/// How many custom fields an alert, case or template has at most.
pub const FIELDS_MAX: usize = 200;
/// How long a text in a custom field may be, in characters.
pub const FIELD_TEXT_CHARS_MAX: usize = 10_000;

/// A value as somebody sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenField {
    /// The field's name.
    pub name: String,
    /// Its value; null for none yet.
    pub value: Value,
    /// Its place among the fields; `None` for the place that it has, or after the others.
    pub position: Option<u32>,
}

/// A value that the field cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// There is no such field.
    #[error("customFields: there is no custom field `{name}`: known are {}", known.join(", "))]
    Unknown {
        /// The name, shortened.
        name: String,
        /// The fields there are.
        known: Vec<String>,
    },
    /// The value is of another type.
    #[error("customFields.{name}: expected {expected}")]
    BadValue {
        /// The field.
        name: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The value is none of the field's options.
    #[error("customFields.{name}: expected one of {options}")]
    NoOption {
        /// The field.
        name: String,
        /// Its options, as JSON.
        options: String,
    },
    /// The text is too long.
    #[error("customFields.{name}: too long: at most {FIELD_TEXT_CHARS_MAX} characters")]
    TooLong {
        /// The field.
        name: String,
    },
    /// There are too many fields.
    #[error("customFields: at most {FIELDS_MAX} fields")]
    TooMany,
}

/// Returns the fields after these values were given: those named have the new values, the others stay. The order is that
/// of the positions, and where those are equal that in which they came.
pub fn set_fields(
    current: &[NamedValue],
    given: &[GivenField],
    definitions: &[CustomField],
) -> Result<Vec<NamedValue>, FieldError> {
    let mut fields = current.to_vec();
    for field in given {
        let definition = definition_of(&field.name, definitions)?;
        let value = field_value(definition, &field.value)?;
        if let Some(known) = fields.iter_mut().find(|known| known.name == definition.name) {
            known.value = value;
            known.position = field.position.unwrap_or(known.position);
            continue;
        }
        let next = || fields.iter().map(|field| field.position).max().map_or(0, |last| last.saturating_add(1));
        let position = field.position.unwrap_or_else(next);
        fields.push(NamedValue { name: definition.name.clone(), value, position });
        if fields.len() > FIELDS_MAX {
            return Err(FieldError::TooMany);
        }
    }
    fields.sort_by_key(|field| field.position);
    Ok(fields)
}

/// Adds the fields that are missing, and values where there are none.
pub(super) fn take_fields(fields: &mut Vec<NamedValue>, new: &[NamedValue]) {
    for field in new {
        if let Some(known) = fields.iter_mut().find(|known| known.name == field.name) {
            if known.value.is_none() {
                known.value.clone_from(&field.value);
            }
        } else if fields.len() < FIELDS_MAX {
            fields.push(field.clone());
        }
    }
    fields.sort_by_key(|field| field.position);
}

/// Returns the names of mandatory fields that have no value yet: of those that the object has.
pub fn unfilled(fields: &[NamedValue], definitions: &[CustomField]) -> Vec<String> {
    let is_mandatory =
        |name: &str| definitions.iter().any(|definition| definition.name == name && definition.mandatory);
    let missing = fields.iter().filter(|field| field.value.is_none() && is_mandatory(&field.name));
    missing.map(|field| field.name.clone()).collect()
}

fn definition_of<'a>(name: &str, definitions: &'a [CustomField]) -> Result<&'a CustomField, FieldError> {
    // By its name, or by what people see: TheHive 4 wrote either.
    let found = definitions.iter().find(|definition| definition.name == name);
    let found = found.or_else(|| definitions.iter().find(|definition| definition.name.eq_ignore_ascii_case(name)));
    found.ok_or_else(|| FieldError::Unknown {
        name: name.chars().take(80).collect(),
        known: definitions.iter().take(30).map(|definition| definition.name.clone()).collect(),
    })
}

/// Returns a value of this field, or `None` for null.
pub fn field_value(field: &CustomField, value: &Value) -> Result<Option<FieldValue>, FieldError> {
    if value.is_null() {
        return Ok(None);
    }
    let bad = |expected| FieldError::BadValue { name: field.name.clone(), expected };
    let text = || text_of(field, value, "a text");
    let read = match field.kind {
        FieldType::String => FieldValue::String(text()?),
        FieldType::Integer => FieldValue::Integer(whole(value).ok_or_else(|| bad("a whole number"))?),
        FieldType::Boolean => FieldValue::Boolean(value.as_bool().ok_or_else(|| bad("true or false"))?),
        FieldType::Date => {
            let millis = whole(value).ok_or_else(|| bad("milliseconds since 1970"))?;
            FieldValue::Date(Timestamp::from_millis(millis))
        }
        FieldType::Float => FieldValue::Float(value.as_f64().ok_or_else(|| bad("a number"))?),
        FieldType::Url => {
            let text = text_of(field, value, "a URL")?;
            let lower = text.to_ascii_lowercase();
            if !["http://", "https://", "ftp://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
                return Err(bad("a URL that begins with http://, https://, ftp:// or mailto:"));
            }
            FieldValue::Url(text)
        }
    };
    if !field.options.is_empty() && !field.options.iter().any(|option| is_same(option, value)) {
        let options = Value::from(field.options.clone()).to_string();
        return Err(FieldError::NoOption { name: field.name.clone(), options: options.chars().take(500).collect() });
    }
    Ok(Some(read))
}

fn text_of(field: &CustomField, value: &Value, expected: &'static str) -> Result<String, FieldError> {
    let name = || field.name.clone();
    let text = value.as_str().ok_or_else(|| FieldError::BadValue { name: name(), expected })?;
    if text.chars().nth(FIELD_TEXT_CHARS_MAX).is_some() {
        return Err(FieldError::TooLong { name: name() });
    }
    Ok(text.to_owned())
}

/// Returns a whole number, also where it is written with a fraction of nothing.
fn whole(value: &Value) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let rounded = || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT_MAX);
    value.as_i64().or_else(|| rounded().map(|number| number as i64))
}

/// Returns whether two values are the same; 1 and 1.0 are.
fn is_same(option: &Value, value: &Value) -> bool {
    match (option.as_f64(), value.as_f64()) {
        (Some(option), Some(value)) => option.total_cmp(&value).is_eq(),
        _ => option == value,
    }
}
