//! With whom an observable is shared.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::find;
use crate::body::Body;
use crate::door::Door;
use crate::route::{Route, delete, get, post};
use crate::routes::part_share::{self, Organisations, Part};
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/observable/{id}/shares", list),
        post("/api/v1/observable/{id}/shares", "manageShare", share),
        delete("/api/v1/observable/{id}/shares", "manageShare", unshare),
    ]
}

async fn part(door: &Door, visitor: &Visitor, id: &str) -> Result<Part, Fault> {
    let observable = find(door, visitor, id).await?;
    Ok(Part { kind: "observables", case: observable.on.case(), tenant: observable.tenant })
}

async fn list(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    part_share::list(&door, &visitor, &part(&door, &visitor, &id).await?).await
}

async fn share(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    part_share::share(&door, &visitor, &part(&door, &visitor, &id).await?, &asked).await
}

async fn unshare(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    part_share::unshare(&door, &visitor, &part(&door, &visitor, &id).await?, &asked).await
}
