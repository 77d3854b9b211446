//! The parts that the settings name.

use vigie_model::Timestamp;

use super::Check;
use crate::actions::{ADDRESSES_MAX, in_scope};
use crate::services::ec2::{AclEntry, Direction, NetworkAcl, SecurityGroup, Verdict};
use crate::services::{ec2, guardduty, sns, sqs, waf};
use crate::{Client, Decisions, IpSet, NaclRange, Scope, Settings};

/// From which part of its limit on a set of addresses is called full.
const FULL_PERCENT: usize = 80;

pub(super) fn guard_duty(client: &Client, checks: &mut Vec<Check>) {
    let what = format!("GuardDuty in {}", client.region());
    let enable = "enable GuardDuty in this Region: without it there are no findings";
    let detectors = match guardduty::list_detectors(client) {
        Ok(detectors) => detectors,
        Err(error) => return checks.push(Check::failed(what, &error, enable)),
    };
    let Some(id) = detectors.first() else {
        return checks.push(Check::bad(what, "no detector", enable));
    };
    checks.push(match guardduty::get_detector(client, id) {
        Ok(detector) if !detector.enabled => Check::bad(what, format!("detector {id} is suspended"), enable),
        Ok(detector) if detector.frequency == "FIFTEEN_MINUTES" => {
            Check::good(what, format!("detector {id}, repeats every 15 minutes"))
        }
        Ok(detector) => Check::bad(
            what,
            format!("detector {id} tells of repeats {}", detector.frequency),
            "set the finding publishing frequency to FIFTEEN_MINUTES: until a repeat is told, its block may end",
        ),
        Err(error) => Check::failed(what, &error, enable),
    });
}

pub(super) fn ip_sets(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    if settings.waf.is_empty() {
        checks.push(Check::unknown(
            "IP sets of WAF",
            "the settings name none: no address is blocked at the web application firewall",
            "name them in `waf`, if the account has web ACLs",
        ));
    }
    for sets in &settings.waf {
        checks.push(ip_set(client, sets.scope, &sets.ipv4));
        match &sets.ipv6 {
            Some(set) => checks.push(ip_set(client, sets.scope, set)),
            None => checks.push(Check::bad(
                format!("IP set for IPv6 beside {}", sets.ipv4.name),
                "the settings name none: IPv6 addresses pass the web application firewall",
                "make an IP set of the kind IPV6, put it into the web ACL and name it in `waf`",
            )),
        }
    }
}

fn ip_set(client: &Client, scope: Scope, set: &IpSet) -> Check {
    let what = format!("IP set {} ({})", set.name, scope.as_str());
    match waf::get_ip_set(&in_scope(client, scope), scope, set) {
        Ok(content) => {
            let used = content.addresses.len();
            let detail = format!("{used} of {ADDRESSES_MAX} addresses");
            if used * 100 >= ADDRESSES_MAX * FULL_PERCENT {
                return Check::bad(what, detail, "let blocks end sooner (`block_for`), or take old ones out");
            }
            Check::good(what, detail)
        }
        Err(error) => Check::failed(what, &error, "make it, or correct its name and id in `waf`"),
    }
}

pub(super) fn network_acls(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    for id in &settings.nacl.ids {
        let what = format!("network ACL {id}");
        let wrong = "make it, or correct its id in `nacl.ids`";
        match ec2::describe_network_acls(client, &[id]) {
            Ok(acls) => match acls.first() {
                Some(acl) => checks.extend(network_acl(&what, acl, &settings.nacl)),
                None => checks.push(Check::bad(what, "it does not exist", wrong)),
            },
            Err(error) => checks.push(Check::failed(what, &error, wrong)),
        }
    }
}

fn network_acl(what: &str, acl: &NetworkAcl, range: &NaclRange) -> Vec<Check> {
    let numbers = range.first_rule..range.first_rule.saturating_add(range.rules);
    let incoming = || acl.entries.iter().filter(|entry| entry.direction == Direction::Ingress);
    let is_ours = |entry: &AclEntry| entry.verdict == Verdict::Deny && entry.every_protocol && entry.network.is_some();
    let (ours, foreign): (Vec<&AclEntry>, Vec<&AclEntry>) =
        incoming().filter(|entry| numbers.contains(&entry.number)).partition(|entry| is_ours(entry));
    let free = usize::from(range.rules) - ours.len() - foreign.len();
    let mut checks = Vec::new();
    if !foreign.is_empty() {
        let list: Vec<String> = foreign.iter().map(|entry| entry.number.to_string()).collect();
        checks.push(Check::bad(
            what,
            format!("rules {} in our range are somebody else's", list.join(", ")),
            "move them, or set `nacl.first_rule` and `nacl.rules` to numbers that are free",
        ));
    }
    let above = incoming().find(|entry| entry.verdict == Verdict::Allow && entry.number < range.first_rule);
    if let Some(above) = above {
        checks.push(Check::bad(
            what,
            format!("rule {} allows before ours deny", above.number),
            "give it a number behind our range: the lowest number wins",
        ));
    }
    let detail = format!("{} blocked, {free} rule numbers free, {} subnets", ours.len(), acl.subnets.len());
    checks.push(if acl.subnets.is_empty() {
        Check::bad(what, detail, "associate it with the subnets that it protects: it has none")
    } else if free == 0 {
        Check::bad(
            what,
            detail,
            "a new block takes the place of the one that ends first: raise the quota and `nacl.rules`",
        )
    } else {
        Check::good(what, detail)
    });
    checks
}

pub(super) fn quarantine_groups(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    if settings.quarantine_groups.is_empty() {
        checks.push(Check::unknown(
            "quarantine groups",
            "the settings name none: each VPC's is looked up by its tag vigie:quarantine=true",
            "make one in each VPC and name it in `quarantine_groups`",
        ));
    }
    for (vpc, group) in &settings.quarantine_groups {
        let what = format!("quarantine group {group} of {vpc}");
        let wrong = "make it, or correct its id in `quarantine_groups`";
        checks.push(match ec2::describe_security_groups(client, &[group]) {
            Ok(groups) => match groups.first() {
                Some(found) => quarantine_group(what, vpc, found),
                None => Check::bad(what, "it does not exist", wrong),
            },
            Err(error) => Check::failed(what, &error, wrong),
        });
    }
}

fn quarantine_group(what: String, vpc: &str, group: &SecurityGroup) -> Check {
    if group.vpc != *vpc {
        return Check::bad(
            what,
            format!("it is in {}", group.vpc),
            "name the group of this VPC in `quarantine_groups`",
        );
    }
    if group.ingress_rules + group.egress_rules > 0 {
        let detail = format!("{} rules let in, {} let out", group.ingress_rules, group.egress_rules);
        return Check::bad(what, detail, "take its rules out, the one that AWS puts into a new group included");
    }
    Check::good(what, "it lets nothing in or out")
}

pub(super) fn table(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    let wrong = "make it with the key `id` and the index `by_state`, or correct `table`";
    let Some(table) = &settings.table else {
        return checks.push(Check::bad(
            "table of decisions",
            "the settings name none: nothing ends by itself and nothing can be undone",
            "name one in `table`",
        ));
    };
    let what = format!("table {table}");
    let decisions = Decisions::new(client.clone(), table);
    if let Err(error) = decisions.get("vigie-doctor") {
        return checks.push(Check::failed(what, &error, wrong));
    }
    checks.push(match decisions.due(Timestamp::EPOCH, 1) {
        Ok(_) => Check::good(what, "it and its index by_state answer"),
        Err(error) => Check::failed(what, &error, wrong),
    });
}

pub(super) fn queue(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    let Some(queue) = &settings.edge_queue else {
        return checks.push(Check::unknown(
            "edge queue",
            "the settings name none: IP sets and network ACLs are changed by whoever is called, one at a time",
            "name a FIFO queue in `edge_queue` where more than one responder may run",
        ));
    };
    let what = format!("queue {queue}");
    checks.push(match sqs::get_queue_attributes(client, queue) {
        Ok(attributes) => {
            let says = |name: &str, value: &str| attributes.get(name).is_some_and(|found| found == value);
            if !says("FifoQueue", "true") {
                Check::bad(what, "it is no FIFO queue: changes may overtake each other", "make a FIFO queue")
            } else if says("ContentBasedDeduplication", "true") {
                Check::bad(
                    what,
                    "it tells repeats by their content",
                    "turn ContentBasedDeduplication off: every message brings its own id",
                )
            } else if !attributes.contains_key("RedrivePolicy") {
                Check::bad(
                    what,
                    "it has no dead-letter queue",
                    "give it one: a message that fails would block its group",
                )
            } else {
                let waiting = attributes.get("ApproximateNumberOfMessages").map_or("?", String::as_str);
                Check::good(what, format!("FIFO, {waiting} messages wait"))
            }
        }
        Err(error) => Check::failed(what, &error, "make it, or correct `edge_queue`"),
    });
}

pub(super) fn topic(client: &Client, settings: &Settings, checks: &mut Vec<Check>) {
    let Some(topic) = &settings.topic else {
        let detail = "the settings name none: nobody is told what is done";
        return checks.push(Check::bad("topic", detail, "name one in `topic`"));
    };
    let what = format!("topic {topic}");
    checks.push(match sns::subscriptions(client, topic) {
        Ok(found) if found.confirmed == 0 => Check::bad(
            what,
            format!("nobody listens; {} did not confirm yet", found.pending),
            "subscribe somebody, and confirm by the link in the message",
        ),
        Ok(found) => Check::good(what, format!("{} listen, {} did not confirm yet", found.confirmed, found.pending)),
        Err(error) => Check::failed(what, &error, "make it, or correct `topic`"),
    });
}
