//! Questions whose answer is a count, neutral of any store: how many in each interval, of each value, how many different
//! values, how great they are.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A question whose answer is a count, and the questions asked again of each of its groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aggregation {
    /// What is counted.
    pub kind: AggregationKind,
    /// What is asked of each interval or value, by the name that the answer gives it. Only [`AggregationKind::Histogram`]
    /// and [`AggregationKind::Top`] have groups that can be asked.
    pub inner: BTreeMap<String, AggregationKind>,
}

impl From<AggregationKind> for Aggregation {
    fn from(kind: AggregationKind) -> Self {
        Self { kind, inner: BTreeMap::new() }
    }
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregationKind {
    /// How many there are in each interval of a time.
    Histogram {
        /// The time's field.
        field: String,
        /// How wide the intervals are.
        interval: Interval,
    },
    /// How often the commonest values occur.
    Top {
        /// The field.
        field: String,
        /// How many values are listed.
        limit: u32,
    },
    /// How many different values there are.
    Cardinality {
        /// The field.
        field: String,
    },
    /// How great the values of a number are: for each percentage the least value that so many of the values are not above
    /// (the nearest rank).
    Percentiles {
        /// The number's field.
        field: String,
        /// The percentages, above 0 to 100.
        percents: Vec<f64>,
    },
}

impl AggregationKind {
    /// Returns the field whose values are counted.
    pub fn field(&self) -> &str {
        match self {
            Self::Histogram { field, .. }
            | Self::Top { field, .. }
            | Self::Cardinality { field }
            | Self::Percentiles { field, .. } => field,
        }
    }
}

/// How wide the intervals of a histogram are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// So wide, at least a millisecond; counted from 1970, so that days begin at midnight UTC.
    Fixed(Duration),
    /// The narrowest of a list of customary widths (1 s to 1,000 years) that needs no more than so many intervals.
    AtMost(u32),
}
