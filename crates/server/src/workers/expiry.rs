//! Decisions whose time is over, and those that a restart of the host has swept away.

use std::sync::Arc;
use std::time::Duration;

use vigie_model::{ActionStatus, Decision, TenantScope, Verb};
use vigie_respond::{ActionEvent, Executor, reconcile, still_to_run, transition};
use vigie_store::StoreError;

use super::carry_out::{Ending, end, release};
use super::outbox::chain;
use crate::app::App;

/// How many decisions are ended in one go.
const DUE_MAX: u32 = 100;

pub(super) async fn run(app: Arc<App>, period: Duration) {
    if !app.dry_run() {
        restore(&app).await;
    }
    loop {
        if let Err(error) = expire_due(&app).await {
            tracing::error!(error = chain(&error), "decisions whose time is over could not be ended");
        }
        if !super::wait(&app, period).await {
            return;
        }
    }
}

/// Ends every decision whose time is over.
async fn expire_due(app: &Arc<App>) -> Result<(), StoreError> {
    for decision in app.store.decisions_due(app.clock.now(), DUE_MAX).await? {
        // The kernel lets a block run out by itself; taking it back is for whatever does not, and harmless where it did.
        let note = match release(app, &decision).await? {
            Ok(note) => format!("its time is over: {note}"),
            Err(error) if error.is_retryable() => {
                tracing::warn!(decision.id = %decision.id, %error, "decision {} is over but could not be taken back yet", decision.id);
                continue;
            }
            Err(error) => format!("its time is over; taking it back failed: {error}"),
        };
        let now = app.clock.now();
        let tx = app.store.begin().await?;
        end(app, tx, decision, Ending { event: ActionEvent::Expire, verb: Verb::Expire, note }, now).await?;
    }
    Ok(())
}

/// Puts back in force what the record says is in force and the host has forgotten, such as after a reboot.
async fn restore(app: &Arc<App>) {
    let in_force = match app.store.decisions_in_force(&TenantScope::All).await {
        Ok(in_force) => in_force,
        Err(error) => {
            tracing::error!(error = chain(&error), "the decisions in force could not be read");
            return;
        }
    };
    for executor in app.executors.iter().filter(|executor| executor.forgets()) {
        let kind = executor.spec().kind;
        let held: Vec<Decision> = in_force.iter().filter(|decision| decision.kind == kind).cloned().collect();
        if held.is_empty() {
            continue;
        }
        let found = match executor.in_force().await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(kind, %error, "what `{kind}` has in force could not be read: nothing is put back");
                continue;
            }
        };
        let now = app.clock.now();
        for decision in reconcile(&held, &found, now).missing {
            if let Err(error) = renew(app, executor.as_ref(), decision).await {
                tracing::error!(decision.id = %decision.id, error = chain(&error), "decision {} could not be put back", decision.id);
            }
        }
    }
}

async fn renew(app: &App, executor: &dyn Executor, decision: &Decision) -> Result<(), StoreError> {
    let now = app.clock.now();
    let Some(action) = app.store.action(&TenantScope::All, decision.action).await? else { return Ok(()) };
    let Some(rest) = still_to_run(&action, decision, now).filter(|_| action.status == ActionStatus::Done) else {
        return Ok(());
    };
    let note = match executor.execute(&rest).await {
        Ok(outcome) => format!("put back in force: {}", outcome.note),
        Err(error) => {
            tracing::error!(decision.id = %decision.id, %error, "decision {} could not be put back in force", decision.id);
            return Ok(());
        }
    };
    let Ok(action) = transition(action, ActionEvent::Renew, "vigie", &note, now) else { return Ok(()) };
    let mut tx = app.store.begin().await?;
    tx.save_action(&action).await?;
    tx.commit().await?;
    app.tell_action(&action);
    Ok(())
}
