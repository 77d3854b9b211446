//! Cutting off connections that are open: a security group does not, a network ACL does.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html>.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::record::Rule;
use crate::services::ec2::{Direction, Instance, NetworkAcl, Verdict, describe_subnet_acl, interfaces_in_subnet};
use crate::{AwsError, Client};

/// How the subnets of an instance can be cut off.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// The rules to write.
    pub(super) rules: Vec<Rule>,
    /// Why connections stay open all the same.
    pub(super) open: Vec<String>,
}

/// Works out the rules. A subnet is cut off only where nobody else is hit: the instance is alone in every subnet of the
/// network ACL.
pub(super) fn plan(client: &Client, instance: &Instance) -> Result<Cut, AwsError> {
    let subnets: BTreeSet<&str> = instance.interfaces.iter().map(|interface| interface.subnet.as_str()).collect();
    let mut alone = BTreeSet::new();
    let mut cut = Cut::default();
    for subnet in subnets {
        let others = interfaces_in_subnet(client, subnet)?
            .into_iter()
            .filter(|found| !instance.interfaces.iter().any(|own| own.id == found.id))
            .count();
        if others == 0 {
            alone.insert(subnet);
        } else {
            cut.open.push(format!("it shares {subnet} with {others} other interfaces"));
        }
    }
    let mut seen = BTreeSet::new();
    for subnet in &alone {
        let Some(acl) = describe_subnet_acl(client, subnet)? else {
            cut.open.push(format!("{subnet} has no network ACL"));
            continue;
        };
        if !seen.insert(acl.id.clone()) {
            continue;
        }
        if acl.subnets.iter().any(|other| !alone.contains(other.as_str())) {
            cut.open.push(format!("the network ACL {} of {subnet} is for other subnets too", acl.id));
        } else if let Some(rules) = rules(&acl) {
            cut.rules.extend(rules);
        } else {
            cut.open.push(format!("the network ACL {} has no free number below what it allows", acl.id));
        }
    }
    Ok(cut)
}

/// Returns the rules that drop everything that a network ACL allows; `None` where no number below is free. What it
/// allows nowhere is dropped already.
fn rules(acl: &NetworkAcl) -> Option<Vec<Rule>> {
    let everything = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
    let mut rules = Vec::new();
    for direction in [Direction::Ingress, Direction::Egress] {
        let entries = || acl.entries.iter().filter(move |entry| entry.direction == direction);
        let mut taken: BTreeSet<u16> = entries().map(|entry| entry.number).collect();
        for network in everything {
            let is_kind =
                |other: Option<IpNet>| other.is_none_or(|other| other.max_prefix_len() == network.max_prefix_len());
            let allows = entries().filter(|entry| entry.verdict == Verdict::Allow && is_kind(entry.network));
            let Some(lowest) = allows.map(|entry| entry.number).min() else { continue };
            let number = (1..lowest).find(|number| !taken.contains(number))?;
            taken.insert(number);
            rules.push(Rule { acl: acl.id.clone(), direction, number, network });
        }
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::ec2::AclEntry;

    /// Entries as `in 100 allow 0.0.0.0/0`, rules as in tags.
    #[test]
    fn rules_stand_below_what_is_allowed() {
        for (entries, expected) in [
            ("", Some("")),
            ("in 100 allow 0.0.0.0/0, out 100 allow 0.0.0.0/0", Some("a/in/1/0.0.0.0/0 a/out/1/0.0.0.0/0")),
            ("in 100 allow 0.0.0.0/0, in 101 allow ::/0", Some("a/in/1/0.0.0.0/0 a/in/2/::/0")),
            ("in 1 deny 203.0.113.7/32, in 2 allow 10.0.0.0/8", None),
            ("in 1 deny 203.0.113.7/32, in 3 allow 10.0.0.0/8, in 9 allow 0.0.0.0/0", Some("a/in/2/0.0.0.0/0")),
            ("out 1 allow 0.0.0.0/0", None),
            ("in 5 deny 0.0.0.0/0", Some("")),
        ] {
            let entry = |text: &str| {
                let parts: Vec<&str> = text.split_whitespace().collect();
                AclEntry {
                    number: parts[1].parse().unwrap(),
                    direction: if parts[0] == "in" { Direction::Ingress } else { Direction::Egress },
                    verdict: if parts[2] == "allow" { Verdict::Allow } else { Verdict::Deny },
                    network: Some(parts[3].parse().unwrap()),
                    every_protocol: true,
                }
            };
            let entries = entries.split(", ").filter(|text| !text.is_empty()).map(entry).collect();
            let acl = NetworkAcl { id: "a".to_owned(), subnets: Vec::new(), entries };
            let found = rules(&acl).map(|rules| rules.into_iter().map(String::from).collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), expected, "{acl:?}");
        }
    }
}
