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
    /// A field that is one of these values.
    OneOf {
        /// The field's name.
        name: String,
        /// The values.
        values: Vec<Value>,
    },
    /// A field that is the id of a row of another list which matches.
    Of {
        /// The field's name.
        name: String,
        /// The other list, by the name that the store gives it.
        list: String,
        /// The condition on that row.
        filter: Box<Filter>,
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

/// Which rows, in which order, from the how-manieth on: for doors whose clients count rows instead of following a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// Which rows.
    pub filter: Filter,
    /// In which order; ties are broken by when rows were made, then by id. Empty for the order in which they were made.
    pub sorts: Vec<Sort>,
    /// How many rows to pass over.
    pub from: u64,
    /// How many rows to return at most.
    pub limit: u64,
}

impl Selection {
    /// Returns all rows that match, oldest first, up to a limit.
    pub fn of(filter: Filter, limit: u64) -> Self {
        Self { filter, sorts: Vec::new(), from: 0, limit }
    }
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
