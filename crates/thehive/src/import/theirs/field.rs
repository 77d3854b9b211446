//! Values of custom fields.

use serde_json::Value;
use vigie_model::{CustomField, FieldType, FieldValue, NamedValue, Timestamp};

use super::Unread;

/// The values of an object's custom fields, and those that could not be read.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) values: Vec<NamedValue>,
    pub(super) left_out: Vec<Unread>,
}

/// Reads a list of `{name, type, value, order}`, or an object of `{type: value, order}` by name as older versions write it. A
/// value is taken as it is, also where the field has other options now.
pub(super) fn values_of(fields: Option<&Value>, definitions: &[CustomField]) -> Values {
    let mut values = Values::default();
    match fields {
        Some(Value::Array(items)) => {
            for item in items {
                let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
                values.add(name, item.get("type"), item.get("value"), item.get("order"), definitions);
            }
        }
        Some(Value::Object(items)) => {
            for (name, item) in items {
                let typed = item.as_object().and_then(|item| item.iter().find(|(key, _)| *key != "order"));
                let kind = typed.map(|(kind, _)| Value::from(kind.as_str()));
                let value = typed.map_or(item, |(_, value)| value);
                values.add(name, kind.as_ref(), Some(value), item.get("order"), definitions);
            }
        }
        _ => {}
    }
    values.values.sort_by_key(|field| field.position);
    values
}

impl Values {
    fn add(
        &mut self,
        name: &str,
        kind: Option<&Value>,
        value: Option<&Value>,
        order: Option<&Value>,
        definitions: &[CustomField],
    ) {
        let field = format!("customFields.{name}");
        if name.is_empty() || self.values.iter().any(|known| known.name == name) {
            self.left_out.push(Unread::new(&field, "expected a name that no other field has"));
            return;
        }
        let definition = definitions.iter().find(|definition| definition.name.eq_ignore_ascii_case(name));
        let kind = kind.and_then(Value::as_str).and_then(kind_of).or(definition.map(|definition| definition.kind));
        let next = self.values.iter().map(|known| known.position).max().map_or(0, |last| last.saturating_add(1));
        let position = order.and_then(Value::as_u64).and_then(|order| u32::try_from(order).ok()).unwrap_or(next);
        let given = value.filter(|value| !value.is_null());
        let value = given.and_then(|value| value_of(kind, value));
        if given.is_some() && value.is_none() {
            self.left_out.push(Unread::new(&field, "its value is not of its type"));
        }
        self.values.push(NamedValue { name: name.to_owned(), value, position });
    }
}

fn kind_of(word: &str) -> Option<FieldType> {
    Some(match word {
        "string" => FieldType::String,
        "integer" | "number" => FieldType::Integer,
        "boolean" => FieldType::Boolean,
        "date" => FieldType::Date,
        "float" => FieldType::Float,
        "url" => FieldType::Url,
        _ => return None,
    })
}

fn value_of(kind: Option<FieldType>, value: &Value) -> Option<FieldValue> {
    let kind = kind.unwrap_or(match value {
        Value::Bool(_) => FieldType::Boolean,
        Value::Number(number) if number.is_i64() => FieldType::Integer,
        Value::Number(_) => FieldType::Float,
        _ => FieldType::String,
    });
    Some(match kind {
        FieldType::String => FieldValue::String(value.as_str()?.to_owned()),
        FieldType::Url => FieldValue::Url(value.as_str()?.to_owned()),
        FieldType::Integer => FieldValue::Integer(value.as_i64()?),
        FieldType::Boolean => FieldValue::Boolean(value.as_bool()?),
        FieldType::Date => FieldValue::Date(Timestamp::from_millis(value.as_i64()?)),
        FieldType::Float => FieldValue::Float(value.as_f64()?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_in_both_forms_and_a_bad_one_leaves_the_rest() {
        let list = values_of(
            Some(&json!([
                {"name": "when", "type": "date", "value": 1_000, "order": 2},
                {"name": "unit", "type": "string", "value": "soc", "order": 0},
                {"name": "score", "type": "integer", "value": "high", "order": 1},
                {"name": "empty", "type": "url", "value": null, "order": 3},
                {"name": "unit", "type": "string", "value": "again", "order": 4},
            ])),
            &[],
        );
        let value = |name: &str| list.values.iter().find(|field| field.name == name).unwrap().value.clone();
        let names: Vec<&str> = list.values.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["unit", "score", "when", "empty"]);
        assert_eq!(value("when"), Some(FieldValue::Date(Timestamp::from_seconds(1))));
        assert_eq!((value("unit"), value("score")), (Some(FieldValue::String("soc".into())), None));
        let left_out: Vec<&str> = list.left_out.iter().map(|unread| unread.field.as_str()).collect();
        assert_eq!(left_out, ["customFields.score", "customFields.unit"]);

        let object =
            values_of(Some(&json!({"unit": {"string": "soc", "order": 1}, "n": {"integer": 7, "order": 0}})), &[]);
        let read: Vec<(&str, Option<FieldValue>)> =
            object.values.iter().map(|field| (field.name.as_str(), field.value.clone())).collect();
        assert_eq!(read, [("n", Some(FieldValue::Integer(7))), ("unit", Some(FieldValue::String("soc".into())))]);
        assert!(values_of(None, &[]).values.is_empty());
    }
}
