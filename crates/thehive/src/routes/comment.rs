//! Comments on alerts and cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{Placing, edit_comment, new_comment};
use vigie_model::{Comment, CommentId, Parent, TenantId};

use super::{alert, case};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageComment";
    vec![
        post("/api/v1/alert/{id}/comment", NEEDED, create_in_alert),
        post("/api/v1/case/{id}/comment", NEEDED, create_in_case),
        get("/api/v1/comment/{id}", read),
        patch("/api/v1/comment/{id}", NEEDED, change),
        delete("/api/v1/comment/{id}", NEEDED, remove),
    ]
}

#[derive(Deserialize)]
struct CommentIn {
    message: String,
}

async fn create_in_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CommentIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = alert::find(&mut work, &id).await?;
    create(work, alert.id.into(), alert.tenant, &input).await
}

async fn create_in_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CommentIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    create(work, case.id.into(), case.tenant, &input).await
}

async fn create(mut work: Work<'_>, on: Parent, tenant: TenantId, input: &CommentIn) -> Result<Response, Fault> {
    let placing = Placing { on, tenant, by: work.by(), now: work.now };
    let comment = new_comment(&placing, work.id(), &input.message)?;
    work.create(&comment).await?;
    let (door, visitor) = (work.door, work.visitor);
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(comment, door, visitor).await?)).into_response())
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<Comment> = door.store.get(&visitor.scope, &CommentId::expect(&id)?.to_string()).await?;
    let found = found.ok_or_else(|| Fault::not_found(CommentId::KIND, &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CommentIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before: Comment = work.get(CommentId::expect(&id)?).await?;
    let after = edit_comment(&before, &input.message, &work.by(), work.now)?;
    work.change(&before, &after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let comment: Comment = work.get(CommentId::expect(&id)?).await?;
    work.remove(&comment).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
