//! Custom fields as clients send and see them: a list of name, value and order, or an object with a value by name.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor as Visit};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use vigie_cases::GivenField;
use vigie_model::{CustomField, FieldType, FieldValue, Filter, NamedValue, Selection, TenantScope};

use crate::Fault;
use crate::door::Door;
use crate::id::WireId;
use crate::time::millis;

/// How many custom fields there may be; all are loaded where one is needed.
pub(crate) const DEFINITIONS_MAX: u64 = 10_000;

/// Custom fields that a client has sent, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FieldsIn(pub(crate) Vec<GivenField>);

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    order: Option<u32>,
}

impl<'de> Deserialize<'de> for FieldsIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visit<'de> for Reader {
    type Value = FieldsIn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of {name, value}, or an object of values by name")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldsIn, A::Error> {
        let mut fields = Vec::new();
        while let Some(Entry { name, value, order }) = items.next_element()? {
            fields.push(GivenField { name, value, position: order });
        }
        Ok(FieldsIn(fields))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<FieldsIn, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = items.next_entry()? {
            let (value, position) = bare(value);
            fields.push(GivenField { name, value, position });
        }
        Ok(FieldsIn(fields))
    }
}

/// Returns the value in `{"string": "x", "order": 1}`, as version 0 of the API writes it, and its place.
fn bare(value: Value) -> (Value, Option<u32>) {
    const KINDS: [&str; 8] = ["string", "integer", "boolean", "date", "float", "number", "url", "value"];
    let Value::Object(mut fields) = value else { return (value, None) };
    let order = fields.get("order").and_then(Value::as_u64).and_then(|order| u32::try_from(order).ok());
    let value = KINDS.into_iter().find_map(|kind| fields.remove(kind)).unwrap_or_default();
    (value, order)
}

/// Returns what fields there are, as of now.
pub(crate) async fn definitions(door: &Door) -> Result<Vec<CustomField>, Fault> {
    Ok(door.store.select(&TenantScope::All, &Selection::of(Filter::All, DEFINITIONS_MAX)).await?)
}

/// Returns what fields there are, or none where none of the objects has any.
pub(crate) async fn definitions_for<'a>(
    door: &Door,
    mut fields: impl Iterator<Item = &'a [NamedValue]>,
) -> Result<Vec<CustomField>, Fault> {
    if fields.all(<[NamedValue]>::is_empty) { Ok(Vec::new()) } else { definitions(door).await }
}

/// Returns the fields of an object as clients see them; `object` is its id as they see it.
pub(crate) fn show_fields(object: &str, fields: &[NamedValue], definitions: &[CustomField]) -> Value {
    let show = |field: &NamedValue| {
        let definition = definitions.iter().find(|definition| definition.name == field.name);
        let kind = definition.map(|definition| definition.kind).or_else(|| field.value.as_ref().map(kind_of));
        json!({
            "_id": field_id(object, &field.name),
            "name": field.name,
            "description": definition.map_or("", |definition| &definition.description),
            "type": kind_word(kind.unwrap_or(FieldType::String)),
            "value": field.value.as_ref().map_or(Value::Null, show_value),
            "order": field.position,
        })
    };
    fields.iter().map(show).collect()
}

/// Returns the id of a field on an object: that of the object, and a number that only this name has there.
pub(crate) fn field_id(object: &str, name: &str) -> String {
    format!("{object}:{}", vigie_model::FieldId::derive([name]).wire().trim_start_matches('~'))
}

/// Returns a value as clients see it.
pub(crate) fn show_value(value: &FieldValue) -> Value {
    match value {
        FieldValue::String(text) | FieldValue::Url(text) => Value::from(text.as_str()),
        FieldValue::Integer(number) => Value::from(*number),
        FieldValue::Boolean(flag) => Value::from(*flag),
        FieldValue::Date(time) => Value::from(millis(*time)),
        FieldValue::Float(number) => Value::from(*number),
    }
}

fn kind_of(value: &FieldValue) -> FieldType {
    match value {
        FieldValue::String(_) => FieldType::String,
        FieldValue::Integer(_) => FieldType::Integer,
        FieldValue::Boolean(_) => FieldType::Boolean,
        FieldValue::Date(_) => FieldType::Date,
        FieldValue::Float(_) => FieldType::Float,
        FieldValue::Url(_) => FieldType::Url,
    }
}

/// Returns what clients call a type.
pub(crate) const fn kind_word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::String => "string",
        FieldType::Integer => "integer",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
        FieldType::Float => "float",
        FieldType::Url => "url",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, Option<u32>)> {
        let fields: FieldsIn = serde_json::from_str(text).unwrap();
        fields.0.into_iter().map(|field| (field.name, field.value.to_string(), field.position)).collect()
    }

    #[test]
    fn fields_come_in_all_their_forms() {
        let list = read(r#"[{"name":"z","value":1,"order":3},{"name":"a"}]"#);
        assert_eq!(list, [("z".into(), "1".into(), Some(3)), ("a".into(), "null".into(), None)]);
        let object = read(r#"{"z":1,"a":{"string":"x","order":2},"m":{"date":null},"n":null}"#);
        let expected = [("z", "1", None), ("a", "\"x\"", Some(2)), ("m", "null", None), ("n", "null", None)];
        assert_eq!(object, expected.map(|(name, value, order)| (name.to_owned(), value.to_owned(), order)));
        for bad in ["1", "\"x\"", "[1]", r#"[{"value":1}]"#] {
            assert!(serde_json::from_str::<FieldsIn>(bad).is_err(), "{bad}");
        }
    }
}
