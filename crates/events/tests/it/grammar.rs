//! Every search of the grammar finds what a plain scan over the same events finds.
//!
//! Searches are made as trees that know both how they are written and what they mean, so that the reader of the language,
//! the making of queries and the index are tested together against neither of them.

use std::net::IpAddr;

use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use vigie_events::{EventStore as _, SearchRequest, parse_search};
use vigie_model::{EventId, Severity, Timestamp};

use crate::fixture::{Feed as _, free, index_of, now, tenant, time};
use crate::hostile::{self, ADDRESSES, Known, NAMES, WORDS};
use crate::oracle::like;

const NETWORKS: &[&str] = &[
    "192.0.2.0/25",
    "192.0.0.0/8",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/48",
    "2001:db8::2/128",
    "::ffff:0:0/96",
    "10.1.2.3/8",
];
const PATTERNS: &[&str] =
    &["a*", "*a", "*n*", "?nn", "bob?*", "al?ha", "él*e", "ét?", "zz*", "*_1", "?n?", "*b*y", "東*", "名?"];
const OCTETS: &[&str] = &["192.0.2.*", "192.*", "198.51.*"];
/// Times as written, and the range that they mean: from, up to and not including.
const TIMES: &[(&str, &str, &str)] = &[
    ("2026-03-02", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
    ("now/d", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
    ("now-1d/d", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
    ("now/h", "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"),
    ("now-4d/d", "2026-02-26T00:00:00Z", "2026-02-27T00:00:00Z"),
    ("2026-03-02T12:05:00Z", "2026-03-02T12:05:00Z", "2026-03-02T12:05:00.000001Z"),
    ("2026-03-02T12:30", "2026-03-02T12:30:00Z", "2026-03-02T12:30:00.000001Z"),
    ("now", "2026-03-02T12:34:56.789Z", "2026-03-02T12:34:56.789001Z"),
    ("now-15m", "2026-03-02T12:19:56.789Z", "2026-03-02T12:19:56.789001Z"),
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A search: how it is written and what it means.
#[derive(Debug, Clone)]
enum Node {
    All,
    /// Free words one after the other, between quotes where there are several.
    Words(Vec<(&'static str, &'static str)>),
    /// The same, of a field.
    FieldWords(&'static str, Vec<(&'static str, &'static str)>),
    FreePattern(&'static str),
    FieldPattern(&'static str, &'static str),
    FreeAddress(&'static str),
    FreeNetwork(&'static str),
    FreeOctets(&'static str),
    Name(&'static str, &'static str),
    NameOrder(&'static str, Order, &'static str),
    Address(&'static str, &'static str),
    AddressOrder(&'static str, Order, &'static str),
    Network(&'static str, &'static str),
    Port(Option<Order>, u64),
    PortRange(bool, Option<u64>, Option<u64>, bool),
    Severity(Option<Order>, Severity),
    Time(Option<Order>, (&'static str, &'static str, &'static str)),
    Exists(&'static str),
    And(Vec<Node>, &'static str),
    Or(Vec<Node>, &'static str),
    Not(Box<Node>, &'static str),
    /// `user:(… OR …)`.
    Group(&'static str, Vec<&'static str>),
}

fn order() -> impl Strategy<Value = Order> {
    select(&[Order::Less, Order::LessOrEqual, Order::Greater, Order::GreaterOrEqual][..])
}

fn leaf() -> impl Strategy<Value = Node> {
    let names = || select(&["user", "url"][..]);
    let ends = || select(&["src.ip", "dst_ip", "ip"][..]);
    let ports = || select(&[0_u64, 22, 80, 443, 400, 65_535, 70_000][..]);
    let words = || prop::collection::vec(select(WORDS), 1..3);
    prop_oneof![
        Just(Node::All),
        words().prop_map(Node::Words),
        (select(&["text", "message"][..]), words()).prop_map(|(field, words)| Node::FieldWords(field, words)),
        select(PATTERNS).prop_map(Node::FreePattern),
        (select(&["user", "url", "text", "message"][..]), select(PATTERNS))
            .prop_map(|(field, like)| Node::FieldPattern(field, like)),
        select(ADDRESSES).prop_map(Node::FreeAddress),
        select(NETWORKS).prop_map(Node::FreeNetwork),
        select(OCTETS).prop_map(Node::FreeOctets),
        (names(), select(NAMES)).prop_map(|(field, name)| Node::Name(field, name)),
        (names(), order(), select(NAMES)).prop_map(|(field, order, name)| Node::NameOrder(field, order, name)),
        (ends(), select(ADDRESSES)).prop_map(|(field, address)| Node::Address(field, address)),
        (ends(), order(), select(ADDRESSES))
            .prop_map(|(field, order, address)| Node::AddressOrder(field, order, address)),
        (ends(), select(NETWORKS)).prop_map(|(field, network)| Node::Network(field, network)),
        (prop::option::of(order()), ports()).prop_map(|(order, port)| Node::Port(order, port)),
        (any::<bool>(), prop::option::of(ports()), prop::option::of(ports()), any::<bool>())
            .prop_map(|(low, from, to, high)| Node::PortRange(low, from, to, high)),
        (prop::option::of(order()), select(&Severity::ALL[..]))
            .prop_map(|(order, severity)| Node::Severity(order, severity)),
        (prop::option::of(order()), select(TIMES)).prop_map(|(order, time)| Node::Time(order, time)),
        select(&["user", "url", "src.ip", "ip", "dst.port", "message", "domain", "time", "severity"][..])
            .prop_map(Node::Exists),
        (names(), prop::collection::vec(select(NAMES), 1..4)).prop_map(|(field, names)| Node::Group(field, names)),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (several(), select(&[" ", " AND ", " && "][..])).prop_map(|(nodes, by)| Node::And(nodes, by)),
            (several(), select(&[" OR ", " || "][..])).prop_map(|(nodes, by)| Node::Or(nodes, by)),
            (inner.clone(), select(&["NOT ", "-", "!"][..])).prop_map(|(node, by)| Node::Not(Box::new(node), by)),
        ]
    })
}

/// Writes a value so that it means itself.
fn quoted(value: &str) -> String {
    // Before the closing quote a backslash would escape it.
    if value.ends_with('\\') { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\\\"")) }
}

fn phrase(words: &[(&str, &str)]) -> String {
    let written: Vec<&str> = words.iter().map(|(written, _)| *written).collect();
    if written.len() == 1 { written.concat() } else { format!("\"{}\"", written.join(" ")) }
}

impl Order {
    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn holds<T: PartialOrd + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

fn sign(order: Option<Order>) -> &'static str {
    order.map_or("", Order::sign)
}

impl Node {
    fn write(&self) -> String {
        let all = |nodes: &[Node], by: &str| {
            let written: Vec<String> = nodes.iter().map(|node| format!("({})", node.write())).collect();
            written.join(by)
        };
        let end = |end: &Option<u64>| end.map_or("*".to_owned(), |end| end.to_string());
        match self {
            Self::All => "*".to_owned(),
            Self::Words(words) => phrase(words),
            Self::FieldWords(field, words) => format!("{field}:{}", phrase(words)),
            Self::FreePattern(text) | Self::FreeAddress(text) | Self::FreeNetwork(text) | Self::FreeOctets(text) => {
                (*text).to_owned()
            }
            Self::FieldPattern(field, text) | Self::Address(field, text) | Self::Network(field, text) => {
                format!("{field}:{text}")
            }
            Self::Name(field, name) => format!("{field}:{}", quoted(name)),
            Self::NameOrder(field, order, name) => format!("{field}:{}{}", order.sign(), quoted(name)),
            Self::AddressOrder(field, order, address) => format!("{field}:{}{address}", order.sign()),
            Self::Port(order, port) => format!("dst.port:{}{port}", sign(*order)),
            Self::PortRange(low, from, to, high) => {
                let (open, close) = (if *low { '[' } else { '{' }, if *high { ']' } else { '}' });
                format!("port:{open}{} TO {}{close}", end(from), end(to))
            }
            Self::Severity(order, severity) => format!("severity:{}{}", sign(*order), severity.as_str()),
            Self::Time(order, (written, _, _)) => format!("time:{}{written}", sign(*order)),
            Self::Exists(field) => format!("{field}:*"),
            Self::And(nodes, by) | Self::Or(nodes, by) => all(nodes, by),
            Self::Not(node, by) => format!("{by}({})", node.write()),
            Self::Group(field, names) => {
                let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                format!("{field}:({} )", names.join(" OR "))
            }
        }
    }

    /// Looks whether an event satisfies it.
    fn holds(&self, known: &Known) -> bool {
        let envelope = &known.event.envelope;
        match self {
            Self::All => true,
            Self::Words(words) => {
                let wanted: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
                let address = match words.as_slice() {
                    [(written, _)] => {
                        written.parse().is_ok_and(|address| ends("ip", known).any(|end| end == canonical(address)))
                    }
                    _ => false,
                };
                address || known.words.windows(wanted.len()).any(|window| window == wanted)
            }
            Self::FieldWords(_, words) => {
                let wanted: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
                known.words.windows(wanted.len()).any(|window| window == wanted)
            }
            Self::FreePattern(pattern) => known.words.iter().any(|word| like(pattern, word)),
            Self::FieldPattern(field, pattern) => match name(field, known) {
                Field::Name(name) => name.is_some_and(|name| like(&lower(pattern), &lower(name))),
                Field::Words => known.words.iter().any(|word| like(pattern, word)),
            },
            Self::FreeAddress(address) => {
                let address = canonical(address.parse().unwrap());
                let text = address.to_string();
                ends("ip", known).any(|end| end == address) || known.words.contains(&text.as_str())
            }
            Self::FreeNetwork(network) => ends("ip", known).any(|end| within(network, end)),
            Self::FreeOctets(pattern) => {
                let begins = |text: &str| text.parse::<std::net::Ipv4Addr>().is_ok() && like(pattern, text);
                ends("ip", known).any(|end| begins(&end.to_string()))
                    || known.words.iter().any(|word| like(pattern, word))
            }
            Self::Name(field, wanted) => has(field, known).is_some_and(|name| lower(name) == lower(wanted)),
            Self::NameOrder(field, order, wanted) => {
                has(field, known).is_some_and(|name| order.holds(lower(name).as_str(), lower(wanted).as_str()))
            }
            Self::Address(field, wanted) => ends(field, known).any(|end| end == canonical(wanted.parse().unwrap())),
            Self::AddressOrder(field, order, wanted) => {
                let wanted = canonical(wanted.parse().unwrap());
                ends(field, known).any(|end| end.is_ipv4() == wanted.is_ipv4() && order.holds(&end, &wanted))
            }
            Self::Network(field, network) => ends(field, known).any(|end| within(network, end)),
            Self::Port(..) | Self::PortRange(..) | Self::Severity(..) | Self::Time(..) => self.compares(known),
            Self::Exists(field) => match *field {
                "user" | "url" => has(field, known).is_some(),
                "src.ip" | "ip" => ends(field, known).next().is_some(),
                "dst.port" => envelope.dst.port.is_some(),
                "message" => !envelope.message.is_empty(),
                "domain" => false,
                _ => true,
            },
            Self::And(nodes, _) => nodes.iter().all(|node| node.holds(known)),
            Self::Or(nodes, _) => nodes.iter().any(|node| node.holds(known)),
            Self::Not(node, _) => !node.holds(known),
            Self::Group(field, names) => {
                names.iter().any(|wanted| has(field, known).is_some_and(|name| lower(name) == lower(wanted)))
            }
        }
    }

    /// Looks whether a number, severity or time compares as it should.
    fn compares(&self, known: &Known) -> bool {
        let envelope = &known.event.envelope;
        match self {
            Self::Port(order, wanted) => envelope.dst.port.map(u64::from).is_some_and(|port| match order {
                Some(order) => order.holds(&port, wanted),
                None => port == *wanted,
            }),
            Self::PortRange(low, from, to, high) => envelope.dst.port.map(u64::from).is_some_and(|port| {
                from.is_none_or(|from| port > from || *low && port == from)
                    && to.is_none_or(|to| port < to || *high && port == to)
            }),
            Self::Severity(order, wanted) => match order {
                Some(order) => order.holds(&envelope.severity, wanted),
                None => envelope.severity == *wanted,
            },
            Self::Time(order, (_, from, until)) => {
                let (at, from, until) = (known.event.time, time(from), time(until));
                match order {
                    None => from <= at && at < until,
                    Some(Order::Less) => at < from,
                    Some(Order::LessOrEqual) => at < until,
                    Some(Order::Greater) => at >= until,
                    Some(Order::GreaterOrEqual) => at >= from,
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

enum Field<'a> {
    Name(Option<&'a str>),
    Words,
}

fn name<'a>(field: &str, known: &'a Known) -> Field<'a> {
    match field {
        "user" => Field::Name(known.event.envelope.user.as_deref()),
        "url" => Field::Name(known.event.envelope.url.as_deref()),
        _ => Field::Words,
    }
}

fn has<'a>(field: &str, known: &'a Known) -> Option<&'a str> {
    match name(field, known) {
        Field::Name(name) => name,
        Field::Words => None,
    }
}

fn ends(field: &str, known: &Known) -> impl Iterator<Item = IpAddr> {
    let (src, dst) = (known.event.envelope.src.ip, known.event.envelope.dst.ip);
    let ends = match field {
        "src.ip" => [src, None],
        "dst_ip" => [dst, None],
        _ => [src, dst],
    };
    ends.into_iter().flatten().map(canonical)
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn within(network: &str, address: IpAddr) -> bool {
    network.parse::<IpNet>().unwrap().contains(&address)
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Returns the ids of the events that a search should find, newest first.
fn scan(node: &Node, events: &[Known], from: Option<Timestamp>, until: Option<Timestamp>) -> Vec<EventId> {
    let within = |known: &&Known| {
        from.is_none_or(|from| known.event.time >= from) && until.is_none_or(|until| known.event.time < until)
    };
    let mut found: Vec<&Known> = events.iter().filter(within).filter(|known| node.holds(known)).collect();
    found.sort_by_key(|known| std::cmp::Reverse((known.event.time, known.event.id)));
    found.into_iter().map(|known| known.event.id).collect()
}

fn ends_of_time() -> impl Strategy<Value = Option<Timestamp>> {
    let times =
        &["2026-03-02T12:05:00Z", "2026-03-02T12:30:00.000001Z", "2026-02-27T00:00:00Z", "1970-01-01T00:00:00Z"];
    prop::option::weighted(0.4, select(&times[..]).prop_map(time))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_search_finds_what_a_scan_finds(
        events in hostile::events(),
        searches in prop::collection::vec((node(), ends_of_time(), ends_of_time(), 1_u32..20), 1..40),
    ) {
        let stored: Vec<_> = events.iter().map(|known| known.event.clone()).collect();
        // In two commits, so that there are several segments.
        let (first, rest) = stored.split_at(stored.len() / 2);
        let fixture = index_of(first);
        fixture.index.feed(rest);
        fixture.index.settle();
        for (node, from, until, limit) in searches {
            let text = node.write();
            let filter = match parse_search(&text, now()) {
                Ok(filter) => filter,
                Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
            };
            let expected = scan(&node, &events, from, until);
            let mut request = SearchRequest { from, until, ..SearchRequest::newest(&tenant("acme"), filter, limit) };
            let mut found = Vec::new();
            loop {
                let page = fixture.index.search(&request, &free()).unwrap();
                prop_assert_eq!(page.total as usize, expected.len(), "{}", text);
                prop_assert!(page.events.len() <= limit as usize);
                found.extend(page.events.iter().map(|event| event.id));
                match page.next {
                    Some(next) => request.cursor = Some(next),
                    None => break,
                }
            }
            prop_assert_eq!(&found, &expected, "{}", text);
        }
    }
}
