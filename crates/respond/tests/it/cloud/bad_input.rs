//! What is not as it should be.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vigie_respond::{CloudPolicy, EVENT_BYTES_MAX, ResourceRole, Verdict, read_cloud_event};

use super::{event, line, plan};

const SSH: &str = "UnauthorizedAccess:EC2/SSHBruteForce";

#[track_caller]
fn refused(bytes: &[u8], part: &str) {
    let error = read_cloud_event(bytes).unwrap_err().to_string();
    assert!(error.contains(part), "{error}");
}

fn without(pointer: &str) -> Vec<u8> {
    let mut event = event(SSH, ResourceRole::Target);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    event.to_string().into_bytes()
}

#[test]
fn what_cannot_be_read_is_named() {
    refused(b"", "not JSON");
    refused(b"[1, 2", "not JSON");
    refused(b"{}", "not a GuardDuty finding");
    refused(br#"{"detail-type": "Object Created", "detail": {}}"#, "Object Created");
    refused(&vec![b' '; EVENT_BYTES_MAX + 1], "at most");
    refused(&without("/detail/type"), "`type`");
    refused(&without("/detail/severity"), "`severity`");
    refused(&without("/detail/id"), "`id`");
    refused(br#"{"Records": [{"Sns": {}}]}"#, "Records[].Sns.Message");
}

#[test]
fn missing_fields_that_nothing_hangs_on_do_no_harm() {
    for pointer in ["/detail/accountId", "/detail/title", "/detail/updatedAt", "/detail/service/archived"] {
        assert_eq!(read_cloud_event(&without(pointer)).unwrap().len(), 1, "{pointer}");
    }
    let mut bare = event(SSH, ResourceRole::Target);
    bare["detail"]["service"].as_object_mut().unwrap().remove("resourceRole");
    let unclear = plan(&bare, &json!({}));
    assert_eq!(line(&unclear), "");
    assert!(unclear.reason().unwrap().contains("resourceRole"));
}

#[test]
fn an_unknown_type_only_notifies() {
    let mut event = event(SSH, ResourceRole::Target);
    event["detail"]["type"] = json!("UnauthorizedAccess:EC2/SomethingNew");
    let plan = plan(&event, &json!({}));
    assert!(matches!(plan.verdict, Verdict::Tell(_)));
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn unknown_fields_and_other_partitions_are_fine() {
    let mut event = event(SSH, ResourceRole::Target);
    event["detail"]["somethingNew"] = json!({"a": [1, 2, 3]});
    event["detail"]["partition"] = json!("aws-cn");
    event["detail"]["region"] = json!("cn-north-1");
    event["padding"] = json!("x".repeat(250_000));
    assert_eq!(line(&plan(&event, &json!({}))), "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9");
}

#[test]
fn every_wrapping_reads_the_same() {
    let event = event(SSH, ResourceRole::Target);
    let detail = event["detail"].clone();
    let text = event.to_string();
    let wrapped = [
        detail.clone(),
        json!({"detail-type": "GuardDuty Finding", "detail": {"findings": [detail]}}),
        json!({"Findings": [detail]}),
        json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": text}}]}),
        json!({"Records": [{"eventSource": "aws:sqs", "body": text}]}),
        json!({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-west-3:1:t", "Message": text}),
    ];
    for value in wrapped {
        assert_eq!(line(&plan(&value, &json!({}))), "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9", "{value}");
    }
}

#[test]
fn capitals_read_the_same() {
    fn capital(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| {
                    let mut name = name;
                    name[..1].make_ascii_uppercase();
                    (name, capital(value))
                });
                Value::Object(fields.collect())
            }
            Value::Array(items) => items.into_iter().map(capital).collect(),
            other => other,
        }
    }
    let detail = capital(event(SSH, ResourceRole::Target)["detail"].clone());
    assert_eq!(line(&plan(&detail, &json!({}))), "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9");
}

#[test]
fn hostile_names_reach_no_request() {
    let mut event = event("Recon:EC2/Portscan", ResourceRole::Actor);
    for id in ["i-0123'; drop", "../../etc", "i-XYZ", "", "i-0123456789abcdef0&Action=TerminateInstances"] {
        event["detail"]["resource"]["instanceDetails"]["instanceId"] = json!(id);
        assert_eq!(line(&plan(&event, &json!({}))), "", "{id}");
    }
    let mut event = super::event("UnauthorizedAccess:IAMUser/MaliciousIPCaller", ResourceRole::Target);
    event["detail"]["resource"]["accessKeyDetails"] =
        json!({"accessKeyId": "AKIA/../x", "userName": "a/../b", "userType": "IAMUser"});
    assert_eq!(line(&plan(&event, &json!({}))), "waf.block_ip 203.0.113.9");
}

#[track_caller]
fn setting(value: Value, part: &str) {
    let mut fields: Map<String, Value> = value.as_object().cloned().unwrap();
    let error = CloudPolicy::take_from(&mut fields, &["topic"]).unwrap_err().to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_named() {
    setting(json!({"blok_for": "1h"}), "did you mean `block_for`?");
    setting(json!({"topik": "x"}), "did you mean `topic`?");
    setting(json!({"block_for": "tomorrow"}), "`block_for`");
    setting(json!({"block_for": "91d"}), "1s to 90d");
    setting(json!({"mode": "on"}), "`mode`");
    setting(json!({"isolate_min_severity": 11}), "0 to 10");
    setting(json!({"never_touch": ["office"]}), "`never_touch`");
    setting(json!({"alarms": [{"alarm": "*", "do": "notify"}]}), "every alarm");
    setting(json!({"alarms": [{"alarm": "x", "do": "block_log_sources"}]}), "log_group");
    setting(json!({"alarms": [{"alarm": "x", "do": "reboot"}]}), "`alarms`");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_cloud_event(&bytes);
    }

    /// Whatever a finding says, nothing but a public address is blocked, and none where ours acts.
    #[test]
    fn only_public_addresses_are_blocked(four in any::<[u8; 4]>(), six in any::<[u16; 8]>(), acts in any::<bool>()) {
        let role = if acts { ResourceRole::Actor } else { ResourceRole::Target };
        let mut event = event(SSH, role);
        let remote = json!({
            "ipAddressV4": std::net::Ipv4Addr::from(four).to_string(),
            "ipAddressV6": std::net::Ipv6Addr::from(six).to_string(),
        });
        event["detail"]["service"]["action"]["networkConnectionAction"]["remoteIpDetails"] = remote;
        let plan = plan(&event, &json!({}));
        for step in plan.steps.iter().filter(|step| step.spec.kind.ends_with("block_ip")) {
            prop_assert!(!acts);
            let target = step.target.clone().unwrap();
            prop_assert!(vigie_respond::NeverTouch::default().admit_text(&target).is_ok());
        }
    }
}
