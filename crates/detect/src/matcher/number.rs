//! Numbers, compared without loss.

use std::cmp::Ordering;

use rsigma_parser::SigmaValue;
use serde_json::Number as JsonNumber;

/// A number of a rule or event. Whole numbers stay whole: an id of 64 bits does not survive a float.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn of_json(number: &JsonNumber) -> Option<Self> {
        if let Some(whole) = number.as_i64() {
            return Some(Self::Whole(whole.into()));
        }
        if let Some(whole) = number.as_u64() {
            return Some(Self::Whole(whole.into()));
        }
        number.as_f64().map(Self::Float)
    }

    /// Returns the number that a text is, decimal only: `0x10` and `ten` are texts.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(whole) = text.parse::<i64>() {
            return Some(Self::Whole(whole.into()));
        }
        let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
        if text.is_empty() || !text.bytes().all(plain) {
            return None;
        }
        match text.parse::<u64>() {
            Ok(whole) => Some(Self::Whole(whole.into())),
            Err(_) => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Self::Float),
        }
    }

    pub(crate) fn of_rule(value: &SigmaValue) -> Option<Self> {
        match value {
            SigmaValue::Integer(whole) => Some(Self::Whole((*whole).into())),
            SigmaValue::Float(number) => Some(Self::Float(*number)),
            SigmaValue::String(text) => Self::of_text(&text.original),
            SigmaValue::Bool(_) | SigmaValue::Null => None,
        }
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(number) => number,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.partial_cmp(b),
            (a, b) => a.as_f64().partial_cmp(&b.as_f64()),
        }
    }
}

/// How a field's number must stand to the rule's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Order {
    pub(crate) fn holds(self, left: Number, right: Number) -> bool {
        left.partial_cmp(&right).is_some_and(|order| match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
        })
    }
}
