//! From counts to JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::fields::{self, FieldKind};
use crate::{Counted, CountedInterval, CountedValue};

/// Returns counts as Elasticsearch's member `aggregations` has them. Beside what is there, `missing` says how many events
/// have no value that `terms` could count.
pub fn show_aggregations(counted: &BTreeMap<String, Counted>) -> Value {
    Value::Object(members(counted))
}

fn members(counted: &BTreeMap<String, Counted>) -> Map<String, Value> {
    counted.iter().map(|(name, counted)| (name.clone(), show(counted))).collect()
}

fn show(counted: &Counted) -> Value {
    match counted {
        Counted::Histogram { intervals, .. } => {
            json!({ "buckets": intervals.iter().map(interval).collect::<Vec<_>>() })
        }
        Counted::Top { field, values, other, missing } => {
            let number = fields::find(field).is_some_and(|field| field.kind == FieldKind::Number);
            let buckets: Vec<Value> = values.iter().map(|counted| value(counted, number)).collect();
            json!({
                // The counts are exact.
                "doc_count_error_upper_bound": 0, "sum_other_doc_count": other, "missing": missing, "buckets": buckets,
            })
        }
        Counted::Cardinality(value) => json!({ "value": value }),
        Counted::Percentiles(values) => {
            let values = values.iter().map(|(percent, value)| (format!("{percent:?}"), json!(value)));
            json!({ "values": values.collect::<Map<_, _>>() })
        }
    }
}

fn interval(counted: &CountedInterval) -> Value {
    let mut bucket = members(&counted.inner);
    bucket.insert("key".to_owned(), json!(counted.start.as_micros().div_euclid(1_000)));
    bucket.insert("key_as_string".to_owned(), json!(counted.start));
    bucket.insert("doc_count".to_owned(), json!(counted.count));
    Value::Object(bucket)
}

fn value(counted: &CountedValue, number: bool) -> Value {
    let mut bucket = members(&counted.inner);
    let as_number = counted.value.parse::<u64>().ok().filter(|_| number);
    bucket.insert("key".to_owned(), as_number.map_or_else(|| json!(counted.value), |number| json!(number)));
    bucket.insert("doc_count".to_owned(), json!(counted.count));
    Value::Object(bucket)
}
