//! Events counted over time and by value.

use std::time::Duration;

use vigie_events::{
    EventIndex, EventStore as _, Histogram, HistogramRequest, Interval, SearchError, TopRequest, TopValues,
    parse_search,
};
use vigie_model::{Filter, Timestamp};

use crate::fixture::{event, events, free, index_of, now, tenant, time};

fn over_time(index: &EventIndex, span: Option<(&str, &str)>, interval: Interval) -> Result<Histogram, SearchError> {
    index.histogram(
        &HistogramRequest {
            tenants: vec![tenant("acme")],
            filter: Filter::All,
            from: span.map(|(from, _)| time(from)),
            until: span.map(|(_, until)| time(until)),
            interval,
        },
        &free(),
    )
}

fn top(index: &EventIndex, field: &str, search: &str, limit: u32) -> Result<TopValues, SearchError> {
    let filter = parse_search(search, now()).unwrap();
    index.top(
        &TopRequest { tenants: vec![tenant("acme")], filter, from: None, until: None, field: field.to_owned(), limit },
        &free(),
    )
}

#[test]
fn histograms() {
    let fixture = index_of(&events());
    let day = Interval::Fixed(Duration::from_hours(24));
    let histogram = over_time(&fixture.index, None, day).unwrap();
    let counts: Vec<(String, u64)> =
        histogram.buckets.iter().map(|bucket| (bucket.start.day(), bucket.count)).collect();
    assert_eq!(counts, [("2026-02-28".to_owned(), 1), ("2026-03-01".to_owned(), 4), ("2026-03-02".to_owned(), 1)]);
    assert_eq!((histogram.total, histogram.interval_ms), (6, 86_400_000));

    // Ends that are given are filled up to, and cut at.
    let span = Some(("2026-03-01T10:00:01Z", "2026-03-01T10:00:05Z"));
    let histogram = over_time(&fixture.index, span, Interval::Fixed(Duration::from_secs(1))).unwrap();
    assert_eq!(histogram.buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [1, 1, 0, 0]);

    let histogram = over_time(&fixture.index, None, Interval::AtMost(30)).unwrap();
    assert_eq!((histogram.interval_ms, histogram.total), (3_600_000, 6));
    let histogram = over_time(&fixture.index, None, Interval::AtMost(1)).unwrap();
    assert_eq!((histogram.buckets.len(), histogram.total), (1, 6));

    let nobody = over_time(&index_of(&[]).index, None, day).unwrap();
    assert_eq!((nobody.buckets.len(), nobody.total), (0, 0));
    let error = over_time(&fixture.index, None, Interval::Fixed(Duration::from_secs(1))).unwrap_err();
    assert!(matches!(error, SearchError::TooManyBuckets { .. }), "{error}");
}

#[test]
fn histograms_hold_for_all_of_time() {
    let forged: Vec<_> = [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX]
        .into_iter()
        .enumerate()
        .map(|(number, time)| vigie_model::Event { time, ..event(&format!("f{number}"), "2026-03-01T00:00:00Z", "x") })
        .collect();
    let fixture = index_of(&forged);
    for most in [0, 1, 2, 100, u32::MAX] {
        let histogram = over_time(&fixture.index, None, Interval::AtMost(most)).unwrap();
        assert_eq!(histogram.total, 3, "{most}");
    }
    let widest = over_time(&fixture.index, None, Interval::Fixed(Duration::MAX)).unwrap();
    assert_eq!(widest.total, 3);
}

#[test]
fn events_of_each_day() {
    let fixture = index_of(&events());
    let days = fixture
        .index
        .per_day(&tenant("acme"), time("2026-02-28T00:00:00Z"), time("2026-03-04T00:00:00Z"), &free())
        .unwrap();
    assert_eq!(days.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 4, 1, 0]);
    assert_eq!(days[3].0, time("2026-03-03T00:00:00Z"));
    let nobody = fixture
        .index
        .per_day(&tenant("nobody"), time("2026-02-28T00:00:00Z"), time("2026-03-02T00:00:00Z"), &free())
        .unwrap();
    assert_eq!(nobody.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [0, 0]);
}

#[track_caller]
fn check(field: &str, search: &str, limit: u32, values: &[(&str, u64)], other: u64, missing: u64) {
    let fixture = index_of(&events());
    let found = top(&fixture.index, field, search, limit).unwrap();
    let listed: Vec<(&str, u64)> = found.values.iter().map(|value| (value.value.as_str(), value.count)).collect();
    assert_eq!((listed.as_slice(), found.other, found.missing), (values, other, missing), "{field} of {search:?}");
}

#[test]
fn top_values() {
    check("src.ip", "", 10, &[("198.51.100.7", 1), ("203.0.113.9", 1), ("203.0.113.10", 1), ("2001:db8::1", 1)], 0, 2);
    check("outcome", "", 10, &[("unknown", 4), ("failure", 1), ("success", 1)], 0, 0);
    check("outcome", "", 1, &[("unknown", 4)], 2, 0);
    check("severity", "", 2, &[("informational", 2), ("low", 1)], 3, 0);
    check("dst_port", "severity:<high", 10, &[("22", 1), ("443", 1)], 0, 2);
    check("user", "user:root", 10, &[("ROOT", 1), ("root", 1)], 0, 0);
    check("tenant", "-mimikatz", 10, &[("acme", 5)], 0, 0);
    check("region", "mimikatz", 10, &[], 0, 1);
}

#[test]
fn fields_that_cannot_be_counted_are_refused() {
    let fixture = index_of(&events());
    assert!(matches!(top(&fixture.index, "text", "", 10), Err(SearchError::NotCountable { .. })));
    assert!(matches!(top(&fixture.index, "usr", "", 10), Err(SearchError::UnknownField { .. })));
}
