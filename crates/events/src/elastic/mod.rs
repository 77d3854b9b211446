//! Aggregations in the JSON of Elasticsearch: a subset of its request, and its answer.
//!
//! <https://www.elastic.co/docs/reference/aggregations>

mod answer;
mod request;

pub use answer::show_aggregations;
pub use request::{AggregationSyntaxError, parse_aggregations};
