//! From an event to the state of the account, and back.

use std::time::Duration;

use serde_json::{Value, json};
use vigie_aws_fake::Estate;
use vigie_respond::{FindingType, ResourceRole, example_alarm, example_finding};

use crate::world::{World, now};

fn event(kind: &str, role: ResourceRole) -> Value {
    example_finding(FindingType::find(kind).unwrap(), role)
}

const PROBE: &str = "Recon:EC2/PortProbeUnprotectedPort";
const SCAN: &str = "Recon:EC2/Portscan";

#[test]
fn a_port_probe_is_blocked_and_the_block_expires() {
    let Some(world) = World::start(&json!({"block_for": "1h"})) else { return };
    world.answer(&event(PROBE, ResourceRole::Target)).unwrap();
    let blocked = ["198.51.100.77/32", "203.0.113.9/32"];
    assert_eq!((world.waf(), world.nacl()), (blocked.map(str::to_owned).to_vec(), blocked.map(str::to_owned).to_vec()));
    world.expire_at(now().plus(Duration::from_mins(59)));
    assert_eq!(world.waf(), blocked);
    world.expire_at(now().plus(Duration::from_mins(61)));
    assert_eq!((world.waf(), world.nacl()), (Vec::new(), Vec::new()));
    // It comes back later: blocked again, and people are told again.
    assert_eq!(world.inbox().len(), 1);
    let mut again = event(PROBE, ResourceRole::Target);
    again["detail"]["updatedAt"] = json!("2026-03-02T12:00:00.000Z");
    world.handler.handle(&again, "request", now()).unwrap();
    assert_eq!(world.inbox().len(), 1);
    let states: Vec<Value> = world.rows("waf.block_ip").iter().map(|row| row["state"]["S"].clone()).collect();
    assert_eq!(states, [json!("claimed"), json!("claimed")]);
}

#[test]
fn the_same_event_again_changes_nothing_and_a_repeat_extends() {
    let Some(world) = World::start(&json!({"block_for": "1h"})) else { return };
    let mut probe = event(PROBE, ResourceRole::Target);
    for _ in 0..50 {
        world.handler.handle(&probe, "request", now()).unwrap();
    }
    world.pump();
    assert_eq!(world.waf().len(), 2);
    assert_eq!(world.rows("waf.block_ip").len(), 2);
    assert_eq!(world.inbox().len(), 1, "people are told once");
    let expires =
        |world: &World| -> i64 { world.rows("waf.block_ip")[0]["expires"]["N"].as_str().unwrap().parse().unwrap() };
    let before = expires(&world);
    world.handler.handle(&probe, "request", now().plus(Duration::from_mins(30))).unwrap();
    assert_eq!(expires(&world), before, "the same event");
    probe["detail"]["updatedAt"] = json!("2026-03-01T12:30:00.000Z");
    world.handler.handle(&probe, "request", now().plus(Duration::from_mins(30))).unwrap();
    assert!(expires(&world) >= before + 1_790, "a repeat of the finding");
    world.expire_at(now().plus(Duration::from_mins(61)));
    assert_eq!(world.waf().len(), 2, "it lasts longer now");
}

#[test]
fn a_compromised_instance_is_isolated_and_comes_back_as_it_was() {
    let Some(world) = World::start(&json!({})) else { return };
    let instance = world.instance(3);
    let before = world.interface_groups(&instance);
    let mut scan = event(SCAN, ResourceRole::Actor);
    scan["detail"]["resource"]["instanceDetails"]["instanceId"] = json!(instance);
    world.answer(&scan).unwrap();
    let quarantined = vec![vec![world.ids.quarantine.clone()]; 3];
    assert_eq!(world.interface_groups(&instance), quarantined);
    let snapshots = world.boto.call("ec2", "describe_snapshots", json!({"OwnerIds": ["self"]}));
    assert!(snapshots.to_string().contains("vigie:"), "{snapshots}");
    let tags = json!({"Filters": [{"Name": "resource-id", "Values": [instance]}]});
    let tags = world.boto.call("ec2", "describe_tags", tags).to_string();
    assert!(tags.contains("vigie:original-groups"), "{tags}");
    assert_eq!((world.waf(), world.nacl()), (Vec::new(), Vec::new()), "the victim is not blocked");
    // Again, and then undone: the groups are those of before the first time.
    scan["detail"]["updatedAt"] = json!("2026-03-01T13:00:00.000Z");
    world.answer(&scan).unwrap();
    let id = world.rows("ec2.isolate_instance")[0]["id"]["S"].as_str().unwrap().to_owned();
    world.undo(&id);
    assert_eq!(world.interface_groups(&instance), before);
    let tags = json!({"Filters": [{"Name": "resource-id", "Values": [instance]}]});
    let tags = world.boto.call("ec2", "describe_tags", tags).to_string();
    assert!(!tags.contains("vigie:original-groups"), "{tags}");
}

#[test]
fn an_exposed_key_is_disabled_and_a_stolen_session_revoked() {
    let Some(world) = World::start(&json!({})) else { return };
    world.boto.call("iam", "create_user", json!({"UserName": "ci-deploy"}));
    let key = world.boto.call("iam", "create_access_key", json!({"UserName": "ci-deploy"}));
    let key = key["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned();
    let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    world.boto.call("iam", "create_role", json!({"RoleName": "web-role", "AssumeRolePolicyDocument": trust}));
    let mut exposed = event("UnauthorizedAccess:IAMUser/MaliciousIPCaller", ResourceRole::Target);
    exposed["detail"]["resource"]["accessKeyDetails"]["accessKeyId"] = json!(key);
    world.answer(&exposed).unwrap();
    let status = |world: &World| {
        let keys = world.boto.call("iam", "list_access_keys", json!({"UserName": "ci-deploy"}));
        keys["AccessKeyMetadata"][0]["Status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(&world), "Inactive");
    let attached = world.boto.call("iam", "list_attached_user_policies", json!({"UserName": "ci-deploy"}));
    assert!(attached.to_string().contains("AWSCompromisedKeyQuarantineV3"), "{attached}");
    let stolen = event("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", ResourceRole::Target);
    world.answer(&stolen).unwrap();
    let policy = json!({"RoleName": "web-role", "PolicyName": "AWSRevokeOlderSessions"});
    let revoked = world.boto.call("iam", "get_role_policy", policy.clone());
    assert!(revoked.to_string().contains("aws:TokenIssueTime"), "{revoked}");
    for kind in ["iam.disable_access_key", "iam.quarantine_user", "iam.revoke_role_sessions"] {
        world.undo(world.rows(kind)[0]["id"]["S"].as_str().unwrap());
    }
    assert_eq!(status(&world), "Active");
    assert!(world.boto.try_call("iam", "get_role_policy", policy).is_err());
    let attached = world.boto.call("iam", "list_attached_user_policies", json!({"UserName": "ci-deploy"}));
    assert!(!attached.to_string().contains("Quarantine"), "{attached}");
}

#[test]
fn people_read_what_was_done_and_how_to_take_it_back() {
    let Some(world) = World::start(&json!({"never_touch": ["203.0.113.0/24"]})) else { return };
    world.answer(&event(PROBE, ResourceRole::Target)).unwrap();
    let messages = world.inbox();
    assert_eq!(messages.len(), 1);
    let subject = messages[0]["Subject"].as_str().unwrap();
    let text = messages[0]["Message"].as_str().unwrap();
    assert!(subject.starts_with("[Vigie] Recon:EC2/PortProbeUnprotectedPort"), "{subject}");
    for part in ["198.51.100.77", "never-touch list", "vigie aws undo ", "111122223333"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_failed_login_alarm_blocks_whom_the_log_names() {
    let settings = json!({"alarms": [
        {"alarm": "failed-logins*", "do": "block_log_sources", "log_group": "/vigie/secure", "filter": "\"Failed password\"", "at_least": 3},
    ]});
    let Some(world) = World::start(&settings) else { return };
    let at = now();
    world.boto.call("logs", "create_log_group", json!({"logGroupName": "/vigie/secure"}));
    let stream = json!({"logGroupName": "/vigie/secure", "logStreamName": "web-1"});
    world.boto.call("logs", "create_log_stream", stream);
    let line = |user: &str, address: &str| {
        let message = format!("web-1 sshd[7]: Failed password for {user} from {address} port 4022 ssh2");
        json!({"timestamp": at.as_micros() / 1000 - 60_000, "message": message})
    };
    let mut lines: Vec<Value> = (0..4).map(|_| line("root", "203.0.113.9")).collect();
    // The attacker's own text names somebody else, and a colleague mistyped once.
    lines.extend((0..4).map(|_| line("invalid user x from 192.0.2.99", "203.0.113.9")));
    lines.push(line("ann", "198.51.100.20"));
    let events = json!({"logGroupName": "/vigie/secure", "logStreamName": "web-1", "logEvents": lines});
    world.boto.call("logs", "put_log_events", events);
    let mut alarm = example_alarm("failed-logins-web", &[]);
    alarm["detail"]["state"]["timestamp"] = json!(at.to_string());
    world.answer(&alarm).unwrap();
    assert_eq!(world.waf(), ["203.0.113.9/32"]);
}

#[test]
fn what_is_ours_is_never_blocked() {
    let Some(world) = World::start(&json!({})) else { return };
    let elastic = world.elastic_address();
    let mut probe = event(PROBE, ResourceRole::Target);
    let details = &mut probe["detail"]["service"]["action"]["portProbeAction"]["portProbeDetails"];
    details[0]["remoteIpDetails"]["ipAddressV4"] = json!(elastic);
    details[1]["remoteIpDetails"] = json!({"ipAddressV6": "2001:db8:9::9"});
    world.answer(&probe).unwrap();
    let told = world.inbox()[0]["Message"].as_str().unwrap().to_owned();
    assert!(told.contains(&format!("{elastic}: ")) && told.contains("an Elastic IP address of the account"), "{told}");
    assert_eq!(world.waf(), ["2001:db8:9::9/128"]);
    assert_eq!(world.nacl(), ["2001:db8:9::9/128"]);
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let Some(world) = World::start(&json!({"mode": "dry_run"})) else { return };
    world.answer(&event(PROBE, ResourceRole::Target)).unwrap();
    assert_eq!((world.waf(), world.nacl()), (Vec::new(), Vec::new()));
    let messages = world.inbox();
    assert!(messages[0]["Message"].as_str().unwrap().contains("Would be done"), "{messages:?}");
    assert_eq!(world.rows("waf.block_ip").len(), 0);
}

#[test]
fn what_failed_is_tried_again_and_nothing_else() {
    let Some(world) = World::start(&json!({"table": "vigie-decisions"})) else { return };
    // The role does not exist yet, so one of two steps fails; and without a retry it stays so.
    let mut stolen =
        event("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", ResourceRole::Target);
    stolen["detail"]["updatedAt"] = json!("2026-03-01T12:00:01.000Z");
    let answer = world.answer(&stolen).unwrap();
    let statuses: Vec<Value> =
        answer["answers"][0]["steps"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(statuses, [json!("queued"), json!({"failed": {"retryable": false}}), json!("done")]);
    assert_eq!(world.waf(), ["203.0.113.9/32"]);
    let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    world.boto.call("iam", "create_role", json!({"RoleName": "web-role", "AssumeRolePolicyDocument": trust}));
    let answer = world.answer(&stolen).unwrap();
    let statuses: Vec<Value> =
        answer["answers"][0]["steps"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(statuses, [json!("already_done"), json!("done"), json!("done")]);
}

#[test]
fn the_log_is_lines_of_json_with_metrics() {
    let Some(world) = World::start(&json!({})) else { return };
    world.answer(&event(PROBE, ResourceRole::Target)).unwrap();
    let lines: Vec<Value> =
        world.lines.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let metrics: Vec<&Value> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(metrics[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Vigie/Responder");
    assert_eq!(metrics[0]["Findings"], 1.0);
    assert!(metrics.iter().any(|line| line["SetFillPercent"].as_f64().is_some_and(|percent| percent > 0.0)));
    assert!(lines.iter().any(|line| line["action"] == "waf.block_ip" && line["region"] == Estate::REGION));
}
