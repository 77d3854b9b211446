//! What the function is invoked with.

use serde_json::{Value, json};
use vigie_lambda::Invocation;

#[track_caller]
fn check(payload: &Value, expected: &str) {
    let seen = match Invocation::read(payload) {
        Ok(Invocation::Events(events)) => format!("{} events", events.len()),
        Ok(Invocation::Edge(records)) => format!("{} messages", records.len()),
        Ok(Invocation::Expire) => "expire".to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(seen.contains(expected), "{seen}");
}

#[test]
fn each_kind_is_told_from_the_others() {
    let kind = vigie_respond::FindingType::find("Recon:EC2/Portscan").unwrap();
    let event = vigie_respond::example_finding(kind, vigie_respond::ResourceRole::Actor);
    check(&event, "1 events");
    check(&json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": event.to_string()}]}), "1 events");
    let edge = json!({"vigie_edge": "block", "decision": "0123"}).to_string();
    check(&json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": edge}]}), "1 messages");
    check(&json!({"Records": [{"eventSource": "aws:sqs", "body": edge}]}), "message 0 of the batch");
    check(&json!({"vigie": "expire"}), "expire");
    check(&json!({"vigie": "explode"}), "unknown request");
    check(&json!({"hello": "world"}), "not a GuardDuty finding");
    check(&json!(null), "not a GuardDuty finding");
}

/// What `cargo lambda invoke --data-file` is shown with. `UPDATE_GOLDEN=1` writes the files anew.
#[test]
fn the_example_events_are_answered() {
    let example =
        |name: &str, role| vigie_respond::example_finding(vigie_respond::FindingType::find(name).unwrap(), role);
    let (target, actor) = (vigie_respond::ResourceRole::Target, vigie_respond::ResourceRole::Actor);
    let outside = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
    let instance = [("InstanceId", "i-0123456789abcdef0")];
    for (name, event, kind) in [
        ("port_probe", example("Recon:EC2/PortProbeUnprotectedPort", target), "1 events"),
        ("portscan", example("Recon:EC2/Portscan", actor), "1 events"),
        ("stolen_session", example(outside, target), "1 events"),
        ("exposed_key", example("UnauthorizedAccess:IAMUser/MaliciousIPCaller", target), "1 events"),
        ("attack_sequence", example("AttackSequence:IAM/CompromisedCredentials", target), "1 events"),
        ("failed_logins_alarm", vigie_respond::example_alarm("vigie-failed-logins", &[]), "1 events"),
        ("instance_alarm", vigie_respond::example_alarm("vigie-instance-cpu", &instance), "1 events"),
        ("expire", json!({"vigie": "expire"}), "expire"),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("events/{name}.json"));
        let text = format!("{event:#}\n");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}");
        check(&event, kind);
    }
}
