//! Blocks at the edge against the limits that AWS enforces.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::json;
use vigie_aws::{EdgeChange, EdgeReport, change_ip_sets, change_network_acls};
use vigie_aws::{Mode, Pace};
use vigie_aws_fake::{Entry, Fake, Fault, Trouble};
use vigie_model::Timestamp;
use vigie_respond::ExecuteError;

use crate::sample::{Account, client};

fn networks(text: &str) -> Vec<IpNet> {
    text.split_whitespace().map(|network| network.parse().unwrap()).collect()
}

/// Returns a stand-in with IP sets in two scopes and a network ACL, and who works with it.
fn edge() -> (Fake, Account) {
    let fake = Fake::start();
    fake.account(|account| {
        account.update_gap = Duration::ZERO;
        account.add_ip_set("REGIONAL", "v4", "IPV4");
        account.add_ip_set("REGIONAL", "v6", "IPV6");
        account.add_ip_set("CLOUDFRONT", "cf", "IPV4");
        account.add_acl("acl-1", &["subnet-1"]);
    });
    let set = |name: &str| json!({"name": name, "id": name});
    let settings = json!({
        "waf": [{"ipv4": set("v4"), "ipv6": set("v6")}, {"scope": "CLOUDFRONT", "ipv4": set("cf")}],
        "nacl": {"ids": ["acl-1"], "first_rule": 10, "rules": 3},
    });
    let account = Account::new(&fake.url(), settings);
    (fake, account)
}

fn addresses(fake: &Fake, scope: &str, name: &str) -> Vec<String> {
    fake.account(|account| account.ip_sets[&(scope.to_owned(), name.to_owned())].addresses.clone())
}

/// The rules of the network ACL that drop what comes in: `10 203.0.113.7/32, …`.
fn rules(fake: &Fake) -> String {
    let mut entries = fake.account(|account| account.acls["acl-1"].entries.clone());
    entries.retain(|entry| !entry.egress && !entry.allow);
    entries.sort_by_key(|entry| entry.number);
    entries.iter().map(|entry| format!("{} {}", entry.number, entry.network)).collect::<Vec<_>>().join(", ")
}

fn change_sets(account: &Account, add: &str, remove: &str) -> Result<EdgeReport, ExecuteError> {
    let change = EdgeChange { add: &networks(add), remove: &networks(remove), in_force: &account.in_force };
    change_ip_sets(&account.client, &account.settings, &account.pace, &change)
}

fn change_acls(account: &Account, add: &str, remove: &str) -> Result<EdgeReport, ExecuteError> {
    let change = EdgeChange { add: &networks(add), remove: &networks(remove), in_force: &account.in_force };
    change_network_acls(&account.client, &account.settings, &change)
}

#[test]
fn many_addresses_are_one_update_a_set() {
    let (fake, account) = edge();
    let many: Vec<String> = (0..200).map(|number| format!("203.0.{number}.7/32")).collect();
    let all = format!("{} 2001:db8::1/128", many.join(" "));
    let report = change_sets(&account, &all, "").unwrap();
    assert_eq!((report.added.len(), report.writes, report.refused.len()), (201, 3, 0));
    assert_eq!(addresses(&fake, "REGIONAL", "v4").len(), 200);
    assert_eq!(addresses(&fake, "CLOUDFRONT", "cf").len(), 200);
    assert_eq!(addresses(&fake, "REGIONAL", "v6"), ["2001:db8::1/128"]);
    let percents: Vec<f64> = report.fill.iter().map(vigie_aws::Fill::percent).collect();
    assert_eq!(percents, [2.0, 0.01, 2.0]);

    let again = change_sets(&account, &all, "").unwrap();
    assert_eq!((again.added.len(), again.writes), (0, 0));
    let gone = change_sets(&account, "203.0.7.7/32", &all).unwrap();
    assert_eq!((gone.removed.len(), gone.writes), (200, 3));
    assert_eq!(addresses(&fake, "REGIONAL", "v4"), ["203.0.7.7/32"]);
}

/// Twenty at once, in two processes that know nothing of each other: nothing is lost, and where they share a pace, WAF
/// is never asked twice within its gap.
#[test]
fn concurrent_changes_lose_nothing() {
    for (paces, threads) in [(1, 20), (2, 3)] {
        let (fake, account) = edge();
        let gap = Duration::from_millis(30);
        fake.account(|account| account.update_gap = gap);
        let paces: Vec<Pace> = (0..paces).map(|_| Pace::every(gap)).collect();
        let nothing = BTreeMap::new();
        std::thread::scope(|scope| {
            for (process, pace) in paces.iter().enumerate() {
                for thread in 0..threads {
                    let (client, settings, nothing) = (&account.client, &account.settings, &nothing);
                    scope.spawn(move || {
                        let add = networks(&format!("203.0.{process}.{thread}/32"));
                        let change = EdgeChange { add: &add, remove: &[], in_force: nothing };
                        change_ip_sets(client, settings, pace, &change).unwrap();
                    });
                }
            }
        });
        assert_eq!(addresses(&fake, "REGIONAL", "v4").len(), paces.len() * threads);
        assert_eq!(addresses(&fake, "CLOUDFRONT", "cf").len(), paces.len() * threads);
        if paces.len() == 1 {
            let throttled = |call: &vigie_aws_fake::Call| call.refused.as_deref() == Some("ThrottlingException");
            assert!(!fake.calls().iter().any(throttled));
        }
    }
}

#[test]
fn a_set_takes_ten_thousand() {
    let (fake, account) = edge();
    let nearly: Vec<String> = (0..9_999_u32).map(|n| format!("198.{}.{}.1/32", 18 + n / 256, n % 256)).collect();
    fake.account(|account| {
        let set = account.ip_sets.get_mut(&("REGIONAL".to_owned(), "v4".to_owned())).unwrap();
        set.addresses = nearly;
        set.description = "ours".to_owned();
    });
    let report = change_sets(&account, "203.0.113.7/32 203.0.113.8/32", "").unwrap();
    assert_eq!(report.refused.keys().copied().collect::<Vec<_>>(), networks("203.0.113.8/32"));
    assert_eq!(addresses(&fake, "REGIONAL", "v4").len(), 10_000);
    assert_eq!(addresses(&fake, "CLOUDFRONT", "cf").len(), 2);
    let error = account.execute("waf.block_ip", &json!({"ip": "203.0.113.9"})).unwrap_err();
    assert_eq!(
        error.to_string(),
        "block 203.0.113.9 at the web application firewall: the IP set v4 is full: it takes 10000 addresses"
    );
    assert_eq!(addresses(&fake, "REGIONAL", "v4").len(), 10_000);
    // Who removes one makes room for one, in the same update.
    change_sets(&account, "203.0.113.9/32", "203.0.113.7/32").unwrap();
    assert_eq!(addresses(&fake, "REGIONAL", "v4").last().unwrap(), "203.0.113.9/32");
    fake.account(|account| {
        assert_eq!(account.ip_sets[&("REGIONAL".to_owned(), "v4".to_owned())].description, "ours");
    });
}

/// What goes wrong at WAF, and how it ends: a part of the error, or success, and whether it is worth another try.
#[test]
fn trouble_at_the_firewall() {
    let denied = || Fault::next("UpdateIPSet", Trouble::Denied, 1);
    for (fault, ending, retryable) in [
        (Fault::next("GetIPSet", Trouble::Throttled, 3), None, false),
        (Fault::next("UpdateIPSet", Trouble::Throttled, 3), None, false),
        (Fault::next("UpdateIPSet", Trouble::LostAnswer, 1), None, false),
        (Fault::next("UpdateIPSet", Trouble::Refused("WAFOptimisticLockException".to_owned()), 2), None, false),
        (
            Fault::next("UpdateIPSet", Trouble::Refused("WAFOptimisticLockException".to_owned()), 99),
            Some("changed meanwhile"),
            true,
        ),
        (denied(), Some("not allowed"), false),
        (Fault::next("GetIPSet", Trouble::Denied, 1), Some("not allowed"), false),
        (
            Fault::next("UpdateIPSet", Trouble::Refused("WAFLimitsExceededException".to_owned()), 1),
            Some("Limits"),
            false,
        ),
    ] {
        let (fake, account) = edge();
        fake.fail(fault.clone());
        let outcome = account.execute("waf.block_ip", &json!({"ip": "203.0.113.7"}));
        match (outcome, ending) {
            (Ok(_), None) => assert_eq!(addresses(&fake, "REGIONAL", "v4"), ["203.0.113.7/32"], "{fault:?}"),
            (Err(error), Some(words)) => {
                assert!(error.to_string().contains(words), "{fault:?}: {error}");
                assert_eq!(error.is_retryable(), retryable, "{fault:?}: {error}");
            }
            (outcome, _) => panic!("{fault:?}: {outcome:?}"),
        }
        // A set that is in trouble does not keep the others from being changed.
        assert_eq!(
            addresses(&fake, "CLOUDFRONT", "cf"),
            if fault.times == 99 { vec![] } else { vec!["203.0.113.7/32"] }
        );
    }
    let (fake, account) = edge();
    fake.account(|account| account.ip_sets.remove(&("REGIONAL".to_owned(), "v4".to_owned())));
    let error = account.execute("waf.block_ip", &json!({"ip": "203.0.113.7"})).unwrap_err();
    assert!(error.to_string().starts_with("change the IP set v4: wafv2:GetIPSet: not found"), "{error}");
    assert_eq!(addresses(&fake, "CLOUDFRONT", "cf").len(), 1);
}

#[test]
fn nothing_to_block_with() {
    let (fake, mut account) = edge();
    account.settings.waf.remove(0);
    let error = account.execute("waf.block_ip", &json!({"ip": "2001:db8::1"})).unwrap_err();
    assert!(error.to_string().contains("no web ACL has an IP set for IPv6"), "{error}");
    account.settings.waf.clear();
    account.settings.nacl.ids.clear();
    for kind in ["waf.block_ip", "nacl.block_ip"] {
        let error = account.execute(kind, &json!({"ip": "203.0.113.7"})).unwrap_err();
        assert!(error.to_string().contains("the settings name no"), "{error}");
    }
    assert!(fake.calls().is_empty());
}

#[test]
fn a_dry_run_changes_nothing() {
    let (fake, mut account) = edge();
    account.client = client(&fake.url(), Mode::DryRun);
    account.execute("waf.block_ip", &json!({"ip": "203.0.113.7"})).unwrap();
    account.execute("nacl.block_ip", &json!({"ip": "203.0.113.7"})).unwrap();
    assert!(addresses(&fake, "REGIONAL", "v4").is_empty() && rules(&fake).is_empty());
    let called: Vec<&str> = account.client.calls().iter().map(|(operation, _)| operation.name).collect();
    let expected =
        ["GetIPSet", "UpdateIPSet", "GetIPSet", "UpdateIPSet", "DescribeNetworkAcls", "CreateNetworkAclEntry"];
    assert_eq!(called, expected);
}

/// With three rule numbers: the block that would end first goes, one that nobody knows before all others.
#[test]
fn the_network_acl_gives_room_to_what_is_new() {
    let (fake, mut account) = edge();
    let end = |seconds: i64| Timestamp::from_seconds(seconds);
    account.in_force = [("192.0.2.1/32", 300), ("192.0.2.2/32", 100), ("192.0.2.3/32", 200), ("192.0.2.5/32", 50)]
        .map(|(network, seconds)| (network.parse().unwrap(), end(seconds)))
        .into();
    for (add, remove, expected, evicted) in [
        ("192.0.2.1/32 192.0.2.2/32", "", "10 192.0.2.1/32, 11 192.0.2.2/32", ""),
        ("192.0.2.2/32", "", "10 192.0.2.1/32, 11 192.0.2.2/32", ""),
        ("192.0.2.3/32", "", "10 192.0.2.1/32, 11 192.0.2.2/32, 12 192.0.2.3/32", ""),
        ("192.0.2.4/32", "", "10 192.0.2.1/32, 11 192.0.2.4/32, 12 192.0.2.3/32", "192.0.2.2/32"),
        // Nobody knows when 192.0.2.4 ends.
        ("192.0.2.5/32", "", "10 192.0.2.1/32, 11 192.0.2.5/32, 12 192.0.2.3/32", "192.0.2.4/32"),
        ("2001:db8::/48", "192.0.2.1/32", "10 2001:db8::/48, 11 192.0.2.5/32, 12 192.0.2.3/32", ""),
        ("", "2001:db8::/48 192.0.2.5/32 192.0.2.3/32 192.0.2.9/32", "", ""),
    ] {
        let report = change_acls(&account, add, remove).unwrap();
        assert_eq!(rules(&fake), expected, "{add}");
        assert_eq!(report.evicted.into_iter().collect::<Vec<_>>(), networks(evicted), "{add}");
    }
    // What one change adds does not push itself out.
    let report = change_acls(&account, "192.0.2.1/32 192.0.2.2/32 192.0.2.3/32 192.0.2.4/32", "").unwrap();
    assert_eq!(report.refused.into_keys().collect::<Vec<_>>(), networks("192.0.2.4/32"));
    assert!((report.fill[0].percent() - 100.0).abs() < f64::EPSILON);
    let outcome = account.execute("nacl.block_ip", &json!({"ip": "192.0.2.9"})).unwrap();
    assert_eq!(outcome.undo, json!({"network": "192.0.2.9/32", "evicted": ["192.0.2.2/32"]}));
}

/// Rules of others, in our range and outside, are never touched.
#[test]
fn rules_of_others_stay() {
    let (fake, account) = edge();
    let theirs = |number, network: &str, allow, protocol: &str| Entry {
        number,
        egress: false,
        allow,
        protocol: protocol.to_owned(),
        network: network.to_owned(),
    };
    let others = [
        theirs(9, "198.51.100.1/32", false, "-1"),
        theirs(10, "198.51.100.0/24", true, "-1"),
        theirs(12, "198.51.100.2/32", false, "6"),
        theirs(13, "198.51.100.3/32", false, "-1"),
    ];
    fake.account(|account| account.acls.get_mut("acl-1").unwrap().entries.extend(others));
    for ip in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        account.execute("nacl.block_ip", &json!({"ip": ip})).unwrap();
    }
    let kept = "9 198.51.100.1/32, 11 192.0.2.3/32, 12 198.51.100.2/32, 13 198.51.100.3/32";
    assert_eq!(rules(&fake), kept);
    change_acls(&account, "", "198.51.100.1/32 198.51.100.2/32 198.51.100.3/32 192.0.2.3/32").unwrap();
    assert_eq!(rules(&fake), "9 198.51.100.1/32, 12 198.51.100.2/32, 13 198.51.100.3/32");
}

#[test]
fn trouble_at_the_network_acl() {
    let taken = || Trouble::Refused("NetworkAclEntryAlreadyExists".to_owned());
    for (fault, ending, retryable) in [
        (Fault::next("CreateNetworkAclEntry", Trouble::Throttled, 3), None, false),
        (Fault::next("CreateNetworkAclEntry", Trouble::LostAnswer, 1), None, false),
        (Fault::next("CreateNetworkAclEntry", taken(), 2), None, false),
        (Fault::next("CreateNetworkAclEntry", taken(), 99), Some("faster than we find them"), true),
        (Fault::next("CreateNetworkAclEntry", Trouble::Denied, 1), Some("not allowed"), false),
        (Fault::next("DescribeNetworkAcls", Trouble::Denied, 1), Some("not allowed"), false),
    ] {
        let (fake, account) = edge();
        fake.fail(fault.clone());
        match (account.execute("nacl.block_ip", &json!({"ip": "203.0.113.7"})), ending) {
            (Ok(_), None) => assert_eq!(rules(&fake), "10 203.0.113.7/32", "{fault:?}"),
            (Err(error), Some(words)) => {
                assert!(error.to_string().contains(words), "{fault:?}: {error}");
                assert_eq!(error.is_retryable(), retryable, "{fault:?}: {error}");
            }
            (outcome, _) => panic!("{fault:?}: {outcome:?}"),
        }
    }
    // The quota is smaller than our range, and counts what allows as well.
    let (fake, account) = edge();
    fake.account(|account| account.acl_quota = 3);
    account.execute("nacl.block_ip", &json!({"ip": "192.0.2.1"})).unwrap();
    let outcome = account.execute("nacl.block_ip", &json!({"ip": "192.0.2.2"})).unwrap();
    assert!(outcome.note.contains("192.0.2.1 gave room"), "{}", outcome.note);
    assert_eq!(rules(&fake), "10 192.0.2.2/32");
    fake.account(|account| account.acl_quota = 2);
    change_acls(&account, "", "192.0.2.2/32").unwrap();
    let error = account.execute("nacl.block_ip", &json!({"ip": "192.0.2.3"})).unwrap_err();
    assert!(error.to_string().contains("raise the quota") && !error.is_retryable(), "{error}");
    fake.account(|account| account.acls.clear());
    let error = account.execute("nacl.block_ip", &json!({"ip": "192.0.2.3"})).unwrap_err();
    assert!(error.to_string().contains("not found"), "{error}");
}
