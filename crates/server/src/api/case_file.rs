//! `/api/v1/cases/{id}`: a case with all that is on it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_model::{Action, Alert, Case, CaseId, Comment, Filter, Observable, Selection, Task, TaskLog, TimelineEntry};

use super::extract::Id;
use super::listing::equal;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

/// How many logs of tasks a case's timeline shows.
const LOGS_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/cases/{id}", get)]
}

/// A case with all that is on it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseFileBody {
    /// The case.
    case: Case,
    /// Its alerts, by their first event.
    alerts: Vec<Alert>,
    /// Its observables, by kind and value.
    observables: Vec<Observable>,
    /// What happened, oldest first.
    timeline: Vec<TimelineEntry>,
    /// What is to do, in order.
    tasks: Vec<Task>,
    /// What was written, oldest first.
    comments: Vec<Comment>,
    /// What was planned and done, oldest first.
    actions: Vec<Action>,
    /// What was done about its tasks, as far as it is to be on the timeline; oldest first, at most a thousand.
    logs: Vec<TaskLog>,
}

/// Returns a case with all that is on it.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "cases", params(("id" = String, Path, description = "The case's id.")), responses(
    (status = 200, description = "The case.", body = CaseFileBody),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
) -> Result<Json<CaseFileBody>, Problem> {
    let reach = caller.reach();
    let file = app.store.case_file(&reach, id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let told = Filter::And(vec![equal("case", id.to_string()), Filter::Exists("on_timeline".to_owned())]);
    let logs = app.store.select(&reach, &Selection::of(told, LOGS_MAX)).await?;
    Ok(Json(CaseFileBody {
        case: file.case,
        alerts: file.alerts,
        observables: file.observables,
        timeline: file.timeline,
        tasks: file.tasks,
        comments: file.comments,
        actions: file.actions,
        logs,
    }))
}
