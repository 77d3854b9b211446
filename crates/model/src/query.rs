//! Filters, sorts and pages, neutral of any store. The native API, the search language and the peers' query languages lower
//! to these; `store` makes SQL of them and `events` makes index queries.

use serde::{Deserialize, Serialize};

/// A condition on a row or an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Everything.
    All,
    /// Each of these.
    And(Vec<Filter>),
    /// At least one of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A field compared with a value.
    Field {
        /// The field's name; the store refuses one that it does not know.
        name: String,
        /// How it is compared.
        comparison: Comparison,
        /// With what.
        value: Value,
    },
    /// The field has a value.
    Exists(String),
    /// The words occur in the text of the row or event.
    Text(String),
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal; for text without regard to ASCII case.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Text that matches a pattern of `*` (any run) and `?` (one character).
    Like,
    /// An address within a network in CIDR form.
    Within,
}

/// A value that a field is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A text, or a time or address as text.
    Text(String),
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Least first.
    Ascending,
    /// Greatest first: newest first.
    #[default]
    Descending,
}

/// What to sort by. Ties are broken by id, so that pages are stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The field.
    pub field: String,
    /// Which end first.
    pub direction: Direction,
}

/// Which part of the rows to return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// How many rows at most, 1 to [`Page::LIMIT_MAX`].
    pub limit: u32,
    /// Where the page before ended, as it said itself; `None` for the first page.
    pub cursor: Option<String>,
}

impl Page {
    /// How many rows one page holds at most.
    pub const LIMIT_MAX: u32 = 1_000;

    /// Returns the first page of so many rows, held within 1 and the limit.
    pub fn first(limit: u32) -> Self {
        Self { limit: limit.clamp(1, Self::LIMIT_MAX), cursor: None }
    }
}
