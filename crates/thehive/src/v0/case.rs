//! Cases, and alerts that become or join one.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use vigie_cases::Manner;

use super::shape;
use crate::body::{Body, parse};
use crate::door::Door;
use crate::route::{Route, get, patch, post};
use crate::routes::alert::into_case::{PromotionIn, bring_into, open_of};
use crate::routes::case::{self, change as changing, create as opening};
use crate::routes::task;
use crate::wire::case::input::{CaseIn, CasePatchIn};
use crate::wire::show;
use crate::wire::task::TaskIn;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const IMPORT: &str = "manageAlert/import";
    vec![
        post("/api/case", "manageCase/create", create),
        get("/api/case/{id}", read),
        patch("/api/case/{id}", "manageCase/update", change),
        post("/api/case/{id}/task", "manageTask", add_task),
        post("/api/alert/{id}/createCase", IMPORT, promote),
        post("/api/alert/{id}/merge/{case}", IMPORT, merge),
    ]
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(input): Body<CaseIn>) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let opening = opening::opening(&mut work, input).await?;
    let case = opening::open(&mut work, opening).await?;
    work.commit().await?;
    let shown = show(case, &door, &visitor).await?;
    Ok((StatusCode::CREATED, Json(shape::case(&shown))).into_response())
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let case = case::look_up(&door, &visitor, &id).await?;
    Ok(Json(shape::case(&show(case, &door, &visitor).await?)))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(mut body): Body<Value>,
) -> Result<Json<Value>, Fault> {
    if let Some(fields) = body.as_object_mut() {
        // What it turned out to be is the status now; an open case keeps the one that it has.
        let resolution = fields.remove("resolutionStatus").filter(|resolution| !resolution.is_null());
        match fields.get("status").and_then(Value::as_str) {
            Some("Resolved" | "Duplicate" | "Duplicated") => {
                fields.insert("status".to_owned(), resolution.unwrap_or_else(|| json!("Other")));
            }
            Some("Open") => {
                fields.remove("status");
            }
            _ => {}
        }
        for name in ["impactStatus", "summary", "endDate"] {
            if fields.get(name).is_some_and(Value::is_null) {
                fields.remove(name);
            }
        }
    }
    let input: CasePatchIn = parse(body.to_string().as_bytes())?;
    changing::change_all(&door, &visitor, std::slice::from_ref(&id), &input).await?;
    read(State(door), visitor, Path(id)).await
}

async fn add_task(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<TaskIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    let new = task::given(&work, vec![input]).await?;
    let task = task::add(&mut work, &case, new).await?.pop().ok_or_else(|| Fault::bad("there is no task to add"))?;
    work.commit().await?;
    let shown = show(task, &door, &visitor).await?;
    Ok((StatusCode::CREATED, Json(shape::task(&shown))).into_response())
}

async fn promote(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<PromotionIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = open_of(&mut work, &id, input).await?;
    work.commit().await?;
    let shown = show(case, &door, &visitor).await?;
    Ok((StatusCode::CREATED, Json(shape::case(&shown))).into_response())
}

async fn merge(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, case)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = bring_into(&mut work, &[id], &case, Manner::Merge).await?;
    work.commit().await?;
    Ok(Json(shape::case(&show(case, &door, &visitor).await?)))
}
