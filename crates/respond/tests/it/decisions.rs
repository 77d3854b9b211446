//! What is in force.

use std::time::Duration;

use serde_json::json;
use vigie_model::{Action, ActionStatus, Decision, DecisionState, Severity, TenantId};
use vigie_respond::{
    ActionEvent, InForce, Outcome, due, ends_with, expire, held_by_another, reconcile, still_to_run, take_effect,
    transition, undo,
};

use crate::sample::{World, alert, block, later, now};

fn done(expires: &str, title: &str) -> Action {
    let alert = alert(title, Severity::High, &[], &["source ip 203.0.113.7"]);
    let action = World::default().plan(&[block("b", "none", expires)], &alert, now()).remove(0);
    let action = transition(action, ActionEvent::Start, "vigie", "", now()).unwrap();
    transition(action, ActionEvent::Succeed, "vigie", "", now()).unwrap()
}

fn outcome() -> Outcome {
    Outcome { note: "done".to_owned(), undo: json!({"set": "block_v4"}) }
}

fn decision() -> Decision {
    take_effect(&done("2h", "one"), &outcome(), &[], now()).unwrap()
}

#[test]
fn an_action_takes_effect_and_expires() {
    let decision = decision();
    assert_eq!((decision.since, decision.expires), (now(), Some(later(2))));
    assert_eq!(decision.undo, json!({"set": "block_v4"}));
    assert!(due([&decision], later(1)).is_empty());
    assert_eq!(due([&decision], later(2)), [&decision]);
    assert!(ends_with(&done("9h", "two"), &decision));
    let over = expire(decision.clone()).unwrap();
    assert_eq!(over.state, DecisionState::Expired);
    assert!(due([&over], later(9)).is_empty());
    assert_eq!(undo(over).unwrap_err().to_string(), format!("decision {} is expired already", decision.id));
    assert_eq!(undo(decision).unwrap().state, DecisionState::Undone);
}

#[test]
fn a_repeat_extends_and_never_shortens() {
    let first = decision();
    let longer = take_effect(&done("24h", "two"), &outcome(), std::slice::from_ref(&first), later(1)).unwrap();
    assert_eq!((longer.id, longer.since, longer.expires), (first.id, first.since, Some(later(25))));
    let shorter = take_effect(&done("1h", "three"), &outcome(), std::slice::from_ref(&longer), later(1)).unwrap();
    assert_eq!(shorter.expires, Some(later(25)));
    let over = expire(first.clone()).unwrap();
    let anew = take_effect(&done("1h", "four"), &outcome(), &[over], later(3)).unwrap();
    assert_ne!(anew.id, first.id);
}

#[test]
fn what_has_no_end_holds_until_it_is_undone() {
    let mut action = done("1h", "one");
    action.expires_after_s = None;
    let decision = take_effect(&action, &outcome(), &[], now()).unwrap();
    assert_eq!(decision.expires, None);
    assert!(due([&decision], later(24 * 365)).is_empty());
    let again = take_effect(&done("9h", "two"), &outcome(), std::slice::from_ref(&decision), later(1)).unwrap();
    assert_eq!((again.id, again.expires), (decision.id, None), "an end is never brought nearer");
}

#[test]
fn a_message_holds_nothing() {
    let mut action = done("1h", "one");
    action.expires_after_s = None;
    let told = Outcome { note: "sent".to_owned(), undo: serde_json::Value::Null };
    assert_eq!(take_effect(&action, &told, &[], now()), None);
}

#[test]
fn another_tenant_may_hold_the_same_address() {
    let ours = decision();
    let theirs = Decision {
        tenant: TenantId::new("globex").unwrap(),
        id: vigie_model::DecisionId::derive(["theirs"]),
        ..ours.clone()
    };
    assert_eq!(held_by_another(&ours, [&ours, &theirs], now()), Some(&theirs));
    assert_eq!(held_by_another(&ours, [&ours, &theirs], later(3)), None);
    let gone = undo(theirs).unwrap();
    assert_eq!(held_by_another(&ours, [&ours, &gone], now()), None);
}

#[test]
fn the_record_and_the_world_are_compared() {
    let decisions = [decision()];
    let held = |value: &str| InForce {
        target: vigie_model::Entity::new(vigie_model::ObservableKind::Ip, value, vigie_model::EntityRole::Source),
        expires_in: Some(Duration::from_mins(1)),
    };
    let found = [held("198.51.100.1")];
    let seen = reconcile(&decisions, &found, now());
    assert_eq!((seen.missing, seen.unknown), (vec![&decisions[0]], vec![&found[0]]));
    let found = [held("203.0.113.7")];
    assert_eq!(reconcile(&decisions, &found, now()), vigie_respond::Reconciliation::default());

    let action = done("2h", "one");
    assert_eq!(still_to_run(&action, &decisions[0], later(1)).unwrap().expires_after_s, Some(3_601));
    assert_eq!(still_to_run(&action, &decisions[0], later(2)), None);
    assert_eq!(action.status, ActionStatus::Done);
}
