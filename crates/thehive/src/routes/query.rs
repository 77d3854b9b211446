//! `POST /api/v1/query`.

use axum::extract::State;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use serde_json::Value;

use crate::body::Body;
use crate::door::Door;
use crate::query::answer;
use crate::route::{Need, Route};
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Method::POST, "/api/v1/query", Need::Known, query)]
}

async fn query(
    State(door): State<Door>,
    visitor: Visitor,
    Body(body): Body<Value>,
) -> Result<impl IntoResponse, Fault> {
    let answer = answer(&door, &visitor, &body).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], answer))
}
