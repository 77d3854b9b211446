//! Every filter finds what a plain scan over the same events finds.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use proptest::prelude::*;
use vigie_events::{EventStore as _, SearchRequest};
use vigie_model::{Comparison, Event, EventId, Filter, Severity, Timestamp, Value};

use crate::fixture::{Fixture, event, free, index_of, tenant, time};

const WORDS: &[&str] = &["alpha", "beta", "gamma", "alphabet", "Delta", "192.0.2.1", "2001:db8::2"];
const USERS: &[&str] = &["ann", "Ann", "bob", "bobby", "éloïse", "a?b"];
const ADDRESSES: &[&str] =
    &["192.0.2.1", "192.0.2.200", "198.51.100.3", "2001:db8::2", "2001:db8:1::9", "::ffff:192.0.2.7", "::1"];
const NETWORKS: &[&str] = &["192.0.2.0/25", "192.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/48", "2001:db8::2/128"];
const PATTERNS: &[&str] = &["a*", "*a", "*b*", "?nn", "bob?*", "*", "al?ha", "él*e", "192.0.2.*", "zz*"];

/// 400 events over two days of arrival, made of few values so that filters meet.
static CORPUS: LazyLock<(Vec<Event>, Fixture)> = LazyLock::new(|| {
    let mut state: u32 = 7;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut events = Vec::new();
    for number in 0..400 {
        let native: Vec<&str> = (0..=next(5)).map(|_| WORDS[next(WORDS.len())]).collect();
        let mut event = event(&format!("e{number}"), "2026-03-01T00:00:00Z", &native.join(" "));
        event.time = Timestamp::from_seconds(1_772_323_200 + next(5) as i64);
        event.arrival = time(["2026-03-01T12:00:00Z", "2026-03-03T12:00:00Z"][next(2)]);
        let mut sometimes = |values: &[&str]| (next(3) > 0).then(|| values[next(values.len())].to_owned());
        event.envelope.user = sometimes(USERS);
        event.envelope.url = sometimes(USERS);
        event.envelope.src.ip = sometimes(ADDRESSES).map(|address| address.parse().unwrap());
        event.envelope.dst.ip = sometimes(ADDRESSES).map(|address| address.parse().unwrap());
        event.envelope.dst.port = sometimes(&["22", "80", "443"]).map(|port| port.parse().unwrap());
        event.envelope.severity = Severity::ALL[next(5)];
        events.push(event);
    }
    let fixture = index_of(&events);
    (events, fixture)
});

fn any_filter() -> impl Strategy<Value = Filter> {
    let order = prop::sample::select(
        &[
            Comparison::Equal,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ][..],
    );
    let make = |name: &str, comparison, value: &str| Filter::Field {
        name: name.to_owned(),
        comparison,
        value: value.parse().map_or_else(|_| Value::Text(value.to_owned()), Value::Integer),
    };
    let pick = |values: &'static [&'static str]| prop::sample::select(values);
    let keyword = pick(&["user", "url"]);
    let address = pick(&["src.ip", "dst_ip", "ip"]);
    let times = &["2026-03-01T00:00:00Z", "2026-03-01T00:00:02Z", "2026-03-01T00:00:04Z"];
    let leaf = prop_oneof![
        (keyword.clone(), order.clone(), pick(USERS)).prop_map(move |(name, order, value)| make(name, order, value)),
        (keyword, pick(PATTERNS)).prop_map(move |(name, value)| make(name, Comparison::Like, value)),
        pick(PATTERNS).prop_map(move |value| make("text", Comparison::Like, value)),
        (address.clone(), order.clone(), pick(ADDRESSES))
            .prop_map(move |(name, order, value)| make(name, order, value)),
        (address, pick(NETWORKS)).prop_map(move |(name, value)| make(name, Comparison::Within, value)),
        (order.clone(), pick(&["0", "22", "80", "400"])).prop_map(move |(order, value)| make("dst.port", order, value)),
        (order.clone(), pick(&["low", "high"])).prop_map(move |(order, value)| make("severity", order, value)),
        (order, pick(times)).prop_map(move |(order, value)| make("time", order, value)),
        pick(&["user", "url", "src.ip", "ip", "dst.port", "message", "domain", "time"])
            .prop_map(|name| Filter::Exists(name.to_owned())),
        prop::collection::vec(pick(WORDS), 1..3).prop_map(|words| Filter::Text(words.join(" "))),
        Just(Filter::All),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

/// Evaluates a filter by looking.
fn holds(filter: &Filter, event: &Event) -> bool {
    let envelope = &event.envelope;
    match filter {
        Filter::All => true,
        Filter::And(items) => items.iter().all(|item| holds(item, event)),
        Filter::Or(items) => items.iter().any(|item| holds(item, event)),
        Filter::Not(inner) => !holds(inner, event),
        Filter::OneOf { name, values } => values.iter().any(|value| {
            let (name, comparison, value) = (name.clone(), Comparison::Equal, value.clone());
            holds(&Filter::Field { name, comparison, value }, event)
        }),
        Filter::Of { .. } => panic!("events are in no list of the store"),
        Filter::Exists(name) => match name.as_str() {
            "user" => envelope.user.is_some(),
            "url" => envelope.url.is_some(),
            "src.ip" => envelope.src.ip.is_some(),
            "ip" => envelope.src.ip.is_some() || envelope.dst.ip.is_some(),
            "dst.port" => envelope.dst.port.is_some(),
            "domain" => false,
            _ => true,
        },
        Filter::Text(text) => {
            let wanted: Vec<String> = text.to_lowercase().split(' ').map(str::to_owned).collect();
            words(event).windows(wanted.len()).any(|window| window == wanted)
        }
        Filter::Field { name, comparison, value } => {
            let text = match value {
                Value::Text(text) => text.clone(),
                Value::Integer(number) => number.to_string(),
                other => panic!("{other:?}"),
            };
            field_holds(name, *comparison, &text, event)
        }
    }
}

fn words(event: &Event) -> Vec<String> {
    event.envelope.message.to_lowercase().split(' ').map(str::to_owned).collect()
}

fn field_holds(name: &str, comparison: Comparison, text: &str, event: &Event) -> bool {
    let envelope = &event.envelope;
    let keyword = |value: &Option<String>| {
        let (text, value) = (text.to_ascii_lowercase(), value.as_ref().map(|value| value.to_ascii_lowercase()));
        value.is_some_and(|value| match comparison {
            Comparison::Like => like(&text, &value),
            order => compare(order, &value, &text),
        })
    };
    match name {
        "user" => keyword(&envelope.user),
        "url" => keyword(&envelope.url),
        "text" => words(event).iter().any(|word| like(&text.to_lowercase(), word)),
        "src.ip" => address_holds(envelope.src.ip, comparison, text),
        "dst_ip" => address_holds(envelope.dst.ip, comparison, text),
        "ip" => [envelope.src.ip, envelope.dst.ip].into_iter().any(|address| address_holds(address, comparison, text)),
        "dst.port" => envelope.dst.port.is_some_and(|port| compare(comparison, &port, &text.parse().unwrap())),
        "severity" => compare(comparison, &envelope.severity, &text.parse().unwrap()),
        "time" => compare(comparison, &event.time, &text.parse().unwrap()),
        other => panic!("{other}"),
    }
}

fn address_holds(address: Option<IpAddr>, comparison: Comparison, text: &str) -> bool {
    let Some(address) = address.map(|address| address.to_canonical()) else { return false };
    if comparison == Comparison::Within {
        return text.parse::<IpNet>().unwrap().contains(&address);
    }
    let other = text.parse::<IpAddr>().unwrap().to_canonical();
    address.is_ipv4() == other.is_ipv4() && compare(comparison, &address, &other)
}

fn compare<T: PartialOrd>(comparison: Comparison, left: &T, right: &T) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
        Comparison::Like | Comparison::Within => panic!("no order"),
    }
}

pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let mut characters = pattern.chars();
    match characters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = characters.as_str();
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| like(rest, &text[at..]))
        }
        Some(wanted) => {
            let mut others = text.chars();
            others.next().is_some_and(|other| wanted == '?' || wanted == other)
                && like(characters.as_str(), others.as_str())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_index_finds_what_a_scan_finds(filter in any_filter()) {
        let (events, fixture) = &*CORPUS;
        let mut expected: Vec<&Event> = events.iter().filter(|event| holds(&filter, event)).collect();
        expected.sort_by_key(|event| std::cmp::Reverse((event.time, event.id)));
        let expected: Vec<EventId> = expected.into_iter().map(|event| event.id).collect();
        let page = fixture.index.search(&SearchRequest::newest(&tenant("acme"), filter, 1_000), &free()).unwrap();
        prop_assert_eq!(page.total as usize, expected.len());
        prop_assert_eq!(page.events.into_iter().map(|event| event.id).collect::<Vec<_>>(), expected);
    }
}
