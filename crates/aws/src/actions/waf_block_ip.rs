//! `waf.block_ip`: addresses in the IP sets of a web ACL.
//!
//! Limits: 10,000 addresses a set, IPv4 and IPv6 in sets of their own, no /0, one change a second for each account and
//! Region ([`Pace`]), and an update that was not made from the newest state is refused. Who blocks many addresses
//! collects them and calls [`change`] once.
//! Source: <https://docs.aws.amazon.com/waf/latest/developerguide/limits.html>.

use std::collections::BTreeSet;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Value, json};
use vigie_model::Action;
use vigie_respond::{ActionSpec, ExecuteError, Outcome, WAF_BLOCK_IP};

use super::edge::{EdgeChange, EdgeReport, Fill, difference, spelt};
use super::{AwsAction, Context, parameter};
use crate::pace::Turn;
use crate::permissions::{Resources, Statement};
use crate::services::waf::{IpSetContent, get_ip_set, get_ip_set_call, update_ip_set, update_ip_set_call};
use crate::{AwsError, Call, Client, IpSet, Pace, Region, Scope, Settings, WafSets};

/// How many addresses a set takes.
pub const ADDRESSES_MAX: usize = 10_000;

/// How often a change is tried against others who change the same set.
const ROUNDS_MAX: u32 = 8;

/// Blocks an address at the web application firewall.
pub(super) struct WafBlockIp;

static STATEMENTS: [Statement; 1] = [Statement {
    sid: "WafSets",
    actions: &["wafv2:GetIPSet", "wafv2:UpdateIPSet"],
    resources: Resources::List { variable: "waf_ip_set_arns" },
    conditions: &[],
    why: "blocks attackers in its own IP sets, and in no other",
}];

/// A set with the kind of addresses that it takes.
struct Place<'a> {
    scope: Scope,
    set: &'a IpSet,
    is_v4: bool,
}

fn places(sets: &[WafSets]) -> impl Iterator<Item = Place<'_>> {
    sets.iter().flat_map(|pair| {
        let v4 = Place { scope: pair.scope, set: &pair.ipv4, is_v4: true };
        let v6 = pair.ipv6.as_ref().map(|set| Place { scope: pair.scope, set, is_v4: false });
        std::iter::once(v4).chain(v6)
    })
}

impl Place<'_> {
    fn takes(&self, network: &IpNet) -> bool {
        matches!(network, IpNet::V4(_)) == self.is_v4
    }
}

/// Blocks and unblocks many addresses, with one update at most for each set. All sets are tried, and the first error is
/// told after the last: a repeat completes what is missing.
///
/// # Errors
/// A set could not be read or changed.
pub fn change(
    client: &Client,
    settings: &Settings,
    pace: &Pace,
    change: &EdgeChange<'_>,
) -> Result<EdgeReport, ExecuteError> {
    let mut report = EdgeReport::default();
    for network in change.add {
        if network.prefix_len() == 0 {
            report.refused.insert(*network, "a network of all addresses is never blocked".to_owned());
        } else if !places(&settings.waf).any(|place| place.takes(network)) {
            let kind = if matches!(network, IpNet::V4(_)) { "IPv4" } else { "IPv6" };
            report.refused.insert(network.trunc(), format!("no web ACL has an IP set for {kind} in the settings"));
        }
    }
    let mut first_error = None;
    let concerned = |place: &Place<'_>| change.add.iter().chain(change.remove).any(|network| place.takes(network));
    for place in places(&settings.waf).filter(concerned) {
        let client = in_scope(client, place.scope);
        let work = |turn: &mut Turn<'_>| change_set(&client, turn, &place, change, &mut report);
        if let Err(error) = pace.in_turn(client.region(), work) {
            let what = format!("change the IP set {}", place.set.name);
            first_error.get_or_insert(error.into_execute_error(&what));
        }
    }
    first_error.map_or(Ok(report), Err)
}

/// Reads a set, works out what is to change, and writes it, until nobody was faster.
fn change_set(
    client: &Client,
    turn: &mut Turn<'_>,
    place: &Place<'_>,
    change: &EdgeChange<'_>,
    report: &mut EdgeReport,
) -> Result<(), AwsError> {
    let mut round = 1;
    loop {
        let mut next = next_state(&get_ip_set(client, place.scope, place.set)?, place, change);
        if next.update.is_some() && !client.is_dry_run() && turn.wait() {
            // Somebody in another process may have changed it while we waited.
            next = next_state(&get_ip_set(client, place.scope, place.set)?, place, change);
        }
        if let Some(update) = &next.update {
            report.writes += 1;
            let sent = update_ip_set(client, place.scope, place.set, update);
            if !client.is_dry_run() {
                turn.sent();
            }
            match sent {
                Ok(()) => {}
                Err(AwsError::Conflict { .. } | AwsError::Throttled { .. }) if round < ROUNDS_MAX => {
                    // Whoever was faster has just written; the jitter keeps two of us from meeting again.
                    std::thread::sleep(Duration::from_millis(50).mul_f64(f64::from(round) * (0.5 + fastrand::f64())));
                    round += 1;
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        report.added.extend(next.added);
        report.removed.extend(next.removed);
        for network in next.refused {
            report
                .refused
                .insert(network, format!("the IP set {} is full: it takes {ADDRESSES_MAX} addresses", place.set.name));
        }
        report.fill.push(Fill { name: place.set.name.clone(), used: next.used, max: ADDRESSES_MAX });
        return Ok(());
    }
}

struct NextState {
    update: Option<IpSetContent>,
    added: Vec<IpNet>,
    removed: BTreeSet<IpNet>,
    refused: Vec<IpNet>,
    used: usize,
}

fn next_state(content: &IpSetContent, place: &Place<'_>, change: &EdgeChange<'_>) -> NextState {
    let current: BTreeSet<IpNet> =
        content.addresses.iter().filter_map(|address| parameter::read_network(address)).collect();
    let difference = difference(&current, change, |network| place.takes(network) && network.prefix_len() > 0);
    // What cannot be read stays as it is: somebody else put it there.
    let mut addresses: Vec<String> = content
        .addresses
        .iter()
        .filter(|text| parameter::read_network(text).is_none_or(|network| !difference.remove.contains(&network)))
        .cloned()
        .collect();
    let room = ADDRESSES_MAX.saturating_sub(addresses.len());
    let mut added = difference.add;
    let refused = added.split_off(room.min(added.len()));
    addresses.extend(added.iter().map(ToString::to_string));
    let used = addresses.len();
    let is_changed = !added.is_empty() || !difference.remove.is_empty();
    let update = is_changed.then(|| IpSetContent { addresses, ..content.clone() });
    NextState { update, added, removed: difference.remove, refused, used }
}

/// Web ACLs of CloudFront are spoken to in us-east-1, wherever the caller works.
pub(crate) fn in_scope(client: &Client, scope: Scope) -> Client {
    match scope {
        Scope::Regional => client.clone(),
        Scope::Cloudfront => {
            Region::new("us-east-1").map_or_else(|_| client.clone(), |region| client.in_region(region))
        }
    }
}

fn need_sets(settings: &Settings) -> Result<(), ExecuteError> {
    if settings.waf.is_empty() {
        return Err(ExecuteError::Unable {
            what: "block at the web application firewall".to_owned(),
            reason: "the settings name no IP set: add `waf`".to_owned(),
        });
    }
    Ok(())
}

impl AwsAction for WafBlockIp {
    fn spec(&self) -> &'static ActionSpec {
        &WAF_BLOCK_IP
    }

    fn statements(&self) -> &'static [Statement] {
        &STATEMENTS
    }

    fn plan(&self, action: &Action, settings: &Settings) -> Result<Vec<Call>, ExecuteError> {
        let network = parameter::network(action)?;
        need_sets(settings)?;
        let content = IpSetContent {
            addresses: vec!["<what is in the set>".to_owned(), network.to_string()],
            description: None,
            lock_token: "<from GetIPSet>".to_owned(),
        };
        let calls = places(&settings.waf).filter(|place| place.takes(&network)).flat_map(|place| {
            [get_ip_set_call(place.scope, place.set), update_ip_set_call(place.scope, place.set, &content)]
        });
        Ok(calls.collect())
    }

    fn execute(&self, action: &Action, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let network = parameter::network(action)?;
        need_sets(context.settings)?;
        let undo = json!({"network": network});
        (context.remember)(&undo)?;
        let wanted = EdgeChange { add: &[network], remove: &[], in_force: context.in_force };
        let report = change(context.client, context.settings, context.pace, &wanted)?;
        if let Some((network, reason)) = report.refused.into_iter().next() {
            let what = format!("block {} at the web application firewall", spelt(&network));
            return Err(ExecuteError::Rejected { what, reason });
        }
        let how = if report.added.is_empty() { "was blocked already in" } else { "is in" };
        let sets: Vec<&str> = places(&context.settings.waf)
            .filter(|place| place.takes(&network))
            .map(|place| place.set.name.as_str())
            .collect();
        let note = format!("{} {how} the IP set {}", spelt(&network), sets.join(" and "));
        Ok(Outcome { note, undo })
    }

    fn undo(&self, undo: &Value, context: &Context<'_>) -> Result<Outcome, ExecuteError> {
        let text = parameter::kept(undo, "network")?;
        let network =
            parameter::read_network(text).ok_or_else(|| parameter::wrong("network", "what was kept is no network"))?;
        let wanted = EdgeChange { add: &[], remove: &[network], in_force: context.in_force };
        let report = change(context.client, context.settings, context.pace, &wanted)?;
        let how = if report.removed.is_empty() { "was in no IP set any more" } else { "is out of the IP sets" };
        Ok(Outcome { note: format!("{} {how}", spelt(&network)), undo: Value::Null })
    }
}
