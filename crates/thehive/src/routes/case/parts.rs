//! Files of cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use vigie_model::AttachmentOwner;

use super::{UPDATE, find, look_up};
use crate::body::{Form, download};
use crate::door::Door;
use crate::route::{Route, delete, get, post};
use crate::routes::attachment::{self, Shelf};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/case/{id}/attachments", UPDATE, add_files).with_files(),
        get("/api/v1/case/{id}/attachment/{file}", read_file),
        get("/api/v1/case/{id}/attachment/{file}/download", read_bytes),
        delete("/api/v1/case/{id}/attachment/{file}", UPDATE, remove_file),
    ]
}

async fn add_files(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find(&mut work, &id).await?;
    attachment::add(work, Shelf { tenant: case.tenant, owner: AttachmentOwner::Case(case.id) }, form).await
}

async fn read_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    let file = attachment::of(&door, &visitor, AttachmentOwner::Case(case.id), &file).await?;
    Ok(Json(show(file, &door, &visitor).await?))
}

async fn read_bytes(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    download(&door, &attachment::of(&door, &visitor, AttachmentOwner::Case(case.id), &file).await?).await
}

async fn remove_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find(&mut work, &id).await?;
    attachment::take_off(work, AttachmentOwner::Case(case.id), &file).await
}
