//! With whom a task is shared, and which of them are asked to do something about it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;
use vigie_cases::ask_of;
use vigie_model::{Task, TaskId};

use super::{NEEDED, look_up};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::route::{Route, delete, get, post, put};
use crate::routes::part_share::{self, Organisations, Part};
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/task/{id}/shares", list),
        post("/api/v1/task/{id}/shares", "manageShare", share),
        delete("/api/v1/task/{id}/shares", "manageShare", unshare),
        get("/api/v1/task/{id}/actionRequired", asked),
        put("/api/v1/task/{id}/actionRequired/{organisation}", NEEDED, ask),
        put("/api/v1/task/{id}/actionDone/{organisation}", NEEDED, settle),
    ]
}

fn part(task: &Task) -> Part {
    Part { kind: "tasks", tenant: task.tenant.clone(), case: Some(task.case) }
}

async fn list(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let task = look_up(&door, &visitor, &id).await?;
    part_share::list(&door, &visitor, &part(&task)).await
}

async fn share(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    let task = look_up(&door, &visitor, &id).await?;
    part_share::share(&door, &visitor, &part(&task), &asked).await
}

async fn unshare(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    let task = look_up(&door, &visitor, &id).await?;
    part_share::unshare(&door, &visitor, &part(&task), &asked).await
}

/// Shows of every organisation that sees the task whether it is asked to do something about it.
async fn asked(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let task = look_up(&door, &visitor, &id).await?;
    let onlookers = part_share::onlookers(&door, &visitor, &part(&task)).await?;
    let shown = onlookers.into_iter().map(|tenant| (tenant.name, Value::Bool(task.asked_of.contains(&tenant.id))));
    Ok(Json(shown.collect()))
}

async fn ask(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, organisation)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    set_asked(&door, &visitor, &id, &organisation, true).await
}

async fn settle(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, organisation)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    set_asked(&door, &visitor, &id, &organisation, false).await
}

async fn set_asked(
    door: &Door,
    visitor: &Visitor,
    id: &str,
    organisation: &str,
    is_asked: bool,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(door, visitor).await?;
    let before: Task = work.get(TaskId::expect(id)?).await?;
    let onlookers = part_share::onlookers(door, visitor, &part(&before)).await?;
    let tenant = part_share::among(&onlookers, organisation)?;
    let after = ask_of(&before, &tenant.id, is_asked, &work.by(), work.now);
    work.change(&before, &after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
