//! `/api/v1/tasks/{id}/logs`: what was done about a task.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use vigie_cases::{PARTS_MAX, checked_log};
use vigie_model::{Selection, Stamp, Task, TaskId, TaskLog, TaskLogId, Timestamp, Verb};
use vigie_store::Author;

use super::cases::load;
use super::extract::{Body, Id};
use super::listing::equal;
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::Caller;
use crate::live::LiveKind;
use crate::notices::change_of;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/tasks/{id}/logs", list), work("/api/v1/tasks/{id}/logs", add)]
}

/// Returns what was done about a task, oldest first.
#[utoipa::path(get, path = "/api/v1/tasks/{id}/logs", tag = "cases", params(("id" = String, Path, description = "The task's id.")), responses(
    (status = 200, description = "The logs.", body = Vec<TaskLog>),
    (status = 404, description = "There is no such task.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<TaskId>,
) -> Result<Json<Vec<TaskLog>>, Problem> {
    let reach = caller.reach();
    let task: Option<Task> = app.store.get(&reach, &id.to_string()).await?;
    task.ok_or_else(|| Problem::not_found("task"))?;
    let all = Selection::of(equal("task", id.to_string()), PARTS_MAX as u64);
    Ok(Json(app.store.select(&reach, &all).await?))
}

/// What was done about a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogBody {
    /// In words.
    text: String,
    /// When it was done; now where it is not said.
    #[serde(default)]
    date: Option<Timestamp>,
    /// Whether it is to be on the case's timeline, at that time.
    #[serde(default)]
    on_timeline: bool,
}

/// Says what was done about a task.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/logs", tag = "cases", params(("id" = String, Path, description = "The task's id.")), request_body = LogBody, responses(
    (status = 201, description = "The log.", body = TaskLog),
    (status = 400, description = "The text says nothing.", body = ProblemBody),
    (status = 404, description = "There is no such task.", body = ProblemBody),
))]
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<TaskId>,
    Body(body): Body<LogBody>,
) -> Result<(StatusCode, Json<TaskLog>), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let task = tx.task(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("task"))?;
    let case = load(&mut tx, &caller, task.case, None).await?;
    let there = Selection::of(equal("task", id.to_string()), PARTS_MAX as u64);
    if tx.select::<TaskLog>(&caller.reach(), &there).await?.len() >= PARTS_MAX {
        return Err(Problem::conflict(format!("the task has {PARTS_MAX} logs, which is the most: begin another task")));
    }
    let date = body.date.unwrap_or(now);
    let log = checked_log(TaskLog {
        id: TaskLogId::from_bytes(app.entropy.id()),
        tenant: task.tenant,
        case: task.case,
        task: id,
        text: body.text,
        date,
        on_timeline: body.on_timeline.then_some(date),
        stamp: Stamp::new(caller.name(), now),
    })
    .map_err(|error| error.of_field("text"))?;
    tx.create(&log, Author { actor: &caller.actor(), now }).await?;
    let changes = [change_of(Verb::Create, json!(null), &log)];
    app.notices.follow(&mut tx, &caller.actor(), &changes, now).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    app.tell(LiveKind::Case, &case.tenant, &case);
    Ok((StatusCode::CREATED, Json(log)))
}
