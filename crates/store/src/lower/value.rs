//! Values as the fields of a list take them.

use std::net::IpAddr;

use vigie_model::{Timestamp, Value};

use super::bad;
use crate::QueryError;
use crate::fields::Field;
use crate::row::address_text;

pub(crate) fn text_of(field: &Field, value: &Value) -> Result<String, QueryError> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Bool(_) | Value::Float(_) => Err(bad(field, value, "a text")),
    }
}

pub(crate) fn rank_of(field: &Field, words: &'static [&'static str], value: &Value) -> Result<i64, QueryError> {
    let rank = match value {
        Value::Text(text) => words.iter().position(|word| word.eq_ignore_ascii_case(text)),
        Value::Integer(number) => usize::try_from(*number).ok().filter(|rank| *rank < words.len()),
        Value::Bool(_) | Value::Float(_) => None,
    };
    rank.and_then(|rank| i64::try_from(rank).ok())
        .ok_or_else(|| bad(field, value, &format!("one of {}", words.join(", "))))
}

pub(super) fn integer_of(field: &Field, value: &Value) -> Result<i64, QueryError> {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        Value::Bool(_) | Value::Float(_) => None,
    };
    number.ok_or_else(|| bad(field, value, "a whole number"))
}

pub(crate) fn time_of(field: &Field, value: &Value) -> Result<i64, QueryError> {
    let time = match value {
        Value::Text(text) => text.parse::<Timestamp>().ok(),
        Value::Integer(micros) => Some(Timestamp::from_micros(*micros)),
        Value::Bool(_) | Value::Float(_) => None,
    };
    time.map(Timestamp::as_micros)
        .ok_or_else(|| bad(field, value, "a time such as 2026-03-01T12:00:00Z, or microseconds since 1970"))
}

pub(crate) fn flag_of(field: &Field, value: &Value) -> Result<bool, QueryError> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) => Err(bad(field, value, "true or false")),
    }
}

/// Returns the first and last address of a network, or of one address, in sortable form.
pub(super) fn network_of(field: &Field, value: &Value) -> Result<(String, String), QueryError> {
    let wrong = || bad(field, value, "a network such as 203.0.113.0/24 or an address");
    let Value::Text(text) = value else { return Err(wrong()) };
    if let Ok(network) = text.parse::<ipnet::IpNet>() {
        return Ok((address_text(network.network()), address_text(network.broadcast())));
    }
    let address = address_text(text.parse::<IpAddr>().map_err(|_| wrong())?);
    Ok((address.clone(), address))
}
