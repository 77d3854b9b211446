//! Which addresses may be blocked at all.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The widest IPv4 network that may be blocked: /24.
const WIDEST_V4: u8 = 24;
/// The widest IPv6 network that may be blocked: /48, what one site gets (RFC 6177).
const WIDEST_V6: u8 = 48;

/// A network that may be blocked: canonical, not too wide, public, and not on the never-touch list. Only
/// [`crate::NeverTouch::admit`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockTarget(IpNet);

impl BlockTarget {
    /// For [`crate::NeverTouch::admit`] alone, after its last check.
    pub(crate) const fn admitted(network: IpNet) -> Self {
        Self(network)
    }

    /// Returns the network; a single address is a /32 or /128.
    pub const fn network(self) -> IpNet {
        self.0
    }

    /// Returns the address where it is a single one.
    pub fn address(self) -> Option<IpAddr> {
        (self.0.prefix_len() == self.0.max_prefix_len()).then(|| self.0.addr())
    }
}

impl fmt::Display for BlockTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(address) => address.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

/// Why a guard rail said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is no address.
    #[error("`{0}` is not an IP address or network")]
    NotAnAddress(String),
    /// The network is wider than /24 or /48.
    #[error("{network} is wider than /{widest}, the widest network that may be blocked")]
    TooWide {
        /// What was asked for.
        network: IpNet,
        /// The prefix length that would do.
        widest: u8,
    },
    /// The address means something special: loopback, private, multicast, …
    #[error("{network} is {what}, which is never blocked")]
    Special {
        /// What was asked for.
        network: IpNet,
        /// What it is.
        what: &'static str,
    },
    /// The address is on the never-touch list.
    #[error("{network} is on the never-touch list as {reason} ({entry})")]
    NeverTouch {
        /// What was asked for.
        network: IpNet,
        /// The entry that it touches.
        entry: IpNet,
        /// Why that entry is there.
        reason: String,
    },
    /// The same address is the source and the target in one alert.
    #[error("{0} is both the source and the target in this alert, so it may be a victim")]
    BothEnds(IpAddr),
    /// Our own resource acts in this alert, so the other end is a victim.
    #[error("our own instance acts in this alert, so {0} is ours or a victim's: isolate the instance instead")]
    WeAct(IpAddr),
    /// The tenant's budget for this kind of action is used up.
    #[error(
        "the limit of {per_hour} {kind} actions an hour is reached: raise it in the configuration or order the action by hand"
    )]
    RateLimit {
        /// The kind of action.
        kind: String,
        /// The limit.
        per_hour: u32,
    },
}

/// Reads an address or a network.
pub(crate) fn parse_network(text: &str) -> Result<IpNet, Refusal> {
    let trimmed = text.trim();
    if let Ok(address) = trimmed.parse::<IpAddr>() {
        return Ok(IpNet::from(address));
    }
    trimmed.parse::<IpNet>().map_err(|_| Refusal::NotAnAddress(trimmed.chars().take(80).collect()))
}

/// Returns the canonical form: host bits cleared, and an IPv4-mapped IPv6 network (`::ffff:192.0.2.1`, RFC 4291
/// §2.5.5.2) as the IPv4 network that it is, so that it cannot slip past a list of IPv4 networks.
pub(crate) fn canonical(network: IpNet) -> IpNet {
    if let IpNet::V6(six) = network
        && six.prefix_len() >= 96
        && let Some(four) = six.addr().to_ipv4_mapped()
        && let Ok(mapped) = Ipv4Net::new(four, six.prefix_len() - 96)
    {
        return IpNet::V4(mapped.trunc());
    }
    network.trunc()
}

/// Returns whether two networks share an address.
pub(crate) fn overlap(left: &IpNet, right: &IpNet) -> bool {
    left.contains(right) || right.contains(left)
}

/// Refuses what is never blocked whoever asks: too wide, or of a range that means something special.
pub(crate) fn check_shape(network: IpNet) -> Result<(), Refusal> {
    let widest = match network {
        IpNet::V4(_) => WIDEST_V4,
        IpNet::V6(_) => WIDEST_V6,
    };
    if network.prefix_len() < widest {
        return Err(Refusal::TooWide { network, widest });
    }
    match special(&network) {
        Some(what) => Err(Refusal::Special { network, what }),
        None => Ok(()),
    }
}

/// The documentation ranges (RFC 5737, RFC 3849) are absent on purpose: examples and tests take them for attackers, and
/// nobody owns them, so blocking one harms nobody.
const SPECIAL_V4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "an unspecified address (RFC 1122)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address (RFC 1918)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a shared address of a provider (RFC 6598)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback address"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local address (RFC 3927)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address (RFC 1918)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a protocol address (RFC 6890)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address (RFC 1918)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (Ipv4Addr::BROADCAST, 32, "the broadcast address"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved address (RFC 1112)"),
];

const SPECIAL_V6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "an unspecified address"),
    (Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4-compatible address (RFC 4291)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4-mapped address (RFC 4291)"),
    (Ipv6Addr::new(0x0100, 0, 0, 0, 0, 0, 0, 0), 64, "a discard address (RFC 6666)"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private address (RFC 4193)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "a link-local address"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a site-local address (RFC 3879)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "a multicast address"),
];

fn special(network: &IpNet) -> Option<&'static str> {
    match network {
        IpNet::V4(_) => SPECIAL_V4.iter().find_map(|(address, length, what)| {
            let range = Ipv4Net::new(*address, *length).ok()?;
            overlap(&IpNet::V4(range), network).then_some(*what)
        }),
        IpNet::V6(_) => SPECIAL_V6.iter().find_map(|(address, length, what)| {
            let range = Ipv6Net::new(*address, *length).ok()?;
            overlap(&IpNet::V6(range), network).then_some(*what)
        }),
    }
}

/// Returns the IPv4 address that an IPv6 address stands for at a translator: NAT64 (`64:ff9b::/96`, RFC 6052) and 6to4
/// (`2002::/16`, RFC 3056). To block the one is to block the other.
pub(crate) fn embedded_v4(network: &IpNet) -> Option<Ipv4Addr> {
    let IpNet::V6(six) = network else { return None };
    let segments = six.addr().segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] if six.prefix_len() >= 96 => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}
