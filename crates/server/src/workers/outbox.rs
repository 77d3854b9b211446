//! The outbox: what was decided leaves from here, each thing once, also across crashes.
//!
//! Whoever approves an action puts it into the outbox in the same transaction. The worker claims it for a while, records
//! that it begins, does it, and records what came of it while it takes it out of the outbox. A worker that dies in between
//! leaves the claim to run out; then the action is done again, which executors bear.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vigie_model::{Action, Decision, Timestamp};
use vigie_store::{Claim, OutboxMessage, StoreError, Tx};

use super::carry_out::{carry_out, take_back};
use super::tell::{forward, send_report, tell};
use crate::app::App;
pub(super) use crate::causes::chain;
use crate::notices::Notice;

/// How many messages are worked on at once.
const CLAIM_MAX: u32 = 8;
/// For how long a message is ours; longer than any executor takes.
const LEASE: Duration = Duration::from_mins(3);

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub(crate) enum Errand {
    /// Do the action.
    Execute,
    /// Take back what the action put in force.
    Undo { decision: vigie_model::DecisionId },
    /// Tell somebody of something.
    Tell { notice: Box<Notice> },
    /// Make an alert at a TheHive elsewhere.
    Forward { to: String, alert: serde_json::Value },
    /// Mail a report that was made.
    Report { report: vigie_model::ReportId, to: Vec<String> },
}

/// Puts an approved action into the outbox. The number of its steps is part of the message's name: approved again after a
/// failure it is another message, while the same approval is never sent twice.
pub(crate) async fn enqueue_action(tx: &mut Tx, action: &Action, now: Timestamp) -> Result<(), StoreError> {
    let key = format!("{}/execute/{}", action.id, action.steps.len());
    enqueue(tx, action, key, Errand::Execute, now).await
}

/// Puts the wish to take a decision back into the outbox.
pub(crate) async fn enqueue_undo(
    tx: &mut Tx,
    action: &Action,
    decision: &Decision,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = format!("{}/undo/{}", decision.id, action.steps.len());
    enqueue(tx, action, key, Errand::Undo { decision: decision.id }, now).await
}

async fn enqueue(tx: &mut Tx, action: &Action, key: String, errand: Errand, now: Timestamp) -> Result<(), StoreError> {
    let message = OutboxMessage {
        key,
        tenant: action.tenant.clone(),
        channel: action.kind.clone(),
        action: Some(action.id),
        body: json!(errand),
        created: now,
        due: now,
    };
    tx.enqueue(&message).await.map(|_| ())
}

pub(super) async fn run(app: Arc<App>, period: Duration) {
    loop {
        match work(&app).await {
            // There may be more.
            Ok(done) if done > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(error = chain(&error), "the outbox could not be worked on"),
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = app.outbox_bell.notified() => {}
            () = tokio::time::sleep(period) => {}
        }
    }
}

/// Claims what is due and does it. Returns how many messages it claimed.
async fn work(app: &Arc<App>) -> Result<usize, StoreError> {
    if app.stop.is_cancelled() {
        return Ok(0);
    }
    let claim = Claim { channels: Vec::new(), limit: CLAIM_MAX, lease: LEASE, name: hex::encode(app.entropy.id()) };
    let mut tx = app.store.begin().await?;
    let claimed = tx.claim(&claim, app.clock.now()).await?;
    tx.commit().await?;
    let count = claimed.len();
    let mut errands = tokio::task::JoinSet::new();
    for claimed in claimed {
        let app = Arc::clone(app);
        errands.spawn(async move {
            let key = claimed.message.key.clone();
            let done = match errand_of(&claimed.message) {
                Ok(Errand::Execute) => carry_out(&app, &claimed).await,
                Ok(Errand::Undo { decision }) => take_back(&app, &claimed, decision).await,
                Ok(Errand::Tell { notice }) => tell(&app, &claimed, &notice).await,
                Ok(Errand::Forward { to, alert }) => forward(&app, &claimed, &to, &alert).await,
                Ok(Errand::Report { report, to }) => send_report(&app, &claimed, report, &to).await,
                Err(error) => super::carry_out::give_up(&app, &claimed, &error.to_string()).await,
            };
            if let Err(error) = done {
                // The claim runs out and the message comes again.
                tracing::error!(
                    outbox.key = key,
                    error = chain(&error),
                    "an errand of the outbox could not be recorded"
                );
            }
        });
    }
    while errands.join_next().await.is_some() {}
    Ok(count)
}

/// A message without a body asks to do its action: the pipeline writes those.
fn errand_of(message: &OutboxMessage) -> Result<Errand, serde_json::Error> {
    if message.body.is_null() { Ok(Errand::Execute) } else { serde_json::from_value(message.body.clone()) }
}
