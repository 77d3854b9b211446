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
