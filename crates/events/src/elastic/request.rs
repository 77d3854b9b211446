//! From JSON to aggregations.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use vigie_model::{Aggregation, AggregationKind, Interval};

use crate::TopValues;
use crate::fields;

/// How long a request for aggregations may be, in bytes.
const AGGREGATIONS_BYTES_MAX: usize = 64 * 1024;
/// How long an aggregation's name may be, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// How many values a `terms` aggregation lists where nobody says.
const TERMS_DEFAULT: u32 = 10;
/// What a `percentiles` aggregation asks for where nobody says.
const PERCENTS_DEFAULT: [f64; 7] = [1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0];

/// What is wrong with a request for aggregations, where, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct AggregationSyntaxError {
    /// The member's path in the request, such as `aggs.by_user.terms.field`; empty for the whole of it.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The nearest thing that would have been right.
    pub suggestion: Option<String>,
}

type Parsed<T> = Result<T, AggregationSyntaxError>;

/// Reads a request for aggregations:
///
/// ```json
/// {"size": 0, "aggs": {"NAME": {"KIND": {…}, "aggs": {"NAME": {"KIND": {…}}}}}}
/// ```
///
/// | kind | takes |
/// |---|---|
/// | `date_histogram` | `field`: `time` or `arrival`; `fixed_interval`: a number and `ms`, `s`, `m`, `h` or `d` |
/// | `terms` | `field`; `size`: 1 to 1,000, 10 where it is not said |
/// | `cardinality` | `field` |
/// | `percentiles` | `field`: a number; `percents`: a list of numbers above 0 to 100 |
///
/// `aggregations` is `aggs` in full. Only `date_histogram` and `terms` hold others, one level deep. `size` at the top is 0
/// where it is said: events are asked for elsewhere. At most 64 KiB.
///
/// # Errors
/// The first member that is not known or makes no sense, by its path.
pub fn parse_aggregations(text: &[u8]) -> Result<BTreeMap<String, Aggregation>, AggregationSyntaxError> {
    if text.len() > AGGREGATIONS_BYTES_MAX {
        return Err(fault("", format!("it is {} bytes long: at most {AGGREGATIONS_BYTES_MAX}", text.len())));
    }
    let request: Value = serde_json::from_slice(text).map_err(|error| fault("", format!("it is not JSON: {error}")))?;
    let request = Members::of(&request, String::new())?;
    request.only(&["size", "aggs", "aggregations"])?;
    if request.members.get("size").is_some_and(|size| size.as_u64() != Some(0)) {
        return Err(fault("size", "only 0 makes sense here: events are found by GET /api/v1/events"));
    }
    let Some(aggregations) = request.aggregations()? else {
        return Err(fault("aggs", "there is nothing to count: give at least one aggregation"));
    };
    let mut parsed = BTreeMap::new();
    for (name, aggregation) in named(&aggregations)? {
        parsed.insert(name, outer(&aggregation)?);
    }
    Ok(parsed)
}

fn outer(aggregation: &Members<'_>) -> Parsed<Aggregation> {
    let kind = kind(aggregation)?;
    let mut inner = BTreeMap::new();
    if let Some(aggregations) = aggregation.aggregations()? {
        if matches!(kind, AggregationKind::Cardinality { .. } | AggregationKind::Percentiles { .. }) {
            return Err(fault(&aggregations.path, "only `date_histogram` and `terms` can hold other aggregations"));
        }
        for (name, aggregation) in named(&aggregations)? {
            if let Some(deeper) = aggregation.aggregations()? {
                return Err(fault(&deeper.path, "aggregations nest once: this is one level too deep"));
            }
            if matches!(name.as_str(), "key" | "key_as_string" | "doc_count") {
                return Err(fault(&aggregation.path, "the answer has a member of this name already"));
            }
            inner.insert(name, self::kind(&aggregation)?);
        }
    }
    Ok(Aggregation { kind, inner })
}

/// Returns the aggregations of a map by their names.
fn named<'v>(aggregations: &Members<'v>) -> Parsed<Vec<(String, Members<'v>)>> {
    let mut named = Vec::new();
    for (name, aggregation) in aggregations.members {
        let path = aggregations.at(name);
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(['[', ']', '>']) {
            let message = format!("a name has 1 to {NAME_BYTES_MAX} bytes and none of `[`, `]`, `>`");
            return Err(fault(&path, message));
        }
        named.push((name.clone(), Members::of(aggregation, path)?));
    }
    Ok(named)
}

const KINDS: [&str; 4] = ["date_histogram", "terms", "cardinality", "percentiles"];

fn kind(aggregation: &Members<'_>) -> Parsed<AggregationKind> {
    aggregation.only(&[&KINDS[..], &["aggs", "aggregations"]].concat())?;
    let mut kinds = KINDS.iter().filter_map(|name| Some((*name, aggregation.members.get(*name)?)));
    let (Some((name, body)), None) = (kinds.next(), kinds.next()) else {
        return Err(fault(&aggregation.path, format!("expected just one of {}", list(&KINDS))));
    };
    let body = Members::of(body, aggregation.at(name))?;
    match name {
        "date_histogram" => {
            body.only(&["field", "fixed_interval"])?;
            Ok(AggregationKind::Histogram { field: body.field()?, interval: body.interval()? })
        }
        "terms" => {
            body.only(&["field", "size"])?;
            Ok(AggregationKind::Top { field: body.field()?, limit: body.size()? })
        }
        "cardinality" => {
            body.only(&["field"])?;
            Ok(AggregationKind::Cardinality { field: body.field()? })
        }
        _ => {
            body.only(&["field", "percents"])?;
            Ok(AggregationKind::Percentiles { field: body.field()?, percents: body.percents()? })
        }
    }
}

/// The members of an object, and where it stands.
struct Members<'v> {
    members: &'v Map<String, Value>,
    path: String,
}

impl<'v> Members<'v> {
    fn of(value: &'v Value, path: String) -> Parsed<Self> {
        match value {
            Value::Object(members) => Ok(Self { members, path }),
            _ => Err(fault(&path, "expected an object")),
        }
    }

    fn at(&self, name: &str) -> String {
        let name: String = name.chars().take(NAME_BYTES_MAX).collect();
        if self.path.is_empty() { name } else { format!("{}.{name}", self.path) }
    }

    /// Refuses members of other names.
    fn only(&self, known: &[&str]) -> Parsed<()> {
        let Some(name) = self.members.keys().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
        let path = self.at(name);
        let name: String = name.chars().take(NAME_BYTES_MAX).collect();
        let meant = match name.as_str() {
            "calendar_interval" | "interval" if known.contains(&"fixed_interval") => Some("fixed_interval"),
            "query" if self.path.is_empty() => {
                return Err(fault(&path, "unknown member `query`: give the condition as the parameter `q`"));
            }
            other => fields::nearest(other, known.iter().copied()),
        };
        Err(AggregationSyntaxError {
            path,
            message: format!("unknown member `{name}`: expected {}", list(known)),
            suggestion: meant.map(str::to_owned),
        })
    }

    /// Returns the aggregations inside, where there are any.
    fn aggregations(&self) -> Parsed<Option<Self>> {
        match (self.members.get("aggs"), self.members.get("aggregations")) {
            (Some(_), Some(_)) => Err(fault(&self.at("aggregations"), "this is `aggs` again: give one of them")),
            (Some(value), None) => Self::of(value, self.at("aggs")).map(Some),
            (None, Some(value)) => Self::of(value, self.at("aggregations")).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn field(&self) -> Parsed<String> {
        let path = self.at("field");
        let name =
            self.members.get("field").and_then(Value::as_str).ok_or_else(|| fault(&path, "expected a field's name"))?;
        match fields::find(name) {
            Some(field) => Ok(field.name.to_owned()),
            None => Err(AggregationSyntaxError {
                path,
                message: format!("unknown field `{}`", name.chars().take(80).collect::<String>()),
                suggestion: fields::suggest(name).map(str::to_owned),
            }),
        }
    }

    fn interval(&self) -> Parsed<Interval> {
        let path = self.at("fixed_interval");
        let expected = || fault(&path, "expected a number above 0 and `ms`, `s`, `m`, `h` or `d`, such as `10m`");
        let text = self.members.get("fixed_interval").and_then(Value::as_str).ok_or_else(expected)?;
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = text[..digits].parse().map_err(|_| expected())?;
        let unit_ms: u64 = match &text[digits..] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(expected()),
        };
        let millis = number.checked_mul(unit_ms).filter(|millis| *millis > 0).ok_or_else(expected)?;
        Ok(Interval::Fixed(Duration::from_millis(millis)))
    }

    fn size(&self) -> Parsed<u32> {
        let Some(size) = self.members.get("size") else { return Ok(TERMS_DEFAULT) };
        let size = size.as_u64().and_then(|size| u32::try_from(size).ok());
        size.filter(|size| (1..=TopValues::LIMIT_MAX).contains(size))
            .ok_or_else(|| fault(&self.at("size"), format!("expected a number from 1 to {}", TopValues::LIMIT_MAX)))
    }

    fn percents(&self) -> Parsed<Vec<f64>> {
        let Some(percents) = self.members.get("percents") else { return Ok(PERCENTS_DEFAULT.to_vec()) };
        let path = self.at("percents");
        let expected = || fault(&path, "expected a list of numbers above 0 to 100");
        let percents = percents.as_array().ok_or_else(expected)?;
        let sane = |percent: &Value| percent.as_f64().filter(|percent| *percent > 0.0 && *percent <= 100.0);
        percents.iter().map(|percent| sane(percent).ok_or_else(expected)).collect()
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn fault(path: &str, message: impl Into<String>) -> AggregationSyntaxError {
    AggregationSyntaxError { path: path.to_owned(), message: message.into(), suggestion: None }
}
