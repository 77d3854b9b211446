//! What the running system says about who must not be locked out.

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vigie_respond::NeverTouchFacts;

/// How much of each file is read.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Returns this host's addresses, the gateways of its routes and its DNS resolvers, from `/proc/net` and
/// `/etc/resolv.conf`. It reads small files and takes milliseconds. What cannot be read is left out.
///
/// Who is signed in over SSH is left out on purpose: an attacker who guessed a password would be on the list. Name the
/// administrators' networks instead.
pub fn host_facts() -> NeverTouchFacts {
    let mut own_addresses = addresses_v4(&read("/proc/net/fib_trie"));
    own_addresses.extend(addresses_v6(&read("/proc/net/if_inet6")));
    let mut gateways = gateways_v4(&read("/proc/net/route"));
    gateways.extend(gateways_v6(&read("/proc/net/ipv6_route")));
    let resolvers = resolvers(&read("/etc/resolv.conf"));
    NeverTouchFacts {
        own_addresses: unique(own_addresses),
        gateways: unique(gateways),
        resolvers: unique(resolvers),
        ..NeverTouchFacts::default()
    }
}

fn read(path: &str) -> String {
    let mut text = Vec::new();
    if let Ok(file) = File::open(path) {
        // A file that breaks off still tells of the lines before.
        let _ = file.take(FILE_BYTES_MAX).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn unique(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.retain(|address| !address.is_unspecified());
    addresses.sort();
    addresses.dedup();
    addresses
}

/// `fib_trie` names an address on a `|-- ADDRESS` line and tells on the lines below it whether it is local.
fn addresses_v4(text: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut current: Option<Ipv4Addr> = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            current = address.parse().ok();
        } else if line.contains("host LOCAL") {
            found.extend(current.map(IpAddr::V4));
        }
    }
    found
}

/// A line is `ADDRESS INDEX PREFIX SCOPE FLAGS NAME`, the address as 32 hex digits.
fn addresses_v6(text: &str) -> Vec<IpAddr> {
    text.lines().filter_map(|line| hex_v6(line.split_whitespace().next()?)).collect()
}

/// A line is `IFACE DESTINATION GATEWAY FLAGS …`, addresses as hex in the byte order of the machine.
fn gateways_v4(text: &str) -> Vec<IpAddr> {
    let gateway = |line: &str| {
        let bits = u32::from_str_radix(line.split_whitespace().nth(2)?, 16).ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(bits.to_ne_bytes())))
    };
    text.lines().skip(1).filter_map(gateway).collect()
}

/// A line is `DESTINATION LENGTH SOURCE LENGTH GATEWAY …`.
fn gateways_v6(text: &str) -> Vec<IpAddr> {
    text.lines().filter_map(|line| hex_v6(line.split_whitespace().nth(4)?)).collect()
}

fn hex_v6(digits: &str) -> Option<IpAddr> {
    let bits = (digits.len() == 32).then(|| u128::from_str_radix(digits, 16).ok())??;
    Some(IpAddr::V6(Ipv6Addr::from_bits(bits)))
}

/// resolv.conf(5): `nameserver ADDRESS`, where a link-local address may carry a zone.
fn resolvers(text: &str) -> Vec<IpAddr> {
    let resolver = |line: &str| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next())?;
        address.split('%').next()?.parse().ok()
    };
    text.lines().filter_map(resolver).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seen: Vec<IpAddr>, expected: &[&str]) {
        let expected: Vec<IpAddr> = expected.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(unique(seen), expected);
    }

    #[test]
    fn files_of_linux() {
        check(
            addresses_v4(
                "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.0\n        /24 link UNICAST\n     |-- 192.0.2.10\n        /32 host LOCAL\n",
            ),
            &["127.0.0.1", "192.0.2.10"],
        );
        check(addresses_v6("20010db8000000000000000000000010 02 40 00 80     eth0\nshort 1\n"), &["2001:db8::10"]);
        let gateway = u32::from_ne_bytes([192, 0, 2, 1]);
        let route = format!(
            "Iface\tDestination\tGateway\neth0\t00000000\t{gateway:08X}\t0003\neth0\t000200C0\t00000000\t0001\n"
        );
        check(gateways_v4(&route), &["192.0.2.1"]);
        let zero = "0".repeat(32);
        check(
            gateways_v6(&format!("{zero} 00 {zero} 00 20010db8000000000000000000000001 0400 1 0 3 eth0\n")),
            &["2001:db8::1"],
        );
        check(resolvers("# x\nnameserver 192.0.2.53\nsearch a\nnameserver fe80::1%eth0\n"), &["192.0.2.53", "fe80::1"]);
    }

    #[test]
    fn loopback_is_ours_on_a_running_system() {
        if cfg!(target_os = "linux") && std::path::Path::new("/proc/net/fib_trie").exists() {
            // A fresh network namespace has its loopback down, and then no address at all.
            let facts = host_facts();
            assert!(facts.own_addresses.is_empty() || facts.own_addresses.iter().any(IpAddr::is_loopback), "{facts:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn odd_files_are_passed_over(text in "[|+ \\-0-9a-fA-F.:%/\\tLOCALhostnameserver\n\\PC]{0,300}") {
            let _ = (addresses_v4(&text), addresses_v6(&text), gateways_v4(&text), gateways_v6(&text), resolvers(&text));
        }
    }
}
