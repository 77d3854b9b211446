//! `/api/v1/actions` and `/api/v1/decisions`: what was planned, done and is in force.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use vigie_model::{
    Action, ActionId, ActionStatus, Alert, AlertId, Decision, DecisionState, Filter, ObjectKind, TenantId, TenantScope,
    Timestamp, Verb,
};
use vigie_respond::{
    ActionEvent, Order, OrderError, PlanContext, RateUse, ends_with, order, plan, recheck, transition,
};
use vigie_store::{AuditNote, Tx};

use super::extract::{Body, Id, Params};
use super::listing::{ListQuery, Listed, equal};
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::Caller;
use crate::workers::{enqueue_action, enqueue_undo, note_on_case};

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/actions", list),
        read("/api/v1/actions/kinds", kinds),
        work("/api/v1/actions", order_action),
        read("/api/v1/actions/{id}", get),
        work("/api/v1/actions/{id}/approve", approve),
        work("/api/v1/actions/{id}/reject", reject),
        work("/api/v1/actions/{id}/run", run),
        work("/api/v1/actions/{id}/undo", undo),
        work("/api/v1/alerts/{id}/plan", plan_alert),
        read("/api/v1/decisions", decisions),
        read("/api/v1/never-touch", never_touch),
    ]
}

/// Lists actions.
#[utoipa::path(get, path = "/api/v1/actions", tag = "respond", params(ListQuery), responses(
    (status = 200, description = "The actions.", body = Listed<Action>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Action>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.actions(&reach, &listing).await?.into()))
}

/// Returns one action with its steps.
#[utoipa::path(get, path = "/api/v1/actions/{id}", tag = "respond", params(("id" = String, Path, description = "The action's id.")), responses(
    (status = 200, description = "The action.", body = Action),
    (status = 404, description = "There is no such action.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ActionId>,
) -> Result<Json<Action>, Problem> {
    app.store.action(&caller.reach(), id).await?.map(Json).ok_or_else(|| Problem::not_found("action"))
}

/// A kind of action that can be done here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindBody {
    /// Its name.
    kind: &'static str,
    /// What it takes.
    parameters: Vec<ParameterBody>,
    /// Who and what it can touch.
    blast_radius: &'static str,
    /// How it is taken back, or why it cannot be.
    undo: &'static str,
    /// What it needs to work.
    needs: Vec<&'static str>,
}

/// A parameter of a kind of action.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParameterBody {
    /// Its name.
    name: &'static str,
    /// Whether it must be given.
    required: bool,
    /// What it does.
    description: &'static str,
}

/// Lists the kinds of action that can be done here.
#[utoipa::path(get, path = "/api/v1/actions/kinds", tag = "respond", responses((status = 200, description = "The kinds.", body = Vec<KindBody>)))]
pub(crate) async fn kinds(State(app): State<Arc<App>>, _caller: Caller) -> Json<Vec<KindBody>> {
    let kind = |spec: &'static vigie_respond::ActionSpec| KindBody {
        kind: spec.kind,
        parameters: spec
            .parameters
            .iter()
            .map(|parameter| ParameterBody {
                name: parameter.name,
                required: parameter.required,
                description: parameter.description,
            })
            .collect(),
        blast_radius: spec.blast_radius,
        undo: spec.undo.as_str(),
        needs: spec.needs.to_vec(),
    };
    Json(app.catalogue().iter().map(kind).collect())
}

/// Why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NoteBody {
    /// Why, in a few words.
    note: String,
}

/// How long a note on a step may be, in characters.
const NOTE_CHARACTERS_MAX: usize = 1_000;

impl NoteBody {
    fn or(self, usual: &str) -> Result<String, Problem> {
        if self.note.chars().count() > NOTE_CHARACTERS_MAX {
            return Err(Problem::field("note", "expected at most 1,000 characters"));
        }
        Ok(if self.note.trim().is_empty() { usual.to_owned() } else { self.note })
    }
}

/// Approves an action that waits for an analyst. It is done at once, unless a guard rail says no meanwhile.
#[utoipa::path(post, path = "/api/v1/actions/{id}/approve", tag = "respond", params(("id" = String, Path, description = "The action's id.")), request_body = NoteBody, responses(
    (status = 200, description = "The action in its new state.", body = Action),
    (status = 409, description = "The action does not wait for approval.", body = ProblemBody),
))]
pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ActionId>,
    Body(note): Body<NoteBody>,
) -> Result<Json<Action>, Problem> {
    let note = note.or("approved")?;
    let refusal = |action: &Action| recheck(action, &app.never_touch.get()).err();
    let step = Step { event: ActionEvent::Approve, verb: Verb::Approve, note };
    change(&app, &caller, id, |action| match refusal(action) {
        Some(refusal) => Step { event: ActionEvent::Refuse, verb: Verb::Reject, note: refusal.to_string() },
        None if app.dry_run() => Step { event: ActionEvent::Simulate, verb: Verb::Approve, note: step.note },
        None => step,
    })
    .await
}

/// Rejects an action that waits, or calls off one that has not begun.
#[utoipa::path(post, path = "/api/v1/actions/{id}/reject", tag = "respond", params(("id" = String, Path, description = "The action's id.")), request_body = NoteBody, responses(
    (status = 200, description = "The action in its new state.", body = Action),
    (status = 409, description = "The action has begun or is over.", body = ProblemBody),
))]
pub(crate) async fn reject(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ActionId>,
    Body(note): Body<NoteBody>,
) -> Result<Json<Action>, Problem> {
    let note = note.or("rejected")?;
    change(&app, &caller, id, |_| Step { event: ActionEvent::Reject, verb: Verb::Reject, note }).await
}

/// Runs an action: approves one that waits, tries one again that failed.
#[utoipa::path(post, path = "/api/v1/actions/{id}/run", tag = "respond", params(("id" = String, Path, description = "The action's id.")), request_body = NoteBody, responses(
    (status = 200, description = "The action in its new state.", body = Action),
    (status = 409, description = "The action is over, or the server is in dry run.", body = ProblemBody),
))]
pub(crate) async fn run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ActionId>,
    Body(note): Body<NoteBody>,
) -> Result<Json<Action>, Problem> {
    if app.dry_run() {
        return Err(Problem::conflict("this server is in dry run: set `respond.mode = \"enforce\"` to let it act"));
    }
    let note = note.or("to be run")?;
    change(&app, &caller, id, |action| match action.status {
        ActionStatus::Failed => Step { event: ActionEvent::Retry, verb: Verb::Approve, note },
        _ => match recheck(action, &app.never_touch.get()) {
            Err(refusal) => Step { event: ActionEvent::Refuse, verb: Verb::Reject, note: refusal.to_string() },
            Ok(()) => Step { event: ActionEvent::Approve, verb: Verb::Approve, note },
        },
    })
    .await
}

struct Step {
    event: ActionEvent,
    verb: Verb,
    note: String,
}

/// Takes an action one step on; what is approved by it goes into the outbox in the same transaction.
async fn change(
    app: &App,
    caller: &Caller,
    id: ActionId,
    decide: impl FnOnce(&Action) -> Step,
) -> Result<Json<Action>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let action = tx.action(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("action"))?;
    let step = decide(&action);
    let action = transition(action, step.event, &caller.name(), &step.note, now)
        .map_err(|error| Problem::conflict(error.to_string()))?;
    tx.save_action(&action).await?;
    if action.status == ActionStatus::Approved {
        enqueue_action(&mut tx, &action, now).await?;
    }
    audit(&mut tx, caller, step.verb, &action, now).await?;
    note_on_case(&mut tx, &action, &step.note, now).await?;
    tx.commit().await?;
    app.tell_action(&action);
    app.outbox_bell.notify_one();
    Ok(Json(action))
}

async fn audit(tx: &mut Tx, caller: &Caller, verb: Verb, action: &Action, now: Timestamp) -> Result<(), Problem> {
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(action.tenant.clone()),
        actor: caller.actor(),
        verb,
        object: ObjectKind::Action,
        object_id: action.id.to_string(),
        details: json!({ "kind": action.kind, "status": action.status, "summary": action.summary }),
    })
    .await?;
    Ok(())
}

/// Takes back what an action put in force.
#[utoipa::path(post, path = "/api/v1/actions/{id}/undo", tag = "respond", params(("id" = String, Path, description = "The action's id.")), request_body = NoteBody, responses(
    (status = 200, description = "The action; it is taken back in a moment.", body = Action),
    (status = 409, description = "The action holds nothing in force.", body = ProblemBody),
))]
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ActionId>,
    Body(note): Body<NoteBody>,
) -> Result<Json<Action>, Problem> {
    let note = note.or("to be taken back")?;
    let now = app.clock.now();
    let in_force = app.store.decisions_in_force(caller.scope()).await?;
    let mut tx = app.store.begin().await?;
    let action = tx.action(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("action"))?;
    let held = in_force.iter().find(|decision| ends_with(&action, decision));
    let Some(decision) = held else {
        let status = action.status.as_str();
        return Err(Problem::conflict(format!(
            "the action is {status} and holds nothing in force: there is nothing to take back"
        )));
    };
    let action = transition(action, ActionEvent::AskUndo, &caller.name(), &note, now)
        .map_err(|error| Problem::conflict(error.to_string()))?;
    tx.save_action(&action).await?;
    enqueue_undo(&mut tx, &action, decision, now).await?;
    audit(&mut tx, &caller, Verb::Undo, &action, now).await?;
    tx.commit().await?;
    app.tell_action(&action);
    app.outbox_bell.notify_one();
    Ok(Json(action))
}

/// An action that a person asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderBody {
    /// The kind of action; see /api/v1/actions/kinds.
    kind: String,
    /// Its parameters.
    #[serde(default)]
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
    /// How long it stays in force, in seconds; the default of its kind where it is not said.
    #[serde(default)]
    expires_after_s: Option<u64>,
    /// The alert that it answers.
    #[serde(default)]
    alert: Option<AlertId>,
    /// Whose it is, where no alert says so.
    #[serde(default)]
    tenant: Option<TenantId>,
    /// Why.
    #[serde(default)]
    reason: String,
    /// What tells this order from others like it: the same key is the same action. Random where it is not said.
    #[serde(default)]
    key: Option<String>,
}

/// Orders an action. The order is the approval; the guard rails hold all the same.
#[utoipa::path(post, path = "/api/v1/actions", tag = "respond", request_body = OrderBody, responses(
    (status = 201, description = "The action: approved, simulated in a dry run, or refused by a guard rail.", body = Action),
    (status = 400, description = "The order makes no sense.", body = ProblemBody),
))]
pub(crate) async fn order_action(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<OrderBody>,
) -> Result<(StatusCode, Json<Action>), Problem> {
    let reason = NoteBody { note: body.reason }.or("")?;
    let alert = match body.alert {
        Some(id) => Some(app.store.alert(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("alert"))?),
        None => None,
    };
    let tenant = caller.one_tenant(alert.as_ref().map(|alert| &alert.tenant).or(body.tenant.as_ref()), "tenant")?;
    let case = match alert.as_ref().and_then(|alert| alert.case) {
        Some(id) => app.store.case(&caller.reach(), id).await?,
        None => None,
    };
    let now = app.clock.now();
    let wanted = Order {
        tenant: &tenant,
        kind: &body.kind,
        parameters: &body.parameters,
        expires: body.expires_after_s.map(Duration::from_secs),
        alert: alert.as_ref(),
        case: case.as_ref(),
        by: &caller.name(),
        reason: &reason,
        key: &body.key.unwrap_or_else(|| hex::encode(app.entropy.id())),
        dry_run: app.dry_run(),
    };
    let action = order(&wanted, &app.catalogue(), &app.never_touch.get(), now).map_err(|error| of_order(&error))?;
    let mut tx = app.store.begin().await?;
    if let Some(known) = tx.action(&caller.reach(), action.id).await? {
        return Ok((StatusCode::OK, Json(known)));
    }
    keep(&mut tx, &caller, &action, now).await?;
    tx.commit().await?;
    app.tell_action(&action);
    app.outbox_bell.notify_one();
    Ok((StatusCode::CREATED, Json(action)))
}

fn of_order(error: &OrderError) -> Problem {
    let field = match error {
        OrderError::Kind { .. } => "kind".to_owned(),
        OrderError::Parameter { name, .. } => format!("parameters.{name}"),
        OrderError::Expiry(_) => "expires_after_s".to_owned(),
    };
    Problem::field(&field, error.to_string())
}

/// Puts a new action on record, and into the outbox where it is approved already.
async fn keep(tx: &mut Tx, caller: &Caller, action: &Action, now: Timestamp) -> Result<(), Problem> {
    tx.save_action(action).await?;
    if action.status == ActionStatus::Approved {
        enqueue_action(tx, action, now).await?;
    }
    audit(tx, caller, Verb::Plan, action, now).await?;
    note_on_case(tx, action, "planned", now).await?;
    Ok(())
}

/// How to plan.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PlanBody {
    /// Only show what would be planned.
    dry_run: bool,
}

/// What the playbooks ask for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Planned {
    /// The actions that are on record for this alert already, and those that would be or were added.
    actions: Vec<Action>,
}

/// Plans the answer to an alert by the playbooks. With `dry_run` nothing is put on record.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/plan", tag = "respond", params(("id" = String, Path, description = "The alert's id.")), request_body = PlanBody, responses(
    (status = 200, description = "The plan.", body = Planned),
    (status = 404, description = "There is no such alert.", body = ProblemBody),
))]
pub(crate) async fn plan_alert(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<PlanBody>,
) -> Result<Json<Planned>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let alert = tx.alert(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("alert"))?;
    let case = match alert.case {
        Some(case) => tx.case(&caller.reach(), case).await?,
        None => None,
    };
    let known = tx.actions_on_record(&alert.tenant, alert.id, now.minus(Duration::from_hours(24))).await?;
    let in_force = tx.decisions_in_force(&alert.tenant).await?;
    let context = PlanContext {
        alert: &alert,
        case: case.as_ref(),
        never_touch: &app.never_touch.get(),
        in_force: &in_force,
        known: &known,
        limits: &app.rate_limits(),
        used: &RateUse::count(&alert.tenant, &known, now),
        dry_run: app.dry_run(),
    };
    let fresh = plan(&app.playbooks.get(), &context, now);
    // What is done for a case that is closed to the caller is the business of those who work on it.
    let closed = alert.case.filter(|_| case.is_none());
    let is_shown = |action: &Action| answers(action, &alert) && (closed.is_none() || action.trigger.case != closed);
    let mut actions: Vec<Action> = known.into_iter().filter(is_shown).collect();
    if body.dry_run {
        actions.extend(fresh);
        return Ok(Json(Planned { actions }));
    }
    for action in &fresh {
        keep(&mut tx, &caller, action, now).await?;
    }
    tx.commit().await?;
    for action in &fresh {
        app.tell_action(action);
    }
    app.outbox_bell.notify_one();
    actions.extend(fresh);
    Ok(Json(Planned { actions }))
}

fn answers(action: &Action, alert: &Alert) -> bool {
    action.trigger.alert == Some(alert.id)
}

/// Lists decisions; those in force where no condition is given.
#[utoipa::path(get, path = "/api/v1/decisions", tag = "respond", params(ListQuery), responses(
    (status = 200, description = "The decisions.", body = Listed<Decision>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn decisions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Decision>>, Problem> {
    let (reach, mut listing) = query.read(&caller)?;
    if listing.filter == Filter::All {
        listing.filter = equal("state", DecisionState::InForce.as_str());
    }
    Ok(Json(app.store.decisions(&reach, &listing).await?.into()))
}

/// An entry of the never-touch list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeverTouchBody {
    /// The network.
    network: String,
    /// Why.
    reason: String,
}

/// Lists what no action may touch, as it is now.
#[utoipa::path(get, path = "/api/v1/never-touch", tag = "respond", responses((status = 200, description = "The list.", body = Vec<NeverTouchBody>)))]
pub(crate) async fn never_touch(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<NeverTouchBody>>, Problem> {
    // The addresses of the SOC and its administrators are no client's business.
    if *caller.scope() != TenantScope::All {
        return Err(Problem::forbidden("this needs somebody who may see all tenants"));
    }
    let list = app.never_touch.get();
    let entry = |entry: &vigie_respond::NeverTouchEntry| NeverTouchBody {
        network: entry.network.to_string(),
        reason: entry.reason.clone(),
    };
    Ok(Json(list.entries().iter().map(entry).collect()))
}
