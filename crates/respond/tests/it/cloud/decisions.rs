//! Who is the attacker, and what is done about it.

use serde_json::{Value, json};
use vigie_model::{TenantId, Timestamp};
use vigie_respond::{NeverTouch, ResourceRole, answer_finding};

use super::{event, finding, line, plan, policy};

const PROBE: &str = "Recon:EC2/PortProbeUnprotectedPort";
const SCAN: &str = "Recon:EC2/Portscan";
const SSH: &str = "UnauthorizedAccess:EC2/SSHBruteForce";
const STOLEN: &str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
const SEQUENCE: &str = "AttackSequence:IAM/CompromisedCredentials";

/// The door of these tests: the example of a type with some fields changed, and what is planned.
#[track_caller]
fn check(kind: &str, role: ResourceRole, changes: &[(&str, Value)], settings: &Value, expected: &str) {
    let mut event = event(kind, role);
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    let plan = plan(&event, settings);
    assert_eq!(line(&plan), expected, "{:?}", plan.notes);
}

const CONNECTION: &str = "/detail/service/action/networkConnectionAction";

#[test]
fn the_part_decides_and_not_the_type() {
    let isolated = "ec2.snapshot i-0123456789abcdef0, ec2.isolate_instance i-0123456789abcdef0";
    let blocked = "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9";
    let all = json!({"isolate_min_severity": 0});
    check(SSH, ResourceRole::Target, &[], &all, blocked);
    check(SSH, ResourceRole::Actor, &[], &all, isolated);
    check(SCAN, ResourceRole::Target, &[], &all, blocked);
    check(SCAN, ResourceRole::Actor, &[], &all, isolated);
    check(SSH, ResourceRole::Actor, &[], &json!({}), isolated);
    check(SSH, ResourceRole::Actor, &[("/detail/severity", json!(2))], &json!({}), "");
}

#[test]
fn a_port_probe_names_several() {
    let both =
        "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9, waf.block_ip 198.51.100.77, nacl.block_ip 198.51.100.77";
    check(PROBE, ResourceRole::Target, &[], &json!({}), both);
    let only = "waf.block_ip 198.51.100.77, nacl.block_ip 198.51.100.77";
    check(PROBE, ResourceRole::Target, &[], &json!({"never_touch": ["203.0.113.0/24"]}), only);
}

#[test]
fn the_request_to_block_whom_we_scan_is_a_setting() {
    let settings = json!({"portscan_actor_response": "block_remote"});
    check(SCAN, ResourceRole::Actor, &[], &settings, "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9");
    // For the port scan alone.
    let isolated = "ec2.snapshot i-0123456789abcdef0, ec2.isolate_instance i-0123456789abcdef0";
    check("Impact:EC2/PortSweep", ResourceRole::Actor, &[], &settings, isolated);
}

#[test]
fn whom_we_called_is_no_attacker_even_where_we_are_called_the_target() {
    let outbound = (format!("{CONNECTION}/connectionDirection"), json!("OUTBOUND"));
    check(SSH, ResourceRole::Target, &[(&outbound.0, outbound.1)], &json!({}), "");
}

#[test]
fn our_own_address_is_never_blocked() {
    let remote = format!("{CONNECTION}/remoteIpDetails");
    for own in ["192.0.2.10", "10.0.0.10", "2001:db8:1::10", "169.254.169.254"] {
        let name = if own.contains(':') { "ipAddressV6" } else { "ipAddressV4" };
        check(SSH, ResourceRole::Target, &[(&remote, json!({name: own}))], &json!({}), "");
    }
    let both = json!({"ipAddressV4": "203.0.113.9", "ipAddressV6": "2001:db8:9::9"});
    let blocked =
        "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9, waf.block_ip 2001:db8:9::9, nacl.block_ip 2001:db8:9::9";
    check(SSH, ResourceRole::Target, &[(&remote, both)], &json!({}), blocked);
}

#[test]
fn what_is_found_at_run_time_is_never_blocked() {
    let list = NeverTouch::new([vigie_respond::NeverTouchEntry {
        network: "203.0.113.9/32".parse().unwrap(),
        reason: "the address of our NAT gateway".to_owned(),
    }]);
    let plan = answer_finding(&finding(&event(SSH, ResourceRole::Target)), &policy(&json!({})), &list);
    assert_eq!(line(&plan), "");
    assert_eq!(plan.spared[0].address, "203.0.113.9");
    assert!(plan.spared[0].reason.contains("NAT gateway"), "{}", plan.spared[0].reason);
}

#[test]
fn a_stolen_session_is_revoked_since_its_key_cannot_be_disabled() {
    check(STOLEN, ResourceRole::Target, &[], &json!({}), "waf.block_ip 203.0.113.9, iam.revoke_role_sessions web-role");
    let user = json!({"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "userName": "ann", "userType": "IAMUser"});
    check(
        STOLEN,
        ResourceRole::Target,
        &[("/detail/resource/accessKeyDetails", user)],
        &json!({}),
        "waf.block_ip 203.0.113.9, iam.quarantine_user ann",
    );
}

#[test]
fn a_root_key_is_for_people() {
    let root = json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "Root", "userType": "Root"});
    let changes = [("/detail/resource/accessKeyDetails", root), ("/detail/severity", json!(8))];
    check(STOLEN, ResourceRole::Target, &changes, &json!({}), "waf.block_ip 203.0.113.9");
}

#[test]
fn what_is_only_unusual_takes_no_keys_below_high() {
    let kind = "Persistence:IAMUser/AnomalousBehavior";
    check(kind, ResourceRole::Target, &[], &json!({}), "waf.block_ip 203.0.113.9");
    let taken = "waf.block_ip 203.0.113.9, iam.disable_access_key AKIAIOSFODNN7EXAMPLE, iam.quarantine_user ci-deploy";
    check(kind, ResourceRole::Target, &[("/detail/severity", json!(7))], &json!({}), taken);
    check(
        kind,
        ResourceRole::Target,
        &[("/detail/severity", json!(7))],
        &json!({"credential_min_severity": 9}),
        "waf.block_ip 203.0.113.9",
    );
}

#[test]
fn a_sequence_is_answered_for_every_part() {
    let all = "iam.revoke_role_sessions web-role, iam.disable_access_key AKIAIOSFODNN7EXAMPLE, iam.quarantine_user ci-deploy, \
               waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9";
    check(SEQUENCE, ResourceRole::Target, &[], &json!({}), all);
    // The endpoint that our own resources called is not among them.
    let plan = plan(&event(SEQUENCE, ResourceRole::Target), &json!({}));
    assert!(plan.notes.iter().any(|note| note.contains("198.51.100.66")), "{:?}", plan.notes);
}

#[test]
fn an_instance_with_the_tag_is_never_isolated() {
    let tags = json!([{"key": "vigie:never-isolate", "value": "yes"}]);
    let tagged = ("/detail/resource/instanceDetails/tags", tags);
    check(SCAN, ResourceRole::Actor, &[tagged], &json!({}), "ec2.snapshot i-0123456789abcdef0");
}

#[test]
fn a_node_of_a_cluster_is_isolated_where_the_settings_say_so() {
    let kind = "CryptoCurrency:Runtime/BitcoinTool.B";
    let node = ("/detail/resource/resourceType", json!("EKSCluster"));
    check(kind, ResourceRole::Actor, std::slice::from_ref(&node), &json!({}), "ec2.snapshot i-0123456789abcdef0");
    let isolated = "ec2.snapshot i-0123456789abcdef0, ec2.isolate_instance i-0123456789abcdef0";
    check(kind, ResourceRole::Actor, &[node], &json!({"isolate_nodes": true}), isolated);
}

#[test]
fn a_plan_gives_the_same_actions_each_time() {
    let plan = plan(&event(PROBE, ResourceRole::Target), &json!({}));
    let tenant = TenantId::new("111122223333").unwrap();
    let (now, later) = (Timestamp::from_seconds(1_800_000_000), Timestamp::from_seconds(1_800_000_900));
    let ids = |now| plan.actions(&tenant, false, now).iter().map(|action| action.id).collect::<Vec<_>>();
    assert_eq!(ids(now), ids(later));
    assert_eq!(ids(now).len(), 5);
    let last = plan.actions(&tenant, true, now).pop().unwrap();
    assert_eq!((last.kind.as_str(), last.target), ("sns.notify", None));
}
