//! Logs of tasks: what somebody did, and files.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use vigie_cases::{PARTS_MAX, checked_log};
use vigie_model::{AttachmentOwner, Stamp, Task, TaskId, TaskLog, TaskLogId};

use super::attachment::{self, Naming, Shelf};
use crate::body::{Body, Form, download};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::time::read_time;
use crate::wire::log::{LogIn, LogPatchIn};
use crate::wire::show;
use crate::wire::task::read_change;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageTask";
    vec![
        post("/api/v1/task/{id}/log", NEEDED, create).with_files(),
        get("/api/v1/log/{id}", read),
        patch("/api/v1/log/{id}", NEEDED, change),
        delete("/api/v1/log/{id}", NEEDED, remove),
        post("/api/v1/log/{id}/attachments", NEEDED, add_files).with_files(),
        get("/api/v1/log/{id}/attachments/{file}/download", read_bytes),
        delete("/api/v1/log/{id}/attachments/{file}", NEEDED, remove_file),
    ]
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Fault> {
    let input: LogIn = form.value()?;
    let mut work = Work::begin(&door, &visitor).await?;
    let task: Task = work.get(TaskId::expect(&id)?).await?;
    let there = door.store.count::<TaskLog>(&visitor.scope, &equals("task", task.id.to_string())).await?;
    if there >= PARTS_MAX as u64 {
        return Err(Fault::create(format!("too many logs: at most {PARTS_MAX} on one task")));
    }
    let time = |field: &str, value: Option<&Value>| value.map(|value| read_time(field, value)).transpose();
    let log = checked_log(TaskLog {
        id: work.id(),
        tenant: task.tenant,
        case: task.case,
        task: task.id,
        text: input.message,
        date: time("startDate", input.start_date.as_ref())?.unwrap_or(work.now),
        on_timeline: time("includeInTimeline", input.include_in_timeline.as_ref())?,
        stamp: Stamp::new(work.by(), work.now),
    })?;
    work.create(&log).await?;
    let files = form.take_all(attachment::PART);
    attachment::store_files(&mut work, &shelf(&log), files, Naming::Unique).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(log, &door, &visitor).await?)).into_response())
}

fn shelf(log: &TaskLog) -> Shelf {
    Shelf { tenant: log.tenant.clone(), owner: AttachmentOwner::Log(log.id) }
}

async fn look_up(door: &Door, visitor: &Visitor, id: &str) -> Result<TaskLog, Fault> {
    let found = door.store.get(&visitor.scope, &TaskLogId::expect(id)?.to_string()).await?;
    found.ok_or_else(|| Fault::not_found(TaskLogId::KIND, id))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(look_up(&door, &visitor, &id).await?, &door, &visitor).await?))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<LogPatchIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before: TaskLog = work.get(TaskLogId::expect(&id)?).await?;
    let date = input.start_date.as_ref().map(|date| read_time("startDate", date)).transpose()?;
    let on_timeline = read_change("includeInTimeline", input.include_in_timeline.as_ref())?;
    let after = checked_log(TaskLog {
        text: input.message.unwrap_or_else(|| before.text.clone()),
        date: date.unwrap_or(before.date),
        on_timeline: on_timeline.unwrap_or(before.on_timeline),
        ..before.clone()
    })?;
    if after != before {
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(&before, &TaskLog { stamp, ..after }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let log: TaskLog = work.get(TaskLogId::expect(&id)?).await?;
    work.remove(&log).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_files(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let log: TaskLog = work.get(TaskLogId::expect(&id)?).await?;
    attachment::add(work, shelf(&log), form).await
}

async fn read_bytes(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let log = look_up(&door, &visitor, &id).await?;
    download(&door, &attachment::of(&door, &visitor, AttachmentOwner::Log(log.id), &file).await?).await
}

async fn remove_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let log: TaskLog = work.get(TaskLogId::expect(&id)?).await?;
    attachment::take_off(work, AttachmentOwner::Log(log.id), &file).await
}
