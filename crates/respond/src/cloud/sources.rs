//! Whom log lines name as their source.
//!
//! An attacker chooses part of a line: `ssh 'x from 192.0.2.1'@host` is logged as `Failed password for invalid user x from
//! 192.0.2.1 from 203.0.113.9 port 4022 ssh2`. So what a program itself writes first decides how its line is read
//! ([`PHRASES`]), and where it writes the address: sshd mostly after the name, so the last one counts; PAM before it, so the
//! first one does. In a line of JSON only the field itself counts, wherever else an address stands.
//!
//! Source: `auth.c` and `packet.c` of OpenSSH, and `support.c` of `pam_unix` in Linux-PAM, for what they write.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::finding::text;

/// Fields of JSON lines that hold the source: CloudTrail, VPC flow logs as JSON, load balancers, our own events.
const FIELDS: [&str; 6] =
    ["sourceIPAddress", "detail.sourceIPAddress", "src_endpoint.ip", "remoteAddr", "client_ip", "srcaddr"];

/// Where a program writes the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After the last of these words: what an attacker wrote stands before them.
    Last(&'static str),
    /// After the first of these words: what an attacker wrote stands behind them.
    First(&'static str),
    /// Before the last ` port `.
    BeforePort,
    /// Nowhere.
    Nowhere,
}

/// What programs begin their messages with, and where the source stands in them.
const PHRASES: [(&str, Place); 19] = [
    ("Failed ", Place::Last(" from ")),
    ("Invalid user ", Place::Last(" from ")),
    ("Illegal user ", Place::Last(" from ")),
    ("Accepted ", Place::Last(" from ")),
    ("User ", Place::Last(" from ")),
    ("ROOT LOGIN REFUSED", Place::Last(" from ")),
    ("maximum authentication attempts exceeded", Place::Last(" from ")),
    ("PAM: ", Place::Last(" from ")),
    ("Bad protocol version ", Place::Last(" from ")),
    ("Connection closed by ", Place::BeforePort),
    ("Connection reset by ", Place::BeforePort),
    ("Disconnected from ", Place::BeforePort),
    ("Disconnecting ", Place::BeforePort),
    ("ssh_dispatch_run_fatal: ", Place::BeforePort),
    ("Received disconnect from ", Place::First(" from ")),
    ("input_userauth_request: ", Place::Nowhere),
    ("pam_", Place::First(" rhost=")),
    ("PAM ", Place::First(" rhost=")),
    ("IN=", Place::First(" SRC=")),
];

/// The months, as syslog writes them.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How many bytes of a line are looked at; CloudWatch takes 1 MB.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// How many different addresses are counted.
const SOURCES_MAX: usize = 10_000;

/// An address that log lines name as their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSource {
    /// The address.
    pub address: IpAddr,
    /// How many lines name it.
    pub lines: u32,
}

/// Returns whom log lines name, the most frequent first. A line names one source or none.
pub fn log_sources<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<LogSource> {
    let mut counts: BTreeMap<IpAddr, u32> = BTreeMap::new();
    for address in lines.into_iter().filter_map(source) {
        if counts.len() < SOURCES_MAX || counts.contains_key(&address) {
            *counts.entry(address).or_default() += 1;
        }
    }
    let mut sources: Vec<LogSource> = counts.into_iter().map(|(address, lines)| LogSource { address, lines }).collect();
    sources.sort_by_key(|source| (std::cmp::Reverse(source.lines), source.address));
    sources
}

fn source(line: &str) -> Option<IpAddr> {
    if line.len() > LINE_BYTES_MAX {
        return None;
    }
    if line.trim_start().starts_with('{') {
        let value: Value = serde_json::from_str(line).ok()?;
        return FIELDS.iter().find_map(|field| text(&value, field)?.parse().ok());
    }
    let behind = |mark: &'static str| line.match_indices(mark).map(move |(start, _)| start + mark.len());
    match place(line) {
        Some(Place::Last(mark)) => address(line, behind(mark).last()?),
        Some(Place::First(mark)) => address(line, behind(mark).next()?),
        Some(Place::BeforePort) => line.get(..line.rfind(" port ")?)?.rsplit(' ').next()?.parse().ok(),
        Some(Place::Nowhere) => None,
        // A packet filter may put any words before its own.
        None if line.contains(" IN=") && !line.contains(" from ") => address(line, behind(" SRC=").next()?),
        None => behind(" from ").collect::<Vec<_>>().into_iter().rev().find_map(|start| address(line, start)),
    }
}

/// Where the source stands, by what the line begins with. What stands further behind may be the attacker's.
fn place(line: &str) -> Option<Place> {
    let found = PHRASES.iter().filter_map(|(phrase, place)| Some((line.find(phrase)?, *place)));
    let (start, place) = found.min_by_key(|(start, _)| *start)?;
    is_header(line.get(..start)?).then_some(place)
}

/// Whether this is what syslog puts before a message: `Nov 21 04:00:09 web-1 sshd[2211]: `. A host and a program are two
/// words; what has more is a message.
fn is_header(text: &str) -> bool {
    let is_time = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_digit() || "<[-".contains(letter)) || MONTHS.contains(&word)
    };
    let is_level = |word: &str| matches!(word, "error:" | "fatal:" | "debug1:");
    text.split_whitespace().filter(|word| !is_time(word) && !is_level(word)).count() <= 2
}

fn address(message: &str, start: usize) -> Option<IpAddr> {
    let rest = message.get(start..)?;
    let end = rest.find(|letter: char| !(letter.is_ascii_hexdigit() || ".:".contains(letter))).unwrap_or(rest.len());
    // `203.0.113.9:4022` is an address with a port.
    let word = rest.get(..end)?.trim_end_matches([':', '.']);
    word.parse().ok().or_else(|| word.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
}
