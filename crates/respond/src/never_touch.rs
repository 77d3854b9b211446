//! What may never be blocked, and why.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::address::{BlockTarget, Refusal, canonical, check_shape, embedded_v4, overlap, parse_network};

/// A network that may never be blocked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NeverTouchEntry {
    /// The network; a single address is a /32 or /128.
    pub network: IpNet,
    /// Why, as a phrase: "an address of this host".
    pub reason: String,
}

/// What is known at run time about who must not be locked out. Whoever reads the system fills it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeverTouchFacts {
    /// The addresses of this host.
    pub own_addresses: Vec<IpAddr>,
    /// The gateways of its routes.
    pub gateways: Vec<IpAddr>,
    /// The DNS resolvers that it asks.
    pub resolvers: Vec<IpAddr>,
    /// The networks that administrators come from.
    pub admin_networks: Vec<IpNet>,
    /// Where the SOC's own requests come from.
    pub soc_egress: Vec<IpNet>,
    /// What the operator lists.
    pub operator: Vec<NeverTouchEntry>,
}

/// What may never be blocked, and why. Even an empty list refuses loopback, private, link-local, multicast, broadcast,
/// reserved and unspecified addresses, and networks wider than /24 (IPv4) or /48 (IPv6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeverTouch {
    /// Canonical, so that one comparison each will do.
    entries: Vec<NeverTouchEntry>,
}

impl NeverTouch {
    /// Returns a list of these entries.
    pub fn new(entries: impl IntoIterator<Item = NeverTouchEntry>) -> Self {
        let mut list = Self::default();
        for entry in entries {
            list.add(entry.network, &entry.reason);
        }
        list
    }

    /// Returns the list that follows from these facts.
    pub fn from_facts(facts: &NeverTouchFacts) -> Self {
        let mut list = Self::default();
        let addresses = [
            (&facts.own_addresses, "an address of this host"),
            (&facts.gateways, "a gateway of this host"),
            (&facts.resolvers, "a DNS resolver of this host"),
        ];
        for (addresses, reason) in addresses {
            for address in addresses {
                list.add(IpNet::from(*address), reason);
            }
        }
        let networks = [
            (&facts.admin_networks, "a network of the administrators"),
            (&facts.soc_egress, "an address that the SOC works from"),
        ];
        for (networks, reason) in networks {
            for network in networks {
                list.add(*network, reason);
            }
        }
        for entry in &facts.operator {
            list.add(entry.network, &entry.reason);
        }
        list
    }

    /// Adds an entry. An entry that is there already is kept as it is.
    pub fn add(&mut self, network: IpNet, reason: &str) {
        let network = canonical(network);
        if !self.entries.iter().any(|entry| entry.network == network) {
            self.entries.push(NeverTouchEntry { network, reason: reason.to_owned() });
        }
    }

    /// Returns the entries, in the order added.
    pub fn entries(&self) -> &[NeverTouchEntry] {
        &self.entries
    }

    /// Returns the network as one that may be blocked.
    ///
    /// # Errors
    /// What speaks against it: it is too wide, special, or shares an address with an entry.
    pub fn admit(&self, network: impl Into<IpNet>) -> Result<BlockTarget, Refusal> {
        let network = canonical(network.into());
        check_shape(network)?;
        self.check_entries(network)?;
        if let Some(inner) = embedded_v4(&network) {
            self.admit_embedded(inner)?;
        }
        Ok(BlockTarget::admitted(network))
    }

    /// Reads an address or a network in CIDR form and returns it as one that may be blocked.
    ///
    /// # Errors
    /// [`Refusal::NotAnAddress`], or those of [`Self::admit`].
    pub fn admit_text(&self, text: &str) -> Result<BlockTarget, Refusal> {
        self.admit(parse_network(text)?)
    }

    fn admit_embedded(&self, inner: Ipv4Addr) -> Result<(), Refusal> {
        let network = IpNet::from(IpAddr::V4(inner));
        check_shape(network)?;
        self.check_entries(network)
    }

    fn check_entries(&self, network: IpNet) -> Result<(), Refusal> {
        match self.entries.iter().find(|entry| overlap(&entry.network, &network)) {
            Some(entry) => Err(Refusal::NeverTouch { network, entry: entry.network, reason: entry.reason.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> NeverTouch {
        NeverTouch::from_facts(&NeverTouchFacts {
            own_addresses: vec!["192.0.2.10".parse().unwrap(), "2001:db8::10".parse().unwrap()],
            admin_networks: vec!["198.51.100.0/25".parse().unwrap()],
            ..NeverTouchFacts::default()
        })
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let seen = list().admit_text(text).map(|target| target.to_string()).map_err(|refusal| refusal.to_string());
        match expected {
            Ok(target) => assert_eq!(seen.as_deref(), Ok(target), "{text}"),
            Err(part) => assert!(seen.as_ref().is_err_and(|error| error.contains(part)), "{text}: {seen:?}"),
        }
    }

    #[test]
    fn documentation_addresses_may_be_blocked() {
        check("203.0.113.7", Ok("203.0.113.7"));
        check(" 203.0.113.7/24 ", Ok("203.0.113.0/24"));
        check("2001:db8:1::7", Ok("2001:db8:1::7"));
        check("2001:db8:1::/48", Ok("2001:db8:1::/48"));
        check("::ffff:203.0.113.7", Ok("203.0.113.7"));
        check("::ffff:203.0.113.0/120", Ok("203.0.113.0/24"));
    }

    #[test]
    fn what_is_special_may_not() {
        for (text, part) in [
            ("0.0.0.0", "unspecified"),
            ("127.0.0.1", "loopback"),
            ("10.1.2.3", "private"),
            ("172.31.0.1", "private"),
            ("192.168.1.1", "private"),
            ("100.64.0.1", "provider"),
            ("169.254.169.254", "link-local"),
            ("224.0.0.1", "multicast"),
            ("255.255.255.255", "broadcast"),
            ("240.0.0.1", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("fe80::1", "link-local"),
            ("fd00::1", "private"),
            ("ff02::1", "multicast"),
            ("::ffff:10.0.0.1", "private"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::10.0.0.1", "IPv4-compatible"),
            ("64:ff9b::10.0.0.1", "private"),
            ("2002:0a00:0001::1", "private"),
            ("::/64", "unspecified"),
        ] {
            check(text, Err(part));
        }
    }

    #[test]
    fn what_is_too_wide_may_not() {
        check("203.0.113.0/23", Err("wider than /24"));
        check("0.0.0.0/0", Err("wider than /24"));
        check("::/0", Err("wider than /48"));
        check("::ffff:0:0/96", Err("wider than /24"));
        check("2001:db8::/47", Err("wider than /48"));
    }

    #[test]
    fn what_is_listed_may_not_in_either_direction_or_disguise() {
        check("192.0.2.10", Err("an address of this host"));
        check("192.0.2.0/24", Err("an address of this host"));
        check("198.51.100.77", Err("administrators"));
        check("198.51.100.200", Ok("198.51.100.200"));
        check("::ffff:192.0.2.10", Err("an address of this host"));
        check("64:ff9b::192.0.2.10", Err("an address of this host"));
        check("2001:db8::/64", Err("an address of this host"));
    }

    #[test]
    fn what_is_no_address_may_not() {
        for text in ["", "example.org", "1.2.3", "203.0.113.7; drop", "fe80::1%eth0", "203.0.113.7/33"] {
            check(text, Err("is not an IP address"));
        }
    }
}
