//! CloudWatch alarms.

use serde_json::{Value, json};
use vigie_respond::{
    Alarm, AlarmAnswer, CloudEvent, NeverTouch, answer_alarm, block_log_sources, example_alarm, log_sources,
    read_cloud_event,
};

use super::{line, policy};

fn settings() -> Value {
    json!({"alarms": [
        {"alarm": "failed-logins*", "do": "block_log_sources", "log_group": "/secure", "filter": "\"Failed password\"", "at_least": 2, "lookback": "5m"},
        {"alarm": "cpu-*", "do": "isolate_instance"},
        {"alarm": "disk", "do": "notify"},
    ]})
}

fn alarm(event: &Value) -> Alarm {
    match read_cloud_event(event.to_string().as_bytes()).unwrap().remove(0) {
        CloudEvent::Alarm(alarm) => *alarm,
        CloudEvent::Finding(finding) => panic!("a finding: {finding:?}"),
    }
}

#[track_caller]
fn check(event: &Value, done: &str, reason: &str) {
    match answer_alarm(&alarm(event), &policy(&settings())) {
        AlarmAnswer::Plan(plan) => {
            assert_eq!(line(&plan), done);
            assert!(plan.reason().unwrap_or_default().contains(reason), "{:?}", plan.reason());
        }
        AlarmAnswer::Ask(question) => panic!("{question:?}"),
    }
}

#[test]
fn an_alarm_is_answered_by_its_rule() {
    let isolated = "ec2.snapshot i-0123456789abcdef0, ec2.isolate_instance i-0123456789abcdef0";
    check(&example_alarm("cpu-web", &[("InstanceId", "i-0123456789abcdef0")]), isolated, "");
    check(&example_alarm("cpu-web", &[("InstanceId", "all of them")]), "", "no dimension InstanceId");
    check(&example_alarm("cpu-web", &[]), "", "no dimension InstanceId");
    check(&example_alarm("disk", &[("InstanceId", "i-0123456789abcdef0")]), "", "only notifies");
    check(&example_alarm("other", &[("InstanceId", "i-0123456789abcdef0")]), "", "no rule");
    let mut over = example_alarm("cpu-web", &[("InstanceId", "i-0123456789abcdef0")]);
    over["detail"]["state"]["value"] = json!("OK");
    check(&over, "", "does not ring");
}

#[test]
fn the_message_of_an_alarm_reads_the_same() {
    let message = json!({
        "AlarmName": "cpu-web",
        "AWSAccountId": "111122223333",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": "2026-03-01T12:05:00.000+0000",
        "Region": "EU (Paris)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-3:111122223333:alarm:cpu-web",
        "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [{"name": "InstanceId", "value": "i-0123456789abcdef0"}]},
    });
    let wrapped = json!({"Records": [{"Sns": {"Message": message.to_string()}}]});
    let isolated = "ec2.snapshot i-0123456789abcdef0, ec2.isolate_instance i-0123456789abcdef0";
    check(&wrapped, isolated, "");
}

#[test]
fn a_failed_login_alarm_blocks_whom_the_log_names() {
    let alarm = alarm(&example_alarm("failed-logins-web", &[]));
    let AlarmAnswer::Ask(question) = answer_alarm(&alarm, &policy(&settings())) else { panic!("no question") };
    assert_eq!((question.log_group.as_str(), question.filter.as_str()), ("/secure", "\"Failed password\""));
    assert_eq!(
        (question.from.to_string().as_str(), question.to.to_string().as_str()),
        ("2026-03-01T12:00:00.000000Z", "2026-03-01T12:06:00.000000Z")
    );
    let failed = |address: &str| format!("h sshd[1]: Failed password for root from {address} port 4 ssh2");
    let lines = ["203.0.113.9", "203.0.113.9", "198.51.100.1", "10.0.0.7", "10.0.0.7"].map(failed);
    let sources = log_sources(lines.iter().map(String::as_str));
    let plan = block_log_sources(&alarm, &question, &sources, &policy(&settings()), &NeverTouch::default());
    assert_eq!(line(&plan), "waf.block_ip 203.0.113.9, nacl.block_ip 203.0.113.9");
    assert_eq!(plan.spared[0].address, "10.0.0.7");
}
