//! `/api/v1/events`: search, counts, the live tail.

mod aggregate;
mod ask;
mod counts;
mod find;
mod live;

use axum::Json;
use axum::http::Method;
use vigie_model::Role;

use super::{Route, read};
use crate::auth::Access;

pub(crate) use aggregate::*;
pub(crate) use ask::{Asked, SkippedBody, ask, count, skipped, time_of_search};
pub(crate) use counts::*;
pub(crate) use find::*;
pub(crate) use live::*;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/events", search),
        read("/api/v1/events/histogram", histogram),
        read("/api/v1/events/top", top),
        read("/api/v1/events/fields", fields),
        read("/api/v1/events/live", live_events),
        // It reads, in spite of its method: what is asked stands in the body.
        Route::new(Method::POST, "/api/v1/events/aggregate", Access::Role(Role::Reader), aggregate),
        read("/api/v1/events/{id}", get),
    ]
}

/// Returns the names of the fields that can be searched.
#[utoipa::path(get, path = "/api/v1/events/fields", tag = "events", responses((status = 200, description = "The names.", body = Vec<String>)))]
pub(crate) async fn fields() -> Json<Vec<String>> {
    Json(vigie_events::search_fields().iter().map(|field| field.name.to_string()).collect())
}
