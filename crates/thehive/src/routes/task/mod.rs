//! Tasks on cases.

mod share;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use vigie_cases::{NewTask, TaskPatch, new_tasks, patch_task};
use vigie_model::{Case, Task, TaskId};

use super::case;
use crate::body::{Body, Form};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::task::{TaskIn, TaskPatchIn};
use crate::wire::{Ids, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

pub(super) const NEEDED: &str = "manageTask";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        post("/api/v1/case/{id}/task", NEEDED, create),
        patch("/api/v1/task/_bulk", NEEDED, change_several),
        get("/api/v1/task/{id}", read),
        patch("/api/v1/task/{id}", NEEDED, change),
        delete("/api/v1/task/{id}", NEEDED, remove),
    ];
    routes.extend(share::routes());
    routes
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<TaskIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    let new = given(&work, vec![input]).await?;
    let task = add(&mut work, &case, new).await?.pop().ok_or_else(|| Fault::bad("there is no task to add"))?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(task, &door, &visitor).await?)).into_response())
}

/// Reads tasks that clients have sent, and looks up whom they are given to.
pub(crate) async fn given(work: &Work<'_>, input: Vec<TaskIn>) -> Result<Vec<NewTask>, Fault> {
    let mut new = Vec::new();
    for task in input {
        let mut task = task.new_task()?;
        if let Some(name) = &task.assignee {
            task.assignee = Some(work.member("assignee", name).await?);
        }
        new.push(task);
    }
    Ok(new)
}

/// Puts tasks on a case, after those that it has unless they say where.
pub(crate) async fn add(work: &mut Work<'_>, case: &Case, new: Vec<NewTask>) -> Result<Vec<Task>, Fault> {
    let known: Vec<Task> = work.all(equals("case", case.id.to_string())).await?;
    let tasks = new_tasks(case, &known, new, || work.id(), &work.by(), work.now)?;
    work.create_all(&tasks).await?;
    Ok(tasks)
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(look_up(&door, &visitor, &id).await?, &door, &visitor).await?))
}

async fn look_up(door: &Door, visitor: &Visitor, id: &str) -> Result<Task, Fault> {
    let found = door.store.get(&visitor.scope, &TaskId::expect(id)?.to_string()).await?;
    found.ok_or_else(|| Fault::not_found(TaskId::KIND, id))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<TaskPatchIn>,
) -> Result<StatusCode, Fault> {
    change_all(&door, &visitor, &[id], input).await
}

async fn change_several(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<StatusCode, Fault> {
    let Ids { ids } = form.value()?;
    change_all(&door, &visitor, &ids, form.value()?).await
}

/// Changes tasks in one transaction, or none of them.
async fn change_all(door: &Door, visitor: &Visitor, ids: &[String], input: TaskPatchIn) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let patch = input.patch()?;
    let mut work = Work::begin(door, visitor).await?;
    let member = match &patch.assignee {
        Some(Some(name)) => Some(work.member("assignee", name).await),
        _ => None,
    };
    for id in ids {
        let before: Task = work.get(TaskId::expect(id)?).await?;
        let assignee = match (&patch.assignee, &member) {
            // A user who was deleted since stays assigned; nobody is given to them.
            (Some(Some(name)), Some(member)) if before.assignee.as_ref() != Some(name) => Some(Some(member.clone()?)),
            (assignee, _) => assignee.clone(),
        };
        let after = patch_task(&before, &TaskPatch { assignee, ..patch.clone() }, &work.by(), work.now)?;
        work.change(&before, &after).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let task: Task = work.get(TaskId::expect(&id)?).await?;
    work.remove(&task).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
