//! A comparison of a field with a value, from a client's words to the model's.

use serde_json::Value;
use vigie_model::{Comparison, Filter, ObservableId, Value as ModelValue};

use super::clock;
use super::context::Context;
use super::field::FieldKind;
use crate::Fault;
use crate::id::WireId as _;
use crate::permission::SYSTEM_USER;

/// How long a pattern may be, in characters.
pub(crate) const PATTERN_CHARS_MAX: usize = 1_000;

/// Returns the filter that holds for nothing.
pub(crate) const fn nothing() -> Filter {
    Filter::Or(Vec::new())
}

/// Returns the filter for one field.
pub(crate) fn is(name: &str, comparison: Comparison, value: ModelValue) -> Filter {
    Filter::Field { name: name.to_owned(), comparison, value }
}

/// Returns the filter for a flag that is set.
pub(crate) fn is_true(name: &str) -> Filter {
    is(name, Comparison::Equal, ModelValue::Bool(true))
}

/// Returns the filter for a field that is this text.
pub(crate) fn equals(name: &str, text: impl Into<String>) -> Filter {
    is(name, Comparison::Equal, ModelValue::Text(text.into()))
}

/// Returns the filter for a field compared with a client's value. No value at all is equal to what is missing.
pub(super) fn compare_as(
    theirs: &str,
    ours: &str,
    kind: &FieldKind,
    comparison: Comparison,
    value: &Value,
    context: &Context<'_>,
) -> Result<Filter, Fault> {
    if let FieldKind::Special(special) = kind {
        return special(comparison, value);
    }
    if value.is_null() && comparison == Comparison::Equal {
        return Ok(Filter::Not(Box::new(Filter::Exists(ours.to_owned()))));
    }
    let is_pattern = matches!(comparison, Comparison::Like | Comparison::Within);
    let takes_patterns = matches!(kind, FieldKind::Text | FieldKind::Words(_) | FieldKind::Author | FieldKind::Tenant);
    if is_pattern && !takes_patterns {
        return Err(Fault::bad(format!("{theirs} cannot be compared with a pattern: use _eq, _lt or _gt")));
    }
    let field = Names { theirs, ours };
    match kind {
        FieldKind::Text => Ok(is(ours, comparison, ModelValue::Text(plain(field, value)?))),
        FieldKind::Number => number(field, comparison, value, None),
        FieldKind::Real => {
            let number = value.as_f64().ok_or_else(|| wrong(field, "a number"))?;
            Ok(is(ours, comparison, ModelValue::Float(number)))
        }
        FieldKind::Tlp => number(field, comparison, value, Some(4)),
        FieldKind::Pap => number(field, comparison, value, Some(3)),
        FieldKind::Severity => severity(field, comparison, value),
        FieldKind::Flag => flag(field, comparison, value),
        FieldKind::Time => time(field, comparison, value, context),
        FieldKind::Id => {
            let id = value.as_str().and_then(ObservableId::read);
            Ok(id.map_or_else(nothing, |id| is(ours, comparison, ModelValue::Text(id.to_string()))))
        }
        FieldKind::Tenant => Ok(tenant(field, comparison, value, context)),
        FieldKind::Author => author(field, comparison, value),
        FieldKind::Words(words) => word(field, comparison, value, words),
        FieldKind::Special(_) => unreachable!("it was answered above"),
    }
}

/// What clients call a field, and what the store calls it.
#[derive(Clone, Copy)]
struct Names<'a> {
    theirs: &'a str,
    ours: &'a str,
}

fn wrong(field: Names<'_>, expected: &str) -> Fault {
    Fault::bad(format!("the value of {} is not {expected}", field.theirs))
}

fn plain(field: Names<'_>, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong(field, "a text")),
    }
}

/// A number; one with a fraction lies between two whole ones, one beyond `max` is more than all there are.
fn number(field: Names<'_>, comparison: Comparison, value: &Value, max: Option<i64>) -> Result<Filter, Fault> {
    let whole = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(whole) = whole {
        return Ok(number_of(field, comparison, whole, max));
    }
    let number = value.as_f64().ok_or_else(|| wrong(field, "a number"))?;
    // A cast ends at the ends of the type.
    Ok(match comparison {
        Comparison::Less | Comparison::LessOrEqual => {
            number_of(field, Comparison::LessOrEqual, number.floor() as i64, max)
        }
        Comparison::Greater | Comparison::GreaterOrEqual => {
            number_of(field, Comparison::GreaterOrEqual, number.ceil() as i64, max)
        }
        Comparison::Equal | Comparison::Like | Comparison::Within => nothing(),
    })
}

fn number_of(field: Names<'_>, comparison: Comparison, whole: i64, max: Option<i64>) -> Filter {
    if let Some(max) = max
        && !(0..=max).contains(&whole)
    {
        let holds = match comparison {
            Comparison::Less | Comparison::LessOrEqual => whole > max,
            Comparison::Greater | Comparison::GreaterOrEqual => whole < 0,
            Comparison::Equal | Comparison::Like | Comparison::Within => false,
        };
        return if holds { Filter::All } else { nothing() };
    }
    is(field.ours, comparison, ModelValue::Integer(whole))
}

/// Our 0 counts as 1, so what takes 1 takes 0 too.
fn severity(field: Names<'_>, comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let filter = number(field, comparison, value, Some(4))?;
    let Filter::Field { comparison, value: ModelValue::Integer(rank), .. } = filter else { return Ok(filter) };
    Ok(match (comparison, rank) {
        (Comparison::Equal | Comparison::LessOrEqual, 0) | (Comparison::Less, 0 | 1) => nothing(),
        (Comparison::Equal, 1) => is(field.ours, Comparison::LessOrEqual, ModelValue::Integer(1)),
        (Comparison::Greater, 0) | (Comparison::GreaterOrEqual, 0 | 1) => Filter::All,
        _ => is(field.ours, comparison, ModelValue::Integer(rank)),
    })
}

fn flag(field: Names<'_>, comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let flag = match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) if text.eq_ignore_ascii_case("true") => true,
        Value::String(text) if text.eq_ignore_ascii_case("false") => false,
        _ => return Err(wrong(field, "true or false")),
    };
    if comparison != Comparison::Equal {
        return Err(Fault::bad(format!("{} is true or false: compare it with _eq or _ne", field.theirs)));
    }
    Ok(is(field.ours, comparison, ModelValue::Bool(flag)))
}

/// Clients count milliseconds, we count microseconds: their one is a thousand of ours.
fn time(field: Names<'_>, comparison: Comparison, value: &Value, context: &Context<'_>) -> Result<Filter, Fault> {
    const MICROS: i64 = 1_000;
    let millis = clock::read(field.theirs, value, context.now)?;
    let (first, next) = (millis.saturating_mul(MICROS), millis.saturating_add(1).saturating_mul(MICROS));
    let compared = |comparison, micros| is(field.ours, comparison, ModelValue::Integer(micros));
    Ok(match comparison {
        Comparison::Less => compared(Comparison::Less, first),
        Comparison::LessOrEqual => compared(Comparison::Less, next),
        Comparison::Greater => compared(Comparison::GreaterOrEqual, next),
        Comparison::GreaterOrEqual => compared(Comparison::GreaterOrEqual, first),
        Comparison::Equal | Comparison::Like | Comparison::Within => {
            Filter::And(vec![compared(Comparison::GreaterOrEqual, first), compared(Comparison::Less, next)])
        }
    })
}

fn tenant(field: Names<'_>, comparison: Comparison, value: &Value, context: &Context<'_>) -> Filter {
    let asked = value.as_str().unwrap_or_default();
    let found: Vec<ModelValue> = match comparison {
        Comparison::Like => context.tenants_like(asked),
        _ => context.tenant(asked).into_iter().collect(),
    }
    .into_iter()
    .map(|tenant| ModelValue::Text(tenant.to_string()))
    .collect();
    Filter::OneOf { name: field.ours.to_owned(), values: found }
}

/// What Vigie made itself carries no name, or one that begins with `vigie:`; clients see the system's.
fn author(field: Names<'_>, comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let name = plain(field, value)?;
    let own = is(field.ours, comparison, ModelValue::Text(name.clone()));
    let is_system = match comparison {
        Comparison::Equal => name.eq_ignore_ascii_case(SYSTEM_USER),
        Comparison::Like => matches(&name, SYSTEM_USER),
        _ => false,
    };
    if !is_system {
        return Ok(own);
    }
    let vigie = is(field.ours, Comparison::Like, ModelValue::Text("vigie:*".to_owned()));
    Ok(Filter::Or(vec![own, equals(field.ours, ""), vigie]))
}

fn word(
    field: Names<'_>,
    comparison: Comparison,
    value: &Value,
    words: &'static [(&'static str, &'static str)],
) -> Result<Filter, Fault> {
    let asked = plain(field, value)?;
    let takes = |theirs: &str| match comparison {
        Comparison::Like => matches(&asked, theirs),
        _ => theirs.eq_ignore_ascii_case(&asked),
    };
    if !matches!(comparison, Comparison::Equal | Comparison::Like) {
        return Err(Fault::bad(format!("{} is a word: compare it with _eq, _ne or _in", field.theirs)));
    }
    let ours = words.iter().filter(|(theirs, _)| takes(theirs));
    let values = ours.map(|(_, ours)| ModelValue::Text((*ours).to_owned())).collect();
    Ok(Filter::OneOf { name: field.ours.to_owned(), values })
}

/// Returns whether a text matches a pattern of `*` and `?`, without regard to ASCII case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (
        pattern.chars().map(|character| character.to_ascii_lowercase()).collect(),
        text.chars().map(|character| character.to_ascii_lowercase()).collect(),
    );
    // The usual walk with one place to come back to: where the last star was, and how much it has taken.
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(character) if *character == '?' || *character == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                at = place + 1;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match() {
        for (pattern, text, is_match) in [
            ("", "", true),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("*b*", "abc", true),
            ("?", "", false),
            ("A?C", "abc", true),
            ("*a*b", "aab", true),
            ("ab", "abc", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }
}
