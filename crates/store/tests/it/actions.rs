//! Actions, decisions and the outbox.

use std::time::Duration;

use vigie_model::{ActionStatus, DecisionState, TenantScope};
use vigie_store::{Claim, Claimed, OutboxMessage, OutboxState, Saved, Tx};

use crate::samples::{action, at, decision, only, store, tenant};

#[tokio::test]
async fn a_plan_that_is_made_again_changes_nothing() {
    let store = store().await;
    let mut planned = action("acme", "a", None, None);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.save_action(&planned).await.unwrap(), Saved::New);
    assert_eq!(tx.save_action(&planned).await.unwrap(), Saved::Same);
    planned.status = ActionStatus::Executing;
    assert_eq!(tx.save_action(&planned).await.unwrap(), Saved::Changed);
    tx.commit().await.unwrap();
    assert_eq!(store.action(&only("acme"), planned.id).await.unwrap().as_ref(), Some(&planned));
    assert_eq!(store.action(&only("globex"), planned.id).await.unwrap(), None);
    assert_eq!(store.actions_in(ActionStatus::Executing, 10).await.unwrap(), [planned]);
    assert_eq!(store.actions_in(ActionStatus::Done, 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_did_nothing_does_not_count_against_the_rate() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    for (name, status) in [("a", ActionStatus::Done), ("b", ActionStatus::Simulated), ("c", ActionStatus::Planned)] {
        let mut action = action("acme", name, None, None);
        action.status = status;
        tx.save_action(&action).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.actions_since(&tenant("acme"), "host.block_ip", at(0)).await.unwrap(), 2);
    assert_eq!(store.actions_since(&tenant("acme"), "host.block_ip", at(1)).await.unwrap(), 0);
    assert_eq!(store.actions_since(&tenant("acme"), "notify.email", at(0)).await.unwrap(), 0);
    assert_eq!(store.actions_since(&tenant("globex"), "host.block_ip", at(0)).await.unwrap(), 0);
}

#[tokio::test]
async fn decisions_hold_until_they_are_over() {
    let store = store().await;
    let (limited, endless) = (action("acme", "a", None, None), action("acme", "b", None, None));
    let (mut ends, stays) = (decision(&limited, Some(60)), decision(&endless, None));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.save_decision(&ends).await.is_err(), "its action is not saved");
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.save_action(&limited).await.unwrap();
    tx.save_action(&endless).await.unwrap();
    assert_eq!(tx.save_decision(&ends).await.unwrap(), Saved::New);
    assert_eq!(tx.save_decision(&stays).await.unwrap(), Saved::New);
    tx.commit().await.unwrap();
    assert_eq!(store.decisions_in_force(&only("acme")).await.unwrap().len(), 2);
    assert_eq!(store.decisions_in_force(&only("globex")).await.unwrap(), []);
    assert_eq!(store.decisions_due(at(59), 10).await.unwrap(), []);
    assert_eq!(store.decisions_due(at(60), 10).await.unwrap(), [ends.clone()]);
    ends.state = DecisionState::Expired;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.save_decision(&ends).await.unwrap(), Saved::Changed);
    assert_eq!(tx.decision(&only("acme"), ends.id).await.unwrap().as_ref(), Some(&ends));
    tx.commit().await.unwrap();
    assert_eq!(store.decisions_due(at(60), 10).await.unwrap(), []);
    assert_eq!(store.decisions_in_force(&TenantScope::All).await.unwrap(), [stays]);
    assert_eq!(store.decision(&only("globex"), ends.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_plan_knows_what_was_planned() {
    let store = store().await;
    let alert = crate::samples::alert("acme", "r1", 0).id;
    let (mut old, recent) = (action("acme", "old", Some(alert), None), action("acme", "recent", None, None));
    old.created = at(-9_999);
    let mut stale = action("acme", "stale", None, None);
    stale.created = at(-9_999);
    let mut tx = store.begin().await.unwrap();
    for action in [&old, &recent, &stale, &action("globex", "foreign", Some(alert), None)] {
        tx.save_action(action).await.unwrap();
    }
    tx.save_decision(&decision(&recent, None)).await.unwrap();
    assert_eq!(tx.actions_on_record(&tenant("acme"), alert, at(0)).await.unwrap(), [recent.clone(), old]);
    assert_eq!(tx.decisions_in_force(&tenant("acme")).await.unwrap(), [decision(&recent, None)]);
    assert_eq!(tx.decisions_in_force(&tenant("globex")).await.unwrap(), []);
}

fn message(key: &str, due: i64) -> OutboxMessage {
    OutboxMessage {
        key: key.into(),
        tenant: tenant("acme"),
        channel: "notify.email".into(),
        action: Some(action("acme", key, None, None).id),
        body: serde_json::json!({"to": "soc@example.com"}),
        created: at(0),
        due: at(due),
    }
}

async fn claim(tx: &mut Tx, name: &str, seconds: i64) -> Vec<Claimed> {
    let claim =
        Claim { channels: vec!["notify.email".into()], limit: 10, lease: Duration::from_mins(1), name: name.into() };
    tx.claim(&claim, at(seconds)).await.unwrap()
}

#[tokio::test]
async fn a_message_leaves_once() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.enqueue(&message("a", 0)).await.unwrap());
    assert!(!tx.enqueue(&message("a", 5)).await.unwrap(), "the same key is the same message");
    assert!(tx.enqueue(&message("b", 10)).await.unwrap());
    let first = claim(&mut tx, "one", 0).await;
    assert_eq!(first.iter().map(|claimed| &claimed.message).collect::<Vec<_>>(), [&message("a", 0)]);
    assert_eq!(claim(&mut tx, "two", 59).await.len(), 1, "only b: a is held");
    assert!(tx.complete(&first[0], at(1)).await.unwrap());
    assert!(!tx.complete(&first[0], at(1)).await.unwrap());
    assert_eq!(claim(&mut tx, "three", 10_000).await[0].message.key, "b", "b's lease is over, a has left");
    assert!(!tx.enqueue(&message("a", 0)).await.unwrap(), "it has left already");
    assert_eq!(tx.prune_outbox(at(2)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_lost_claim_says_nothing_any_more() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&message("a", 0)).await.unwrap();
    let slow = claim(&mut tx, "same name", 0).await;
    let quick = claim(&mut tx, "same name", 61).await;
    assert_eq!((slow[0].attempts, quick[0].attempts), (1, 2));
    assert!(!tx.complete(&slow[0], at(62)).await.unwrap());
    assert!(tx.retry(&quick[0], "connection refused", at(100)).await.unwrap());
    assert_eq!(claim(&mut tx, "x", 99).await, []);
    let last = claim(&mut tx, "x", 100).await;
    assert_eq!(last[0].attempts, 3);
    let other = Claim { channels: vec!["notify.webhook".into()], limit: 9, lease: Duration::ZERO, name: "y".into() };
    assert_eq!(tx.claim(&other, at(9_999)).await.unwrap(), []);
    tx.commit().await.unwrap();
    let waiting = OutboxState { waiting: 1, failed: 0, oldest_due: Some(at(100)) };
    assert_eq!(store.outbox_state().await.unwrap(), waiting);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.give_up(&last[0], "no such mailbox", at(101)).await.unwrap());
    assert_eq!(claim(&mut tx, "z", 99_999).await, []);
    tx.commit().await.unwrap();
    assert_eq!(store.outbox_state().await.unwrap(), OutboxState { waiting: 0, failed: 1, oldest_due: None });
}
