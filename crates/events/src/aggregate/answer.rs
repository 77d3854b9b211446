//! Requests for counts, and their answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vigie_model::{Aggregation, Filter, Interval, TenantId, Timestamp};

use crate::store::Skipped;

/// Which events to count, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateRequest {
    /// Whose events; none counts nothing.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy; see [`crate::parse_search`] and [`crate::search_fields`].
    pub filter: Filter,
    /// The earliest event time, included. A histogram of `time` begins with it; without, with the earliest event.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included. A histogram of `time` ends with it; without, with the latest event.
    pub until: Option<Timestamp>,
    /// What is counted, by the name that the answer gives it; at most [`AggregateAnswer::AGGREGATIONS_MAX`], inner ones
    /// included.
    pub aggregations: BTreeMap<String, Aggregation>,
}

/// The counts that were asked for. They are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AggregateAnswer {
    /// How many events match in all.
    pub total: u64,
    /// The answer of each aggregation.
    pub aggregations: BTreeMap<String, Counted>,
    /// The partitions that could not be read and are not, or not wholly, counted.
    pub skipped: Vec<Skipped>,
}

impl AggregateAnswer {
    /// How many aggregations one request may have, inner ones included.
    pub const AGGREGATIONS_MAX: usize = 10;
    /// How many intervals the inner histograms of one aggregation may have in all.
    pub const BUCKETS_MAX: u64 = 100_000;
}

/// The answer of one aggregation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// How many there are in each interval.
    Histogram {
        /// The width of each interval in milliseconds.
        interval_ms: u64,
        /// The intervals in order, empty ones included.
        intervals: Vec<CountedInterval>,
    },
    /// How often the commonest values occur.
    Top {
        /// The field's own name.
        field: String,
        /// The values, commonest first; of equal counts the lesser first.
        values: Vec<CountedValue>,
        /// How many events have a value that is not listed.
        other: u64,
        /// How many events have no value.
        missing: u64,
    },
    /// How many different values there are.
    Cardinality(u64),
    /// Each percentage asked for and its value; `None` where no event has a value.
    Percentiles(Vec<(f64, Option<u64>)>),
}

/// An interval and what was asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedInterval {
    /// When it begins.
    pub start: Timestamp,
    /// How many events fall within it.
    pub count: u64,
    /// The answers of the inner aggregations.
    pub inner: BTreeMap<String, Counted>,
}

/// A value and what was asked of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountedValue {
    /// The value, as the events write it.
    pub value: String,
    /// How many events have it.
    pub count: u64,
    /// The answers of the inner aggregations.
    pub inner: BTreeMap<String, Counted>,
}

/// Which events to count over time.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramRequest {
    /// Whose events.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy.
    pub filter: Filter,
    /// The earliest event time, included; `None` begins at the earliest event that matches.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included; `None` ends after the latest event that matches.
    pub until: Option<Timestamp>,
    /// How wide the intervals are.
    pub interval: Interval,
}

/// Events over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// The width of each interval in milliseconds.
    pub interval_ms: u64,
    /// The intervals in order, empty ones included; at most [`Histogram::BUCKETS_MAX`].
    pub buckets: Vec<Bucket>,
    /// How many events match in all.
    pub total: u64,
    /// The partitions that could not be read and are not, or not wholly, counted.
    pub skipped: Vec<Skipped>,
}

impl Histogram {
    /// How many intervals a histogram has at most.
    pub const BUCKETS_MAX: u64 = 10_000;
}

/// One interval of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// When it begins.
    pub start: Timestamp,
    /// How many events fall within it.
    pub count: u64,
}

/// Which values to count.
#[derive(Debug, Clone, PartialEq)]
pub struct TopRequest {
    /// Whose events.
    pub tenants: Vec<TenantId>,
    /// What they must satisfy.
    pub filter: Filter,
    /// The earliest event time, included.
    pub from: Option<Timestamp>,
    /// The event time to stop at, not included.
    pub until: Option<Timestamp>,
    /// The field, by its name or an alias; one whose [`crate::SearchField::countable`] is true.
    pub field: String,
    /// How many values to return, held within 1 and [`TopValues::LIMIT_MAX`].
    pub limit: u32,
}

/// The commonest values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValues {
    /// The field's own name.
    pub field: String,
    /// The values, commonest first; of equal counts the lesser first.
    pub values: Vec<TopValue>,
    /// How many of the events that match have a value that is not listed.
    pub other: u64,
    /// How many of the events that match have no value.
    pub missing: u64,
    /// How many events match in all.
    pub total: u64,
    /// The partitions that could not be read and are not, or not wholly, counted.
    pub skipped: Vec<Skipped>,
}

impl TopValues {
    /// How many values are returned at most.
    pub const LIMIT_MAX: u32 = 1_000;
}

/// One value and how often it occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    /// The value, as the events write it.
    pub value: String,
    /// How many of the events that match have it.
    pub count: u64,
}
