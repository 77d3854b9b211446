//! Rule files taken apart into documents, and each looked at before it is parsed: what the parser would let pass or
//! drop without a word is refused here.

use rsigma_parser::{CorrelationRule, FilterRule};
use rsigma_parser::{SigmaParserError, SigmaRule, parse_condition, parse_field_spec, parse_sigma_yaml};
use serde::Deserialize as _;
use yaml_serde::{Mapping, Value};

use crate::failure::{FailureCode, Refusal};

/// The longest condition taken, in bytes; the longest of SigmaHQ has 700.
const CONDITION_BYTES_MAX: usize = 16 * 1024;
/// How deep parentheses of a condition may nest: the parser calls itself for each.
const CONDITION_DEPTH_MAX: usize = 50;
/// How many `not`s a condition may hold: the parser calls itself for each.
const CONDITION_NOTS_MAX: usize = 500;

/// A document of a rule file.
#[derive(Debug)]
pub(crate) struct Chunk<'a> {
    /// The line of the file on which the text begins, from 1.
    pub(crate) text_line: u32,
    /// The line on which it begins to say something.
    pub(crate) line: u32,
    pub(crate) text: &'a str,
}

/// A parsed document.
#[derive(Debug)]
pub(crate) enum Document {
    Rule(Box<SigmaRule>),
    Correlation {
        rule: Box<CorrelationRule>,
        /// Whether the author wrote a condition: the parser fills in one that cannot be told from a written one.
        has_condition: bool,
    },
    Filter(Box<FilterRule>),
}

/// Takes a file apart at its `---` lines, which YAML lets stand nowhere else at the start of a line.
pub(crate) fn split(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 1, 0);
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if line.trim_end() == "---" || line.starts_with("--- ") || line.starts_with("---\t") {
            chunks.push(Chunk { text_line: start_line, line: start_line, text: &text[start..at] });
            (start, start_line) = (at + 3, number);
        }
        at += line.len();
    }
    chunks.push(Chunk { text_line: start_line, line: start_line, text: &text[start..] });
    chunks.retain(|chunk| {
        chunk.text.lines().any(|line| !matches!(line.trim().as_bytes(), [] | [b'#' | b'%', ..] | b"..."))
    });
    for chunk in &mut chunks {
        // Point to the first line that says something.
        let blank =
            chunk.text.lines().take_while(|line| matches!(line.trim().as_bytes(), [] | [b'#' | b'%', ..])).count();
        chunk.line += u32::try_from(blank).unwrap_or(0);
    }
    chunks
}

/// Parses one document.
pub(crate) fn parse(text: &str) -> Result<Document, Refusal> {
    let value = read_yaml(text)?;
    let Value::Mapping(map) = &value else {
        return Err(Refusal::new(FailureCode::NotARule, "the document is not a mapping of fields"));
    };
    check_header(map)?;
    let has_condition = check_body(map)?;
    let mut parsed = parse_sigma_yaml(text).map_err(|error| refusal_of(&error))?;
    if let Some(error) = parsed.errors.first() {
        return Err(refusal_of_text(error));
    }
    if let Some(rule) = parsed.rules.pop() {
        return Ok(Document::Rule(Box::new(rule)));
    }
    if let Some(rule) = parsed.correlations.pop() {
        return Ok(Document::Correlation { rule: Box::new(rule), has_condition });
    }
    let filter = parsed.filters.pop().map(Box::new);
    filter.map(Document::Filter).ok_or_else(|| Refusal::new(FailureCode::NotARule, "the document holds no rule"))
}

fn read_yaml(text: &str) -> Result<Value, Refusal> {
    let mut documents = yaml_serde::Deserializer::from_str(text);
    let first = documents.next().ok_or_else(|| Refusal::new(FailureCode::NotARule, "the document is empty"))?;
    Value::deserialize(first).map_err(|error| {
        let reason = error.to_string();
        let code = if reason.contains("duplicate entry") { FailureCode::DuplicateKey } else { FailureCode::YamlSyntax };
        Refusal::new(code, reason)
    })
}

fn check_header(map: &Mapping) -> Result<(), Refusal> {
    if map.contains_key("action") {
        let reason = "`action` merges documents as Sigma 1 did; write each rule out in full";
        return Err(Refusal::new(FailureCode::UnsupportedAction, reason).at("action:"));
    }
    let version = map.get("sigma-version").and_then(rsigma_parser::version::major_from_value);
    if version.is_some_and(|version| version > 2) {
        let reason = "`sigma-version` asks for more than version 2 of the specification";
        return Err(Refusal::new(FailureCode::UnsupportedSigmaVersion, reason).at("sigma-version"));
    }
    if !["detection", "correlation", "filter"].iter().any(|part| map.contains_key(*part)) {
        let reason = "none of `detection`, `correlation` and `filter` is there";
        return Err(Refusal::new(FailureCode::NotARule, reason));
    }
    if !map.contains_key("title") {
        return Err(Refusal::new(FailureCode::MissingField, "`title` is missing"));
    }
    if let Some(field) = ["title", "id", "name", "level", "status"]
        .into_iter()
        .find(|field| map.get(*field).is_some_and(|value| !matches!(value, Value::String(_))))
    {
        return Err(
            Refusal::new(FailureCode::InvalidMetadata, format!("`{field}` must be a text")).at(&format!("{field}:"))
        );
    }
    match map.get("logsource") {
        Some(Value::Mapping(logsource)) => match logsource.iter().find(|(_, value)| !matches!(value, Value::String(_)))
        {
            Some((name, _)) => {
                let name = name.as_str().unwrap_or("?");
                Err(Refusal::new(FailureCode::InvalidLogsource, format!("`logsource.{name}` must be a text")).at(name))
            }
            None => Ok(()),
        },
        Some(_) => Err(Refusal::new(FailureCode::InvalidLogsource, "`logsource` must be a mapping").at("logsource")),
        None if map.contains_key("detection") => Err(Refusal::new(FailureCode::MissingField, "`logsource` is missing")),
        None => Ok(()),
    }
}

/// Checks what the document detects, and tells whether a correlation has a condition of its own.
fn check_body(map: &Mapping) -> Result<bool, Refusal> {
    if let Some(correlation) = map.get("correlation") {
        let condition = correlation.as_mapping().and_then(|correlation| correlation.get("condition"));
        if let Some(Value::String(condition)) = condition {
            check_condition(condition)?;
        }
        return Ok(condition.is_some());
    }
    let (name, section) = match map.get("filter") {
        Some(filter) => ("filter", filter),
        None => ("detection", map.get("detection").unwrap_or(&Value::Null)),
    };
    let Value::Mapping(section) = section else {
        return Err(Refusal::new(FailureCode::InvalidValue, format!("`{name}` must be a mapping")).at(name));
    };
    match section.get("condition") {
        None => return Err(Refusal::new(FailureCode::MissingField, format!("`{name}.condition` is missing")).at(name)),
        Some(Value::String(condition)) => check_condition(condition)?,
        Some(Value::Sequence(conditions)) if !conditions.is_empty() => {
            for condition in conditions {
                let condition = condition.as_str().ok_or_else(|| {
                    Refusal::new(FailureCode::ConditionSyntax, "`condition` must be a text or a list of texts")
                        .at("condition")
                })?;
                check_condition(condition)?;
            }
        }
        Some(_) => {
            let reason = "`condition` must be a text or a list of texts";
            return Err(Refusal::new(FailureCode::ConditionSyntax, reason).at("condition"));
        }
    }
    for (key, value) in section {
        let key = key.as_str().ok_or_else(|| {
            Refusal::new(FailureCode::InvalidValue, format!("`{name}` has a name that is not a text: put it in quotes"))
        })?;
        let is_detection = !matches!(key, "condition" | "timeframe") && (name, key) != ("filter", "rules");
        if is_detection {
            check_detection(key, value)?;
        }
    }
    Ok(false)
}

fn check_condition(condition: &str) -> Result<(), Refusal> {
    let at = |refusal: Refusal| refusal.at("condition");
    if condition.contains('|') {
        let reason =
            "`condition` has a `|`: aggregations such as count() and near are gone from Sigma; write a correlation";
        return Err(at(Refusal::new(FailureCode::LegacyAggregation, reason)));
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for letter in condition.bytes() {
        match letter {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let nots = condition.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| *word == "not").count();
    if condition.len() > CONDITION_BYTES_MAX || deepest > CONDITION_DEPTH_MAX || nots > CONDITION_NOTS_MAX {
        return Err(at(Refusal::new(FailureCode::TooComplex, "`condition` is too long or nests too deep")));
    }
    parse_condition(condition).map(|_| ()).map_err(|error| {
        let place = error.location().map_or_else(String::new, |place| format!(" at character {}", place.col));
        at(Refusal::new(FailureCode::ConditionSyntax, format!("`condition` cannot be read{place}: `{condition}`")))
    })
}

fn check_detection(name: &str, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Mapping(fields) if !fields.is_empty() => {
            fields.iter().try_for_each(|(key, value)| check_field(name, key, value))
        }
        Value::Sequence(entries) if !entries.is_empty() => entries.iter().try_for_each(|entry| match entry {
            Value::Mapping(_) => check_detection(name, entry),
            entry => check_scalar(name, entry, false),
        }),
        Value::Mapping(_) | Value::Sequence(_) => {
            Err(Refusal::new(FailureCode::InvalidValue, format!("detection `{name}` is empty")).at(&format!("{name}:")))
        }
        value => check_scalar(name, value, false),
    }
}

fn check_field(detection: &str, key: &Value, value: &Value) -> Result<(), Refusal> {
    let Some(key) = key.as_str() else {
        let reason = format!("detection `{detection}` has a field name that is not a text: put it in quotes");
        return Err(Refusal::new(FailureCode::InvalidValue, reason).at(detection));
    };
    let spec = parse_field_spec(key).map_err(|error| refusal_of(&error).at(key))?;
    let is_all = spec.has_modifier(rsigma_parser::Modifier::All);
    match value {
        Value::Sequence(values) if values.is_empty() => {
            Err(Refusal::new(FailureCode::InvalidValue, format!("`{key}` has an empty list")).at(key))
        }
        Value::Sequence(values) if is_all && values.len() == 1 => Err(all_needs_values(key)),
        Value::Sequence(values) => values.iter().try_for_each(|value| check_scalar(key, value, true)),
        Value::Mapping(_) => {
            let reason = format!("`{key}` has a mapping for a value: write the nested field with dots");
            Err(Refusal::new(FailureCode::InvalidValue, reason).at(key))
        }
        _ if is_all => Err(all_needs_values(key)),
        Value::Null if spec.name.is_some() => Ok(()),
        value => check_scalar(key, value, false),
    }
}

fn all_needs_values(key: &str) -> Refusal {
    let reason = format!("`{key}` has `all` on a single value: give it a list of two or more, or leave `all` out");
    Refusal::new(FailureCode::AllNeedsValues, reason).at(key)
}

fn check_scalar(place: &str, value: &Value, in_list: bool) -> Result<(), Refusal> {
    match value {
        Value::Null if in_list => {
            let reason = format!("`{place}` has null in a list: give null a detection of its own");
            Err(Refusal::new(FailureCode::NullInList, reason).at(place))
        }
        Value::Null => {
            Err(Refusal::new(FailureCode::InvalidValue, format!("`{place}` has null for a keyword")).at(place))
        }
        Value::Number(number) if number.is_u64() && number.as_i64().is_none() => {
            let reason =
                format!("`{place}` has {number}, past 64 bits with a sign: put it in quotes to match it exactly");
            Err(Refusal::new(FailureCode::NumberOutOfRange, reason).at(place))
        }
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
            let reason = format!("`{place}` has a list or mapping inside a list of values");
            Err(Refusal::new(FailureCode::InvalidValue, reason).at(place))
        }
        _ => Ok(()),
    }
}

fn refusal_of(error: &SigmaParserError) -> Refusal {
    let code = match error {
        SigmaParserError::UnknownModifier(_) | SigmaParserError::NotIsNotAModifier => FailureCode::UnknownModifier,
        SigmaParserError::MissingField(_) => FailureCode::MissingField,
        SigmaParserError::Condition(..) => FailureCode::ConditionSyntax,
        SigmaParserError::ConditionTooLong(..) | SigmaParserError::MergeTooDeep(_) => FailureCode::TooComplex,
        SigmaParserError::InvalidCorrelation(_) => FailureCode::InvalidCorrelation,
        SigmaParserError::InvalidTimespan(_) => FailureCode::InvalidTimespan,
        SigmaParserError::InvalidFieldSpec(_) | SigmaParserError::InvalidDetection(_) => FailureCode::InvalidValue,
        SigmaParserError::Yaml(_) => FailureCode::YamlSyntax,
        _ => FailureCode::NotARule,
    };
    Refusal::new(code, lower_first(&error.to_string()))
}

/// Reads the parser's own words: it keeps no more of an error in a document.
fn refusal_of_text(error: &str) -> Refusal {
    let beginnings = [
        ("Unknown modifier", FailureCode::UnknownModifier),
        ("`not` is not", FailureCode::UnknownModifier),
        ("Missing required field", FailureCode::MissingField),
        ("Invalid correlation rule", FailureCode::InvalidCorrelation),
        ("Invalid timespan", FailureCode::InvalidTimespan),
        ("Invalid detection", FailureCode::InvalidValue),
        ("Invalid field specification", FailureCode::InvalidValue),
        ("YAML", FailureCode::YamlSyntax),
        ("invalid ", FailureCode::InvalidMetadata),
        ("related", FailureCode::InvalidMetadata),
        ("'related'", FailureCode::InvalidMetadata),
    ];
    let code = beginnings.into_iter().find(|(beginning, _)| error.starts_with(beginning));
    Refusal::new(code.map_or(FailureCode::NotARule, |(_, code)| code), lower_first(error))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
