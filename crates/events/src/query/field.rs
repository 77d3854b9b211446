//! A field compared with a value.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Bound;

use ipnet::IpNet;
use tantivy::Term;
use tantivy::query::{
    AllQuery, EmptyQuery, ExistsQuery, FastFieldRangeQuery, InvertedIndexRangeQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use vigie_model::{Comparison, EventId, Severity, Timestamp, Value};

use super::pattern::{PATTERN_MAX, Pattern, PatternQuery};
use super::{Place, Stoppable, all_of, any_of, phrase};
use crate::columns::{Columns, column_name, tie, wide};
use crate::fields::{self, FieldKind, SearchField};
use crate::language::octets;
use crate::{SearchError, words};

type Lowered = Result<Box<dyn Query>, SearchError>;

/// Returns the query for what has a value of the field.
pub(super) fn exists(columns: &Columns, field: &SearchField) -> Box<dyn Query> {
    if field.name == "ip" {
        return any_of(ends().into_iter().map(|end| exists(columns, end)).collect());
    }
    let Some(name) = column_name(field) else { return Box::new(AllQuery) };
    match field.kind {
        FieldKind::Time | FieldKind::Severity | FieldKind::Id => Box::new(AllQuery),
        _ if field.countable => Box::new(ExistsQuery::new(name, false)),
        _ => term(Term::from_field_text(columns.present, &name)),
    }
}

/// Returns the query for what compares so with the value.
pub(super) fn compare(place: Place<'_>, field: &SearchField, comparison: Comparison, value: &Value) -> Lowered {
    let text = text_of(value);
    match (field.name, place.columns.of(field)) {
        ("tenant", _) => compare_constant(field, place.tenant.as_str(), comparison, &text),
        (_, None) => {
            let ends = ends().into_iter().map(|end| compare(place, end, comparison, value));
            Ok(any_of(ends.collect::<Result<_, _>>()?))
        }
        (_, Some(column)) => match field.kind {
            FieldKind::Keyword => keyword(place, field, column, comparison, &text),
            FieldKind::Text => free_text(place, field, column, comparison, &text),
            FieldKind::Address => address(field, column, comparison, &text),
            FieldKind::Number => {
                let number = text.parse::<u64>().map_err(|_| wrong(field, &text, "a whole number from 0"))?;
                ordered(field, Term::from_field_u64(column, number), comparison)
            }
            FieldKind::Severity => {
                let severity: Severity = text
                    .to_ascii_lowercase()
                    .parse()
                    .map_err(|_| wrong(field, &text, "informational, low, medium, high or critical"))?;
                ordered(field, Term::from_field_u64(column, severity as u64), comparison)
            }
            FieldKind::Time => {
                let time: Timestamp = text.parse().map_err(|_| wrong(field, &text, "an RFC 3339 time"))?;
                ordered(field, Term::from_field_i64(column, time.as_micros()), comparison)
            }
            FieldKind::Id => {
                let id: EventId = text.parse().map_err(|_| wrong(field, &text, "32 hex digits"))?;
                match comparison {
                    Comparison::Equal => Ok(identity(place.columns, id)),
                    other => Err(refused(field, other)),
                }
            }
        },
    }
}

/// Returns the query for the event of an id. The dictionary has the first bytes of ids only; the tie has twice as many.
fn identity(columns: &Columns, id: EventId) -> Box<dyn Query> {
    let tie = Bound::Included(Term::from_field_u64(columns.tie, tie(id.as_bytes())));
    all_of(vec![term(columns.id_term(id.as_bytes())), Box::new(FastFieldRangeQuery::new(tie.clone(), tie))])
}

fn ends() -> [&'static SearchField; 2] {
    ["src.ip", "dst.ip"].map(|name| fields::find(name).expect("the table of fields has both ends"))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
    }
}

/// Compares a value that every event of the partition has.
fn compare_constant(field: &SearchField, value: &str, comparison: Comparison, text: &str) -> Lowered {
    let order = value.cmp(words::keyword(text).as_str());
    let holds = match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Like => like(text)?.matches(value),
        Comparison::Within => return Err(refused(field, comparison)),
    };
    Ok(if holds { Box::new(AllQuery) } else { Box::new(EmptyQuery) })
}

fn keyword(place: Place<'_>, field: &SearchField, column: Field, comparison: Comparison, text: &str) -> Lowered {
    let bound = Term::from_field_text(column, &words::keyword(text));
    match comparison {
        Comparison::Equal => Ok(term(bound)),
        Comparison::Like => pattern(place, column, &text.to_ascii_lowercase()),
        Comparison::Within => Err(refused(field, comparison)),
        order => {
            let (low, high) = bounds(order, bound);
            // The fast column keeps the case; the dictionary has the lower case that is compared.
            Ok(Stoppable::boxed(Box::new(InvertedIndexRangeQuery::new(low, high)), place.budget))
        }
    }
}

fn free_text(place: Place<'_>, field: &SearchField, column: Field, comparison: Comparison, text: &str) -> Lowered {
    match comparison {
        Comparison::Equal => Ok(phrase(place, column, text)),
        Comparison::Like => pattern(place, column, &words::lower(text)),
        other => Err(refused(field, other)),
    }
}

fn address(field: &SearchField, column: Field, comparison: Comparison, text: &str) -> Lowered {
    if comparison == Comparison::Within {
        let network = text.parse::<IpNet>().or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error));
        let network = network.map_err(|_| wrong(field, text, "a network such as 10.0.0.0/8 or 2001:db8::/32"))?;
        return Ok(addresses(column, Bound::Included(network.network()), Bound::Included(network.broadcast())));
    }
    if comparison == Comparison::Like {
        let network = octets(text).ok_or_else(|| wrong(field, text, "octets such as 10.0.*, or a network"))?;
        return Ok(addresses(column, Bound::Included(network.network()), Bound::Included(network.broadcast())));
    }
    let address: IpAddr = text.parse().map_err(|_| wrong(field, text, "an IPv4 or IPv6 address"))?;
    let address = address.to_canonical();
    if comparison == Comparison::Equal {
        return Ok(term(Term::from_field_ip_addr(column, wide(address))));
    }
    // An order holds among addresses of one family only.
    let (least, most): (IpAddr, IpAddr) = match address {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into()),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from(u128::MAX).into()),
    };
    let (low, high) = bounds(comparison, address);
    let or = |bound, end| if bound == Bound::Unbounded { Bound::Included(end) } else { bound };
    Ok(addresses(column, or(low, least), or(high, most)))
}

/// Returns the query for a range of addresses of one family.
fn addresses(column: Field, low: Bound<IpAddr>, high: Bound<IpAddr>) -> Box<dyn Query> {
    let range = |low: Bound<IpAddr>, high: Bound<IpAddr>| -> Box<dyn Query> {
        let term = |address| Term::from_field_ip_addr(column, wide(address));
        Box::new(FastFieldRangeQuery::new(low.map(term), high.map(term)))
    };
    let sixth = matches!(low, Bound::Included(IpAddr::V6(_)) | Bound::Excluded(IpAddr::V6(_)));
    if !sixth {
        return range(low, high);
    }
    // IPv4 addresses lie amidst IPv6's in the index (::ffff:0:0/96); a range of IPv6 does not mean them.
    let sixth = |bits: u128| IpAddr::from(Ipv6Addr::from(bits));
    let (before, after) = (sixth(0xfffe_ffff_ffff), sixth(0x1_0000_0000_0000));
    let mut parts = Vec::new();
    if !begins_after(&low, before) {
        parts.push(range(low, if ends_before(&high, before) { high } else { Bound::Included(before) }));
    }
    if !ends_before(&high, after) {
        parts.push(range(if begins_after(&low, after) { low } else { Bound::Included(after) }, high));
    }
    any_of(parts)
}

fn ends_before(high: &Bound<IpAddr>, address: IpAddr) -> bool {
    matches!(high, Bound::Included(end) | Bound::Excluded(end) if *end < address)
}

fn begins_after(low: &Bound<IpAddr>, address: IpAddr) -> bool {
    matches!(low, Bound::Included(begin) | Bound::Excluded(begin) if *begin > address)
}

fn ordered(field: &SearchField, value: Term, comparison: Comparison) -> Lowered {
    match comparison {
        Comparison::Equal if field.kind == FieldKind::Time => {
            Ok(Box::new(FastFieldRangeQuery::new(Bound::Included(value.clone()), Bound::Included(value))))
        }
        Comparison::Equal => Ok(term(value)),
        Comparison::Like | Comparison::Within => Err(refused(field, comparison)),
        order => {
            let (low, high) = bounds(order, value);
            Ok(Box::new(FastFieldRangeQuery::new(low, high)))
        }
    }
}

fn bounds<T>(order: Comparison, value: T) -> (Bound<T>, Bound<T>) {
    match order {
        Comparison::Less => (Bound::Unbounded, Bound::Excluded(value)),
        Comparison::LessOrEqual => (Bound::Unbounded, Bound::Included(value)),
        Comparison::Greater => (Bound::Excluded(value), Bound::Unbounded),
        _ => (Bound::Included(value), Bound::Unbounded),
    }
}

fn pattern(place: Place<'_>, column: Field, text: &str) -> Lowered {
    match PatternQuery::new(column, text, place.budget) {
        Some(query) => Ok(Stoppable::boxed(Box::new(query), place.budget)),
        None => Err(SearchError::TooBig { what: "characters in a pattern", max: PATTERN_MAX }),
    }
}

fn like(text: &str) -> Result<Pattern, SearchError> {
    let too_big = SearchError::TooBig { what: "characters in a pattern", max: PATTERN_MAX };
    Pattern::new(&text.to_ascii_lowercase()).ok_or(too_big)
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn wrong(field: &SearchField, value: &str, expected: &'static str) -> SearchError {
    SearchError::Value { field: field.name.to_owned(), value: value.chars().take(80).collect(), expected }
}

fn refused(field: &SearchField, comparison: Comparison) -> SearchError {
    let comparison = match comparison {
        Comparison::Equal => "value",
        Comparison::Like => "pattern",
        Comparison::Within => "network",
        _ => "order",
    };
    let advice = match field.kind {
        FieldKind::Keyword => "give a value, a pattern or a range",
        FieldKind::Text => "give words, a phrase or a pattern",
        FieldKind::Address => "give an address or a network",
        FieldKind::Number | FieldKind::Time | FieldKind::Severity => "give a value or a range",
        FieldKind::Id => "give an id",
    };
    SearchError::Comparison { field: field.name.to_owned(), comparison, advice }
}
