//! What a word means to a field of each kind.

use std::net::IpAddr;

use ipnet::IpNet;
use vigie_model::{Comparison, EventId, Filter, Severity, Timestamp, Value};

use super::moment::{Moment, TimeSyntaxError};
use crate::fields::{self, FieldKind, SearchField};
use crate::words;

/// A word or phrase as written.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// The text, backslashes resolved.
    pub(super) text: String,
    /// Whether it stood between quotes.
    pub(super) quoted: bool,
    /// Whether it has a `*` or `?` that means more than itself.
    pub(super) pattern: bool,
    /// Whether it has a `*` or `?` that means itself.
    pub(super) escaped: bool,
}

impl Word {
    fn is_star(&self) -> bool {
        self.pattern && self.text.bytes().all(|byte| byte == b'*')
    }

    fn check_pattern(&self) -> Result<(), String> {
        if self.pattern && self.escaped {
            return Err("a `*` or `?` that means itself cannot stand in a pattern: write `?` for it".to_owned());
        }
        Ok(())
    }
}

/// One end of a range.
pub(super) struct Bound {
    pub(super) word: Word,
    pub(super) included: bool,
}

/// What is wrong with a word.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self { message, suggestion: None }
    }
}

impl From<TimeSyntaxError> for Wrong {
    fn from(error: TimeSyntaxError) -> Self {
        Self { message: error.message, suggestion: error.suggestion }
    }
}

type Meaning = Result<Filter, Wrong>;

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok()
}

/// Returns the meaning of a word that stands alone.
pub(super) fn free(word: &Word) -> Meaning {
    let text = word.text.as_str();
    word.check_pattern()?;
    if word.is_star() {
        return Ok(Filter::All);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        let address = address.to_canonical().to_string();
        return Ok(Filter::Or(vec![field("ip", Comparison::Equal, &*address), Filter::Text(address)]));
    }
    if let (false, Ok(network)) = (word.quoted, text.parse::<IpNet>()) {
        return Ok(field("ip", Comparison::Within, network.trunc().to_string()));
    }
    if !word.pattern {
        phrase(text)?;
        return Ok(Filter::Text(text.to_owned()));
    }
    if let Some(network) = octets(text) {
        let words = field("text", Comparison::Like, text);
        return Ok(Filter::Or(vec![field("ip", Comparison::Within, network.to_string()), words]));
    }
    like_words("text", text)
}

/// Returns the meaning of `field:word`.
pub(super) fn equal(of: &SearchField, word: &Word, now: Timestamp) -> Meaning {
    word.check_pattern()?;
    if word.is_star() {
        return Ok(Filter::Exists(of.name.to_owned()));
    }
    let text = word.text.as_str();
    match of.kind {
        FieldKind::Keyword if word.pattern => Ok(field(of.name, Comparison::Like, text)),
        FieldKind::Keyword => Ok(field(of.name, Comparison::Equal, text)),
        FieldKind::Text if word.pattern => like_words(of.name, text),
        FieldKind::Text => {
            phrase(text)?;
            Ok(field(of.name, Comparison::Equal, text))
        }
        FieldKind::Address => address(of, word),
        FieldKind::Number => Ok(field(of.name, Comparison::Equal, number(of, text)?)),
        FieldKind::Severity => Ok(field(of.name, Comparison::Equal, severity(of, text)?)),
        FieldKind::Id => match text.to_ascii_lowercase().parse::<EventId>() {
            Ok(id) => Ok(field(of.name, Comparison::Equal, id.to_string())),
            Err(_) => Err(wrong(of, text, "32 hex digits").into()),
        },
        FieldKind::Time => match Moment::read(text, now)? {
            Moment::Instant(time) => Ok(field(of.name, Comparison::Equal, time.to_string())),
            Moment::Span(from, until) => Ok(Filter::And(vec![
                field(of.name, Comparison::GreaterOrEqual, from.to_string()),
                field(of.name, Comparison::Less, until.to_string()),
            ])),
        },
    }
}

/// Returns the meaning of `field:>word` and its like.
pub(super) fn compared(of: &SearchField, comparison: Comparison, word: &Word, now: Timestamp) -> Meaning {
    let text = word.text.as_str();
    if word.pattern {
        return Err(format!("a pattern cannot be compared by order: `{text}`").into());
    }
    let value: Value = match of.kind {
        FieldKind::Keyword => Value::Text(text.to_owned()),
        FieldKind::Number => number(of, text)?.into_value(),
        FieldKind::Severity => severity(of, text)?.into_value(),
        FieldKind::Address => match text.parse::<IpAddr>() {
            Ok(address) => Value::Text(address.to_canonical().to_string()),
            Err(_) => return Err(wrong(of, text, "an IPv4 or IPv6 address").into()),
        },
        FieldKind::Time => return Ok(compared_time(of, comparison, Moment::read(text, now)?)),
        FieldKind::Text | FieldKind::Id => {
            return Err(format!("`{}` has no order: search for a value of it", of.name).into());
        }
    };
    Ok(field(of.name, comparison, value))
}

fn compared_time(of: &SearchField, comparison: Comparison, moment: Moment) -> Filter {
    let (comparison, time) = match (moment, comparison) {
        (Moment::Instant(time), comparison) => (comparison, time),
        (Moment::Span(_, until), Comparison::Greater) => (Comparison::GreaterOrEqual, until),
        (Moment::Span(_, until), Comparison::LessOrEqual) => (Comparison::Less, until),
        (Moment::Span(from, _), comparison) => (comparison, from),
    };
    field(of.name, comparison, time.to_string())
}

/// Returns the meaning of `field:[low TO high]`.
pub(super) fn range(of: &SearchField, low: &Bound, high: &Bound, now: Timestamp) -> Meaning {
    let mut ends = Vec::new();
    if !low.word.is_star() {
        let comparison = if low.included { Comparison::GreaterOrEqual } else { Comparison::Greater };
        ends.push(compared(of, comparison, &low.word, now)?);
    }
    if !high.word.is_star() {
        let comparison = if high.included { Comparison::LessOrEqual } else { Comparison::Less };
        ends.push(compared(of, comparison, &high.word, now)?);
    }
    Ok(match ends.len() {
        0 => Filter::Exists(of.name.to_owned()),
        1 => ends.remove(0),
        _ => Filter::And(ends),
    })
}

fn address(of: &SearchField, word: &Word) -> Meaning {
    let text = word.text.as_str();
    let expected = "an address, a network such as 10.0.0.0/8, or octets such as 10.0.*";
    if word.pattern {
        let network = octets(text).ok_or_else(|| wrong(of, text, expected))?;
        return Ok(field(of.name, Comparison::Within, network.to_string()));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(field(of.name, Comparison::Equal, address.to_canonical().to_string()));
    }
    let network = text.parse::<IpNet>().map_err(|_| wrong(of, text, expected))?;
    Ok(field(of.name, Comparison::Within, network.trunc().to_string()))
}

/// Returns the network that `10.*`, `10.0.*` or `10.0.0.*` stands for.
pub(crate) fn octets(pattern: &str) -> Option<IpNet> {
    let octets: Vec<&str> = pattern.strip_suffix(".*")?.split('.').collect();
    if octets.len() > 3 {
        return None;
    }
    let missing = ".0".repeat(4 - octets.len());
    format!("{}{missing}/{}", octets.join("."), octets.len() * 8).parse().ok()
}

/// Returns conditions on each word of a pattern: `foo-ba*` asks for the word `foo` and a word like `ba*`.
fn like_words(name: &str, pattern: &str) -> Meaning {
    let mut parts: Vec<Filter> = pattern
        .split(|character: char| !(words::is_word(character) || matches!(character, '*' | '?')))
        .filter(|part| part.chars().any(words::is_word))
        .map(|part| {
            let comparison = if part.contains(['*', '?']) { Comparison::Like } else { Comparison::Equal };
            field(name, comparison, part)
        })
        .collect();
    match parts.len() {
        0 => Err(format!("`{pattern}` has no letter or digit to search for").into()),
        1 => Ok(parts.remove(0)),
        _ => Ok(Filter::And(parts)),
    }
}

fn phrase(text: &str) -> Result<(), String> {
    if words::words(text).is_empty() {
        return Err(format!("`{text}` has no letter or digit to search for"));
    }
    Ok(())
}

fn number(of: &SearchField, text: &str) -> Result<i64, String> {
    text.parse::<i64>().ok().filter(|number| *number >= 0).ok_or_else(|| wrong(of, text, "a whole number from 0"))
}

fn severity(of: &SearchField, text: &str) -> Result<String, Wrong> {
    let word = text.to_ascii_lowercase();
    let word = if word == "info" { "informational" } else { &word };
    word.parse::<Severity>().map(|severity| severity.as_str().to_owned()).map_err(|_| Wrong {
        message: wrong(of, text, "informational, low, medium, high or critical"),
        suggestion: fields::nearest(word, Severity::ALL.iter().map(|severity| severity.as_str())).map(str::to_owned),
    })
}

fn wrong(of: &SearchField, text: &str, expected: &str) -> String {
    format!("`{text}` is not a value of `{}`: expected {expected}", of.name)
}

fn field(name: &str, comparison: Comparison, value: impl IntoValue) -> Filter {
    Filter::Field { name: name.to_owned(), comparison, value: value.into_value() }
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> Value {
        Value::Integer(self)
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}
