//! `/api/v1/cases`: investigations.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use vigie_cases::{
    CaseChange, CaseEdit, ChangeError, CloseError, Closing, Merging, NewCase, NewEmptyCase, OpenError, OpenTasks,
    acknowledge_case, assign_case, close_case, edit_case, merge_alerts, open_case, open_empty_case, reopen_case,
};
use vigie_model::{
    Alert, AlertId, Case, CaseId, Impact, ObjectKind, ObservableKind, Pap, Resolution, Role, Severity, TenantId,
    Timestamp, Tlp, Verb,
};
use vigie_store::{AuditNote, Tx, difference};

use super::alerts::{AssignBody, VersionBody, check_assignee, check_version};
use super::extract::{Body, Id, Params};
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;
use crate::notices::change_of;

/// How many alerts one request may put into a case.
const ALERTS_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/cases", list),
        work("/api/v1/cases", open),
        Route::new(Method::PATCH, "/api/v1/cases/{id}", Access::Role(Role::Analyst), edit),
        work("/api/v1/cases/{id}/alerts", merge),
        work("/api/v1/cases/{id}/acknowledge", acknowledge),
        work("/api/v1/cases/{id}/assign", assign),
        work("/api/v1/cases/{id}/close", close),
        work("/api/v1/cases/{id}/reopen", reopen),
    ]
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NoAlerts => Self::field("alerts", error.to_string()),
            _ => Self::conflict(error.to_string()),
        }
    }
}

impl From<CloseError> for Problem {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Closed | CloseError::OpenTasks { .. } => Self::conflict(error.to_string()),
            CloseError::EmptySummary | CloseError::LongSummary(_) => {
                Self::field("resolution.summary", error.to_string())
            }
        }
    }
}

/// Lists cases.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(ListQuery), responses(
    (status = 200, description = "The cases.", body = Listed<Case>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Case>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.cases(&reach, &listing).await?.into()))
}

/// What a case is opened from: alerts, or one's own words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenBody {
    /// Its alerts; title and severity follow from them where they are not said.
    #[serde(default)]
    alerts: Vec<AlertId>,
    /// One line.
    #[serde(default)]
    title: Option<String>,
    /// What is known, in words.
    #[serde(default)]
    description: Option<String>,
    /// How bad it is.
    #[serde(default)]
    severity: Option<Severity>,
    /// With whom it may be shared.
    #[serde(default)]
    tlp: Option<Tlp>,
    /// What may be done with what is on it.
    #[serde(default)]
    pap: Option<Pap>,
    /// Free words.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Whose it is, where no alert says so.
    #[serde(default)]
    tenant: Option<TenantId>,
}

/// Opens a case.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = OpenBody, responses(
    (status = 201, description = "The case.", body = Case),
    (status = 400, description = "There is neither an alert nor a title.", body = ProblemBody),
    (status = 409, description = "An alert is part of a case already, or is of another tenant than the others.", body = ProblemBody),
))]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<OpenBody>,
) -> Result<(StatusCode, Json<Case>), Problem> {
    let now = app.clock.now();
    let id = CaseId::from_bytes(app.entropy.id()).at(now);
    let mut tx = app.store.begin().await?;
    let change = if body.alerts.is_empty() {
        open_by_hand(&mut tx, &caller, &body, id, now).await?
    } else {
        open_from_alerts(&app, &mut tx, &caller, &body, id, now).await?
    };
    let case = keep(&app, tx, &caller, Verb::Create, change, json!(null), now).await?;
    app.metrics.case();
    Ok((StatusCode::CREATED, Json(case)))
}

async fn open_by_hand(
    tx: &mut Tx,
    caller: &Caller,
    body: &OpenBody,
    id: CaseId,
    now: Timestamp,
) -> Result<CaseChange, Problem> {
    let tenant = caller.one_tenant(body.tenant.as_ref(), "tenant")?;
    let Some(title) = &body.title else {
        return Err(Problem::field("title", "a case without alerts needs a title"));
    };
    let number = tx.next_case_number(&tenant).await?;
    let mut change = open_empty_case(&NewEmptyCase {
        id,
        tenant,
        number,
        title,
        description: body.description.as_deref().unwrap_or(""),
        severity: body.severity.unwrap_or(Severity::Medium),
        tags: body.tags.as_deref().unwrap_or(&[]),
        by: &caller.name(),
        now,
    })?;
    change.case.tlp = body.tlp.unwrap_or(change.case.tlp);
    change.case.pap = body.pap.unwrap_or(change.case.pap);
    change.case.desk.created_by = caller.name();
    Ok(change)
}

async fn open_from_alerts(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    body: &OpenBody,
    id: CaseId,
    now: Timestamp,
) -> Result<CaseChange, Problem> {
    let alerts = load_alerts(tx, caller, &body.alerts).await?;
    let number = tx.next_case_number(&alerts[0].tenant).await?;
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let by = caller.name();
    let mut change = open_case(&NewCase { id, number, by: &by, now, alerts: &alerts, warnings: &warnings })?;
    let edit = CaseEdit {
        title: body.title.clone(),
        description: body.description.clone(),
        severity: body.severity,
        tlp: body.tlp,
        pap: body.pap,
        tags: body.tags.clone(),
    };
    if edit != CaseEdit::default() {
        // Said in the same breath as the opening: it is not a change of its own.
        let version = change.case.version;
        change.case = Case { version, ..edit_case(&change.case, &edit, &by, now)?.case };
    }
    change.case.desk.created_by = by;
    Ok(change)
}

async fn load_alerts(tx: &mut Tx, caller: &Caller, ids: &[AlertId]) -> Result<Vec<Alert>, Problem> {
    if ids.is_empty() || ids.len() > ALERTS_MAX {
        return Err(Problem::field("alerts", format!("expected 1 to {ALERTS_MAX} alerts")));
    }
    let mut alerts: Vec<Alert> = Vec::new();
    for id in ids {
        if alerts.iter().any(|alert| alert.id == *id) {
            continue;
        }
        alerts.push(tx.alert(caller.scope(), *id).await?.ok_or_else(|| Problem::not_found("alert"))?);
    }
    Ok(alerts)
}

/// Which alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeBody {
    /// The alerts to merge in.
    alerts: Vec<AlertId>,
    /// The version of the case that was seen.
    #[serde(default)]
    version: Option<u64>,
}

/// Merges alerts into a case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/alerts", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = MergeBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 409, description = "The case is closed or changed meanwhile, or an alert is part of another case.", body = ProblemBody),
))]
pub(crate) async fn merge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<MergeBody>,
) -> Result<Json<Case>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, body.version).await?;
    let members = tx.case_alerts(&caller.reach(), id).await?;
    let alerts = load_alerts(&mut tx, &caller, &body.alerts).await?;
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let change = merge_alerts(&Merging {
        case: &case,
        members: &members,
        alerts: &alerts,
        by: &caller.name(),
        now,
        warnings: &warnings,
    })?;
    Ok(Json(keep(&app, tx, &caller, Verb::Merge, change, json!(case), now).await?))
}

/// Takes a case up: it is in progress, and yours where it was nobody's.
#[utoipa::path(post, path = "/api/v1/cases/{id}/acknowledge", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = VersionBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn acknowledge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<VersionBody>,
) -> Result<Json<Case>, Problem> {
    let by = caller.name();
    let target = Target { id, version: body.version, verb: Verb::Update };
    change(&app, &caller, target, |case, now| acknowledge_case(case, &by, now)).await
}

/// Gives a case to somebody.
#[utoipa::path(post, path = "/api/v1/cases/{id}/assign", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = AssignBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 400, description = "There is no such user, or they may not see this tenant.", body = ProblemBody),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn assign(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<AssignBody>,
) -> Result<Json<Case>, Problem> {
    let case = app.store.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    check_assignee(&app, &case.tenant, body.assignee.as_deref()).await?;
    let by = caller.name();
    let target = Target { id, version: body.version, verb: Verb::Update };
    change(&app, &caller, target, |case, now| assign_case(case, body.assignee.as_deref(), &by, now)).await
}

/// What of a case is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditCaseBody {
    /// One line.
    title: Option<String>,
    /// What is known, in words.
    description: Option<String>,
    /// How bad it is.
    severity: Option<Severity>,
    /// With whom it may be shared.
    tlp: Option<Tlp>,
    /// What may be done with what is on it.
    pap: Option<Pap>,
    /// All its tags.
    tags: Option<Vec<String>>,
    /// The version that was seen.
    version: Option<u64>,
}

/// Changes a case's title, description, severity, sharing or tags.
#[utoipa::path(patch, path = "/api/v1/cases/{id}", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = EditCaseBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 409, description = "It is closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<EditCaseBody>,
) -> Result<Json<Case>, Problem> {
    let edit = CaseEdit {
        title: body.title,
        description: body.description,
        severity: body.severity,
        tlp: body.tlp,
        pap: body.pap,
        tags: body.tags,
    };
    let by = caller.name();
    let target = Target { id, version: body.version, verb: Verb::Update };
    change(&app, &caller, target, |case, now| edit_case(case, &edit, &by, now)).await
}

/// How a case is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseCaseBody {
    /// What it turned out to be, what happened and what was done.
    resolution: Resolution,
    /// Whether something was harmed.
    #[serde(default)]
    impact: Option<Impact>,
    /// Whether tasks that are not done are cancelled; otherwise the case stays open and the answer names them.
    #[serde(default)]
    cancel_tasks: bool,
    /// The version that was seen.
    #[serde(default)]
    version: Option<u64>,
}

/// Closes a case, and with it those of its alerts that are open.
#[utoipa::path(post, path = "/api/v1/cases/{id}/close", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = CloseCaseBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 400, description = "The summary says nothing.", body = ProblemBody),
    (status = 409, description = "It is closed, changed meanwhile, or tasks are not done.", body = ProblemBody),
))]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<CloseCaseBody>,
) -> Result<Json<Case>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, body.version).await?;
    let alerts = tx.case_alerts(&caller.reach(), id).await?;
    let tasks = tx.case_tasks(&caller.reach(), id).await?;
    let open_tasks = if body.cancel_tasks { OpenTasks::Cancel } else { OpenTasks::Refuse };
    let closing = Closing { resolution: body.resolution, open_tasks, by: &caller.name(), now };
    let mut change = close_case(&case, &alerts, &tasks, &closing)?;
    change.case.desk.impact = body.impact.or(change.case.desk.impact);
    Ok(Json(keep(&app, tx, &caller, Verb::Close, change, json!(case), now).await?))
}

/// Opens a closed case again.
#[utoipa::path(post, path = "/api/v1/cases/{id}/reopen", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = VersionBody, responses(
    (status = 200, description = "The case.", body = Case),
    (status = 409, description = "It is not closed, or changed meanwhile.", body = ProblemBody),
))]
pub(crate) async fn reopen(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<VersionBody>,
) -> Result<Json<Case>, Problem> {
    let by = caller.name();
    let target = Target { id, version: body.version, verb: Verb::Reopen };
    change(&app, &caller, target, |case, now| reopen_case(case, &by, now)).await
}

struct Target {
    id: CaseId,
    version: Option<u64>,
    verb: Verb,
}

async fn change(
    app: &App,
    caller: &Caller,
    target: Target,
    make: impl FnOnce(&Case, Timestamp) -> Result<CaseChange, ChangeError>,
) -> Result<Json<Case>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let before = load(&mut tx, caller, target.id, target.version).await?;
    let change = make(&before, now)?;
    Ok(Json(keep(app, tx, caller, target.verb, change, json!(before), now).await?))
}

/// Returns the case as it is, where the caller may see it and saw this version.
pub(crate) async fn load(tx: &mut Tx, caller: &Caller, id: CaseId, seen: Option<u64>) -> Result<Case, Problem> {
    let case = tx.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    caller.needs_own(&case.tenant)?;
    check_version(seen, case.version)?;
    Ok(case)
}

/// Stores a change of a case with all that changed with it, writes it into the audit log, and tells whoever watches.
pub(super) async fn keep(
    app: &App,
    mut tx: Tx,
    caller: &Caller,
    verb: Verb,
    mut change: CaseChange,
    before: serde_json::Value,
    now: Timestamp,
) -> Result<Case, Problem> {
    if change.expected_version.is_some() {
        change.case.desk.updated_by = Some(caller.name());
    }
    for task in change.tasks.iter_mut().filter(|_| change.expected_version.is_some()) {
        task.stamp = task.stamp.changed(caller.name(), now);
    }
    tx.save_case(&change.case, change.expected_version).await?;
    for alert in &change.alerts {
        tx.save_alert(alert, Some(alert.version - 1)).await?;
    }
    tx.upsert_observables(&change.observables).await?;
    tx.save_tasks(&change.tasks).await?;
    tx.add_timeline(&change.timeline).await?;
    let mut details = told(&before, &json!(change.case));
    let changes = [change_of(verb, before, &change.case)];
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    if let Some(details) = details.as_object_mut().filter(|_| !change.alerts.is_empty()) {
        details.insert("alerts".to_owned(), json!(change.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>()));
    }
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(change.case.tenant.clone()),
        actor: caller.actor(),
        verb,
        object: ObjectKind::Case,
        object_id: change.case.id.to_string(),
        details,
    })
    .await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    change.alerts.iter().for_each(|alert| app.tell(LiveKind::Alert, &alert.tenant, alert));
    app.tell(LiveKind::Case, &change.case.tenant, &change.case);
    Ok(change.case)
}

/// Returns what the audit log says of a change: `{"before": {…}, "after": {…}}`, of something new all of it.
pub(super) fn told(before: &serde_json::Value, after: &serde_json::Value) -> serde_json::Value {
    if before.is_null() { json!({ "after": after }) } else { difference(before, after).unwrap_or_else(|| json!({})) }
}
