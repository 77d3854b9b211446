//! `nacl.block_ip`: entries of network ACLs that drop what comes from an address.
//!
//! Limits: a network ACL takes 20 rules a direction unless its quota was raised (40 at most), so only a range of rule
//! numbers is ours ([`NaclRange`](crate::NaclRange)); nothing outside it is ever touched. With more blocks than numbers the block that
//! would end first goes. Entries carry no tags, so only the caller knows when each ends.
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde_json::{Value, json};
use vigie_model::{Action, Timestamp};
use vigie_respond::{ActionSpec, ExecuteError, NACL_BLOCK_IP, Outcome};

use super::edge::{EdgeChange, EdgeReport, Fill, difference, spelt};
use super::{AwsAction, Context, parameter};
use crate::permissions::{DESCRIBES_ANY, Resources, Statement};
use crate::services::ec2::{
    AclEntry, Direction, NetworkAcl, Verdict, create_network_acl_entry_call, delete_network_acl_entry_call,
    describe_network_acls, describe_network_acls_call,
};
use crate::{AwsError, Call, Client, NaclRange, Settings};

/// How often a rule number is looked for anew because somebody took it meanwhile.
const ROUNDS_MAX: u32 = 8;

/// Blocks an address at the network ACL.
pub(super) struct NaclBlockIp;

static STATEMENTS: [Statement; 2] = [
    Statement {
        sid: "NaclRead",
        actions: &["ec2:DescribeNetworkAcls"],
        resources: Resources::Any { why: DESCRIBES_ANY },
        conditions: &[],
        why: "finds a free rule number",
    },
    Statement {
        sid: "NaclEntries",
        actions: &["ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAclEntry"],
        resources: Resources::List { variable: "nacl_arns" },
        conditions: &[],
        why: "blocks attackers in the network ACLs of the settings, and in no other",
    },
];

/// Blocks and unblocks many addresses. All network ACLs are tried, and the first error is told after the last: a repeat
/// completes what is missing.
///
/// # Errors
/// A network ACL could not be read or changed.
pub fn change(client: &Client, settings: &Settings, change: &EdgeChange<'_>) -> Result<EdgeReport, ExecuteError> {
    let range = &settings.nacl;
    let mut report = EdgeReport::default();
    for network in change.add.iter().filter(|network| network.prefix_len() == 0) {
        report.refused.insert(*network, "a network of all addresses is never blocked".to_owned());
    }
    let mut first_error = None;
    for id in &range.ids {
        let mut work = Work { client, range, change, report: &mut report, fresh: BTreeSet::new() };
        if let Err(error) = work.change_acl(id) {
            first_error.get_or_insert(error);
        }
    }
    first_error.map_or(Ok(report), Err)
}

/// The change of one network ACL.
struct Work<'a> {
    client: &'a Client,
    range: &'a NaclRange,
    change: &'a EdgeChange<'a>,
    report: &'a mut EdgeReport,
    /// What this change added: it does not give room to the rest of the same change.
    fresh: BTreeSet<IpNet>,
}

impl Work<'_> {
    fn change_acl(&mut self, id: &str) -> Result<(), ExecuteError> {
        let told = |error: AwsError| error.into_execute_error(&format!("change the network ACL {id}"));
        let mut acl = self.read(id)?;
        let current = self.ours(&acl).filter_map(|entry| entry.network).collect();
        let difference = difference(&current, self.change, |network| network.prefix_len() > 0);
        for network in &difference.remove {
            self.remove(&mut acl, *network).map_err(told)?;
            self.report.removed.insert(*network);
        }
        for network in difference.add {
            self.add(&mut acl, network)?;
        }
        let used = self.ours(&acl).count();
        self.report.fill.push(Fill { name: id.to_owned(), used, max: self.range.rules.into() });
        Ok(())
    }

    fn read(&self, id: &str) -> Result<NetworkAcl, ExecuteError> {
        let what = format!("read the network ACL {id}");
        let acls = describe_network_acls(self.client, &[id]).map_err(|error| error.into_execute_error(&what))?;
        acls.into_iter().next().ok_or_else(|| ExecuteError::Unable { what, reason: "it does not exist".to_owned() })
    }

    /// Returns the entries that are ours: in our range, and of the shape that we write.
    fn ours<'a>(&self, acl: &'a NetworkAcl) -> impl Iterator<Item = &'a AclEntry> + use<'a> {
        let (first, end) = (self.range.first_rule, self.range.first_rule.saturating_add(self.range.rules));
        acl.entries.iter().filter(move |entry| {
            entry.direction == Direction::Ingress
                && (first..end).contains(&entry.number)
                && entry.verdict == Verdict::Deny
                && entry.every_protocol
                && entry.network.is_some()
        })
    }

    fn remove(&mut self, acl: &mut NetworkAcl, network: IpNet) -> Result<(), AwsError> {
        let numbers: Vec<u16> =
            self.ours(acl).filter(|entry| entry.network == Some(network)).map(|entry| entry.number).collect();
        for number in numbers {
            self.report.writes += 1;
            match self.client.send(&delete_network_acl_entry_call(&acl.id, number, Direction::Ingress)) {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => acl.entries.retain(|entry| entry.direction != Direction::Ingress || entry.number != number),
            }
        }
        Ok(())
    }

    fn add(&mut self, acl: &mut NetworkAcl, network: IpNet) -> Result<(), ExecuteError> {
        let what = format!("block {} in the network ACL {}", spelt(&network), acl.id);
        let told = |error: AwsError| error.into_execute_error(&what);
        let mut gave_room = false;
        for _ in 0..ROUNDS_MAX {
            let Some(number) = self.free_number(acl) else {
                if !self.evict(acl).map_err(told)? {
                    let reason = format!(
                        "all {} rule numbers in the network ACL {} hold newer blocks",
                        self.range.rules, acl.id
                    );
                    self.report.refused.insert(network, reason);
                    return Ok(());
                }
                continue;
            };
            self.report.writes += 1;
            let call = create_network_acl_entry_call(&acl.id, number, Direction::Ingress, network);
            match self.client.send(&call).map(drop) {
                Ok(()) => {
                    acl.entries.push(entry(number, network));
                    self.fresh.insert(network);
                    self.report.added.insert(network);
                    return Ok(());
                }
                // Taken meanwhile, or by a try of ours whose answer was lost.
                Err(error) if error.code() == Some("NetworkAclEntryAlreadyExists") => {
                    *acl = self.read(&acl.id)?;
                    if self.ours(acl).any(|entry| entry.network == Some(network)) {
                        self.fresh.insert(network);
                        self.report.added.insert(network);
                        return Ok(());
                    }
                }
                Err(error) if error.code() == Some("NetworkAclEntryLimitExceeded") => {
                    if gave_room || !self.evict(acl).map_err(told)? {
                        let reason = "it has as many rules as its quota allows: raise the quota (40 at most), or lower \
                                      `nacl.rules` in the settings";
                        return Err(ExecuteError::Rejected { what, reason: reason.to_owned() });
                    }
                    gave_room = true;
                }
                Err(error) => return Err(told(error)),
            }
        }
        Err(ExecuteError::Unavailable { what, reason: "others take rule numbers faster than we find them".to_owned() })
    }

    /// Returns the lowest rule number of ours that nobody has.
    fn free_number(&self, acl: &NetworkAcl) -> Option<u16> {
        let taken: BTreeSet<u16> = acl
            .entries
            .iter()
            .filter(|entry| entry.direction == Direction::Ingress)
            .map(|entry| entry.number)
            .collect();
        let end = self.range.first_rule.saturating_add(self.range.rules);
        (self.range.first_rule..end).find(|number| !taken.contains(number))
    }

    /// Takes out the block that would end first. Returns whether there was one.
    fn evict(&mut self, acl: &mut NetworkAcl) -> Result<bool, AwsError> {
        let end_of = |network: &IpNet| self.change.in_force.get(network).copied().unwrap_or(Timestamp::MIN);
        let first = self
            .ours(acl)
            .filter_map(|entry| Some((entry.network?, entry.number)))
            .filter(|(network, _)| !self.fresh.contains(network))
            .min_by_key(|(network, number)| (end_of(network), *number));
        let Some((network, _)) = first else { return Ok(false) };
        self.remove(acl, network)?;
        self.report.evicted.insert(network);
        Ok(true)
    }
}

fn entry(number: u16, network: IpNet) -> AclEntry {
    AclEntry {
        number,
        direction: Direction::Ingress,
        verdict: Verdict::Deny,
        network: Some(network),
        every_protocol: true,
    }
}

fn need_acls(settings: &Settings) -> Result<(), ExecuteError> {
    let NaclRange { ids, first_rule, rules } = &settings.nacl;
    let reason = if ids.is_empty() {
        "the settings name no network ACL: add `nacl.ids`"
    } else if *first_rule == 0 || *rules == 0 || first_rule.checked_add(*rules).is_none_or(|end| end > 32_767) {
        "`nacl.first_rule` and `nacl.rules` must lie within 1 to 32766"
    } else {
        return Ok(());
    };
    Err(ExecuteError::Unable { what: "block at the network ACL".to_owned(), reason: reason.to_owned() })
}

impl AwsAction for NaclBlockIp {
    fn spec(&self) -> &'static ActionSpec {
        &NACL_BLOCK_IP
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let network = parameter::network(action)?;
        need_acls(settings)?;
        let NaclRange { first_rule, rules, .. } = settings.nacl;
        let number = format!("<a free number from {first_rule} to {}>", first_rule.saturating_add(rules) - 1);
        let calls = settings.nacl.ids.iter().flat_map(|id| {
            [describe_network_acls_call(&[id]), create_network_acl_entry_call(id, &number, Direction::Ingress, network)]
        });
        Ok(calls.collect())
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let network = parameter::network(action)?;
        need_acls(context.settings)?;
        (context.remember)(&json!({"network": network}))?;
        let wanted = EdgeChange { add: &[network], remove: &[], in_force: context.in_force };
        let report = change(context.client, context.settings, &wanted)?;
        if let Some((network, reason)) = report.refused.into_iter().next() {
            let what = format!("block {} at the network ACL", spelt(&network));
            return Err(ExecuteError::Rejected { what, reason });
        }
        let how = if report.added.is_empty() { "was denied already by" } else { "is denied by" };
        let mut note = format!("{} {how} the network ACL {}", spelt(&network), context.settings.nacl.ids.join(" and "));
        if !report.evicted.is_empty() {
            let gone: Vec<String> = report.evicted.iter().map(spelt).collect();
            note = format!("{note}; {} gave room and is denied no longer", gone.join(", "));
        }
        Ok(Outcome { note, undo: json!({"network": network, "evicted": report.evicted}) })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let text = parameter::kept(undo, "network")?;
        let network =
            parameter::read_network(text).ok_or_else(|| parameter::wrong("network", "what was kept is no network"))?;
        let wanted = EdgeChange { add: &[], remove: &[network], in_force: context.in_force };
        let report = change(context.client, context.settings, &wanted)?;
        let how = if report.removed.is_empty() { "had no rule any more" } else { "has no rule any more" };
        Ok(Outcome { note: format!("{} {how} in the network ACLs", spelt(&network)), undo: Value::Null })
    }
}
