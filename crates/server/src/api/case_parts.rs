//! `/api/v1/cases/{id}/tasks`, `comments`, `observables`, `timeline`: what is on a case.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use vigie_cases::{
    NewTask, ObservablePatch, TaskPatch, add_comment, add_note, new_tasks, observable_of, patch_observable, patch_task,
};
use vigie_model::{
    Actor, Case, CaseId, CaseStatus, Comment, CommentId, ObjectKind, Observable, ObservableId, ObservableKind, Pap,
    Role, Stamp, Task, TaskId, TaskStatus, TimelineEntry, TimelineId, Timestamp, Tlp, Verb,
};
use vigie_store::{AuditNote, Author, Tx};

use super::alerts::check_assignee;
use super::cases::{load, told};
use super::extract::{Body, Id, Params};
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::LiveKind;
use crate::notices::change_of;

pub(super) fn routes() -> Vec<Route> {
    let analyst = Access::Role(Role::Analyst);
    vec![
        read("/api/v1/tasks", tasks),
        read("/api/v1/observables", observables),
        work("/api/v1/cases/{id}/tasks", new_task),
        Route::new(Method::PATCH, "/api/v1/tasks/{id}", analyst, change_task),
        work("/api/v1/cases/{id}/comments", new_comment),
        work("/api/v1/cases/{id}/timeline", new_note),
        work("/api/v1/cases/{id}/observables", new_observable),
        Route::new(Method::PATCH, "/api/v1/cases/{id}/observables/{observable}", analyst, change_observable),
        Route::new(Method::DELETE, "/api/v1/cases/{id}/observables/{observable}", analyst, delete_observable),
    ]
}

/// Lists tasks of all cases.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "cases", params(ListQuery), responses(
    (status = 200, description = "The tasks.", body = Listed<Task>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn tasks(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Task>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.tasks(&reach, &listing).await?.into()))
}

/// Lists observables of all cases.
#[utoipa::path(get, path = "/api/v1/observables", tag = "cases", params(ListQuery), responses(
    (status = 200, description = "The observables.", body = Listed<Observable>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn observables(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<Observable>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.observables(&reach, &listing).await?.into()))
}

/// Something to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskBody {
    /// One line.
    title: String,
    /// What to do, in words.
    #[serde(default)]
    description: String,
    /// The group that it is shown in.
    #[serde(default)]
    group: Option<String>,
    /// Whether the case cannot be closed before it is completed.
    #[serde(default)]
    mandatory: bool,
    /// When it should be done.
    #[serde(default)]
    due: Option<Timestamp>,
    /// Who does it, by user name.
    #[serde(default)]
    assignee: Option<String>,
}

/// Adds a task to a case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/tasks", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = TaskBody, responses(
    (status = 201, description = "The task.", body = Task),
    (status = 409, description = "The case is closed.", body = ProblemBody),
))]
pub(crate) async fn new_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<TaskBody>,
) -> Result<(StatusCode, Json<Task>), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    if case.status == CaseStatus::Closed {
        return Err(Problem::conflict("the case is closed: reopen it first"));
    }
    check_assignee(&app, &case.tenant, body.assignee.as_deref()).await?;
    let tasks = tx.case_tasks(&caller.reach(), id).await?;
    let new = NewTask {
        title: body.title,
        description: body.description,
        group: body.group,
        mandatory: body.mandatory,
        due: body.due,
        assignee: body.assignee,
        ..NewTask::default()
    };
    let random = || TaskId::from_bytes(app.entropy.id());
    let task = new_tasks(&case, &tasks, vec![new], random, &caller.name(), now)?.remove(0);
    tx.save_tasks(std::slice::from_ref(&task)).await?;
    let part = Part { verb: Verb::Create, object: ObjectKind::Task, id: task.id.to_string() };
    keep(&app, tx, caller.actor(), &case, part, json!({ "case": id, "after": task }), now).await?;
    Ok((StatusCode::CREATED, Json(task)))
}

/// What of a task is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskChange {
    /// One line.
    title: Option<String>,
    /// What to do, in words.
    description: Option<String>,
    /// Where it is in its life.
    status: Option<TaskStatus>,
    /// Who does it, by user name; an empty text for nobody.
    assignee: Option<String>,
    /// The group that it is shown in.
    group: Option<String>,
    /// Whether the case cannot be closed before it is completed.
    mandatory: Option<bool>,
    /// When it should be done; an empty text for no time.
    due: Option<String>,
    /// Its place among the case's tasks.
    position: Option<u32>,
}

/// Changes a task.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "cases", params(("id" = String, Path, description = "The task's id.")), request_body = TaskChange, responses(
    (status = 200, description = "The task.", body = Task),
    (status = 404, description = "There is no such task.", body = ProblemBody),
))]
pub(crate) async fn change_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<TaskId>,
    Body(body): Body<TaskChange>,
) -> Result<Json<Task>, Problem> {
    let now = app.clock.now();
    let assignee = body.assignee.map(|name| (!name.is_empty()).then_some(name));
    let mut tx = app.store.begin().await?;
    let before = tx.task(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("task"))?;
    let case = load(&mut tx, &caller, before.case, None).await?;
    check_assignee(&app, &case.tenant, assignee.as_ref().and_then(Option::as_deref)).await?;
    let patch = TaskPatch {
        title: body.title,
        description: body.description.map(Some),
        group: body.group,
        mandatory: body.mandatory,
        due: body.due.as_deref().map(due).transpose()?,
        status: body.status,
        assignee,
        position: body.position,
        ..TaskPatch::default()
    };
    let task = patch_task(&before, &patch, &caller.name(), now)?;
    tx.save_tasks(std::slice::from_ref(&task)).await?;
    let changes = [change_of(Verb::Update, json!(before), &task)];
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    let part = Part { verb: Verb::Update, object: ObjectKind::Task, id: id.to_string() };
    let details = told(&json!(before), &json!(task));
    keep(&app, tx, caller.actor(), &case, part, details, now).await?;
    Ok(Json(task))
}

fn due(text: &str) -> Result<Option<Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| Problem::field("due", format!("{error}; an empty text takes it away")))
}

/// A comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentBody {
    /// The text.
    text: String,
}

/// Writes a comment on a case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/comments", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = CommentBody, responses(
    (status = 201, description = "The comment.", body = Comment),
    (status = 400, description = "The text says nothing.", body = ProblemBody),
))]
pub(crate) async fn new_comment(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<CommentBody>,
) -> Result<(StatusCode, Json<Comment>), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let comment = add_comment(&case, CommentId::from_bytes(app.entropy.id()), &caller.name(), &body.text, now)?;
    tx.save_comment(&comment).await?;
    let changes = [change_of(Verb::Create, json!(null), &comment)];
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    let part = Part { verb: Verb::Create, object: ObjectKind::Comment, id: comment.id.to_string() };
    keep(&app, tx, caller.actor(), &case, part, json!({ "case": id, "after": { "text": comment.text } }), now).await?;
    Ok((StatusCode::CREATED, Json(comment)))
}

/// An entry on the timeline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineBody {
    /// One line.
    text: String,
    /// When what it tells of happened; now where it is not said.
    #[serde(default)]
    time: Option<Timestamp>,
}

/// Puts an entry on a case's timeline.
#[utoipa::path(post, path = "/api/v1/cases/{id}/timeline", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = TimelineBody, responses(
    (status = 201, description = "The entry.", body = TimelineEntry),
    (status = 400, description = "The text says nothing.", body = ProblemBody),
))]
pub(crate) async fn new_note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<TimelineBody>,
) -> Result<(StatusCode, Json<TimelineEntry>), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let mut entry = add_note(&case, TimelineId::from_bytes(app.entropy.id()), body.time.unwrap_or(now), &body.text)?;
    entry.stamp = Some(Stamp::new(caller.name(), now));
    tx.add_timeline(std::slice::from_ref(&entry)).await?;
    let part = Part { verb: Verb::Create, object: ObjectKind::Timeline, id: entry.id.to_string() };
    keep(&app, tx, caller.actor(), &case, part, json!({ "case": id, "after": { "text": entry.text } }), now).await?;
    Ok((StatusCode::CREATED, Json(entry)))
}

/// A value worth looking at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObservableBody {
    /// What kind of value it is.
    kind: ObservableKind,
    /// The value; `hxxp` and `[.]` are read as what they stand for.
    value: String,
    /// Whether it is an indicator of compromise.
    #[serde(default)]
    ioc: bool,
    /// With whom it may be shared.
    #[serde(default)]
    tlp: Option<Tlp>,
    /// What may be done with it.
    #[serde(default)]
    pap: Option<Pap>,
    /// Free words.
    #[serde(default)]
    tags: Vec<String>,
    /// What is known of it, in words.
    #[serde(default)]
    message: Option<String>,
}

/// Puts an observable on a case.
#[utoipa::path(post, path = "/api/v1/cases/{id}/observables", tag = "cases", params(("id" = String, Path, description = "The case's id.")), request_body = ObservableBody, responses(
    (status = 201, description = "The observable.", body = Observable),
    (status = 400, description = "The value is not one of that kind.", body = ProblemBody),
))]
pub(crate) async fn new_observable(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Body(body): Body<ObservableBody>,
) -> Result<(StatusCode, Json<Observable>), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let bare = observable_of(&case, body.kind, &body.value, &warnings, now)?;
    // What is said of it is checked as in a change of it.
    let said = ObservablePatch {
        ioc: Some(body.ioc),
        tlp: body.tlp,
        pap: body.pap,
        tags: Some(body.tags),
        message: Some(body.message),
        ..ObservablePatch::default()
    };
    let mut observable = patch_observable(&bare, &said, &caller.name(), now)?;
    observable.stamp = Some(Stamp::new(caller.name(), now));
    tx.save_observable(&observable).await?;
    let part = Part { verb: Verb::Create, object: ObjectKind::Observable, id: observable.id.to_string() };
    let details = json!({ "case": id, "after": observable });
    keep(&app, tx, caller.actor(), &case, part, details, now).await?;
    Ok((StatusCode::CREATED, Json(observable)))
}

/// Takes an observable off a case.
#[utoipa::path(delete, path = "/api/v1/cases/{id}/observables/{observable}", tag = "cases",
    params(("id" = String, Path, description = "The case's id."), ("observable" = String, Path, description = "The observable's id.")),
    responses((status = 204, description = "It is off the case."), (status = 404, description = "It is not on the case.", body = ProblemBody)))]
pub(crate) async fn delete_observable(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id((id, observable)): Id<(CaseId, ObservableId)>,
) -> Result<StatusCode, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let before = on_case(&mut tx, &caller, id, observable).await?;
    if !tx.delete_observable(id, observable).await? {
        return Err(Problem::not_found("observable"));
    }
    let part = Part { verb: Verb::Delete, object: ObjectKind::Observable, id: observable.to_string() };
    keep(&app, tx, caller.actor(), &case, part, json!({ "case": id, "before": before }), now).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn on_case(tx: &mut Tx, caller: &Caller, case: CaseId, observable: ObservableId) -> Result<Observable, Problem> {
    let found: Option<Observable> = tx.get(&caller.reach(), &observable.to_string()).await?;
    found.filter(|found| found.on == case.into()).ok_or_else(|| Problem::not_found("observable"))
}

/// What of an observable is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObservableChange {
    /// Whether it is an indicator of compromise.
    ioc: Option<bool>,
    /// Whether somebody has seen it at work.
    sighted: Option<bool>,
    /// Whether it does not count when likeness is looked for.
    unlike: Option<bool>,
    /// With whom it may be shared.
    tlp: Option<Tlp>,
    /// What may be done with it.
    pap: Option<Pap>,
    /// All its tags.
    tags: Option<Vec<String>>,
    /// What is known of it, in words.
    message: Option<String>,
}

/// Changes an observable of a case.
#[utoipa::path(patch, path = "/api/v1/cases/{id}/observables/{observable}", tag = "cases",
    params(("id" = String, Path, description = "The case's id."), ("observable" = String, Path, description = "The observable's id.")),
    request_body = ObservableChange,
    responses((status = 200, description = "The observable.", body = Observable), (status = 404, description = "It is not on the case.", body = ProblemBody)))]
pub(crate) async fn change_observable(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id((id, observable)): Id<(CaseId, ObservableId)>,
    Body(body): Body<ObservableChange>,
) -> Result<Json<Observable>, Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let case = load(&mut tx, &caller, id, None).await?;
    let before = on_case(&mut tx, &caller, id, observable).await?;
    let patch = ObservablePatch {
        ioc: body.ioc,
        sighted: body.sighted,
        unlike: body.unlike,
        tlp: body.tlp,
        pap: body.pap,
        tags: body.tags,
        message: body.message.map(|text| (!text.trim().is_empty()).then_some(text)),
        ..ObservablePatch::default()
    };
    let after = patch_observable(&before, &patch, &caller.name(), now)?;
    tx.change(&before, &after, Verb::Update, Author { actor: &caller.actor(), now }).await?;
    tx.commit().await?;
    app.tell(LiveKind::Case, &case.tenant, &case);
    Ok(Json(after))
}

struct Part {
    verb: Verb,
    object: ObjectKind,
    id: String,
}

/// Writes a change of a part of a case into the audit log, makes it happen, and tells whoever watches the case.
async fn keep(
    app: &App,
    mut tx: Tx,
    actor: Actor,
    case: &Case,
    part: Part,
    details: serde_json::Value,
    now: Timestamp,
) -> Result<(), Problem> {
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(case.tenant.clone()),
        actor,
        verb: part.verb,
        object: part.object,
        object_id: part.id,
        details,
    })
    .await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    app.tell(LiveKind::Case, &case.tenant, case);
    Ok(())
}
