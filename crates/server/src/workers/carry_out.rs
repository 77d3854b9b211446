//! Doing an action and taking it back: recorded before it is done, recorded when it is done.

use std::sync::Arc;

use serde_json::json;
use vigie_model::{
    Action, ActionId, ActionStatus, Actor, Decision, DecisionId, ObjectKind, TenantScope, TimelineEntry, TimelineId,
    TimelineKind, Timestamp, Verb,
};
use vigie_respond::{
    ActionEvent, ExecuteError, Outcome, TransitionError, ends_with, held_by_another, recheck, take_effect, transition,
};
use vigie_store::{AuditNote, Claimed, Listing, StoreError, Tx, back_off};

use crate::api::equal;
use crate::app::App;
use crate::live::LiveKind;

/// Who does it, in steps and in the audit log.
const BY: &str = "vigie";
/// How often an action is tried before it is given up.
const ATTEMPTS_MAX: u32 = 8;

/// Does the action of a message.
pub(super) async fn carry_out(app: &Arc<App>, claimed: &Claimed) -> Result<(), StoreError> {
    let Some(action) = begin(app, claimed).await? else { return Ok(()) };
    let outcome = match app.executors.get(&action.kind) {
        Some(executor) => executor.execute(&action).await,
        None => Err(ExecuteError::Unable {
            what: format!("find the executor of `{}`", action.kind),
            reason: "it is not configured on this server".to_owned(),
        }),
    };
    finish(app, claimed, action.id, outcome).await
}

/// Records that the action begins and returns it, or `None` where there is nothing to do any more.
async fn begin(app: &App, claimed: &Claimed) -> Result<Option<Action>, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some(action) = load(&mut tx, claimed).await? else {
        tx.give_up(claimed, "its action is not on record", now).await?;
        tx.commit().await?;
        return Ok(None);
    };
    let action = match action.status {
        ActionStatus::Approved => action,
        // Whoever did it before us died on the way.
        ActionStatus::Executing => {
            must(transition(action, ActionEvent::Retry, BY, "found unfinished: it is done again", now))
        }
        // Called off meanwhile, or done.
        _ => {
            tx.complete(claimed, now).await?;
            tx.commit().await?;
            return Ok(None);
        }
    };
    let refusal = recheck(&action, &app.never_touch.get()).err();
    let (event, note) = match &refusal {
        Some(refusal) => (ActionEvent::Refuse, refusal.to_string()),
        None if app.dry_run() => (ActionEvent::Simulate, "the server is in dry run: nothing was done".to_owned()),
        None => (ActionEvent::Start, format!("try {}", claimed.attempts)),
    };
    let action = must(transition(action, event, BY, &note, now));
    tx.save_action(&action).await?;
    if event != ActionEvent::Start {
        tx.complete(claimed, now).await?;
        note_on_case(&mut tx, &action, &note, now).await?;
    }
    tx.commit().await?;
    app.tell_action(&action);
    Ok((event == ActionEvent::Start).then_some(action))
}

async fn load(tx: &mut Tx, claimed: &Claimed) -> Result<Option<Action>, StoreError> {
    match claimed.message.action {
        Some(id) => tx.action(&TenantScope::All, id).await,
        None => Ok(None),
    }
}

/// Our own code asked for a way that the machine of states has; the states were looked at just before.
fn must(next: Result<Action, TransitionError>) -> Action {
    next.expect("the state was checked before")
}

async fn finish(
    app: &App,
    claimed: &Claimed,
    id: ActionId,
    outcome: Result<Outcome, ExecuteError>,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let Some(action) = tx.action(&TenantScope::All, id).await? else { return Ok(()) };
    if action.status != ActionStatus::Executing {
        // Somebody else finished it after our claim ran out.
        tx.complete(claimed, now).await?;
        return tx.commit().await;
    }
    let tenant = TenantScope::Only(vec![action.tenant.clone()]);
    let mut decision = None;
    let action = match outcome {
        Ok(outcome) => {
            let in_force = app.store.decisions_in_force(&tenant).await?;
            decision = take_effect(&action, &outcome, &in_force, now);
            tx.complete(claimed, now).await?;
            must(transition(action, ActionEvent::Succeed, BY, &outcome.note, now))
        }
        Err(error @ ExecuteError::Refused(_)) => {
            tx.complete(claimed, now).await?;
            must(transition(action, ActionEvent::Refuse, BY, &error.to_string(), now))
        }
        Err(error) if error.is_retryable() && claimed.attempts < ATTEMPTS_MAX => {
            let due = now.plus(back_off(claimed.attempts));
            tx.retry(claimed, &error.to_string(), due).await?;
            let failed = must(transition(action, ActionEvent::Fail, BY, &error.to_string(), now));
            must(transition(failed, ActionEvent::Retry, BY, &format!("it is tried again at {due}"), now))
        }
        Err(error) => {
            tx.give_up(claimed, &error.to_string(), now).await?;
            must(transition(action, ActionEvent::Fail, BY, &error.to_string(), now))
        }
    };
    record(&mut tx, &action, Verb::Execute, now).await?;
    if let Some(decision) = &decision {
        tx.save_decision(decision).await?;
    }
    tx.commit().await?;
    app.tell_action(&action);
    if let Some(decision) = &decision {
        app.tell(LiveKind::Decision, &decision.tenant, decision);
    }
    Ok(())
}

/// Saves an action with its last step, in the audit log and on its case's timeline too.
async fn record(tx: &mut Tx, action: &Action, verb: Verb, now: Timestamp) -> Result<(), StoreError> {
    let note = action.steps.last().map_or("", |step| step.note.as_str());
    tx.save_action(action).await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(action.tenant.clone()),
        actor: Actor::System("outbox".to_owned()),
        verb,
        object: ObjectKind::Action,
        object_id: action.id.to_string(),
        details: json!({ "kind": action.kind, "status": action.status, "note": note }),
    })
    .await?;
    note_on_case(tx, action, note, now).await
}

/// Puts an action's step on the timeline of the case that its alert is part of now, if any.
pub(crate) async fn note_on_case(tx: &mut Tx, action: &Action, note: &str, now: Timestamp) -> Result<(), StoreError> {
    let scope = TenantScope::Only(vec![action.tenant.clone()]);
    let of_alert = match action.trigger.alert {
        Some(alert) => tx.alert(&scope, alert).await?.and_then(|alert| alert.case),
        None => None,
    };
    let Some(case) = of_alert.or(action.trigger.case) else { return Ok(()) };
    let parts = [action.id.to_string(), action.steps.len().to_string()];
    let entry = TimelineEntry {
        id: TimelineId::derive(parts),
        tenant: action.tenant.clone(),
        case,
        time: now,
        kind: TimelineKind::Action,
        text: format!("{}: {} ({note})", action.summary, action.status.as_str()),
        until: None,
        description: None,
        stamp: None,
    };
    tx.add_timeline(&[entry]).await
}

/// Takes back what a message names.
pub(super) async fn take_back(app: &Arc<App>, claimed: &Claimed, id: DecisionId) -> Result<(), StoreError> {
    let Some(decision) = app.store.decision(&TenantScope::All, id).await? else {
        return give_up(app, claimed, "its decision is not on record").await;
    };
    let result = release(app, &decision).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    match result {
        Ok(note) => {
            tx.complete(claimed, now).await?;
            end(app, tx, decision, Ending { event: ActionEvent::Undo, verb: Verb::Undo, note }, now).await
        }
        Err(error) if error.is_retryable() && claimed.attempts < ATTEMPTS_MAX => {
            tx.retry(claimed, &error.to_string(), now.plus(back_off(claimed.attempts))).await?;
            tx.commit().await
        }
        Err(error) => {
            tx.give_up(claimed, &error.to_string(), now).await?;
            let mut told = None;
            if let Some(action) = load(&mut tx, claimed).await?
                && let Ok(action) = transition(action, ActionEvent::FailUndo, BY, &error.to_string(), now)
            {
                record(&mut tx, &action, Verb::Undo, now).await?;
                told = Some(action);
            }
            tx.commit().await?;
            if let Some(action) = &told {
                app.tell_action(action);
            }
            Ok(())
        }
    }
}

/// Asks the executor to take a decision back, unless another decision holds the same target. Returns what came of it.
pub(super) async fn release(app: &App, decision: &Decision) -> Result<Result<String, ExecuteError>, StoreError> {
    let all = app.store.decisions_in_force(&TenantScope::All).await?;
    if let Some(other) = held_by_another(decision, &all, app.clock.now()) {
        return Ok(Ok(format!("decision {} still holds the same target: it stays in force", other.id)));
    }
    let Some(executor) = app.executors.get(&decision.kind) else {
        return Ok(Err(ExecuteError::Unable {
            what: format!("find the executor of `{}`", decision.kind),
            reason: "it is not configured on this server".to_owned(),
        }));
    };
    Ok(executor.undo(decision).await.map(|outcome| outcome.note))
}

/// How a decision ends.
pub(super) struct Ending {
    pub(super) event: ActionEvent,
    pub(super) verb: Verb,
    pub(super) note: String,
}

/// Ends a decision, and with it every action that it held.
pub(super) async fn end(
    app: &App,
    mut tx: Tx,
    decision: Decision,
    ending: Ending,
    now: Timestamp,
) -> Result<(), StoreError> {
    let tenant = TenantScope::Only(vec![decision.tenant.clone()]);
    let listing = Listing::first(vigie_model::Page::LIMIT_MAX).filtered(equal("status", ActionStatus::Done.as_str()));
    let done = app.store.actions(&tenant, &listing).await?.rows;
    let mut told = Vec::new();
    for action in done.into_iter().filter(|action| ends_with(action, &decision)) {
        let action = must(transition(action, ending.event, BY, &ending.note, now));
        record(&mut tx, &action, ending.verb, now).await?;
        told.push(action);
    }
    let ended = match ending.verb {
        Verb::Expire => vigie_respond::expire(decision),
        _ => vigie_respond::undo(decision),
    };
    if let Ok(decision) = &ended {
        tx.save_decision(decision).await?;
    }
    tx.commit().await?;
    for action in &told {
        app.tell_action(action);
    }
    if let Ok(decision) = &ended {
        app.tell(LiveKind::Decision, &decision.tenant, decision);
    }
    Ok(())
}

pub(super) async fn give_up(app: &App, claimed: &Claimed, why: &str) -> Result<(), StoreError> {
    let mut tx = app.store.begin().await?;
    tx.give_up(claimed, why, app.clock.now()).await?;
    tx.commit().await
}
