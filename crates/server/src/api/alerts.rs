//! `/api/v1/alerts`: the queue.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use vigie_cases::{AlertEdit, ChangeError, acknowledge_alert, assign_alert, close_alert, edit_alert, reopen_alert};
use vigie_model::{
    Alert, AlertId, Finding, ObjectKind, Pap, Resolution, Role, Severity, TenantId, Timestamp, Tlp, User, Verb,
};
use vigie_store::{AuditNote, Tx};

use super::extract::{Body, Id, Params};
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;

/// How many findings of an alert are shown.
const FINDINGS_MAX: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/alerts", list),
        read("/api/v1/alerts/{id}", get),
        read("/api/v1/alerts/{id}/findings", findings),
        Route::new(Method::PATCH, "/api/v1/alerts/{id}", Access::Role(Role::Analyst), edit),
        work("/api/v1/alerts/{id}/acknowledge", acknowledge),
        work("/api/v1/alerts/{id}/assign", assign),
        work("/api/v1/alerts/{id}/close", close),
        work("/api/v1/alerts/{id}/reopen", reopen),
    ]
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error.field() {
            Some(field) => Self::field(field, error.to_string()),
            None => Self::conflict(error.to_string()),
        }
    }
}

/// Lists alerts.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(ListQuery), responses(
    (status = 200, description = "The alerts.", body = Listed<Alert>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Alert>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.alerts(&reach.tenants, &listing).await?.into()))
}

/// Returns one alert.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 404, description = "There is no such alert.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<Json<Alert>, Problem> {
    load(&app, &caller, id).await.map(Json)
}

pub(super) async fn load(app: &App, caller: &Caller, id: AlertId) -> Result<Alert, Problem> {
    app.store.alert(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("alert"))
}

/// Returns an alert's findings, at most a hundred.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/findings", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), responses(
    (status = 200, description = "The findings.", body = Vec<Finding>),
    (status = 404, description = "There is no such alert.", body = ProblemBody),
))]
pub(crate) async fn findings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<Json<Vec<Finding>>, Problem> {
    load(&app, &caller, id).await?;
    Ok(Json(app.store.findings_of(caller.scope(), id, FINDINGS_MAX).await?))
}

/// Which version of the object the change was made from.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VersionBody {
    /// The version that was seen; another one is a conflict. Whatever the version is, where it is not said.
    pub(crate) version: Option<u64>,
}

/// Refuses a change that was made from another version.
pub(crate) fn check_version(seen: Option<u64>, found: u64) -> Result<(), Problem> {
    match seen {
        Some(seen) if seen != found => Err(Problem::conflict(format!(
            "it is at version {found}, the change was made from {seen}: read it again and repeat the change"
        ))),
        _ => Ok(()),
    }
}

/// Takes an alert up: it is in progress, and yours where it was nobody's.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), request_body = VersionBody, responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn acknowledge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<VersionBody>,
) -> Result<Json<Alert>, Problem> {
    let by = caller.name();
    change(&app, &caller, Target { id, version: body.version, verb: Verb::Update }, |alert, now| {
        acknowledge_alert(alert, &by, now)
    })
    .await
}

/// Who works on it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignBody {
    /// The user's name; nobody where it is null.
    pub(crate) assignee: Option<String>,
    /// The version that was seen.
    #[serde(default)]
    pub(crate) version: Option<u64>,
}

/// Gives an alert to somebody.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/assign", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), request_body = AssignBody, responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 400, description = "There is no such user, or they may not see this tenant.", body = ProblemBody),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn assign(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<AssignBody>,
) -> Result<Json<Alert>, Problem> {
    let tenant = load(&app, &caller, id).await?.tenant;
    check_assignee(&app, &tenant, body.assignee.as_deref()).await?;
    change(&app, &caller, Target { id, version: body.version, verb: Verb::Update }, |alert, now| {
        assign_alert(alert, body.assignee.as_deref(), now)
    })
    .await
}

/// Work is given to users who can do it.
pub(crate) async fn check_assignee(app: &App, tenant: &TenantId, assignee: Option<&str>) -> Result<(), Problem> {
    let Some(name) = assignee else { return Ok(()) };
    let user = app.store.user_by_name(name).await?.map(|(user, _)| user);
    if user.is_some_and(|user| may_work(&user, tenant)) { Ok(()) } else { Err(Problem::field("assignee", NO_ANALYST)) }
}

/// What is said where work is given to somebody who cannot do it.
pub(super) const NO_ANALYST: &str = "there is no such analyst, or they may not see this tenant";

/// Returns whether somebody can be given work for a tenant.
pub(super) fn may_work(user: &User, tenant: &TenantId) -> bool {
    !user.disabled && user.role >= Role::Analyst && user.tenants.contains(tenant)
}

/// How an alert is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseAlertBody {
    /// What it turned out to be.
    resolution: Resolution,
    /// The version that was seen.
    #[serde(default)]
    version: Option<u64>,
}

/// Closes an alert.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/close", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), request_body = CloseAlertBody, responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 409, description = "It is closed already, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<CloseAlertBody>,
) -> Result<Json<Alert>, Problem> {
    change(&app, &caller, Target { id, version: body.version, verb: Verb::Close }, |alert, now| {
        close_alert(alert, body.resolution, now)
    })
    .await
}

/// Opens a closed alert again.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/reopen", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), request_body = VersionBody, responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 409, description = "It is not closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn reopen(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<VersionBody>,
) -> Result<Json<Alert>, Problem> {
    change(&app, &caller, Target { id, version: body.version, verb: Verb::Reopen }, reopen_alert).await
}

/// What of an alert is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditAlertBody {
    /// One line.
    title: Option<String>,
    /// How bad it is.
    severity: Option<Severity>,
    /// With whom it may be shared.
    tlp: Option<Tlp>,
    /// What may be done with it.
    pap: Option<Pap>,
    /// All its tags.
    tags: Option<Vec<String>>,
    /// The version that was seen.
    version: Option<u64>,
}

/// Changes an alert's title, severity, sharing or tags.
#[utoipa::path(patch, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), request_body = EditAlertBody, responses(
    (status = 200, description = "The alert.", body = Alert),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
    Body(body): Body<EditAlertBody>,
) -> Result<Json<Alert>, Problem> {
    let edit = AlertEdit { title: body.title, severity: body.severity, tlp: body.tlp, pap: body.pap, tags: body.tags };
    change(&app, &caller, Target { id, version: body.version, verb: Verb::Update }, |alert, now| {
        edit_alert(alert, &edit, now)
    })
    .await
}

struct Target {
    id: AlertId,
    version: Option<u64>,
    verb: Verb,
}

/// Changes an alert: read, changed, stored and written into the audit log in one transaction.
async fn change(
    app: &App,
    caller: &Caller,
    target: Target,
    make: impl FnOnce(&Alert, Timestamp) -> Result<Alert, ChangeError>,
) -> Result<Json<Alert>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let before = tx.alert(caller.scope(), target.id).await?.ok_or_else(|| Problem::not_found("alert"))?;
    check_version(target.version, before.version)?;
    let alert = keep(&mut tx, caller, target.verb, &before, make(&before, now)?).await?;
    tx.commit().await?;
    app.tell(LiveKind::Alert, &alert.tenant, &alert);
    Ok(Json(alert))
}

/// Stores a changed alert and writes the change, and who made it, into the audit log.
pub(super) async fn keep(
    tx: &mut Tx,
    caller: &Caller,
    verb: Verb,
    before: &Alert,
    mut alert: Alert,
) -> Result<Alert, Problem> {
    alert.desk.updated_by = Some(caller.name());
    tx.save_alert(&alert, Some(before.version)).await?;
    tx.audit(&AuditNote {
        at: alert.updated,
        tenant: Some(alert.tenant.clone()),
        actor: caller.actor(),
        verb,
        object: ObjectKind::Alert,
        object_id: alert.id.to_string(),
        details: difference(&json!(before), &json!(alert)),
    })
    .await?;
    Ok(alert)
}

/// Returns the fields that changed, with their new values.
pub(crate) fn difference(before: &serde_json::Value, after: &serde_json::Value) -> serde_json::Value {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return after.clone() };
    let told = |name: &str| !matches!(name, "version" | "updated");
    let changed = after.iter().filter(|(name, value)| told(name) && before.get(*name) != Some(value));
    changed.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into()
}
