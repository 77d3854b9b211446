//! What is said to nftables: JSON made from typed addresses, never text from outside.
//!
//! The format is that of libnftables-json(5), nftables 1.0.

use std::time::Duration;

use ipnet::IpNet;
use serde_json::{Value, json};
use vigie_model::ActionId;

pub(crate) const FAMILY: &str = "inet";
pub(crate) const TABLE: &str = "vigie";
/// How many elements each set holds at most.
const SET_ELEMENTS_MAX: u32 = 65_535;

/// A set of what is blocked. Addresses are in sets of their own, which the kernel keeps as hash tables; networks need
/// interval sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) name: &'static str,
    kind: &'static str,
    protocol: &'static str,
    is_interval: bool,
}

pub(crate) const SETS: [Set; 4] = [
    Set { name: "block_v4", kind: "ipv4_addr", protocol: "ip", is_interval: false },
    Set { name: "block_v6", kind: "ipv6_addr", protocol: "ip6", is_interval: false },
    Set { name: "block_net_v4", kind: "ipv4_addr", protocol: "ip", is_interval: true },
    Set { name: "block_net_v6", kind: "ipv6_addr", protocol: "ip6", is_interval: true },
];

/// Returns the set that a network belongs in.
pub(crate) fn set_of(network: IpNet) -> Set {
    let is_single = network.prefix_len() == network.max_prefix_len();
    let index = match network {
        IpNet::V4(_) => 0,
        IpNet::V6(_) => 1,
    };
    SETS[if is_single { index } else { index + 2 }]
}

/// Returns a batch that makes the table, its sets, chains and rules, whatever is there already. It is one transaction,
/// so no packet passes between the old rules and the new.
pub(crate) fn setup() -> Vec<Value> {
    let mut batch = declare_sets();
    for hook in ["input", "forward"] {
        // A bit before the usual filter priority: nothing that another table accepts is asked here.
        batch.push(json!({"add": {"chain": {
            "family": FAMILY, "table": TABLE, "name": hook, "type": "filter", "hook": hook, "prio": -10, "policy": "accept",
        }}}));
        batch.push(json!({"flush": {"chain": {"family": FAMILY, "table": TABLE, "name": hook}}}));
        for set in SETS {
            batch.push(json!({"add": {"rule": {"family": FAMILY, "table": TABLE, "chain": hook, "expr": [
                {"match": {
                    "op": "==",
                    "left": {"payload": {"protocol": set.protocol, "field": "saddr"}},
                    "right": format!("@{}", set.name),
                }},
                {"drop": null},
            ]}}}));
        }
    }
    batch
}

/// Returns a batch that puts a network in its set, or puts its end off where it is there. The kernel leaves the end of an
/// element that is added again as it was, so it is taken out and put back in one transaction.
pub(crate) fn block(network: IpNet, timeout: Duration, action: &ActionId) -> Vec<Value> {
    let mut batch = setup();
    batch.push(element("add", network, Some((timeout, action))));
    batch.push(element("delete", network, None));
    batch.push(element("add", network, Some((timeout, action))));
    batch
}

/// Returns a batch after which a network is in no set, whether it was or not.
pub(crate) fn unblock(network: IpNet) -> Vec<Value> {
    let mut batch = declare_sets();
    batch.push(element("add", network, None));
    batch.push(element("delete", network, None));
    batch
}

/// Returns a batch that takes everything of ours away.
pub(crate) fn remove_all() -> Vec<Value> {
    let table = json!({"table": {"family": FAMILY, "name": TABLE}});
    vec![json!({"add": table}), json!({"delete": table})]
}

fn declare_sets() -> Vec<Value> {
    let mut batch = vec![json!({"add": {"table": {"family": FAMILY, "name": TABLE}}})];
    for set in SETS {
        let flags: &[&str] = if set.is_interval { &["timeout", "interval"] } else { &["timeout"] };
        batch.push(json!({"add": {"set": {
            "family": FAMILY, "table": TABLE, "name": set.name, "type": set.kind, "flags": flags,
            "size": SET_ELEMENTS_MAX,
        }}}));
    }
    batch
}

fn element(verb: &str, network: IpNet, held: Option<(Duration, &ActionId)>) -> Value {
    let set = set_of(network);
    let value = if set.is_interval {
        json!({"prefix": {"addr": network.network().to_string(), "len": network.prefix_len()}})
    } else {
        json!(network.addr().to_string())
    };
    let item = match held {
        Some((timeout, action)) => {
            json!({"elem": {"val": value, "timeout": timeout.as_secs().max(1), "comment": format!("action {action}")}})
        }
        None => value,
    };
    json!({verb: {"element": {"family": FAMILY, "table": TABLE, "name": set.name, "elem": [item]}}})
}
