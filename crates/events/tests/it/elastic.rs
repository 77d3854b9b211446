//! Aggregations in Elasticsearch's JSON: what they mean, what is refused and where, and how answers look.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_events::{AggregateRequest, EventStore as _, parse_aggregations, parse_search, show_aggregations};

use crate::fixture::{events, free, index_of, now, tenant};

#[track_caller]
fn check(aggs: Value, search: &str, expected: Value) {
    let text = json!({ "size": 0, "aggs": aggs }).to_string();
    let request = AggregateRequest {
        tenants: vec![tenant("acme")],
        filter: parse_search(search, now()).unwrap(),
        from: None,
        until: None,
        aggregations: parse_aggregations(text.as_bytes()).unwrap(),
    };
    let answer = index_of(&events()).index.aggregate(&request, &free()).unwrap();
    assert_eq!(show_aggregations(&answer.aggregations), expected, "{text}");
}

#[test]
fn answers() {
    check(
        json!({"ports": {"terms": {"field": "port", "size": 1}}}),
        "",
        json!({"ports": {
            "doc_count_error_upper_bound": 0, "sum_other_doc_count": 1, "missing": 4,
            "buckets": [{"key": 22, "doc_count": 1}],
        }}),
    );
    check(json!({"addresses": {"cardinality": {"field": "src_ip"}}}), "", json!({"addresses": {"value": 4}}));
    check(
        json!({"p": {"percentiles": {"field": "dst.port", "percents": [50, 99.9]}}}),
        "",
        json!({"p": {"values": {"50.0": 22, "99.9": 443}}}),
    );
    check(
        json!({"p": {"percentiles": {"field": "dst.port", "percents": [50]}}}),
        "mimikatz",
        json!({"p": {"values": {"50.0": null}}}),
    );
    check(
        json!({"days": {
            "date_histogram": {"field": "@timestamp", "fixed_interval": "1d"},
            "aggs": {"users": {"terms": {"field": "user"}}, "addresses": {"cardinality": {"field": "src.ip"}}},
        }}),
        "user:*root OR user:jane*",
        json!({"days": {"buckets": [
            {
                "key": 1_772_236_800_000_i64, "key_as_string": "2026-02-28T00:00:00.000000Z", "doc_count": 1,
                "users": {
                    "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "missing": 0,
                    "buckets": [{"key": "ROOT", "doc_count": 1}],
                },
                "addresses": {"value": 0},
            },
            {
                "key": 1_772_323_200_000_i64, "key_as_string": "2026-03-01T00:00:00.000000Z", "doc_count": 2,
                "users": {
                    "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "missing": 0,
                    "buckets": [{"key": "Jane Doe", "doc_count": 1}, {"key": "root", "doc_count": 1}],
                },
                "addresses": {"value": 2},
            },
        ]}}),
    );
    check(
        json!({"users": {
            "terms": {"field": "user", "size": 1},
            "aggregations": {"over_time": {"date_histogram": {"field": "arrival", "fixed_interval": "24h"}}},
        }}),
        "user:ROOT -outcome:failure",
        json!({"users": {
            "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "missing": 0,
            "buckets": [{
                "key": "ROOT", "doc_count": 1,
                "over_time": {"buckets": [{
                    "key": 1_772_323_200_000_i64, "key_as_string": "2026-03-01T00:00:00.000000Z", "doc_count": 1,
                }]},
            }],
        }}),
    );
}

#[track_caller]
fn refuse(request: Value, path: &str, message: &str, suggestion: Option<&str>) {
    let error = parse_aggregations(request.to_string().as_bytes()).expect_err(&request.to_string());
    assert_eq!((error.path.as_str(), error.suggestion.as_deref()), (path, suggestion), "{request}: {error}");
    assert!(error.message.contains(message), "{request}: {error}");
}

#[test]
fn faults_name_their_place() {
    let one = |kind: &str, body: Value| json!({"aggs": {"a": {kind: body}}});
    refuse(json!([]), "", "expected an object", None);
    refuse(json!({}), "aggs", "nothing to count", None);
    refuse(json!({"aggs": {}, "aggregations": {}}), "aggregations", "this is `aggs` again", None);
    refuse(json!({"size": 10, "aggs": {}}), "size", "only 0 makes sense", None);
    refuse(json!({"query": {}, "aggs": {}}), "query", "the parameter `q`", None);
    refuse(json!({"agg": {}}), "agg", "unknown member `agg`", Some("aggs"));
    refuse(json!({"aggs": {"": {}}}), "aggs.", "1 to 128 bytes", None);
    refuse(json!({"aggs": {"a>b": {}}}), "aggs.a>b", "1 to 128 bytes", None);
    refuse(json!({"aggs": {"a": {}}}), "aggs.a", "just one of", None);
    refuse(one("term", json!({})), "aggs.a.term", "unknown member `term`", Some("terms"));
    refuse(
        json!({"aggs": {"a": {"terms": {"field": "user"}, "cardinality": {"field": "user"}}}}),
        "aggs.a",
        "just one of",
        None,
    );
    refuse(one("terms", json!(7)), "aggs.a.terms", "expected an object", None);
    refuse(one("terms", json!({})), "aggs.a.terms.field", "expected a field's name", None);
    refuse(one("terms", json!({"field": "usr"})), "aggs.a.terms.field", "unknown field `usr`", Some("user"));
    refuse(
        one("terms", json!({"field": "user", "sise": 3})),
        "aggs.a.terms.sise",
        "unknown member `sise`",
        Some("size"),
    );
    for size in [json!(0), json!(1_001), json!("10"), json!(-1)] {
        refuse(one("terms", json!({"field": "user", "size": size})), "aggs.a.terms.size", "1 to 1000", None);
    }
    let histogram = |member: &str, value: Value| one("date_histogram", json!({"field": "time", member: value}));
    refuse(
        histogram("calendar_interval", json!("1d")),
        "aggs.a.date_histogram.calendar_interval",
        "unknown member",
        Some("fixed_interval"),
    );
    for interval in [
        json!("0m"),
        json!("m"),
        json!("10"),
        json!("1w"),
        json!("99999999999999999999d"),
        json!("999999999999999d"),
        json!(5),
    ] {
        refuse(histogram("fixed_interval", interval), "aggs.a.date_histogram.fixed_interval", "such as `10m`", None);
    }
    for percents in [json!(50), json!([0]), json!([101]), json!(["50"])] {
        let body = json!({"field": "port", "percents": percents});
        refuse(one("percentiles", body), "aggs.a.percentiles.percents", "above 0 to 100", None);
    }
}

#[test]
fn nesting_has_its_limit() {
    let inner = json!({"terms": {"field": "user"}});
    refuse(
        json!({"aggs": {"a": {"cardinality": {"field": "user"}, "aggs": {"b": inner}}}}),
        "aggs.a.aggs",
        "can hold other aggregations",
        None,
    );
    refuse(
        json!({"aggs": {"a": {"terms": {"field": "user"}, "aggs": {"b": {"terms": {"field": "user"}, "aggs": {"c": inner}}}}}}),
        "aggs.a.aggs.b.aggs",
        "one level too deep",
        None,
    );
    refuse(
        json!({"aggs": {"a": {"terms": {"field": "user"}, "aggs": {"key": inner}}}}),
        "aggs.a.aggs.key",
        "a member of this name",
        None,
    );
}

#[test]
fn what_is_no_request_is_refused() {
    assert!(parse_aggregations(b"{").unwrap_err().message.contains("not JSON"));
    assert!(parse_aggregations(" ".repeat(64 * 1024 + 1).as_bytes()).unwrap_err().message.contains("at most 65536"));
}

#[track_caller]
fn fails(aggs: Value, message: &str) {
    let text = json!({ "aggs": aggs }).to_string();
    let request = AggregateRequest {
        tenants: vec![tenant("acme")],
        filter: vigie_model::Filter::All,
        from: None,
        until: None,
        aggregations: parse_aggregations(text.as_bytes()).unwrap(),
    };
    let error = index_of(&events()).index.aggregate(&request, &free()).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn what_cannot_be_counted_is_refused_in_words() {
    fails(json!({"a": {"terms": {"field": "url"}}}), "the values of `url` cannot be counted");
    fails(json!({"a": {"percentiles": {"field": "user"}}}), "`user` cannot be aggregated by percentiles");
    fails(
        json!({"a": {"date_histogram": {"field": "user", "fixed_interval": "1h"}}}),
        "`user` cannot be aggregated by time",
    );
    fails(json!({"a": {"date_histogram": {"field": "time", "fixed_interval": "1s"}}}), "intervals are too many");
    let many: serde_json::Map<String, Value> =
        (0..11).map(|number| (number.to_string(), json!({"cardinality": {"field": "user"}}))).collect();
    fails(Value::Object(many), "11 aggregations are too many: at most 10");
    // A thousand users, each over 1,440 minutes.
    fails(
        json!({"a": {"terms": {"field": "user", "size": 1_000}, "aggs": {"b": {"date_histogram": {"field": "arrival", "fixed_interval": "1m"}}}}}),
        "1440000 intervals are too many",
    );
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,80}") {
        let _ = parse_aggregations(text.as_bytes());
    }
}
