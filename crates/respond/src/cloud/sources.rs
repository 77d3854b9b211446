//! Whom log lines name as their source.
//!
//! An attacker chooses part of a line: `ssh 'x from 192.0.2.1'@host` is logged as `Failed password for invalid user x from
//! 192.0.2.1 from 203.0.113.9 port 4022 ssh2`. So what a program itself puts first decides how its line is read: sshd writes
//! the address after the name, so the last one counts; PAM before the name, so the first one does; and in a line of JSON
//! only the field itself counts, wherever else an address stands.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::finding::text;

/// Fields of JSON lines that hold the source: CloudTrail, VPC flow logs as JSON, load balancers, our own events.
const FIELDS: [&str; 6] =
    ["sourceIPAddress", "detail.sourceIPAddress", "src_endpoint.ip", "remoteAddr", "client_ip", "srcaddr"];

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
    let message = message(line);
    let starts = |mark: &str| message.match_indices(mark).map(|(start, found)| start + found.len()).collect::<Vec<_>>();
    if message.starts_with("pam_") {
        return starts(" rhost=").into_iter().find_map(|start| address(message, start));
    }
    if message.starts_with("IN=") || message.contains(" IN=") && !message.contains(" from ") {
        return starts(" SRC=").into_iter().find_map(|start| address(message, start));
    }
    starts(" from ").into_iter().rev().find_map(|start| address(message, start))
}

/// What a program said, without the syslog header before it: `Nov 21 04:00:09 web-1 sshd[2211]: `.
fn message(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(_, message)| message)
}

fn address(message: &str, start: usize) -> Option<IpAddr> {
    let rest = message.get(start..)?;
    let end = rest.find(|letter: char| !(letter.is_ascii_hexdigit() || ".:".contains(letter))).unwrap_or(rest.len());
    // `203.0.113.9:4022` is an address with a port.
    let word = rest.get(..end)?.trim_end_matches([':', '.']);
    word.parse().ok().or_else(|| word.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
}
