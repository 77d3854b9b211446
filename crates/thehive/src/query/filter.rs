//! Filters: from a client's JSON to the model's conditions.

use serde_json::{Map, Value};
use vigie_model::{Comparison, Filter, ObservableId, Value as ModelValue};
use vigie_store::OWN_FIELD;

use super::context::Context;
use super::custom::Named;
use super::field::{FieldKind, TEXT};
use super::kinds::Kind;
use super::value::{PATTERN_CHARS_MAX, equals};
use crate::Fault;
use crate::id::WireId as _;

/// How deep conditions nest.
pub(crate) const DEPTH_MAX: usize = 16;
/// How many values `_in` takes.
pub(crate) const VALUES_MAX: usize = vigie_store::VALUES_MAX;

/// Every operator, for messages.
const OPERATORS: &str = "_and, _or, _not, _any, _id, _eq, _is, _ne, _lt, _lte, _gt, _gte, _between, _in, _has, _contains, \
                         _like, _match, _startsWith, _endsWith, _string";

/// Reads the conditions of one kind of object.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) kind: &'static Kind,
    pub(super) context: &'a Context<'a>,
}

impl Reader<'_> {
    /// Returns the filter that an object of operators says: all of them hold.
    pub(super) fn read(self, conditions: &Map<String, Value>) -> Result<Filter, Fault> {
        self.all(conditions, 0)
    }

    fn all(self, conditions: &Map<String, Value>, depth: usize) -> Result<Filter, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::bad(format!("the filter is nested too deep: at most {DEPTH_MAX} levels")));
        }
        let mut filters = Vec::new();
        for (operator, argument) in conditions.iter().filter(|(operator, _)| *operator != "_name") {
            filters.push(self.one(operator, argument, depth)?);
        }
        Ok(match filters.len() {
            0 => Filter::All,
            1 => filters.remove(0),
            _ => Filter::And(filters),
        })
    }

    fn one(self, operator: &str, argument: &Value, depth: usize) -> Result<Filter, Fault> {
        let compared = |comparison| {
            let (field, value) = field_and_value(operator, argument)?;
            self.compared(field, comparison, value)
        };
        match operator {
            "_and" => Ok(Filter::And(self.each(operator, argument, depth)?)),
            "_or" => Ok(Filter::Or(self.each(operator, argument, depth)?)),
            "_not" => match argument {
                Value::Object(conditions) => Ok(not(self.all(conditions, depth + 1)?)),
                _ => Err(Fault::bad("_not takes one filter")),
            },
            "_any" => Ok(Filter::All),
            "_id" => self.ids(argument),
            "_eq" | "_is" => compared(Comparison::Equal),
            "_ne" => compared(Comparison::Equal).map(not),
            "_lt" => compared(Comparison::Less),
            "_lte" => compared(Comparison::LessOrEqual),
            "_gt" => compared(Comparison::Greater),
            "_gte" => compared(Comparison::GreaterOrEqual),
            "_between" => self.between(argument),
            "_in" => self.one_of(argument),
            "_has" | "_contains" => self.has(operator, argument),
            "_like" | "_startsWith" | "_endsWith" => self.like(operator, argument),
            "_match" => self.words(argument),
            "_string" => self.string(argument),
            other => {
                let other: String = other.chars().take(40).collect();
                Err(Fault::bad(format!("unknown operator {other}: known are {OPERATORS}")))
            }
        }
    }

    fn each(self, operator: &str, argument: &Value, depth: usize) -> Result<Vec<Filter>, Fault> {
        let wrong = || Fault::bad(format!("{operator} takes a list of filters"));
        let items = argument.as_array().ok_or_else(wrong)?;
        items.iter().map(|item| self.all(item.as_object().ok_or_else(wrong)?, depth + 1)).collect()
    }

    fn compared(self, field: &str, comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
        if TEXT.contains(&field) {
            return text_of(value).map(Filter::Text);
        }
        self.field(field)?.compare(comparison, value, self.context)
    }

    fn field(self, name: &str) -> Result<Named, Fault> {
        Named::of(self.kind, name, self.context)
    }

    /// `{"_id": "~1"}`, or a list of ids.
    fn ids(self, argument: &Value) -> Result<Filter, Fault> {
        let argument = argument.get("_value").unwrap_or(argument);
        let field = self.field("_id")?;
        match argument {
            Value::Array(ids) => self.values(&field, ids),
            id => field.compare(Comparison::Equal, id, self.context),
        }
    }

    /// From `_from` on, up to and without `_to`.
    fn between(self, argument: &Value) -> Result<Filter, Fault> {
        let wrong = || Fault::bad("_between takes {\"_field\": …, \"_from\": …, \"_to\": …}");
        let fields = argument.as_object().ok_or_else(wrong)?;
        let (field, ends) = match fields.get("_field") {
            Some(field) => (field.as_str().ok_or_else(wrong)?, fields),
            None => match single(fields) {
                Some((field, Value::Object(ends))) => (field, ends),
                _ => return Err(wrong()),
            },
        };
        let end = |long: &str, short: &str| ends.get(long).or_else(|| ends.get(short)).ok_or_else(wrong);
        Ok(Filter::And(vec![
            self.compared(field, Comparison::GreaterOrEqual, end("_from", "from")?)?,
            self.compared(field, Comparison::Less, end("_to", "to")?)?,
        ]))
    }

    fn one_of(self, argument: &Value) -> Result<Filter, Fault> {
        let wrong = || Fault::bad("_in takes {\"_field\": …, \"_values\": […]}");
        let fields = argument.as_object().ok_or_else(wrong)?;
        let (field, values) = match fields.get("_field") {
            Some(field) => {
                let values = fields.get("_values").or_else(|| fields.get("_value")).ok_or_else(wrong)?;
                (field.as_str().ok_or_else(wrong)?, values)
            }
            None => single(fields).ok_or_else(wrong)?,
        };
        let values = values.as_array().ok_or_else(wrong)?;
        if TEXT.contains(&field) {
            return values
                .iter()
                .map(|value| text_of(value).map(Filter::Text))
                .collect::<Result<_, _>>()
                .map(Filter::Or);
        }
        self.values(&self.field(field)?, values)
    }

    /// The field is one of these values. Texts, ids and numbers are one list for the store, however many; the rest are
    /// compared one by one.
    fn values(self, field: &Named, values: &[Value]) -> Result<Filter, Fault> {
        if values.len() > VALUES_MAX {
            return Err(Fault::bad(format!("_in takes too many values: at most {VALUES_MAX}")));
        }
        if let Named::Field(field) = field {
            let text = |value: &Value| value.as_str().map(|text| ModelValue::Text(text.into()));
            let plain: Option<Vec<ModelValue>> = match field.kind {
                FieldKind::Text => values.iter().map(text).collect(),
                FieldKind::Number => values.iter().map(|value| value.as_i64().map(ModelValue::Integer)).collect(),
                FieldKind::Id => {
                    let ids = values.iter().filter_map(|value| value.as_str().and_then(ObservableId::read));
                    Some(ids.map(|id| ModelValue::Text(id.to_string())).collect())
                }
                _ => None,
            };
            if let Some(values) = plain {
                return Ok(Filter::OneOf { name: field.ours.to_owned(), values });
            }
        }
        let each = values.iter().map(|value| field.compare(Comparison::Equal, value, self.context));
        each.collect::<Result<_, _>>().map(Filter::Or)
    }

    fn has(self, operator: &str, argument: &Value) -> Result<Filter, Fault> {
        let name = argument.as_str().or_else(|| argument.get("_field").and_then(Value::as_str));
        let name = name.ok_or_else(|| Fault::bad(format!("{operator} takes the name of a field")))?;
        let field = match self.field(name)? {
            Named::Field(field) => field,
            Named::Custom(name, _) => return Ok(Filter::Exists(format!("{OWN_FIELD}{name}"))),
            Named::NotYet => return Ok(Filter::All),
        };
        if field.ours.is_empty() {
            return Err(Fault::bad(format!("{operator} cannot be asked of {name}")));
        }
        let exists = Filter::Exists(field.ours.to_owned());
        // A time that is kept as 0 and a text that is kept empty are missing to clients.
        Ok(match field.kind {
            FieldKind::Text => Filter::And(vec![exists, not(equals(field.ours, ""))]),
            _ => exists,
        })
    }

    /// A pattern without a star may be anywhere in the field. `_startsWith` and `_endsWith` have no patterns: their stars
    /// and question marks stand for one character each, since the model has no way to escape them.
    fn like(self, operator: &str, argument: &Value) -> Result<Filter, Fault> {
        let (field, value) = field_and_value(operator, argument)?;
        let value = text_of(value)?;
        if TEXT.contains(&field) {
            return Ok(Filter::Text(value.replace('*', " ")));
        }
        let pattern = match operator {
            "_startsWith" => format!("{}*", value.replace('*', "?")),
            "_endsWith" => format!("*{}", value.replace('*', "?")),
            _ if value.contains('*') => value,
            _ => format!("*{value}*"),
        };
        self.field(field)?.compare(Comparison::Like, &Value::String(pattern), self.context)
    }

    /// Every word is somewhere in the field.
    fn words(self, argument: &Value) -> Result<Filter, Fault> {
        let (field, value) = field_and_value("_match", argument)?;
        let value = text_of(value)?;
        if TEXT.contains(&field) {
            return Ok(Filter::Text(value));
        }
        let field = self.field(field)?;
        let like = |word: &str| {
            let pattern = Value::String(format!("*{}*", word.trim_matches('*').replace('*', "?")));
            field.compare(Comparison::Like, &pattern, self.context)
        };
        value.split_whitespace().map(like).collect::<Result<_, _>>().map(Filter::And)
    }

    /// The search box of old: `field:value`, or words that occur anywhere.
    fn string(self, argument: &Value) -> Result<Filter, Fault> {
        let argument =
            ["query", "_value", "query_string"].iter().find_map(|name| argument.get(name)).unwrap_or(argument);
        let text = text_of(argument)?;
        if let Some((field, value)) = text.split_once(':')
            && let Ok(field) = self.field(field.trim())
        {
            let value = Value::String(value.trim().trim_matches('"').to_owned());
            return field.compare(Comparison::Equal, &value, self.context);
        }
        Ok(Filter::Text(text))
    }
}

pub(crate) fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// Returns both filters in one.
pub(crate) fn both(one: Filter, other: Filter) -> Filter {
    match (one, other) {
        (Filter::All, filter) | (filter, Filter::All) => filter,
        (Filter::And(mut filters), filter) => {
            filters.push(filter);
            Filter::And(filters)
        }
        (one, other) => Filter::And(vec![one, other]),
    }
}

/// Reads `{"_field": …, "_value": …}`, or `{field: value}` as old clients write it.
fn field_and_value<'a>(operator: &str, argument: &'a Value) -> Result<(&'a str, &'a Value), Fault> {
    let wrong = || Fault::bad(format!("{operator} takes {{\"_field\": …, \"_value\": …}}"));
    let fields = argument.as_object().ok_or_else(wrong)?;
    match (fields.get("_field"), fields.get("_value")) {
        (Some(Value::String(field)), Some(value)) => Ok((field, value)),
        (None, None) => single(fields).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// Returns the one entry of an object that has one.
fn single(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = fields.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name, value))
}

/// Returns a text to look for; numbers and flags are looked for as they are written.
fn text_of(value: &Value) -> Result<String, Fault> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err(Fault::bad("the value is not a text")),
    };
    // No character of a text matches more than once, so a longer one is a mistake or an attack.
    if text.chars().count() > PATTERN_CHARS_MAX {
        return Err(Fault::bad(format!("the text to look for is too long: at most {PATTERN_CHARS_MAX} characters")));
    }
    Ok(text)
}
