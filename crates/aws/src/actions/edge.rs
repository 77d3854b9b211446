//! What blocks at the web application firewall and at network ACLs have in common: many at once.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use vigie_model::Timestamp;

/// What is to be blocked, and no longer.
#[derive(Debug, Clone, Copy)]
pub struct EdgeChange<'a> {
    /// What is to be blocked, the most pressing first.
    pub add: &'a [IpNet],
    /// What is no longer to be blocked. What is also in `add` stays.
    pub remove: &'a [IpNet],
    /// When each block in force ends, those to add included, as far as the caller knows. Where room is short, the block
    /// that would end first goes, and those that are not named here before all others. Where a network is no longer
    /// blocked, those within it that are named here are blocked one by one.
    pub in_force: &'a BTreeMap<IpNet, Timestamp>,
}

/// What came of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EdgeReport {
    /// What was not blocked in some place before, and is now.
    pub added: BTreeSet<IpNet>,
    /// What was blocked in some place, and is no longer.
    pub removed: BTreeSet<IpNet>,
    /// What was blocked and gave room to others.
    pub evicted: BTreeSet<IpNet>,
    /// What is not blocked everywhere, and why.
    pub refused: BTreeMap<IpNet, String>,
    /// How full each IP set or network ACL is.
    pub fill: Vec<Fill>,
    /// How many changes were sent.
    pub writes: usize,
}

/// How full an IP set or network ACL is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// Its name or id.
    pub name: String,
    /// How many entries it has; of a network ACL, of those that are ours.
    pub used: usize,
    /// How many it can have.
    pub max: usize,
}

impl Fill {
    /// Returns how full it is, in percent.
    pub fn percent(&self) -> f64 {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        100.0 * count(self.used) / count(self.max.max(1))
    }
}

/// What a change means for one place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) add: Vec<IpNet>,
    pub(super) remove: BTreeSet<IpNet>,
}

/// Returns what a change means where `current` is blocked. `fits` says which networks the place takes at all.
pub(super) fn difference(
    current: &BTreeSet<IpNet>,
    change: &EdgeChange<'_>,
    fits: impl Fn(&IpNet) -> bool,
) -> Difference {
    let wanted: Vec<IpNet> = change.add.iter().map(IpNet::trunc).filter(|network| fits(network)).collect();
    let unwanted: BTreeSet<IpNet> =
        change.remove.iter().map(IpNet::trunc).filter(|network| !wanted.contains(network)).collect();
    let remove: BTreeSet<IpNet> = unwanted.intersection(current).copied().collect();
    let uncovered = change.in_force.keys().map(IpNet::trunc).filter(|network| {
        let was_covered = || remove.iter().any(|removed| removed.contains(network));
        fits(network) && !unwanted.contains(network) && was_covered()
    });
    let mut add: Vec<IpNet> = Vec::new();
    for network in wanted.iter().copied().chain(uncovered) {
        let is_covered =
            current.iter().filter(|known| !remove.contains(known)).chain(&add).any(|known| known.contains(&network));
        if !is_covered {
            add.retain(|known| !network.contains(known));
            add.push(network);
        }
    }
    Difference { add, remove }
}

/// Returns networks as a person reads them: a single address without its length.
pub(super) fn spelt(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() { network.addr().to_string() } else { network.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn networks(text: &str) -> Vec<IpNet> {
        text.split_whitespace().map(|network| network.parse().unwrap()).collect()
    }

    /// Current, add, remove, in force → what is added, what is removed.
    #[test]
    fn differences() {
        for (current, add, remove, in_force, added, removed) in [
            ("", "203.0.113.7/32", "", "", "203.0.113.7/32", ""),
            ("203.0.113.7/32", "203.0.113.7/32", "", "", "", ""),
            // Within a network that is there already.
            ("203.0.113.0/24", "203.0.113.7/32 198.51.100.1/32", "", "", "198.51.100.1/32", ""),
            // Collapsed, and written as networks are.
            ("", "203.0.113.7/32 203.0.113.9/24 203.0.113.8/32", "", "", "203.0.113.0/24", ""),
            // A wider network leaves the narrow ones: each has its own end.
            ("203.0.113.7/32", "203.0.113.0/24", "", "", "203.0.113.0/24", ""),
            // What is both added and removed stays.
            ("203.0.113.7/32", "203.0.113.7/32", "203.0.113.7/32", "", "", ""),
            ("203.0.113.7/32", "", "203.0.113.7/32 192.0.2.1/32", "", "", "203.0.113.7/32"),
            // What a removed network covered is blocked by itself.
            ("203.0.113.0/24", "", "203.0.113.0/24", "203.0.113.7/32 192.0.2.1/32", "203.0.113.7/32", "203.0.113.0/24"),
            ("2001:db8::/48", "2001:db8::1/128 2001:db8:1::1/128", "", "", "2001:db8:1::1/128", ""),
        ] {
            let in_force = networks(in_force).into_iter().map(|network| (network, Timestamp::EPOCH)).collect();
            let change = EdgeChange { add: &networks(add), remove: &networks(remove), in_force: &in_force };
            let expected = Difference { add: networks(added), remove: networks(removed).into_iter().collect() };
            let current: BTreeSet<IpNet> = networks(current).into_iter().collect();
            assert_eq!(difference(&current, &change, |_| true), expected, "{current:?} {change:?}");
        }
    }

    fn some_networks() -> impl Strategy<Value = Vec<IpNet>> {
        // Few addresses and many lengths, so that networks cover each other.
        let network = (0..8_u8, 26..=32_u8, any::<bool>()).prop_map(|(last, length, is_v4)| {
            let text = if is_v4 {
                format!("203.0.113.{last}/{length}")
            } else {
                format!("2001:db8::{last}/{}", u16::from(length) + 96)
            };
            text.parse().unwrap()
        });
        proptest::collection::vec(network, 0..12)
    }

    proptest! {
        #[test]
        fn a_change_does_what_it_says(
            current in some_networks(), add in some_networks(), remove in some_networks(), in_force in some_networks(),
        ) {
            let current: BTreeSet<IpNet> = current.iter().map(IpNet::trunc).collect();
            let in_force: BTreeMap<IpNet, Timestamp> =
                in_force.iter().map(|network| (network.trunc(), Timestamp::EPOCH)).collect();
            let change = EdgeChange { add: &add, remove: &remove, in_force: &in_force };
            let Difference { add: added, remove: removed } = difference(&current, &change, |_| true);
            let mut next: BTreeSet<IpNet> = current.difference(&removed).copied().collect();
            next.extend(&added);
            let covers = |set: &BTreeSet<IpNet>, network: &IpNet| set.iter().any(|one| one.contains(network));
            // What is wanted is blocked, and what is not wanted and was there is not there any more.
            for network in &add {
                prop_assert!(covers(&next, &network.trunc()));
            }
            let wanted: BTreeSet<IpNet> = add.iter().map(IpNet::trunc).collect();
            for network in remove.iter().map(IpNet::trunc).filter(|network| !wanted.contains(network)) {
                prop_assert!(!next.contains(&network) || !current.contains(&network));
            }
            // Nothing is blocked that nobody asked for.
            for network in &next {
                prop_assert!(current.contains(network) || wanted.contains(network) || in_force.contains_key(network));
            }
            // What still holds and was blocked is blocked.
            let gone: BTreeSet<IpNet> = remove.iter().map(IpNet::trunc).collect();
            for network in in_force.keys().filter(|network| !gone.contains(network) && covers(&current, network)) {
                prop_assert!(covers(&next, network), "{network} is blocked no longer");
            }
            // Once is enough, and no address is there twice.
            let again = difference(&next, &change, |_| true);
            prop_assert!(again.add.is_empty(), "{again:?}");
            prop_assert_eq!(added.iter().collect::<BTreeSet<_>>().len(), added.len());
        }
    }
}
