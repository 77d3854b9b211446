//! A search's conditions in Sigma's words.

use std::net::IpAddr;

use vigie_model::{Comparison, Filter, Value};

use super::DraftRefusal;
use super::fields::Fields;

/// How deep conditions may nest.
const DEPTH_MAX: usize = 32;

/// A condition in Sigma's words.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sigma {
    All(Vec<Sigma>),
    Any(Vec<Sigma>),
    Not(Box<Sigma>),
    Line(Line),
    /// What the logsource says already.
    Implied,
}

/// One line of a selection: a field with its modifiers, and its values; of keywords the field's name is empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) values: Vec<Word>,
}

/// A value as the rule writes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Text(String),
    Number(i64),
    Truth(bool),
}

type Said = Result<Sigma, DraftRefusal>;

fn refuse<T>(reason: String) -> Result<T, DraftRefusal> {
    Err(DraftRefusal(reason))
}

impl Sigma {
    /// Returns a search in Sigma's words.
    pub(super) fn of(filter: &Filter, fields: &Fields<'_>) -> Result<Self, DraftRefusal> {
        let said = say(filter, fields, 0, true)?;
        if said == Self::Implied {
            return refuse("the search asks for a whole log source: add a condition on what happened".to_owned());
        }
        Ok(said)
    }
}

fn say(filter: &Filter, fields: &Fields<'_>, depth: usize, is_needed: bool) -> Said {
    if depth > DEPTH_MAX {
        return refuse(format!("the search nests more than {DEPTH_MAX} conditions"));
    }
    let several = |items: &[Filter], needed: bool| {
        let said = items.iter().map(|item| say(item, fields, depth + 1, needed)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, DraftRefusal>(said.into_iter().filter(|part| *part != Sigma::Implied).collect::<Vec<_>>())
    };
    match filter {
        Filter::All if is_needed && depth > 0 => Ok(Sigma::Implied),
        Filter::All => refuse("the search asks for everything: add a condition".to_owned()),
        Filter::And(items) => Ok(match several(items, is_needed)? {
            parts if parts.is_empty() => Sigma::Implied,
            mut parts if parts.len() == 1 => parts.remove(0),
            parts => Sigma::All(parts),
        }),
        Filter::Or(items) => any(several(items, false)?),
        Filter::Not(item) => Ok(Sigma::Not(Box::new(say(item, fields, depth + 1, false)?))),
        Filter::Field { name, comparison, value } => field(name, *comparison, value, fields, is_needed),
        Filter::OneOf { name, values } => {
            let each = values.iter().map(|value| field(name, Comparison::Equal, value, fields, false));
            any(each.collect::<Result<_, _>>()?)
        }
        Filter::Of { name, .. } => refuse(format!("`{name}` is no field of events")),
        Filter::Exists(name) => exists(name, fields),
        Filter::Text(text) => words("text", text, fields),
    }
}

/// Joins alternatives; those on one field become one line with several values.
fn any(parts: Vec<Sigma>) -> Said {
    let mut joined: Vec<Sigma> = Vec::with_capacity(parts.len());
    for part in parts {
        if let (Some(Sigma::Line(last)), Sigma::Line(line)) = (joined.last_mut(), &part)
            && last.key == line.key
        {
            last.values.extend(line.values.iter().cloned());
        } else {
            joined.push(part);
        }
    }
    match joined.len() {
        0 => refuse("`OR` has nothing to choose from".to_owned()),
        1 => Ok(joined.remove(0)),
        _ => Ok(Sigma::Any(joined)),
    }
}

fn line(key: String, value: Word) -> Sigma {
    Sigma::Line(Line { key, values: vec![value] })
}

fn exists(name: &str, fields: &Fields<'_>) -> Said {
    if name == "ip" {
        let ends = ends(fields)?;
        return any(ends.into_iter().map(|end| line(format!("{end}|exists"), Word::Truth(true))).collect());
    }
    Ok(line(format!("{}|exists", own(name, fields)?), Word::Truth(true)))
}

/// Returns the source's own field for a part, or says that there is none.
fn own(name: &str, fields: &Fields<'_>) -> Result<String, DraftRefusal> {
    let advice = match name {
        "time" | "arrival" => "a rule looks at each event as it comes: leave the time to the search's range",
        "id" => "an id means one event, which will not come again",
        "tenant" => "a rule holds for all tenants: put up a suppression for those where it should be silent",
        "entity" => "say in which field the value stands",
        "product" | "category" | "service" | "source" => "it can only be asked for as a whole, outside of OR and NOT",
        _ if !fields.has(name) => {
            "no event found has it, so it cannot be learnt which field of the source stands for it"
        }
        _ => {
            return fields.standing_for(name).ok_or_else(|| {
                DraftRefusal(format!(
                    "`{name}` cannot be said in Sigma: Vigie derives it, and no one field of the source's own documents \
                     holds it; use a condition on what they do hold"
                ))
            });
        }
    };
    refuse(format!("`{name}` cannot be said in Sigma: {advice}"))
}

/// Returns the fields of both ends' addresses, those that the events have.
fn ends(fields: &Fields<'_>) -> Result<Vec<String>, DraftRefusal> {
    let named = ["src.ip", "dst.ip"].into_iter().filter(|end| fields.has(end));
    let found = named.map(|end| own(end, fields)).collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return refuse("`ip` cannot be said in Sigma: no event found has an address".to_owned());
    }
    Ok(found)
}

fn field(name: &str, comparison: Comparison, value: &Value, fields: &Fields<'_>, is_needed: bool) -> Said {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
    };
    match name {
        // The rule's own logsource is what the events found share, so it says this already.
        "product" | "category" | "service" | "source" if is_needed && comparison == Comparison::Equal => {
            Ok(Sigma::Implied)
        }
        "text" | "message" => match comparison {
            Comparison::Equal | Comparison::Like => words(name, &text, fields),
            _ => refuse(format!("`{name}` cannot be compared by order in Sigma")),
        },
        "ip" => {
            let ends = ends(fields)?.into_iter();
            any(ends.map(|end| address(name, end, comparison, &text)).collect::<Result<_, _>>()?)
        }
        "src.ip" | "dst.ip" => address(name, own(name, fields)?, comparison, &text),
        "src.port" | "dst.port" | "process.pid" => number(name, &own(name, fields)?, comparison, &text),
        _ => keyword(name, own(name, fields)?, comparison, &text),
    }
}

fn address(name: &str, key: String, comparison: Comparison, text: &str) -> Said {
    match (comparison, text.parse::<IpAddr>()) {
        (Comparison::Equal, Ok(IpAddr::V4(_))) => Ok(line(key, Word::Text(text.to_owned()))),
        // An IPv6 address has many spellings.
        (Comparison::Equal, Ok(IpAddr::V6(_))) => Ok(line(format!("{key}|cidr"), Word::Text(format!("{text}/128")))),
        (Comparison::Within, _) => Ok(line(format!("{key}|cidr"), Word::Text(text.to_owned()))),
        _ => refuse(format!("`{name}` with `{text}` cannot be said in Sigma: give an address or a network")),
    }
}

fn number(name: &str, key: &str, comparison: Comparison, text: &str) -> Said {
    let Ok(number) = text.parse::<i64>() else { return refuse(format!("`{name}` is no number: `{text}`")) };
    let modifier = match comparison {
        Comparison::Equal => "",
        Comparison::Less => "|lt",
        Comparison::LessOrEqual => "|lte",
        Comparison::Greater => "|gt",
        Comparison::GreaterOrEqual => "|gte",
        Comparison::Like | Comparison::Within => return refuse(format!("`{name}` takes a number or a range in Sigma")),
    };
    Ok(line(format!("{key}{modifier}"), Word::Number(number)))
}

fn keyword(name: &str, key: String, comparison: Comparison, text: &str) -> Said {
    match comparison {
        Comparison::Equal => Ok(line(key, Word::Text(escaped(text, true)))),
        Comparison::Like => {
            let inner = text.trim_matches('*');
            let (begins, ends) = (text.starts_with('*'), text.ends_with('*'));
            let once = inner.len() + usize::from(begins) + usize::from(ends) == text.len();
            let modifier = match (begins, ends) {
                (true, true) => "|contains",
                (true, false) => "|endswith",
                (false, true) => "|startswith",
                (false, false) => "",
            };
            if modifier.is_empty() || inner.is_empty() || !once || inner.contains(['*', '?']) {
                return Ok(line(key, Word::Text(escaped(text, false))));
            }
            Ok(line(format!("{key}{modifier}"), Word::Text(escaped(inner, true))))
        }
        _ => refuse(format!("`{name}` is a text, which Sigma cannot compare by order: give a value or a pattern")),
    }
}

/// Returns a text as Sigma writes it: a backslash takes the meaning from what follows.
fn escaped(text: &str, wildcards: bool) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\\' || (wildcards && matches!(character, '*' | '?')) {
            written.push('\\');
        }
        written.push(character);
    }
    written
}

/// Words, one after the other, as a regular expression over the message or over everything.
fn words(name: &str, text: &str, fields: &Fields<'_>) -> Said {
    if !text.is_ascii() {
        return refuse(format!("the words `{text}` cannot be said in Sigma: only ASCII letters have borders there"));
    }
    let border = "[^0-9A-Za-z_]";
    let pattern = if text.parse::<IpAddr>().is_ok() {
        regex::escape(text)
    } else {
        let is_word = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '*' | '?');
        let parts: Vec<String> = text.split(|byte| !is_word(byte)).filter(|part| !part.is_empty()).map(part).collect();
        parts.join(&format!("{border}+"))
    };
    let key = if name == "message" { fields.standing_for(name).unwrap_or_default() } else { String::new() };
    Ok(line(format!("{key}|re|i"), Word::Text(format!("(?:^|{border}){pattern}(?:{border}|$)"))))
}

/// Returns the expression for one word, whose `*` and `?` stand for letters, digits and `_`.
fn part(word: &str) -> String {
    word.chars().fold(String::new(), |mut pattern, character| {
        match character {
            '*' => pattern.push_str("[0-9A-Za-z_]*"),
            '?' => pattern.push_str("[0-9A-Za-z_]"),
            other => pattern.push(other),
        }
        pattern
    })
}
