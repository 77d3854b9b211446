//! Networks by prefix length, for finding all that hold an address.

use std::net::IpAddr;

use ipnet::IpNet;

/// Networks of one IP version with a value each: for every prefix length in use, the masked addresses sorted. Finding all
/// networks that hold an address costs one binary search for each prefix length in use.
#[derive(Debug)]
struct Table<T> {
    width: u8,
    /// Prefix length, and the networks of that length as (address, value).
    lengths: Vec<(u8, Vec<(u128, T)>)>,
}

impl<T: Copy + Ord> Table<T> {
    fn new(width: u8) -> Self {
        Self { width, lengths: Vec::new() }
    }

    fn mask(&self, address: u128, prefix: u8) -> u128 {
        let shift = u32::from(self.width - prefix.min(self.width));
        if shift >= 128 { 0 } else { address >> shift << shift }
    }

    fn insert(&mut self, address: u128, prefix: u8, value: T) {
        let address = self.mask(address, prefix);
        match self.lengths.iter_mut().find(|(length, _)| *length == prefix) {
            Some((_, networks)) => networks.push((address, value)),
            None => self.lengths.push((prefix, vec![(address, value)])),
        }
    }

    fn sort(&mut self) {
        self.lengths.sort_by_key(|(length, _)| *length);
        for (_, networks) in &mut self.lengths {
            networks.sort_unstable();
            networks.dedup();
            networks.shrink_to_fit();
        }
    }

    fn holding(&self, address: u128) -> impl Iterator<Item = T> + '_ {
        self.lengths.iter().flat_map(move |(length, networks)| {
            let masked = self.mask(address, *length);
            let first = networks.partition_point(|(network, _)| *network < masked);
            networks[first..].iter().take_while(move |(network, _)| *network == masked).map(|(_, value)| *value)
        })
    }
}

/// Networks of both IP versions with a value each.
#[derive(Debug)]
pub(crate) struct Networks<T> {
    v4: Table<T>,
    v6: Table<T>,
}

impl<T: Copy + Ord> Networks<T> {
    /// Returns the tables of these networks.
    pub(crate) fn new(networks: impl IntoIterator<Item = (IpNet, T)>) -> Self {
        let (mut v4, mut v6) = (Table::new(32), Table::new(128));
        for (net, value) in networks {
            match net.network() {
                IpAddr::V4(ip) => v4.insert(u128::from(u32::from(ip)), net.prefix_len(), value),
                IpAddr::V6(ip) => v6.insert(u128::from(ip), net.prefix_len(), value),
            }
        }
        v4.sort();
        v6.sort();
        Self { v4, v6 }
    }

    /// Returns the values of all networks that hold an address, the widest first.
    pub(crate) fn holding(&self, ip: IpAddr) -> impl Iterator<Item = T> + '_ {
        let (table, address) = match ip.to_canonical() {
            IpAddr::V4(ip) => (&self.v4, u128::from(u32::from(ip))),
            IpAddr::V6(ip) => (&self.v6, u128::from(ip)),
        };
        table.holding(address)
    }
}

impl<T: Copy + Ord> Default for Networks<T> {
    fn default() -> Self {
        Self::new([])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_walk_over_all_finds(
            nets in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..60),
            six in prop::collection::vec((any::<u128>(), 0_u8..=128), 0..20),
            ip in any::<u32>(), ip6 in any::<u128>(),
        ) {
            let all: Vec<IpNet> = nets.iter().map(|(ip, prefix)| IpNet::new(IpAddr::V4((*ip).into()), *prefix).unwrap())
                .chain(six.iter().map(|(ip, prefix)| IpNet::new(IpAddr::V6((*ip).into()), *prefix).unwrap())).collect();
            let networks = Networks::new(all.iter().copied().zip(0_u32..));
            // Besides random addresses, one that lies in a network for sure.
            let near = nets.first().map_or(ip, |(net, _)| *net);
            for ip in [IpAddr::V4(ip.into()), IpAddr::V4(near.into()), IpAddr::V6(ip6.into())] {
                if ip.to_canonical() != ip { continue; }
                let mut found: Vec<u32> = networks.holding(ip).collect();
                found.sort_unstable();
                let expected: Vec<u32> = all.iter().zip(0..).filter(|(net, _)| net.contains(&ip)).map(|(_, index)| index).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
