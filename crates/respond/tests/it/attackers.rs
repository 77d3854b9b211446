//! Who the attacker is.

use vigie_model::Severity;
use vigie_respond::{attacker, attackers};

use crate::sample::{alert, entity, never_touch};

#[track_caller]
fn check(entities: &[&str], addresses: &[&str], spared: &[&str]) {
    let alert = alert("t", Severity::High, &[], entities);
    let found = attackers(&alert, &never_touch());
    let seen: Vec<String> = found.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(seen, addresses);
    let reasons: Vec<String> = found.spared.iter().map(|(_, refusal)| refusal.to_string()).collect();
    assert_eq!(reasons.len(), spared.len(), "{reasons:?}");
    for (reason, part) in reasons.iter().zip(spared) {
        assert!(reason.contains(part), "{reason}");
    }
    assert_eq!(attacker(&alert, &never_touch()), found.addresses.first().copied());
}

#[test]
fn the_part_decides() {
    check(&["source ip 203.0.113.7", "target host web-1"], &["203.0.113.7"], &[]);
    check(&["source ip 203.0.113.7", "source ip 198.51.100.1"], &["198.51.100.1", "203.0.113.7"], &[]);
    check(&["source ip ::ffff:203.0.113.7", "source ip 203.0.113.7"], &["203.0.113.7"], &[]);
    check(&["related ip 203.0.113.7", "actor ip 203.0.113.8"], &[], &[]);
    check(&["source host attacker.example"], &[], &[]);
}

#[test]
fn where_our_resource_acts_the_other_end_is_a_victim() {
    check(&["actor aws_instance i-1", "target ip 203.0.113.80"], &[], &[]);
    // The public address of our own instance, named as a source.
    check(
        &["actor aws_instance i-1", "target ip 203.0.113.80", "source ip 198.51.100.1"],
        &[],
        &["our own instance acts"],
    );
    check(
        &["source aws_instance i-1", "target ip 203.0.113.80", "source ip 198.51.100.1"],
        &[],
        &["our own instance acts"],
    );
    check(&["target aws_instance i-1", "source ip 198.51.100.1"], &["198.51.100.1"], &[]);
}

#[test]
fn both_ends_are_spared() {
    check(&["source ip 203.0.113.7", "target ip 203.0.113.7"], &[], &["both the source and the target"]);
    // An alert of many events that is grouped by the address as a source: replies name it as a target.
    let mut grouped = alert("t", Severity::High, &[], &["source ip 203.0.113.7", "target ip 203.0.113.7"]);
    grouped.key = vec![entity("source ip 203.0.113.7")];
    assert_eq!(attackers(&grouped, &never_touch()).addresses.len(), 1);
}

#[test]
fn whoever_must_not_be_touched_is_spared() {
    check(&["source ip 10.0.0.1"], &[], &["private"]);
    check(&["source ip 192.0.2.10", "source ip 192.0.2.200"], &[], &["address of this host", "administrators"]);
    check(&["source ip not-an-address"], &[], &[]);
}

#[test]
fn a_long_list_is_cut() {
    let many: Vec<String> = (0..50).map(|index| format!("source ip 203.0.113.{index}")).collect();
    let texts: Vec<&str> = many.iter().map(String::as_str).collect();
    let found = attackers(&alert("t", Severity::High, &[], &texts), &never_touch());
    assert_eq!(found.addresses.len(), vigie_respond::Attackers::ADDRESSES_MAX);
}
