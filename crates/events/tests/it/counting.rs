//! Every aggregation counts what a plain scan over the same events counts.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use vigie_events::{AggregateRequest, Counted, EventStore as _, Interval, SearchError, parse_search};
use vigie_model::{Aggregation, AggregationKind, Event, Timestamp};

use crate::fixture::{Feed as _, free, index_of, now, tenant, time};
use crate::hostile;

/// A value in the order that the index has it, with how it is shown.
type Key = (u128, String);

/// Returns an event's value of a field.
fn value(field: &str, event: &Event) -> Option<Key> {
    let envelope = &event.envelope;
    let text = |text: &str| (0, text.to_owned());
    let address = |address: std::net::IpAddr| {
        let wide = match address.to_canonical() {
            std::net::IpAddr::V4(address) => address.to_ipv6_mapped(),
            std::net::IpAddr::V6(address) => address,
        };
        (u128::from(wide), address.to_canonical().to_string())
    };
    match field {
        "user" => envelope.user.as_deref().map(text),
        "tenant" => Some(text(event.tenant.as_str())),
        "domain" => None,
        "src.ip" => envelope.src.ip.map(address),
        "dst.ip" => envelope.dst.ip.map(address),
        "dst.port" => envelope.dst.port.map(|port| (u128::from(port), port.to_string())),
        "severity" => Some((envelope.severity as u128, envelope.severity.as_str().to_owned())),
        other => panic!("{other}"),
    }
}

fn at(field: &str, event: &Event) -> Timestamp {
    if field == "time" { event.time } else { event.arrival }
}

fn by_value<'e>(field: &str, events: &[&'e Event]) -> BTreeMap<Key, Vec<&'e Event>> {
    let mut groups: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
    for event in events {
        if let Some(key) = value(field, event) {
            groups.entry(key).or_default().push(event);
        }
    }
    groups
}

/// The span that histograms are drawn over.
#[derive(Clone, Copy)]
struct Ends {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// Checks an answer against the events that it counts. `all` are those of the whole answer: where an end is open, the
/// intervals of inner histograms are trimmed by their own events.
fn check(
    counted: &Counted,
    kind: &AggregationKind,
    inner: &BTreeMap<String, AggregationKind>,
    events: &[&Event],
    ends: Ends,
) {
    match (kind, counted) {
        (AggregationKind::Top { field, limit }, Counted::Top { field: named, values, other, missing }) => {
            assert_eq!(named, field);
            let groups = by_value(field, events);
            let with_value: usize = groups.values().map(Vec::len).sum();
            let mut expected: Vec<(&Key, &Vec<&Event>)> = groups.iter().collect();
            expected.sort_by_key(|(key, group)| (std::cmp::Reverse(group.len()), (*key).clone()));
            expected.truncate(*limit as usize);
            let listed: Vec<(&str, u64)> = values.iter().map(|value| (value.value.as_str(), value.count)).collect();
            let wanted: Vec<(&str, u64)> =
                expected.iter().map(|(key, group)| (key.1.as_str(), group.len() as u64)).collect();
            assert_eq!(listed, wanted, "{kind:?}");
            let shown: u64 = wanted.iter().map(|(_, count)| count).sum();
            assert_eq!((*other, *missing), (with_value as u64 - shown, (events.len() - with_value) as u64), "{kind:?}");
            for (value, (_, group)) in values.iter().zip(expected) {
                check_inner(&value.inner, inner, group, ends);
            }
        }
        (AggregationKind::Histogram { field, interval }, Counted::Histogram { interval_ms, intervals }) => {
            let width = *interval_ms as i64 * 1_000;
            if let Interval::Fixed(fixed) = interval {
                assert_eq!(fixed.as_millis(), u128::from(*interval_ms));
            }
            let number = |time: Timestamp| time.as_micros().div_euclid(width);
            let (from, until) = if field == "time" { (ends.from, ends.until) } else { (None, None) };
            let met: Vec<i64> = events.iter().map(|event| number(at(field, event))).collect();
            let begin = from.map(number).or(met.iter().min().copied());
            let end =
                until.map(|until| number(Timestamp::from_micros(until.as_micros() - 1))).or(met.iter().max().copied());
            let numbers: Vec<i64> = begin.zip(end).map(|(begin, end)| (begin..=end).collect()).unwrap_or_default();
            if met.is_empty() && numbers.is_empty() {
                assert!(intervals.iter().all(|interval| interval.count == 0), "{kind:?}");
                return;
            }
            // Where one end is given and nothing is there, how far the answer reaches is the data's affair.
            if !met.is_empty() {
                let starts: Vec<Timestamp> =
                    numbers.iter().map(|number| Timestamp::from_micros(number * width)).collect();
                assert_eq!(intervals.iter().map(|interval| interval.start).collect::<Vec<_>>(), starts, "{kind:?}");
            }
            for interval in intervals {
                let starts =
                    |event: &&&Event| Timestamp::from_micros(number(at(field, event)) * width) == interval.start;
                let inside: Vec<&Event> = events.iter().filter(starts).copied().collect();
                assert_eq!(interval.count as usize, inside.len(), "{kind:?} {}", interval.start);
                check_inner(&interval.inner, inner, &inside, ends);
            }
        }
        (AggregationKind::Cardinality { field }, Counted::Cardinality(count)) => {
            assert_eq!(*count as usize, by_value(field, events).len(), "{kind:?}");
        }
        (AggregationKind::Percentiles { field, percents }, Counted::Percentiles(values)) => {
            let mut numbers: Vec<u128> =
                events.iter().filter_map(|event| value(field, event)).map(|key| key.0).collect();
            numbers.sort_unstable();
            for (percent, (named, found)) in percents.iter().zip(values) {
                assert_eq!(percent.to_bits(), named.to_bits());
                // The least number that so many percent of all are not above.
                let enough = |number: &&u128| {
                    let not_above = numbers.iter().filter(|other| other <= number).count();
                    not_above as f64 * 100.0 >= percent * numbers.len() as f64
                };
                assert_eq!(found.map(u128::from), numbers.iter().find(enough).copied(), "{percent} of {numbers:?}");
            }
        }
        other => panic!("{other:?}"),
    }
}

fn check_inner(
    answers: &BTreeMap<String, Counted>,
    asked: &BTreeMap<String, AggregationKind>,
    events: &[&Event],
    ends: Ends,
) {
    assert_eq!(answers.keys().collect::<Vec<_>>(), asked.keys().collect::<Vec<_>>());
    for (name, kind) in asked {
        check(&answers[name], kind, &BTreeMap::new(), events, ends);
    }
}

fn kind() -> impl Strategy<Value = AggregationKind> {
    let countable = || {
        select(&["user", "tenant", "domain", "src.ip", "dst.ip", "dst.port", "severity"][..]).prop_map(str::to_owned)
    };
    let times = select(&["time", "arrival"][..]).prop_map(str::to_owned);
    let intervals = prop_oneof![
        select(&[60_u64, 600, 3_600, 86_400, 31_536_000_000][..])
            .prop_map(|seconds| Interval::Fixed(Duration::from_secs(seconds))),
        (1_u32..100).prop_map(Interval::AtMost),
    ];
    let percents = prop::collection::vec(select(&[0.1, 1.0, 33.3, 50.0, 75.0, 99.9, 100.0][..]), 1..4);
    prop_oneof![
        (times, intervals).prop_map(|(field, interval)| AggregationKind::Histogram { field, interval }),
        (countable(), 1_u32..5).prop_map(|(field, limit)| AggregationKind::Top { field, limit }),
        countable().prop_map(|field| AggregationKind::Cardinality { field }),
        percents.prop_map(|percents| AggregationKind::Percentiles { field: "dst.port".to_owned(), percents }),
    ]
}

fn aggregation() -> impl Strategy<Value = Aggregation> {
    (kind(), prop::collection::btree_map("[a-c]", kind(), 0..3)).prop_map(|(kind, inner)| {
        let groups = matches!(kind, AggregationKind::Histogram { .. } | AggregationKind::Top { .. });
        Aggregation { kind, inner: if groups { inner } else { BTreeMap::new() } }
    })
}

fn end() -> impl Strategy<Value = Option<Timestamp>> {
    let times = &["2026-03-02T12:05:00Z", "2026-03-02T12:30:00.000001Z", "2026-02-27T00:00:00Z"];
    prop::option::weighted(0.6, select(&times[..]).prop_map(time))
}

/// Returns whether a request may ask for more intervals than there may be: over all of time, over times of arrival, which no
/// limit of the request narrows, or over time within time.
fn may_be_many(request: &AggregateRequest) -> bool {
    let over = |kind: &AggregationKind| match kind {
        AggregationKind::Histogram { field, .. } => Some(field == "arrival"),
        _ => None,
    };
    let within = |aggregation: &Aggregation| {
        let inner: Vec<bool> = aggregation.inner.values().filter_map(over).collect();
        let outer = over(&aggregation.kind);
        outer == Some(true) || inner.contains(&true) || outer.is_some() && !inner.is_empty()
    };
    request.from.is_none() || request.until.is_none() || request.aggregations.values().any(within)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_aggregation_counts_what_a_scan_counts(
        known in hostile::events(),
        requests in prop::collection::vec((prop::collection::btree_map("[x-z]", aggregation(), 0..3), end(), end(), any::<bool>()), 1..16),
    ) {
        let events: Vec<Event> = known.iter().map(|known| known.event.clone()).collect();
        let (first, rest) = events.split_at(events.len() / 2);
        let fixture = index_of(first);
        fixture.index.feed(rest);
        fixture.index.settle();
        for (aggregations, from, until, some) in requests {
            let search = if some { "dst.port:*" } else { "" };
            let filter = parse_search(search, now()).unwrap();
            let tenants = vec![tenant("acme")];
            let request = AggregateRequest { tenants, filter, from, until, aggregations };
            let answer = match fixture.index.aggregate(&request, &free()) {
                Ok(answer) => answer,
                // Forged times reach far, and so do intervals laid over them; narrow ones within narrow ones are many.
                Err(SearchError::TooManyBuckets { count, max }) if count > max && may_be_many(&request) => continue,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let within = |event: &&Event| {
                from.is_none_or(|from| event.time >= from)
                    && until.is_none_or(|until| event.time < until)
                    && (!some || event.envelope.dst.port.is_some())
            };
            let counted: Vec<&Event> = events.iter().filter(within).collect();
            prop_assert_eq!(answer.total as usize, counted.len());
            prop_assert_eq!(answer.aggregations.keys().collect::<Vec<_>>(), request.aggregations.keys().collect::<Vec<_>>());
            for (name, aggregation) in &request.aggregations {
                check(&answer.aggregations[name], &aggregation.kind, &aggregation.inner, &counted, Ends { from, until });
            }
        }
    }
}
