//! What holds for every alert.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use vigie_model::{Action, ActionStatus, Severity};
use vigie_respond::{Catalogue, NeverTouch, NeverTouchEntry, Playbook};

use crate::sample::{World, alert, block, now};

/// Addresses from small ranges, so that lists and attackers meet often, in every disguise.
fn address() -> impl Strategy<Value = IpAddr> {
    let four = prop_oneof![
        any::<u8>().prop_map(|last| Ipv4Addr::new(203, 0, 113, last)),
        any::<u8>().prop_map(|last| Ipv4Addr::new(192, 168, 0, last)),
        any::<u32>().prop_map(Ipv4Addr::from_bits),
    ];
    let six = prop_oneof![
        any::<u8>().prop_map(|last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last))),
        any::<u128>().prop_map(Ipv6Addr::from_bits),
    ];
    prop_oneof![
        four.clone().prop_map(IpAddr::V4),
        four.prop_map(|four| IpAddr::V6(four.to_ipv6_mapped())),
        six.prop_map(IpAddr::V6),
    ]
}

fn network() -> impl Strategy<Value = ipnet::IpNet> {
    (address(), 0u8..=128).prop_map(|(address, length)| {
        let longest = if address.is_ipv4() { 32 } else { 128 };
        ipnet::IpNet::new(address, length % (longest + 1)).unwrap()
    })
}

fn plan(world: &World, entities: &[(IpAddr, &str)]) -> Vec<Action> {
    let texts: Vec<String> = entities.iter().map(|(address, role)| format!("{role} ip {address}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.plan(&[block("b", "none", "1h")], &alert("t", Severity::High, &[], &texts), now())
}

/// Judged without the code under test.
fn is_within(address: IpAddr, network: &ipnet::IpNet) -> bool {
    network.contains(&address) || network.contains(&address.to_canonical())
}

proptest! {
    #[test]
    fn nothing_on_the_never_touch_list_is_ever_done(
        networks in proptest::collection::vec(network(), 0..6),
        attackers in proptest::collection::vec(address(), 1..8),
    ) {
        let entries = networks.iter().map(|network| NeverTouchEntry { network: *network, reason: "listed".to_owned() });
        let world = World { never_touch: NeverTouch::new(entries), ..World::default() };
        let entities: Vec<(IpAddr, &str)> = attackers.into_iter().map(|address| (address, "source")).collect();
        for action in plan(&world, &entities).iter().filter(|action| action.status != ActionStatus::Refused) {
            let target: IpAddr = action.target.as_ref().unwrap().value.parse().unwrap();
            prop_assert!(!networks.iter().any(|network| is_within(target, network)), "{target} is listed");
            prop_assert_eq!(target, target.to_canonical());
            prop_assert!(!target.is_loopback() && !target.is_multicast() && !target.is_unspecified());
            if let IpAddr::V4(four) = target {
                prop_assert!(!four.is_private() && !four.is_link_local() && !four.is_broadcast());
            }
        }
    }

    #[test]
    fn a_target_is_never_blocked(address in address(), other in address()) {
        let planned = plan(&World::default(), &[(address, "target"), (other, "source"), (address, "source")]);
        for action in planned.iter().filter(|action| action.status != ActionStatus::Refused) {
            prop_assert_ne!(action.target.as_ref().unwrap().value.clone(), address.to_canonical().to_string());
        }
    }

    #[test]
    fn a_replay_gives_the_same_actions(attackers in proptest::collection::vec(address(), 1..8)) {
        let entities: Vec<(IpAddr, &str)> = attackers.into_iter().map(|address| (address, "source")).collect();
        let mut world = World::default();
        let first = plan(&world, &entities);
        prop_assert_eq!(&first, &plan(&world, &entities));
        world.known = first;
        prop_assert!(plan(&world, &entities).is_empty());
    }

    #[test]
    fn nothing_wide_gets_through(network in network()) {
        if let Ok(target) = NeverTouch::default().admit(network) {
            let narrowest = if target.network().addr().is_ipv4() { 24 } else { 48 };
            prop_assert!(target.network().prefix_len() >= narrowest);
            prop_assert_eq!(NeverTouch::default().admit(target.network()), Ok(target));
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,200}", yaml in "[a-z:{}\\[\\]\"&*! \n-]{0,200}") {
        let _ = NeverTouch::default().admit_text(&text);
        let _ = vigie_respond::parse_duration(&text);
        let _ = Playbook::parse(&text, &text, &Catalogue::builtin());
        let _ = Playbook::parse("x", &yaml, &Catalogue::builtin());
        let quoted = serde_json::Value::String(text).to_string();
        let action = format!("name: n\ntrigger: {{severity: low}}\nactions:\n  - do: {quoted}\n    with: {{ip: {quoted}, {quoted}: {quoted}}}\n    expires: {quoted}\n");
        prop_assert!(Playbook::parse("x", &action, &Catalogue::builtin()).is_err());
    }
}
