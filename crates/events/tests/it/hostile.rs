//! Random events: hostile texts, Unicode, forged times, addresses of every form, absent fields.

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::select;
use vigie_model::{Event, Severity, Timestamp};

use crate::fixture::{event, time};

/// Short texts as an attacker may choose them. None has a backslash before `"`, `*` or `?`, which no search can ask for.
pub(crate) const NAMES: &[&str] = &[
    "ann",
    "Ann",
    "ANN",
    "bob",
    "bobby",
    "éloïse",
    "ÉLOÏSE",
    "a?b",
    "a*b",
    "*",
    "?",
    "NOT",
    "OR",
    "(x)",
    "a:b",
    "say \"hi\"",
    "[1 TO 2]",
    "-dash",
    "!x",
    "名前",
    "ann ",
    " ",
    "<script>",
    "\\",
    "C:\\Temp\\x",
    "\u{0}",
    "\u{202e}abc",
    "10.0.0.1",
    ">5",
];

/// Words of free text, as written and as they are indexed.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("alpha", "alpha"),
    ("Alphabet", "alphabet"),
    ("beta", "beta"),
    ("été", "été"),
    ("ÉTÉ", "été"),
    ("東京", "東京"),
    ("user_1", "user_1"),
    ("42", "42"),
    ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
    ("192.0.2.1", "192.0.2.1"),
    ("192.0.2.200", "192.0.2.200"),
    ("2001:DB8:0::2", "2001:db8::2"),
    ("::ffff:192.0.2.7", "192.0.2.7"),
];

const GAPS: &[&str] = &[" ", "  ", ", ", "\t", " \" ", " - ", "; ", " = ", "\r\n", " \u{0} ", " <> ", " (", ") "];

pub(crate) const ADDRESSES: &[&str] =
    &["192.0.2.1", "192.0.2.200", "198.51.100.3", "2001:db8::2", "2001:db8:1::9", "::ffff:192.0.2.7", "::1", "0.0.0.0"];

/// An event and the words of its text.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) event: Event,
    pub(crate) words: Vec<&'static str>,
}

fn times() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (0_i64..40).prop_map(|step| time("2026-03-02T12:00:00Z").plus(std::time::Duration::from_secs(step as u64 * 150))),
        2 => (0_i64..4).prop_map(|days| time("2026-02-26T23:59:59.999999Z").plus(std::time::Duration::from_hours(24 * days as u64))),
        1 => select(&[Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX][..]),
    ]
}

fn sometimes(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.7, select(values).prop_map(str::to_owned))
}

fn address() -> impl Strategy<Value = Option<IpAddr>> {
    prop::option::weighted(0.7, select(ADDRESSES).prop_map(|address| address.parse().unwrap()))
}

fn known() -> impl Strategy<Value = Known> {
    let text = prop::collection::vec((select(WORDS), select(GAPS)), 0..5);
    let ports = prop::option::weighted(0.6, select(&[22_u16, 80, 443, 65_535, 0][..]));
    let arrivals = select(&["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T23:59:59.999999Z"][..]);
    let fields = (sometimes(NAMES), sometimes(NAMES), address(), address(), ports, select(&Severity::ALL[..]));
    (times(), arrivals, text, fields).prop_map(|(at, arrival, text, (user, url, src, dst, port, severity))| {
        let written: String = text.iter().flat_map(|((word, _), gap)| [*word, *gap]).collect();
        let mut event = event("e", "2026-03-01T00:00:00Z", &written);
        (event.time, event.arrival) = (at, time(arrival));
        (event.envelope.user, event.envelope.url) = (user, url);
        (event.envelope.src.ip, event.envelope.dst.ip, event.envelope.dst.port) = (src, dst, port);
        event.envelope.severity = severity;
        Known { event, words: text.iter().map(|((_, word), _)| *word).collect() }
    })
}

/// Returns some dozens of events, each of its own id.
pub(crate) fn events() -> impl Strategy<Value = Vec<Known>> {
    prop::collection::vec(known(), 0..40).prop_map(|mut all| {
        for (number, known) in all.iter_mut().enumerate() {
            let name = format!("e{number}");
            known.event.id = event(&name, "2026-03-01T00:00:00Z", "").id;
            known.event.envelope.device = Some(name);
        }
        all
    })
}
