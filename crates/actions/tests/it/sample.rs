//! Actions to do.

use serde_json::{Map, Value, json};
use vigie_model::{
    Action, ActionId, ActionStatus, Decision, Entity, EntityRole, ObservableKind, TenantId, Timestamp, Trigger,
};
use vigie_respond::{Outcome, take_effect};

pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn action(kind: &str, parameters: Value) -> Action {
    let Value::Object(parameters) = parameters else { panic!("not an object") };
    Action {
        id: ActionId::derive(["test", kind]),
        tenant: TenantId::new("acme").unwrap(),
        trigger: Trigger { alert: None, case: None, playbook: None },
        kind: kind.to_owned(),
        target: None,
        parameters,
        summary: String::new(),
        blast_radius: String::new(),
        undo: String::new(),
        expires_after_s: None,
        status: ActionStatus::Executing,
        steps: Vec::new(),
        created: now(),
        updated: now(),
    }
}

pub(crate) fn block(ip: &str, seconds: u64) -> Action {
    let mut block = action("host.block_ip", json!({"ip": ip}));
    block.target = Some(Entity::new(ObservableKind::Ip, ip, EntityRole::Source));
    block.expires_after_s = Some(seconds);
    block
}

pub(crate) fn decision(action: &Action, outcome: &Outcome) -> Decision {
    take_effect(action, outcome, &[], now()).unwrap()
}

/// A message about an alert whose every text comes from an attacker.
pub(crate) fn message(kind: &str, mut parameters: Map<String, Value>) -> Action {
    let hostile = "x</td><script>alert(1)</script>";
    parameters.insert(
        "about".to_owned(),
        json!({
            "tenant": "acme", "alert": ActionId::derive(["alert"]), "title": format!("Break-in {hostile}"),
            "severity": "critical", "rule": "r-1", "rule_title": "SSH brute force", "description": "Passwords are guessed.",
            "count": 12, "first_seen": now(), "last_seen": now(), "attack": ["credential-access", "T1110.001"],
            "entities": [{"kind": "ip", "value": "203.0.113.7", "role": "source"}], "entities_more": 3,
            "samples": [{"id": ActionId::derive(["event"]), "time": now(), "source": "linux_auth",
                "message": "Failed password for é <!channel>"}],
            "case": {"id": ActionId::derive(["case"]), "number": 7, "title": "Intrusion", "severity": "high"},
        }),
    );
    action(kind, Value::Object(parameters))
}
