//! What the playbooks say about an alert, recorded before anything is done.

use std::time::Duration;

use vigie_model::{Action, ActionStatus, Alert, Case, ObjectKind, Timestamp, Verb};
use vigie_respond::{PlanContext, RateUse, plan};
use vigie_store::{StoreError, Tx};

use super::{PipelineParts, absorb};
use crate::workers::enqueue_action;

/// Plans the answers to an alert that is new or has grown. What needs no approval goes into the outbox, in the same transaction.
pub(super) async fn plan_answers(
    parts: &PipelineParts,
    tx: &mut Tx,
    alert: &Alert,
    case: Option<&Case>,
    now: Timestamp,
) -> Result<Vec<Action>, StoreError> {
    let playbooks = parts.playbooks.get();
    if playbooks.is_empty() {
        return Ok(Vec::new());
    }
    let in_force = tx.decisions_in_force(&alert.tenant).await?;
    let known = tx.actions_on_record(&alert.tenant, alert.id, now.minus(Duration::from_hours(24))).await?;
    let used = RateUse::count(&alert.tenant, &known, now);
    let context = PlanContext {
        alert,
        case,
        never_touch: &parts.never_touch.get(),
        in_force: &in_force,
        known: &known,
        limits: &parts.settings.rate_limits,
        used: &used,
        dry_run: parts.settings.dry_run,
    };
    let actions = plan(&playbooks, &context, now);
    for action in &actions {
        tx.save_action(action).await?;
        let details = serde_json::json!({"summary": action.summary, "status": action.status, "alert": alert.id});
        absorb::note(tx, &action.tenant, Verb::Plan, ObjectKind::Action, &action.id.to_string(), details, now).await?;
        if action.status == ActionStatus::Approved {
            enqueue_action(tx, action, now).await?;
        }
    }
    Ok(actions)
}
